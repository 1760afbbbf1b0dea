"""Choose the best voice for a whole session, when the listener names none."""

from collections.abc import Callable
from dataclasses import dataclass

from stretchaudio.language import Language
from stretchaudio.speech.engine import Engines, Prosody, Voice
from stretchaudio.speech.engines import kokoro, piper
from stretchaudio.util.units import format_count

AUTO = "auto"
GOOGLE_WITHIN_S = 3.0
"""If Google takes longer to speak one word, the session is left to a voice on this machine."""
DOWNLOADED = {"kokoro": "Kokoro", "piper": "Piper"}
"""The engines whose voices are downloaded, the best first, and their names."""
LOCAL = ("flite", "pico", "say", "espeak")
"""The engines on this machine, the best first; the last is always there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The voice that speaks a session."""

    voice: Voice
    """The voice of all of it."""
    reasons: tuple[str, ...] = ()
    """Why it was chosen, then why a better one was not, as clauses; none if asked for."""

    @property
    def automatic(self) -> bool:
        """Tell whether the program chose it."""
        return bool(self.reasons)


def choose_automatically(
    engines: Engines,
    language: Language,
    prosody: Prosody,
    *,
    offline: bool,
    kept: Callable[[Voice], bool] = lambda _: False,
    reads: Callable[[Voice], bool] = lambda _: True,
) -> Choice:
    """Choose a downloaded voice, else Google if it answers, else the best on this machine.

    Args:
        engines: The engines to choose from.
        language: The language of the session.
        prosody: How it is to speak; an engine that cannot is passed over.
        offline: Nothing may be asked of a network.
        kept: Tells whether a voice has spoken all of the session before.
        reads: Tells whether a voice can read all of the session.
    """
    for engine, name in DOWNLOADED.items():
        if engines.can_speak(engine, language, prosody):
            voice = engines.resolve_voice(engine, language, prosody)
            return Choice(voice=voice, reasons=(f"a {name} voice that you downloaded",))
    found, why = _google(engines, language, prosody, offline=offline, kept=kept)
    if found:
        return Choice(voice=found, reasons=(why,))
    voice = local_voice(engines, language, prosody, reads)
    return Choice(voice=voice, reasons=("the best on this machine", why))


@dataclass(frozen=True, slots=True, kw_only=True)
class BetterVoice:
    """A voice that can be downloaded."""

    name: str
    """What `voices download` is given."""
    size_bytes: int
    """About how much that is."""
    install: str = ""
    """The command that has to be run first; empty for none."""


def better_voice(engines: Engines, language: Language, prosody: Prosody) -> BetterVoice | None:
    """Find the voice to download for a language; None if there is one, or none that would do."""
    is_spoken = any(engines.module(engine).voices(language) for engine in DOWNLOADED)
    supported = kokoro.SUPPORTS | piper.SUPPORTS
    if is_spoken or not set(prosody.adjusted()) <= supported:
        return None
    if offer := kokoro.offer("kokoro") if "kokoro" in language.voices else None:
        install = "" if kokoro.is_installed() else kokoro.INSTALL
        return BetterVoice(name=offer.name, size_bytes=offer.size_bytes, install=install)
    if "piper" not in language.voices:
        return None
    install = "" if piper.is_installed() else piper.INSTALL
    name = language.voices["piper"]
    return BetterVoice(name=name, size_bytes=piper.MEDIUM_BYTES, install=install)


def local_voice(
    engines: Engines,
    language: Language,
    prosody: Prosody,
    reads: Callable[[Voice], bool] = lambda _: True,
) -> Voice:
    """Choose the best voice that needs neither a network nor a download."""
    for engine in LOCAL[:-1]:
        if engines.can_speak(engine, language, prosody):
            voice = engines.resolve_voice(engine, language, prosody)
            if reads(voice):
                return voice
    return engines.resolve_voice(LOCAL[-1], language, prosody)


def _google(
    engines: Engines,
    language: Language,
    prosody: Prosody,
    *,
    offline: bool,
    kept: Callable[[Voice], bool],
) -> tuple[Voice | None, str]:
    """Choose Google's voice if it can speak; also say why or why not."""
    if not engines.can_speak("gtts", language, prosody):
        fixed = " and ".join(prosody.adjusted()) or "language"
        return None, f"Google's voice cannot change its {fixed}"
    voice = engines.resolve_voice("gtts", language, prosody)
    if kept(voice):
        return voice, "all of it was spoken by Google before"
    if offline:
        return None, "Google is not asked with --offline"
    if engines.is_reachable(voice, GOOGLE_WITHIN_S):
        return voice, "Google answers"
    minutes = round((engines.silent_s(voice.engine) or 0) / 60)
    ago = f"did not answer {format_count(minutes, 'minute')} ago" if minutes else "does not answer"
    return None, f"Google {ago}"
