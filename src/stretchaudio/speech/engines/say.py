"""`say`, the voices of macOS."""

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
RATE = 160
"""Words a minute; its own pace is about 175, which is brisk for a coach."""
_LINE = re.compile(r"(?P<name>.+?)\s+(?P<language>[a-z]{2,3})[_-]\S+\s+#")
"""A line of `say -v ?`: a name, a locale, and a sentence."""


def unavailable_reason() -> str:
    """A Mac."""
    return "" if shutil.which("say") else "It is a part of macOS."


def voices(language: Language) -> tuple[str, ...]:
    """The system's voices for a language."""
    return (
        ()
        if unavailable_reason()
        else tuple(name for name, code in _voices().items() if code == language.code)
    )


def resolve_voice(name: str, language: Language) -> str:
    """The voice of a name such as `Samantha`.

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


def open_engine(voice: Voice, jobs: int) -> "Say":
    """An engine for a voice that `resolve_voice` returned."""
    return Say(voice, jobs)


class Say(ProgramEngine):
    """Speaks by running `say` once for each text.

    Args:
        voice: Who speaks.
        jobs: How many texts at once.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        super().__init__()
        self.version = f"macOS {platform.mac_ver()[0]} rate {RATE}"
        self.at_once = jobs
        self._voice = voice

    def speak(self, text: str) -> bytes:
        """Speak a text, as an AIFF file."""
        rate = str(round(RATE * self._voice.prosody.speed))

        def command(words: Path, sound: Path) -> list[str]:
            return ["say", "-v", self._voice.name, "-r", rate, "-f", str(words), "-o", str(sound)]

        return self.speak_with(command, text, ending="aiff")


@cache
def _voices() -> dict[str, str]:
    """The language of each voice."""
    lines = (_LINE.match(line) for line in answer(["say", "-v", "?"]).splitlines())
    return {line["name"]: line["language"] for line in lines if line}
