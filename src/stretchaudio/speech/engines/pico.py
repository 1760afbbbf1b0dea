"""Speak with SVOX Pico, from the package ttspico or the program pico2wave."""

import re
import shutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from stretchaudio.audio.files import wav
from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import Engine, Voice
from stretchaudio.speech.engines.program import ProgramEngine
from stretchaudio.speech.text import check_readable, is_latin
from stretchaudio.util.versions import version
from stretchaudio.util.workers import Workers

SUPPORTS = frozenset({"speed", "pitch"})
ONLINE = False
LICENCE = "Apache-2.0"
RATE_HZ = 16_000
PACE = 0.94
"""The part of its own pace that it speaks at."""
# It then takes its time as the embedded voice does.
VOICES = {
    "en": ("en-US", "en-GB"),
    "de": ("de-DE",),
    "es": ("es-ES",),
    "fr": ("fr-FR",),
    "it": ("it-IT",),
}
_PROGRAM = "pico2wave"
_MARKUP = re.compile(r"[<>&]+")
"""Characters that Pico would take for markup."""


def unavailable_reason() -> str:
    """Ask for the package or the program if both are missing."""
    if find_spec("ttspico") or shutil.which(_PROGRAM):
        return ""
    return "Install it with: pip install 'stretchaudio[pico]', or the program pico2wave."


def voices(language: Language) -> tuple[str, ...]:
    """List its voices for a language."""
    return () if unavailable_reason() else VOICES.get(language.code, ())


def resolve_voice(name: str, language: Language) -> str:
    """Find the voice of a name such as `en-GB`.

    Raises:
        UsageError: If there is no such voice.
    """
    del language
    known = {one.lower(): one for voices in VOICES.values() for one in voices}
    if name.lower() not in known:
        raise UsageError(
            f"Pico has no voice '{name}'.{did_you_mean(name, known)}",
            hint=f"It has {', '.join(known.values())}.",
        )
    return known[name.lower()]


def open_engine(voice: Voice, jobs: int) -> Engine:
    """Open the package if it is there, else the program."""
    return PicoPackage(voice, jobs) if find_spec("ttspico") else PicoProgram(voice, jobs)


class PicoPackage(Engine):
    """Speaks through helper processes that load ttspico, which keeps state between texts.

    Args:
        voice: Who speaks.
        jobs: How many processes at the most.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        self.version = f"ttspico {version('ttspico')} pace {PACE}"
        self.at_once = jobs
        self._voice = voice
        self._workers = Workers("stretchaudio.speech.engines.pico_worker", jobs=jobs)

    def check(self, texts: Iterable[str]) -> None:
        """Check that all is written in Latin letters."""
        check_readable("Pico", texts, is_latin)

    def speak(self, text: str) -> bytes:
        """Speak a text, as a WAV file."""
        return wav(self._workers.call((self._voice.name, _marked(text, self._voice))), RATE_HZ)

    def close(self) -> None:
        """End the processes."""
        self._workers.close()


class PicoProgram(ProgramEngine):
    """Speaks by running pico2wave once for each text.

    Args:
        voice: Who speaks.
        jobs: How many texts at once.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        super().__init__(voice, jobs, f"{_PROGRAM} pace {PACE}")

    def check(self, texts: Iterable[str]) -> None:
        """Check that all is written in Latin letters."""
        check_readable("Pico", texts, is_latin)

    def command(self, text: str, text_file: Path, sound_file: Path) -> list[str]:
        """Return pico2wave's command."""
        # It takes its text as an argument only; markup keeps it from looking like an option.
        del text_file
        marked = _marked(text, self._voice)
        return [_PROGRAM, f"--lang={self._voice.name}", f"--wave={sound_file}", marked]


def _marked(text: str, voice: Voice) -> str:
    """Mark a text with its pace and pitch in percent, as Pico does."""
    speed = round(100 * PACE * voice.prosody.speed)
    pitch = round(100 * 2 ** (voice.prosody.pitch / 12))
    return f'<speed level="{speed}"><pitch level="{pitch}">{_MARKUP.sub(" ", text)}</pitch></speed>'
