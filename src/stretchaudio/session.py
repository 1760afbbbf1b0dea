"""The table of contents: the stages of building a track, in order."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stretchaudio.beside import Beside
from stretchaudio.cache import COVERS, Cache, default_folder, key_of
from stretchaudio.clip import Clip
from stretchaudio.config import config
from stretchaudio.errors import ChosenVoiceError, UsageError, VoiceError
from stretchaudio.estimate import estimated_ms, refuse_endless
from stretchaudio.fit import at_fraction, closest
from stretchaudio.language import language
from stretchaudio.mix.bed import bed_name, bed_sources, check_bed, refuse_music
from stretchaudio.mix.blocks import Mixer, MixFacts, mix_makers
from stretchaudio.mix.model import Plan
from stretchaudio.mix.plan import edges_of, plan_mix
from stretchaudio.mp3.frames import MIX, VOICE, FrameFormat
from stretchaudio.mp3.link import Piece
from stretchaudio.options import Options, adjusted, manner_of, mix_of, room_tone_of
from stretchaudio.preview import Preview, beginning_of, cut, script_of
from stretchaudio.routine.model import Routine
from stretchaudio.script.model import Script
from stretchaudio.script.telling import Cues
from stretchaudio.script.write import write_script
from stretchaudio.speech.auto import AUTO, Choice, choose_automatically, local_voice
from stretchaudio.speech.engine import Voice, choose_voice
from stretchaudio.speech.speak import Progress, Speaker, Speech, clip_makers
from stretchaudio.timeline import PlacedWindow, Timeline, lay_out
from stretchaudio.track.assemble import linked, measure, sound_of, write_stream
from stretchaudio.track.cover import COVER_FORMAT, cover, drawing_of
from stretchaudio.track.manifest import Manifest, describe
from stretchaudio.track.tags import About, tag
from stretchaudio.track.write import check_writable, whole_file
from stretchaudio.workers import Workers

ALBUM = "Stretching sessions"
FITTED = 0.02
"""How far a track may be from the length it was fitted to, as a part of it."""
FITTED_WELL = 0.004
"""Near enough to stop trying."""
FITTING_TURNS = 4
MOST_JOBS = 8
PREVIEW_MARGIN = 1.15
"""How much more is spoken than a preview needs, since lengths are guessed before."""
MOST_MARGIN = 64
"""How much more is tried at the most; a session that is shorter than its preview is all spoken long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that has been spoken and laid out, ready to be written."""

    routine: Routine
    """What is done, as adjusted and fitted."""
    script: Script
    """What is said and kept."""
    voice: Voice | None
    """Who says it; None when nothing is said."""
    speech: Speech
    """Its clips."""
    timeline: Timeline
    """Where everything is."""
    plan: Plan | None
    """What is mixed with the voice; None for a voice alone."""
    facts: MixFacts | None
    """What was measured of the mix."""
    manifest: Manifest
    """What the track will hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A finished track."""

    path: Path
    """The MP3 file."""
    size_bytes: int
    """Its size."""
    manifest: Manifest
    """What it holds."""


def build_session(
    routine: Routine,
    output: str | Path,
    options: Options | None = None,
    *,
    manifest: str | Path | None = None,
    beside: Beside | None = None,
    progress: Progress | None = None,
) -> Track:
    """Turn a routine into an MP3.

    Args:
        routine: From `read_routine`.
        output: The MP3 file; one that is there stays until the new one is whole.
        options: Level, voice and the like.
        manifest: A file for the manifest, or None.
        beside: What else is written beside the track.
        progress: Kept up to date while speech is made.

    Raises:
        UsageError: If an option cannot be used.
        VoiceError: If a cue cannot be spoken.
        FileError: If the cache or a file cannot be read or written.
    """
    path = Path(output)
    options = options or Options()
    beside = beside or Beside()
    texts = (beside if manifest is None else replace(beside, manifest=Path(manifest))).paths(path)
    for one in (path, *texts):
        check_writable(one)
    refuse_music(mix_of(options).bed, [path, *texts])
    session = plan_session(routine, options, progress=progress)
    with ExitStack() as files:  # these take their names only when the track has taken its own
        for one, write in texts.items():
            file = files.enter_context(whole_file(one))
            file.write(write(session.manifest, session.routine).encode())
            file.flush()
        size_bytes = write_track(session, path, options)
    return Track(path=path, size_bytes=size_bytes, manifest=session.manifest)


def plan_session(
    routine: Routine, options: Options | None = None, *, progress: Progress | None = None, mixed: bool = True
) -> Session:
    """Do all but write the file: script, speech, timeline, mix, manifest.

    Args:
        routine: From `read_routine`.
        options: Level, voice and the like.
        progress: Kept up to date while speech is made.
        mixed: False to leave out the mixing, and with it all that is measured of a mix.

    Raises:
        UsageError: If an option cannot be used.
        VoiceError: If a cue cannot be spoken.
        FileError: If the cache or music cannot be read or written.
    """
    options = options or Options()
    progress = progress or Progress()
    mix = mix_of(options)
    check_bed(mix.bed)
    routine = adjusted(routine, options)
    with closing(clip_makers(jobs_of(options)) if mix.is_silent else mix_makers(jobs_of(options))) as makers:
        if mix.is_silent:
            spoken = _speak(routine, options, makers, progress)
            plan, facts, sound = None, None, measure(spoken.timeline, spoken.speech)
        else:
            about_ms = max(estimated_ms(session_script(routine, options)), round((options.minutes or 0) * 60_000))
            kept, notice = cache_of(options), progress.notice
            sources = bed_sources(mix, room_tone_of(options), about_ms, cache=kept, workers=makers, notice=notice)
            spoken = _speak(routine, options, makers, progress)
            clips, halfway = spoken.speech.clips, options.telling.halfway
            plan = plan_mix(spoken.timeline, clips, mix, sources, windows=spoken.windows, halfway=halfway)
            if mix.breathe and not plan.breaths:
                progress.notice("There are no breaths in this session for the bed to swell with.")
            mixer = Mixer(plan, clips, cache=kept, workers=makers, jobs=jobs_of(options))
            facts = mixer.measure(progress) if mixed else None
            sound = sound_of(facts)
    voice = spoken.choice.voice if spoken.choice else None
    manifest = describe(
        spoken.timeline,
        sound,
        title=spoken.script.title,
        language=spoken.script.language,
        voice=str(voice or "none"),
        level=options.level_name,
        bed=bed_name(mix.bed),
        chimes=plan.chimes if plan else (),
        energies=_energies(spoken.speech, facts),
    )
    return Session(
        routine=spoken.routine,
        script=spoken.script,
        voice=voice,
        speech=spoken.speech,
        timeline=spoken.timeline,
        plan=plan,
        facts=facts,
        manifest=manifest,
    )


def _energies(speech: Speech, facts: MixFacts | None) -> Mapping[str, Sequence[float]]:
    """How loud each text is in the track, frame by frame."""
    factor = 10 ** (facts.level.gain_db / 10) if facts else 1.0
    return {text: [energy * factor for energy in clip.energy] for text, clip in speech.clips.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """A session that has been spoken and laid out."""

    choice: Choice | None = None
    """Who speaks; None when nobody does."""
    routine: Routine
    script: Script
    speech: Speech
    timeline: Timeline
    windows: tuple[PlacedWindow, ...]
    """All windows, those that a preview cuts short too."""


def _speak(routine: Routine, options: Options, makers: Workers, progress: Progress) -> _Spoken:
    """Choose the voice, fit the routine, and have everything spoken."""
    if options.telling.cues is Cues.CHIMES:
        if any(one.caution for section in routine.sections for one in section.exercises):
            progress.notice("Only bells are heard: what exercises warn of is not said.")
        if options.minutes is not None:
            routine = _fitted(routine, options, None, progress)
        return _lay_out(routine, options, None, progress)
    choice = session_voice(routine, options)
    progress.chosen(choice)
    try:
        with closing(
            open_speaker(choice.voice, options, language_code=routine.language, say=routine.say, makers=makers)
        ) as speaker:
            if options.minutes is not None:
                routine = _fitted(routine, options, speaker, progress)
            return replace(_lay_out(routine, options, speaker, progress), choice=choice)
    except VoiceError as error:
        raise _with_way_out(error, choice, routine) from error


def session_voice(routine: Routine, options: Options) -> Choice:
    """The one voice that speaks a session: the one asked for, or the best there is.

    Raises:
        UsageError: If there is no such voice.
        VoiceError: If it cannot speak here.
    """
    settings = config()
    words = language(routine.language)
    manner = manner_of(options)
    wanted = options.voice or settings.voice
    if wanted != AUTO:
        return Choice(voice=choose_voice(wanted, words, manner), why="")

    without_network = replace(options, offline=True)

    def kept(voice: Voice) -> bool:
        with closing(open_speaker(voice, without_network, language_code=routine.language, say=routine.say)) as speaker:
            if options.minutes is None:
                return speaker.is_kept(session_script(routine, options).texts())
            try:
                _fitted(routine, options, speaker, None)
            except VoiceError:
                return False
            return True

    def reads(voice: Voice) -> bool:
        with closing(open_speaker(voice, without_network, language_code=routine.language, say=routine.say)) as speaker:
            return speaker.can_read(session_script(routine, options).texts())

    return choose_automatically(words, manner, offline=options.offline or settings.offline, kept=kept, reads=reads)


def _with_way_out(error: VoiceError, choice: Choice, routine: Routine) -> VoiceError:
    """A session never changes its voice halfway; one that was not asked for can be replaced for all of it."""
    instead = str(local_voice(language(routine.language), choice.voice.manner))
    if not choice.why or instead == str(choice.voice):
        return error
    other = f"--voice {instead}"
    tip = error.tip.replace("--voice espeak", other) if "--voice espeak" in error.tip else f"{error.tip} Or use {other}.".strip()
    return ChosenVoiceError(error.message, tip=tip, instead=instead)


def session_script(routine: Routine, options: Options) -> Script:
    """What is said and kept, before anything has been spoken; of a preview, the part that surely holds it.

    Raises:
        UsageError: If the session would be endless, or a preview is of nothing.
    """
    script = write_script(routine, options.level, options.telling)
    refuse_endless(routine.title, estimated_ms(script))
    preview = options.preview
    if preview.exercise is not None:
        script = script_of(script, routine, preview.exercise)
    return script if preview.length_ms is None else beginning_of(script, round(preview.length_ms * PREVIEW_MARGIN))


def _lay_out(routine: Routine, options: Options, speaker: Speaker | None, progress: Progress | None) -> _Spoken:
    edges, length_ms = edges_of(mix_of(options)), options.preview.length_ms
    margin = 1
    while True:
        guess_ms = None if length_ms is None else length_ms * margin
        script = session_script(routine, replace(options, preview=replace(options.preview, length_ms=guess_ms)))
        speech = speaker.speak(script.texts(), progress) if speaker else Speech(clips={}, tone=None)
        timeline = lay_out(script, speech.clips, edges)
        enough = length_ms is None or timeline.duration_ms >= length_ms + edges.end_ms or margin > MOST_MARGIN
        if enough:
            break
        margin *= 2  # the voice speaks faster than was guessed
    refuse_endless(routine.title, timeline.duration_ms)
    shown = timeline if length_ms is None else cut(timeline, length_ms, edges)
    return _Spoken(routine=routine, script=script, speech=speech, timeline=shown, windows=timeline.windows)


def _fitted(routine: Routine, options: Options, speaker: Speaker | None, progress: Progress | None) -> Routine:
    """Pick within the ranges until the spoken track has the length that was asked for.

    How long numbers take to speak is known only when they have been spoken, so picking and speaking take turns.
    """
    options = replace(options, preview=Preview())
    target_ms = round((options.minutes or 0) * 60_000)
    known: dict[str, Clip] = {}

    def length_ms(candidate: Routine) -> int:
        return estimated_ms(write_script(candidate, options.level, options.telling), known, edges_of(mix_of(options)))

    best, best_ms = routine, -1
    for _ in range(FITTING_TURNS):
        fitted = closest(routine, target_ms, length_ms)
        spoken = _lay_out(fitted, options, speaker, progress)
        timeline = spoken.timeline
        known |= spoken.speech.clips
        if best_ms < 0 or abs(timeline.duration_ms - target_ms) < abs(best_ms - target_ms):
            best, best_ms = fitted, timeline.duration_ms
        if abs(best_ms - target_ms) <= FITTED_WELL * target_ms:
            return best
    if abs(best_ms - target_ms) <= FITTED * target_ms:
        return best
    ends = [_lay_out(at_fraction(routine, end), options, speaker, progress).timeline.duration_ms for end in (0.0, 1.0)]
    shortest, longest = (_minutes(end_ms) for end_ms in ends)
    reach = f"it can last from {shortest} to {longest}" if ends[0] < ends[1] else f"it always lasts {shortest}"
    nearest = f", and the nearest to what you asked is {_minutes(best_ms)}" if ends[0] < target_ms < ends[1] else ""
    raise UsageError(
        f"{routine.title} cannot be fitted to {options.minutes:g} minutes: {reach}{nearest}.",
        tip="Ask for a length it can have, or change it with --only, --skip or --rounds.",
    )


def _minutes(length_ms: int) -> str:
    minutes, seconds = divmod(round(length_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def open_speaker(
    voice: Voice,
    options: Options,
    *,
    language_code: str,
    say: Mapping[str, str] | None = None,
    makers: Workers | None = None,
) -> Speaker:
    """What speaks with a voice.

    Args:
        voice: Who speaks.
        options: The cache, the room tone and the like.
        language_code: What is spoken.
        say: How a routine's words are to be spoken; the user's own list counts, too.
        makers: Helpers that several speakers share, or None.

    Raises:
        UsageError: If the room tone's level or the number of jobs is out of range.
    """
    settings = config()
    return Speaker(
        voice=voice,
        language=language(language_code),
        room_tone_db=room_tone_of(options),
        cache=cache_of(options),
        jobs=jobs_of(options),
        offline=options.offline or settings.offline,
        say={**settings.say, **(say or {})},
        makers=makers,
        dry=not mix_of(options).is_silent,
    )


def cache_of(options: Options) -> Cache:
    """Where what was made is kept."""
    return Cache(Path(options.cache_dir or default_folder()))


def jobs_of(options: Options) -> int:
    """How much is made at once.

    Raises:
        UsageError: If nothing could be made that way.
    """
    jobs = usual_jobs() if options.jobs is None else options.jobs
    if jobs < 1:
        raise UsageError(f"{jobs} cues cannot be made at once.", tip="Choose 1 or more.")
    return jobs


def usual_jobs() -> int:
    """One cue on each core that this process may use, within reason: each takes a helper of 100 MB."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_JOBS)


