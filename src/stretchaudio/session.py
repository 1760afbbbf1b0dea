"""The table of contents: the stages of building a track, in order."""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from stretchaudio.cache import Cache, default_folder
from stretchaudio.clip import Clip
from stretchaudio.config import config
from stretchaudio.errors import ChosenVoiceError, UsageError, VoiceError
from stretchaudio.estimate import estimated_ms, refuse_endless
from stretchaudio.fit import at_fraction, closest
from stretchaudio.language import language
from stretchaudio.mix.bed import bed_sources, check_bed
from stretchaudio.mix.blocks import Mixer, MixFacts, mix_makers
from stretchaudio.mix.model import Plan
from stretchaudio.mix.plan import edges_of, plan_mix
from stretchaudio.mp3.frames import MIX, VOICE, FrameFormat
from stretchaudio.mp3.link import Piece
from stretchaudio.options import Options, adjusted, manner_of, mix_of
from stretchaudio.preview import Preview, beginning_of, cut, script_of
from stretchaudio.routine.model import Routine
from stretchaudio.script.model import Script
from stretchaudio.script.telling import Cues
from stretchaudio.script.write import write_script
from stretchaudio.speech.auto import AUTO, Choice, choose_automatically, local_voice
from stretchaudio.speech.engine import Voice, choose_voice
from stretchaudio.speech.speak import Progress, Speaker, Speech, clip_makers
from stretchaudio.timeline import Timeline, lay_out
from stretchaudio.track.assemble import linked, measure, sound_of, write_stream
from stretchaudio.track.manifest import Manifest, describe
from stretchaudio.track.tags import tag
from stretchaudio.track.write import check_writable, whole_file
from stretchaudio.workers import Workers

LOUDEST_ROOM_TONE_DB, QUIETEST_ROOM_TONE_DB = -55.0, -90.0
ALBUM = "Stretching sessions"
FITTED = 0.02
"""How far a track may be from the length it was fitted to, as a part of it."""
FITTED_WELL = 0.004
"""Near enough to stop trying."""
FITTING_TURNS = 4
MOST_JOBS = 8


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
    progress: Progress | None = None,
) -> Track:
    """Turn a routine into an MP3.

    Args:
        routine: From `read_routine`.
        output: The MP3 file; one that is there stays until the new one is whole.
        options: Level, voice and the like.
        manifest: A file for the manifest, or None.
        progress: Kept up to date while speech is made.

    Raises:
        UsageError: If an option cannot be used.
        VoiceError: If a cue cannot be spoken.
        FileError: If the cache or a file cannot be read or written.
    """
    path = Path(output)
    options = options or Options()
    check_writable(path)
    if manifest is not None:
        check_writable(Path(manifest))
    session = plan_session(routine, options, progress=progress)
    with ExitStack() as files:  # the manifest takes its name only when the track has taken its own
        if manifest is not None:
            file = files.enter_context(whole_file(Path(manifest)))
            file.write(session.manifest.to_json(indent=1).encode() + b"\n")
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
        with ThreadPoolExecutor(1) as aside:  # music is measured while speech is made
            arguments = (mix, options.room_tone_db, cache_of(options), makers, progress.notice)
            sources = None if mix.is_silent else aside.submit(bed_sources, *arguments)
            choice, routine, script, speech, timeline = _spoken(routine, options, makers, progress)
        facts, plan = None, None
        if sources is None:
            sound = measure(timeline, speech)
        else:
            plan = plan_mix(timeline, speech.clips, mix, sources.result(), halfway=options.telling.halfway)
            if mixed:
                mixer = Mixer(plan, speech.clips, cache=cache_of(options), workers=makers, jobs=jobs_of(options))
                facts = mixer.measure(progress)
            sound = sound_of(facts)
    manifest = describe(
        timeline,
        sound,
        title=script.title,
        language=script.language,
        voice=str(choice.voice) if choice else "none",
        level=options.level_name,
        bed=Path(mix.bed).name,
        chimes=plan.chimes if plan else (),
    )
    return Session(
        routine=routine,
        script=script,
        voice=choice.voice if choice else None,
        speech=speech,
        timeline=timeline,
        plan=plan,
        facts=facts,
        manifest=manifest,
    )


