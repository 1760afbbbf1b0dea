"""Turn a stretching routine into one exactly timed MP3 that coaches you through it.

Example:
    from stretchaudio import build_session, read_routine

    track = build_session(read_routine("back-basics"), "back-basics.mp3")
    print(track.manifest.duration_s)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stretchaudio.errors import FileError, RoutineError, StretchaudioError, UsageError, VoiceError
    from stretchaudio.options import Options
    from stretchaudio.routine.library import read_routine
    from stretchaudio.routine.model import Level, Routine
    from stretchaudio.session import Track, build_session

__all__ = [
    "FileError",
    "Level",
    "Options",
    "Routine",
    "RoutineError",
    "StretchaudioError",
    "Track",
    "UsageError",
    "VoiceError",
    "build_session",
    "read_routine",
]

_HOMES = {
    "stretchaudio.errors": {"FileError", "RoutineError", "StretchaudioError", "UsageError", "VoiceError"},
    "stretchaudio.routine.library": {"read_routine"},
    "stretchaudio.routine.model": {"Level", "Routine"},
    "stretchaudio.options": {"Options"},
    "stretchaudio.session": {"Track", "build_session"},
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the command line and the helpers start fast."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'stretchaudio' has no attribute '{name}'")