def write_track(session: Session, path: Path, options: Options) -> int:
    """Write a session's MP3 file.

    Returns:
        Its size in bytes.

    Raises:
        FileError: If it cannot be written; what was there before is still there.
    """
    cache = cache_of(options)
    routine = session.routine
    about = About(
        **_made_by(),
        summary=routine.summary,
        source=routine.source,
        licence=routine.licence,
        routine=routine.text,
        cover=_cover(session.manifest, cache),
    )
    if session.plan is None or session.facts is None:
        return write_file(path, session.manifest, linked(session.timeline, session.speech), VOICE, about)
    with closing(mix_makers(jobs_of(options))) as makers:  # they start only if the cache has lost something
        mixer = Mixer(session.plan, session.speech.clips, cache=cache, workers=makers, jobs=jobs_of(options))
        return write_file(path, session.manifest, mixer.pieces(session.facts.level), MIX, about)


def _cover(manifest: Manifest, cache: Cache) -> bytes:
    drawing = drawing_of(manifest)
    return cache.made(COVERS, key_of(COVER_FORMAT, repr(drawing)), partial(cover, drawing))


def _made_by() -> dict[str, Any]:
    encoder = f"stretchaudio {version('stretchaudio')}, lameenc {version('lameenc')}"
    return {"album": ALBUM, "year": datetime.now(UTC).year, "encoder": encoder}


def write_file(path: Path, manifest: Manifest, pieces: Iterable[Piece], form: FrameFormat, about: About | None = None) -> int:
    """Write an MP3 file: its tag, then its frames.

    Returns:
        Its size in bytes.

    Raises:
        FileError: If it cannot be written; what was there before is still there.
    """
    with whole_file(path) as file:
        file.write(tag(manifest, about or About(**_made_by())))
        write_stream(file, pieces, form)
        file.seek(0, os.SEEK_END)
        return file.tell()
