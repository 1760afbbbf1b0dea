"""Remember on this machine what was composed, so that the next session differs."""

import json
from pathlib import Path

from stretchaudio.errors import FileError
from stretchaudio.routine.library import user_folder
from stretchaudio.util.atomic import atomic_write

KEPT = 14
"""Sessions that are remembered; older ones count for next to nothing."""


def history_file() -> Path:
    """Name the file of what was composed."""
    return user_folder().parent / "composed.json"


def read_history() -> tuple[tuple[str, ...], ...]:
    """Read the exercises of the sessions composed before, the latest first.

    Raises:
        FileError: If the file cannot be read.
    """
    path = history_file()
    if not path.exists():
        return ()
    try:
        sessions = json.loads(path.read_text(encoding="utf-8"))
        return tuple(tuple(map(str, session)) for session in sessions)
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    except (ValueError, TypeError):
        raise FileError(
            f"{path}, which remembers what was composed, is damaged.",
            hint="Delete it; only --history needs it.",
        ) from None


def remember(ids: tuple[str, ...], before: tuple[tuple[str, ...], ...]) -> None:
    """Add a session to those composed before.

    Raises:
        FileError: If the file cannot be written.
    """
    path = history_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError.from_os_error(error, f"make the folder {path.parent}") from None
    with atomic_write(path) as file:
        file.write(json.dumps([ids, *before][:KEPT]).encode())
