"""The best voice there is for a whole session, when the listener names none."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from stretchaudio.errors import VoiceError
from stretchaudio.language import Language
from stretchaudio.speech.engine import EngineModule, Manner, Voice, choose_voice, engine_module, open_engine

AUTO = "auto"
GOOGLE_WITHIN_S = 3.0
"""How long Google may take to speak one word before the session is left to a voice on this machine."""
_silent: set[str] = set()
"""The engines whose services did not answer: each question may take as long as that."""
LOCAL = ("flite", "pico", "say", "espeak")
"""The engines on this machine, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Who speaks a session."""

    voice: Voice
    """The one voice of all of it."""
    why: str
    """Why this one, as a clause; empty when it was asked for."""


def choose_automatically(
    language: Language,
    manner: Manner,
    *,
    offline: bool,
    kept: Callable[[Voice], bool] = lambda _: False,
    reads: Callable[[Voice], bool] = lambda _: True,
) -> Choice:
    """Choose a Piper voice that was downloaded, else Google if it answers, else the best voice of this machine.

    Args:
        language: What will be spoken.
        manner: How; an engine that cannot is passed over.
        offline: Nothing may be asked of a network.
        kept: Whether all of the session was spoken by a voice before.
        reads: Whether a voice can read all of the session.
    """
    if _can("piper", language, manner):
        return Choice(voice=choose_voice("piper", language, manner), why="a Piper voice that you downloaded")
    found, why = _google(language, manner, offline=offline, kept=kept)
    if found:
        return Choice(voice=found, why=why)
    return Choice(voice=local_voice(language, manner, reads), why=f"the best on this machine; {why}")


def local_voice(language: Language, manner: Manner, reads: Callable[[Voice], bool] = lambda _: True) -> Voice:
    """The best voice that needs neither a network nor a download; the last is always there and reads most."""
    for engine in LOCAL[:-1]:
        if _can(engine, language, manner) and reads(voice := choose_voice(engine, language, manner)):
            return voice
    return choose_voice(LOCAL[-1], language, manner)


def _google(language: Language, manner: Manner, *, offline: bool, kept: Callable[[Voice], bool]) -> tuple[Voice | None, str]:
    """Google's voice if it can be had, and why or why not."""
    if not _can("gtts", language, manner):
        return None, f"Google's voice cannot change its {' and '.join(manner.asks()) or 'language'}"
    voice = choose_voice("gtts", language, manner)
    if kept(voice):
        return voice, "all of it was spoken by Google before"
    if offline:
        return None, "Google is not asked with --offline"
    return (voice, "Google answers") if answers(voice) else (None, "Google does not answer")


def answers(voice: Voice) -> bool:
    """Whether the service of a voice answers; one that did not is not asked again by this process."""
    if voice.engine in _silent:
        return False
    with closing(open_engine(voice, jobs=1)) as engine:
        answered = engine.answers(GOOGLE_WITHIN_S)
    if not answered:
        _silent.add(voice.engine)
    return answered


def _can(engine: str, language: Language, manner: Manner) -> bool:
    """Whether an engine can speak here, in a language and a manner."""
    try:
        module: EngineModule = engine_module(engine)
        return not module.needs() and bool(module.names(language)) and set(manner.asks()) <= module.ADJUSTS
    except (VoiceError, OSError):
        return False