def _spoken(
    routine: Routine, options: Options, makers: Workers, progress: Progress
) -> tuple[Choice | None, Routine, Script, Speech, Timeline]:
    """Choose the voice, fit the routine, and have everything spoken."""
    if options.telling.cues is Cues.CHIMES:
        if any(one.caution for section in routine.sections for one in section.exercises):
            progress.notice("Only bells are heard: what exercises warn of is not said.")
        if options.minutes is not None:
            routine = _fitted(routine, options, None, progress)
        return None, routine, *_lay_out(routine, options, None, progress)
    choice = session_voice(routine, options)
    progress.chosen(choice)
    try:
        with closing(
            open_speaker(choice.voice, options, language_code=routine.language, say=routine.say, makers=makers)
        ) as speaker:
            if options.minutes is not None:
                routine = _fitted(routine, options, speaker, progress)
            return choice, routine, *_lay_out(routine, options, speaker, progress)
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
                return speaker.is_kept(write_script(routine, options.level, options.telling).texts())
            try:
                _fitted(routine, options, speaker, None)
            except VoiceError:
                return False
            return True

    def reads(voice: Voice) -> bool:
        with closing(open_speaker(voice, without_network, language_code=routine.language, say=routine.say)) as speaker:
            return speaker.can_read(write_script(routine, options.level, options.telling).texts())

    return choose_automatically(words, manner, offline=options.offline or settings.offline, kept=kept, reads=reads)


def _with_way_out(error: VoiceError, choice: Choice, routine: Routine) -> VoiceError:
    """A session never changes its voice halfway; one that was not asked for can be replaced for all of it."""
    instead = str(local_voice(language(routine.language), choice.voice.manner))
    if not choice.why or instead == str(choice.voice):
        return error
    other = f"--voice {instead}"
    tip = error.tip.replace("--voice espeak", other) if "--voice espeak" in error.tip else f"{error.tip} Or use {other}.".strip()
    return ChosenVoiceError(error.message, tip=tip, instead=instead)


def _lay_out(
    routine: Routine, options: Options, speaker: Speaker | None, progress: Progress | None
) -> tuple[Script, Speech, Timeline]:
    whole = write_script(routine, options.level, options.telling)
    refuse_endless(routine.title, estimated_ms(whole))
    edges, preview = edges_of(mix_of(options)), options.preview
    if preview.exercise is not None:
        whole = script_of(whole, routine, preview.exercise)
    guess_ms = preview.length_ms
    while True:
        guess_ms = 2 * guess_ms if guess_ms is not None else None
        script = whole if guess_ms is None else beginning_of(whole, guess_ms)
        speech = speaker.speak(script.texts(), progress) if speaker else Speech(clips={}, tone=None)
        timeline = lay_out(script, speech.clips, edges)
        if script == whole or timeline.duration_ms >= (preview.length_ms or 0) + edges.end_ms:
            break
    refuse_endless(routine.title, timeline.duration_ms)
    return script, speech, timeline if preview.length_ms is None else cut(timeline, preview.length_ms, edges)


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
        _, speech, timeline = _lay_out(fitted, options, speaker, progress)
        known |= speech.clips
        if best_ms < 0 or abs(timeline.duration_ms - target_ms) < abs(best_ms - target_ms):
            best, best_ms = fitted, timeline.duration_ms
        if abs(best_ms - target_ms) <= FITTED_WELL * target_ms:
            return best
    if abs(best_ms - target_ms) <= FITTED * target_ms:
        return best
    ends = [_lay_out(at_fraction(routine, end), options, speaker, progress)[2].duration_ms for end in (0.0, 1.0)]
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
    tone_db = options.room_tone_db
    if tone_db is not None and not QUIETEST_ROOM_TONE_DB <= tone_db <= LOUDEST_ROOM_TONE_DB:
        limits = f"from {QUIETEST_ROOM_TONE_DB:g} to {LOUDEST_ROOM_TONE_DB:g}"
        raise UsageError(f"A room tone of {tone_db:g} dBFS is out of range.", tip=f"Choose a level {limits}, or off.")
    settings = config()
    return Speaker(
        voice=voice,
        language=language(language_code),
        room_tone_db=tone_db,
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
    if session.plan is None or session.facts is None:
        return write_file(path, session.manifest, linked(session.timeline, session.speech), VOICE)
    with closing(mix_makers(jobs_of(options))) as makers:  # they start only if the cache has lost something
        mixer = Mixer(session.plan, session.speech.clips, cache=cache_of(options), workers=makers, jobs=jobs_of(options))
        return write_file(path, session.manifest, mixer.pieces(session.facts.gain_db), MIX)


def write_file(path: Path, manifest: Manifest, pieces: Iterable[Piece], form: FrameFormat) -> int:
    """Write an MP3 file: its tag, then its frames.

    Returns:
        Its size in bytes.

    Raises:
        FileError: If it cannot be written; what was there before is still there.
    """
    with whole_file(path) as file:
        file.write(tag(manifest, album=ALBUM, year=datetime.now(UTC).year))
        write_stream(file, pieces, form)
        file.seek(0, os.SEEK_END)
        return file.tell()
