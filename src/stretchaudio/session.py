"""The table of contents: the stages of building a track, in order."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stretchaudio.cache import Cache, default_folder
from stretchaudio.errors import UsageError
from stretchaudio.language import language
from stretchaudio.routine.model import Level, Routine
from stretchaudio.script.model import Script
from stretchaudio.script.write import write_script
from stretchaudio.speech.engine import Voice, choose_voice
from stretchaudio.speech.speak import Progress, Speaker, Speech
from stretchaudio.timeline import Timeline, lay_out
from stretchaudio.track.assemble import measure, write_stream
from stretchaudio.track.manifest import Manifest, describe
from stretchaudio.track.tags import tag
from stretchaudio.track.write import check_writable, whole_file

ROOM_TONE_DB = -66.0
LOUDEST_ROOM_TONE_DB, QUIETEST_ROOM_TONE_DB = -50.0, -90.0
ALBUM = "Stretching sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a routine is turned into a track."""

    level: Level = Level.INTERMEDIATE
    """Which end of prescribed ranges is taken."""
    voice: str | None = None
    """`engine:name` or `engine`; None for the language's own voice."""
    room_tone_db: float | None = ROOM_TONE_DB
    """The level of the noise between cues in dBFS, from -90 to -50; None for digital silence."""
    cache_dir: Path | None = None
    """Where speech already made is kept; None for the usual place."""
    jobs: int | None = None
    """How many cues to make at once; None for one on each core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that has been spoken and laid out, ready to be written."""

    script: Script
    """What is said and kept."""
    voice: Voice
    """Who says it."""
    speech: Speech
    """Its clips."""
    timeline: Timeline
    """Where everything is."""
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
    check_writable(path)
    if manifest is not None:
        check_writable(Path(manifest))
    session = plan_session(routine, options, progress=progress)
    size_bytes = write_track(session, path)
    if manifest is not None:
        write_manifest(session.manifest, Path(manifest))
    return Track(path=path, size_bytes=size_bytes, manifest=session.manifest)


def plan_session(routine: Routine, options: Options | None = None, *, progress: Progress | None = None) -> Session:
    """Do all but write the file: script, speech, timeline, manifest.

    Args:
        routine: From `read_routine`.
        options: Level, voice and the like.
        progress: Kept up to date while speech is made.

    Raises:
        UsageError: If an option cannot be used.
        VoiceError: If a cue cannot be spoken.
        FileError: If the cache cannot be read or written.
    """
    options = options or Options()
    script = write_script(routine, options.level)
    voice, speaker = open_speaker(routine, options)
    speech = speaker.speak(script.texts(), progress)
    timeline = lay_out(script, speech.clips)
    sound = measure(timeline, speech)
    manifest = describe(timeline, sound, title=script.title, language=script.language, voice=str(voice), level=script.level)
    return Session(script=script, voice=voice, speech=speech, timeline=timeline, manifest=manifest)


def open_speaker(routine: Routine, options: Options) -> tuple[Voice, Speaker]:
    """The voice that options ask for, and what speaks with it.

    Raises:
        UsageError: If there is no such voice, or the room tone's level is out of range.
    """
    tone_db = options.room_tone_db
    if tone_db is not None and not QUIETEST_ROOM_TONE_DB <= tone_db <= LOUDEST_ROOM_TONE_DB:
        limits = f"from {QUIETEST_ROOM_TONE_DB:g} to {LOUDEST_ROOM_TONE_DB:g}"
        raise UsageError(f"A room tone of {tone_db:g} dBFS is out of range.", tip=f"Choose a level {limits}, or off.")
    words = language(routine.language)
    voice = choose_voice(options.voice, words)
    cache = Cache(options.cache_dir or default_folder())
    jobs = options.jobs or os.cpu_count() or 1
    return voice, Speaker(voice=voice, language=words, room_tone_db=tone_db, cache=cache, jobs=jobs)


def write_track(session: Session, path: Path) -> int:
    """Link the clips into an MP3 file.

    Returns:
        Its size in bytes.

    Raises:
        FileError: If it cannot be written; what was there before is still there.
    """
    with whole_file(path) as file:
        file.write(tag(session.manifest, album=ALBUM, year=datetime.now(UTC).year))
        write_stream(file, session.timeline, session.speech)
        file.seek(0, os.SEEK_END)
        return file.tell()


def write_manifest(manifest: Manifest, path: Path) -> None:
    """Write the manifest as a JSON file.

    Raises:
        FileError: If it cannot be written.
    """
    with whole_file(path) as file:
        file.write(manifest.to_json(indent=1).encode() + b"\n")
