"""What an engine is, and which there are."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from stretchaudio.errors import UsageError, perhaps
from stretchaudio.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks, and how; written `engine:name`."""

    engine: str
    """The engine's id, such as `espeak`."""
    name: str
    """The voice's name within the engine."""
    rate: int
    """Words a minute, where the engine can choose."""
    pitch: int
    """From 0 to 99 with 50 as usual, where the engine can choose."""

    def __str__(self) -> str:
        return f"{self.engine}:{self.name}"


class Engine(Protocol):
    """Something that speaks. It may be called from several threads at once."""

    version: str
    """What the sound depends on besides the voice and the text; part of the cache key."""
    at_once: int
    """How many texts it is worth giving it at the same time."""
    online: bool
    """Whether texts leave this machine."""

    def speak(self, text: str) -> bytes:
        """Speak a normalised text.

        Returns:
            A sound file (WAV, FLAC, MP3, ...).

        Raises:
            VoiceError: If it cannot be spoken.
        """

    def close(self) -> None:
        """Let go of processes and connections."""


ENGINES: dict[str, str] = {"espeak": "stretchaudio.speech.espeak", "gtts": "stretchaudio.speech.google"}
"""The module of each engine; it has `choose(name, language) -> Voice` and `open_engine(voice, jobs) -> Engine`."""

DEFAULT_ENGINE = "espeak"


def choose_voice(wanted: str | None, language: Language) -> Voice:
    """The voice for what a user wrote, or the language's own in the default engine.

    Args:
        wanted: `engine:name`, `engine` alone, or None.
        language: What will be spoken.

    Raises:
        UsageError: If there is no such engine or voice.
    """
    engine, _, name = (wanted or DEFAULT_ENGINE).partition(":")
    if engine not in ENGINES:
        known = ", ".join(ENGINES)
        raise UsageError(f"There is no voice engine '{engine}'.{perhaps(engine, ENGINES)}", tip=f"Known engines: {known}.")
    choose: Callable[[str, Language], Voice] = _module(engine).choose
    return choose(name, language)


def open_engine(voice: Voice, *, jobs: int) -> Engine:
    """Get the engine of a voice ready to speak; nothing is started before the first text.

    Args:
        voice: One that `choose_voice` returned.
        jobs: How many texts it may speak at once.
    """
    engine: Engine = _module(voice.engine).open_engine(voice, jobs)
    return engine


def _module(engine: str) -> Any:
    return import_module(ENGINES[engine])
