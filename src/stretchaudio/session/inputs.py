"""Tell apart the states of the files that a session is made from besides its routine."""

from pathlib import Path
from typing import Any

from stretchaudio.mix.sources import music_state
from stretchaudio.routine.model import Routine
from stretchaudio.session.options import Settings, with_section_beds


def files_state(routine: Routine, settings: Settings) -> tuple[object, ...]:
    """List the state of the music and the recordings that a session plays.

    Raises:
        UsageError: If there is no such music.
        FileError: If it cannot be read.
    """
    engine, _, name = settings.voice.partition(":")
    recordings = _folder_state(Path(name).expanduser()) if engine == "recordings" else ()
    return (recordings, *map(music_state, with_section_beds(settings, routine).mix.beds))


def _folder_state(folder: Path) -> tuple[Any, ...]:
    """List name, size and time of the files in a folder, which tell whether they have changed."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths)
