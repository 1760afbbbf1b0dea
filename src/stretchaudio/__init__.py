"""Turn a stretching routine into one exactly timed MP3 that coaches you through it.

Example:
    from stretchaudio import build_session

    track = build_session("back-basics", "back-basics.mp3")
    print(track.manifest.duration_s)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stretchaudio.errors import (
        FileError,
        RoutineError,
        StretchaudioError,
        UsageError,
        VoiceError,
    )
    from stretchaudio.language import Verbosity
    from stretchaudio.mix.ducking import Ducking
    from stretchaudio.mix.model import ChimeSound
    from stretchaudio.routine.edit import Pace
    from stretchaudio.routine.library import read_routine
    from stretchaudio.routine.model import Level, Routine
    from stretchaudio.script.preview import Preview
    from stretchaudio.script.verbosity import CueFilter
    from stretchaudio.session.build import Track, build_session
    from stretchaudio.session.options import Options
    from stretchaudio.session.pools import WorkerPools
    from stretchaudio.session.sidecars import Sidecars
    from stretchaudio.track.manifest import Manifest
    from stretchaudio.util.progress import Progress

    __version__: str

_HOMES = {
    "stretchaudio.session.sidecars": ("Sidecars",),
    "stretchaudio.errors": (
        "FileError",
        "RoutineError",
        "StretchaudioError",
        "UsageError",
        "VoiceError",
    ),
    "stretchaudio.mix.ducking": ("Ducking",),
    "stretchaudio.mix.model": ("ChimeSound",),
    "stretchaudio.session.options": ("Options",),
    "stretchaudio.script.preview": ("Preview",),
    "stretchaudio.routine.edit": ("Pace",),
    "stretchaudio.routine.library": ("read_routine",),
    "stretchaudio.routine.model": ("Level", "Routine"),
    "stretchaudio.language": ("Verbosity",),
    "stretchaudio.script.verbosity": ("CueFilter",),
    "stretchaudio.session.build": ("Track", "build_session"),
    "stretchaudio.session.pools": ("WorkerPools",),
    "stretchaudio.util.progress": ("Progress",),
    "stretchaudio.track.manifest": ("Manifest",),
}

__all__ = [
    "ChimeSound",
    "CueFilter",
    "Ducking",
    "FileError",
    "Level",
    "Manifest",
    "Options",
    "Pace",
    "Preview",
    "Progress",
    "Routine",
    "RoutineError",
    "Sidecars",
    "StretchaudioError",
    "Track",
    "UsageError",
    "Verbosity",
    "VoiceError",
    "WorkerPools",
    "__version__",
    "build_session",
    "read_routine",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the command line and helpers start fast."""
    if name == "__version__":
        from importlib.metadata import version

        return version("stretchaudio")
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'stretchaudio' has no attribute '{name}'")
