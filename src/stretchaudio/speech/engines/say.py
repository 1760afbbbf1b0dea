"""Speak with the voices of macOS, through its program `say`."""

import platform
import re
import shutil
from functools import cache
from pathlib import Path

from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.engines.program import ProgramEngine, answer

SUPPORTS = frozenset({"speed"})
ONLINE = False
LICENCE = "Apple's terms"
RATE = 160
"""Words a minute."""
# Its own pace is about 175, which is brisk for a coach.
_LINE = re.compile(r"(?P<name>.+?)\s+(?P<language>[a-z]{2,3})[_-]\S+\s+#")
"""A line of `say -v ?`: a name, a locale, and a sentence."""


def unavailable_reason() -> str:
    """Name macOS if this is another system."""
    return "" if shutil.which("say") else "It is a part of macOS."


def voices(language: Language) -> tuple[str, ...]:
    """List the system's voices for a language."""
    if unavailable_reason():
        return ()
    return tuple(name for name, code in _voices().items() if code == language.code)


def resolve_voice(name: str, language: Language) -> str:
    """Find the voice of a name such as `Samantha`.

    Raises:
        UsageError: If the system has no such voice; `say` would speak in another one.
    """
    known = {one.lower(): one for one in _voices()}
    if name.lower() not in known:
        some = ", ".join(voices(language)) or "none for this language"
        raise UsageError(
            f"macOS has no voice '{name}' here.{did_you_mean(name, known)}", hint=f"It has {some}."
        )
    return known[name.lower()]


class Say(ProgramEngine):
    """Speaks by running `say` once for each text.

    Args:
        voice: Who speaks.
        jobs: How many texts at once.
    """

    ending = "aiff"

    def __init__(self, voice: Voice, jobs: int) -> None:
        super().__init__(voice, jobs, f"macOS {platform.mac_ver()[0]} rate {RATE}")

    def command(self, text: str, text_file: Path, sound_file: Path) -> list[str]:
        """Return the command of `say`."""
        del text
        rate = str(round(RATE * self._voice.prosody.speed))
        settings = ["-v", self._voice.name, "-r", rate]
        return ["say", *settings, "-f", str(text_file), "-o", str(sound_file)]


open_engine = Say


@cache
def _voices() -> dict[str, str]:
    """List the voices by name, with the language of each."""
    lines = (_LINE.match(line) for line in answer(["say", "-v", "?"]).splitlines())
    return {line["name"]: line["language"] for line in lines if line}
