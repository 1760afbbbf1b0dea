"""Speak with Flite, a small English synthesiser of Carnegie Mellon University, if installed."""

import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.engines.program import ProgramEngine, answer
from stretchaudio.speech.text import check_readable, without_marks

SUPPORTS = frozenset({"speed"})
ONLINE = False
LICENCE = "free, as in BSD's licence"
PREFERRED = ("rms", "awb", "kal16", "slt")
"""The first that is there speaks when none is named."""
# In the order in which they are understood (docs/voices.md).
PACE = 0.97
"""The part of a voice's own pace that it speaks at."""
# It then takes its time as the embedded voice does.
_TELLS_TIME_ONLY = "awb_time"
_LISTED = "Voices available:"


def unavailable_reason() -> str:
    """Ask for the program if it is missing."""
    if shutil.which("flite"):
        return ""
    return "Install the program flite, such as with: apt install flite"


def voices(language: Language) -> tuple[str, ...]:
    """List its voices, all of which speak English."""
    if unavailable_reason() or language.code != "en":
        return ()
    there = _voices()
    return (
        *(name for name in PREFERRED if name in there),
        *(name for name in there if name not in PREFERRED),
    )


def resolve_voice(name: str, language: Language) -> str:
    """Find the voice of a name such as `slt`.

    Raises:
        UsageError: If it has no such voice.
    """
    del language
    if name not in _voices():
        raise UsageError(
            f"flite has no voice '{name}'.{did_you_mean(name, _voices())}",
            hint=f"It has {', '.join(_voices())}.",
        )
    return name


class Flite(ProgramEngine):
    """Speaks by running flite once for each text.

    Args:
        voice: Who speaks.
        jobs: How many texts at once.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        super().__init__(voice, jobs, f"{_asked('--version')} pace {PACE}")

    def check(self, texts: Iterable[str]) -> None:
        """Check that all is written in the letters it knows, those of English."""
        check_readable("flite", texts, str.isascii)

    def speak(self, text: str) -> bytes:
        """Speak a text without accents, which it does not know."""
        return super().speak(without_marks(text))

    def command(self, text: str, text_file: Path, sound_file: Path) -> list[str]:
        """Return flite's command."""
        del text
        stretch = f"duration_stretch={1 / (PACE * self._voice.prosody.speed):.4f}"
        settings = ["-voice", self._voice.name, "--setf", stretch]
        return ["flite", *settings, "-f", str(text_file), "-o", str(sound_file)]


open_engine = Flite


@cache
def _voices() -> tuple[str, ...]:
    return tuple(
        name for name in _asked("-lv").partition(_LISTED)[2].split() if name != _TELLS_TIME_ONLY
    )


@cache
def _asked(option: str) -> str:
    return answer(["flite", option])
