"""The table of contents: the stages of building a track, in order."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stretchaudio.beside import Beside
from stretchaudio.cache import COVERS, Cache, key_of
from stretchaudio.estimate import estimated_ms
from stretchaudio.mix.bed import bed_name, bed_sources, check_bed, refuse_music
from stretchaudio.mix.blocks import Mixer, MixFacts, mix_makers
from stretchaudio.mix.model import Plan
from stretchaudio.mix.plan import plan_mix
from stretchaudio.mp3.frames import MIX, VOICE, FrameFormat
from stretchaudio.mp3.link import Piece
from stretchaudio.options import Options, adjusted, cache_of, jobs_of, mix_of, room_tone_of
from stretchaudio.routine.library import read_routine
from stretchaudio.routine.model import Routine
from stretchaudio.script.model import Script
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.speak import Progress, Speech, clip_makers
from stretchaudio.spoken import session_script, speak
from stretchaudio.timeline import Timeline
from stretchaudio.track.assemble import linked, measure, sound_of, write_stream
from stretchaudio.track.cover import COVER_FORMAT, cover, drawing_of
from stretchaudio.track.manifest import Manifest, describe
from stretchaudio.track.tags import About, tag
from stretchaudio.track.write import check_writable, refuse_other_kinds, whole_file

ALBUM = "Stretching sessions"


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
    routine: Routine | str | Path,
    output: str | Path,
    options: Options | None = None,
    *,
    manifest: str | Path | None = None,
    beside: Beside | None = None,
    progress: Progress | None = None,
    check: Callable[[Path], None] | None = None,
) -> Track:
    """Turn a routine into an MP3.

    Args:
        routine: From `read_routine`, or what `read_routine` takes: a name or a file.
        output: The MP3 file; one that is there stays until the new one is whole.
        options: Level, voice and the like.
        manifest: A file for the manifest, or None.
        beside: What else is written beside the track.
        progress: Kept up to date while speech is made.
        check: Looks at the new file before it takes its name; when it raises something, nothing has changed.

    Raises:
        RoutineError: If the routine is a file that does not follow the format.
        UsageError: If there is no such routine, or an option cannot be used.
        VoiceError: If a cue cannot be spoken.
        FileError: If the cache or a file cannot be read or written.
    """
    if not isinstance(routine, Routine):
        routine = read_routine(routine)
    refuse_other_kinds(str(output))
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
        size_bytes = write_track(session, path, options, check)
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
    cache_of(options).sweep()
    with closing(clip_makers(jobs_of(options)) if mix.is_silent else mix_makers(jobs_of(options))) as makers:
        if mix.is_silent:
            spoken = speak(routine, options, makers, progress)
            plan, facts, sound = None, None, measure(spoken.timeline, spoken.speech)
        else:
            about_ms = max(estimated_ms(session_script(routine, options)), round((options.minutes or 0) * 60_000))
            kept, notice = cache_of(options), progress.notice
            sources = bed_sources(mix, room_tone_of(options), about_ms, cache=kept, workers=makers, notice=notice)
            spoken = speak(routine, options, makers, progress)
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


def write_track(session: Session, path: Path, options: Options, check: Callable[[Path], None] | None = None) -> int:
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
        return write_file(path, session.manifest, linked(session.timeline, session.speech), VOICE, about=about, check=check)
    with closing(mix_makers(jobs_of(options))) as makers:  # they start only if the cache has lost something
        mixer = Mixer(session.plan, session.speech.clips, cache=cache, workers=makers, jobs=jobs_of(options))
        return write_file(path, session.manifest, mixer.pieces(session.facts.level), MIX, about=about, check=check)


def _cover(manifest: Manifest, cache: Cache) -> bytes:
    drawing = drawing_of(manifest)
    return cache.made(COVERS, key_of(COVER_FORMAT, repr(drawing)), partial(cover, drawing))


def _made_by() -> dict[str, Any]:
    encoder = f"stretchaudio {version('stretchaudio')}, lameenc {version('lameenc')}"
    return {"album": ALBUM, "year": datetime.now(UTC).year, "encoder": encoder}


def write_file(
    path: Path,
    manifest: Manifest,
    pieces: Iterable[Piece],
    form: FrameFormat,
    *,
    about: About | None = None,
    check: Callable[[Path], None] | None = None,
) -> int:
    """Write an MP3 file: its tag, then its frames.

    Returns:
        Its size in bytes.

    Raises:
        FileError: If it cannot be written; what was there before is still there.
    """
    with whole_file(path, check) as file:
        file.write(tag(manifest, about or About(**_made_by())))
        write_stream(file, pieces, form)
        file.seek(0, os.SEEK_END)
        return file.tell()
