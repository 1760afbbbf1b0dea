"""Flite, when the program is installed: a small English synthesiser of Carnegie Mellon University."""

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
PREFERRED = ("rms", "awb", "kal16", "slt")
"""The first that is there speaks when none is named; in the order in which they are understood (docs/voices.md)."""
PACE = 0.97
"""Of a voice's own pace, so that it takes its time as the embedded voice does."""
_TELLS_TIME_ONLY = "awb_time"
_LISTED = "Voices available:"


def unavailable_reason() -> str:
    """The program."""
    return (
        ""
        if shutil.which("flite")
        else "Install the program flite, such as with: apt install flite"
    )


def voices(language: Language) -> tuple[str, ...]:
    """Its voices, all of which speak English."""
    if unavailable_reason() or language.code != "en":
        return ()
    there = _voices()
    return (
        *(name for name in PREFERRED if name in there),
        *(name for name in there if name not in PREFERRED),
    )


def resolve_voice(name: str, language: Language) -> str:
    """The voice of a name such as `slt`.

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


def open_engine(voice: Voice, jobs: int) -> "Flite":
    """An engine for a voice that `resolve_voice` returned."""
    return Flite(voice, jobs)


class Flite(ProgramEngine):
    """Speaks by running flite once for each text.

    Args:
        voice: Who speaks.
        jobs: How many texts at once.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        super().__init__()
        self.version = f"{_asked('--version')} pace {PACE}"
        self.at_once = jobs
        self._voice = voice

    def check(self, texts: Iterable[str]) -> None:
        """See that all is written in the letters it knows, those of English."""
        check_readable("flite", texts, str.isascii)

    def speak(self, text: str) -> bytes:
        """Speak a text, as a WAV file."""
        stretch = f"duration_stretch={1 / (PACE * self._voice.prosody.speed):.4f}"

        def command(words: Path, sound: Path) -> list[str]:
            return [
                "flite",
                "-voice",
                self._voice.name,
                "--setf",
                stretch,
                "-f",
                str(words),
                "-o",
                str(sound),
            ]

        return self.speak_with(command, without_marks(text))


@cache
def _voices() -> tuple[str, ...]:
    return tuple(
        name for name in _asked("-lv").partition(_LISTED)[2].split() if name != _TELLS_TIME_ONLY
    )


@cache
def _asked(option: str) -> str:
    return answer(["flite", option])
