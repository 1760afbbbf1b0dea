"""Turn a stretching routine into one exactly timed MP3 that coaches you through it.

Example:
    from stretchaudio import build

    track = build("back-basics", "back-basics.mp3")
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
    from stretchaudio.routine.compose.wishes import Wishes
    from stretchaudio.routine.edit import Pace
    from stretchaudio.routine.import_sheet import Imported, import_sheet
    from stretchaudio.routine.library import parse_routine, read_routine
    from stretchaudio.routine.model import Level, Routine
    from stretchaudio.script.preview import Preview
    from stretchaudio.script.verbosity import CueFilter
    from stretchaudio.session.build import Track, build, plan
    from stretchaudio.session.composing import compose
    from stretchaudio.session.options import Options
    from stretchaudio.session.pools import WorkerPools
    from stretchaudio.session.sidecars import Sidecars
    from stretchaudio.site.publish import PublishResult, SiteRequest, publish
    from stretchaudio.track.manifest import Manifest
    from stretchaudio.track.verify import Check, verify
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
    "stretchaudio.routine.compose.wishes": ("Wishes",),
    "stretchaudio.routine.import_sheet": ("Imported", "import_sheet"),
    "stretchaudio.routine.library": ("parse_routine", "read_routine"),
    "stretchaudio.routine.model": ("Level", "Routine"),
    "stretchaudio.language": ("Verbosity",),
    "stretchaudio.script.verbosity": ("CueFilter",),
    "stretchaudio.session.build": ("Track", "build", "plan"),
    "stretchaudio.session.composing": ("compose",),
    "stretchaudio.session.pools": ("WorkerPools",),
    "stretchaudio.util.progress": ("Progress",),
    "stretchaudio.site.publish": ("PublishResult", "SiteRequest", "publish"),
    "stretchaudio.track.manifest": ("Manifest",),
    "stretchaudio.track.verify": ("Check", "verify"),
}

__all__ = [
    "Check",
    "ChimeSound",
    "CueFilter",
    "Ducking",
    "FileError",
    "Imported",
    "Level",
    "Manifest",
    "Options",
    "Pace",
    "Preview",
    "Progress",
    "PublishResult",
    "Routine",
    "RoutineError",
    "Sidecars",
    "SiteRequest",
    "StretchaudioError",
    "Track",
    "UsageError",
    "Verbosity",
    "VoiceError",
    "Wishes",
    "WorkerPools",
    "__version__",
    "build",
    "compose",
    "import_sheet",
    "parse_routine",
    "plan",
    "publish",
    "read_routine",
    "verify",
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
