"""Define engines and voices, list the engines there are, and find the voice that a user names."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol

from stretchaudio.config import SpeechServer
from stretchaudio.errors import UsageError, VoiceError, did_you_mean
from stretchaudio.language import Language, language, languages
from stretchaudio.util.moments import Moments

SLOWEST, FASTEST = 0.8, 1.3
"""Times the engine's own pace."""
LOWEST, HIGHEST = -6.0, 6.0
"""Semitones from the voice's own pitch."""
SILENT_S = 600.0
"""How long a service that did not answer is not asked again, in seconds."""
PLUGINS = "stretchaudio.engines"
"""The entry-point group in which other packages offer engines, each an `EngineModule`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    """The speed and pitch of a voice."""

    speed: float = 1.0
    """Times the engine's own pace, from 0.8 to 1.3."""
    pitch: float = 0.0
    """Semitones above the voice's own pitch, from -6 to 6."""

    def adjusted(self) -> tuple[str, ...]:
        """Name the controls that differ from the default: "speed", "pitch"."""
        changed = {"speed": self.speed != 1.0, "pitch": self.pitch != 0.0}
        return tuple(name for name, differs in changed.items() if differs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice of an engine, and its prosody; written `engine:name`."""

    engine: str
    """The engine's id, such as `espeak`."""
    name: str
    """The voice's name within the engine."""
    prosody: Prosody = Prosody()
    """Its speed and pitch, as far as the engine supports them."""

    def __str__(self) -> str:
        return f"{self.engine}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVoice:
    """A voice in the list of all that an engine has."""

    name: str
    """Its name within the engine."""
    language: str
    """The code of what it speaks, such as `en` or `pt-br`."""
    licence: str = ""
    """Under which licence or terms it may be used; empty if that is not known."""
    size_bytes: int = 0
    """What is downloaded for it; 0 for nothing."""
    is_here: bool = True
    """Whether it can speak without a download."""


class Engine(Protocol):
    """Speaks with one voice; it may be called from several threads at once."""

    version: str
    """All that the sound depends on besides voice and text; part of the cache key."""
    at_once: int = 1
    """The number of texts that it is worth giving it at the same time."""

    @abstractmethod
    def speak(self, text: str) -> bytes:
        """Speak a normalised text.

        Returns:
            A sound file (WAV, FLAC, MP3, ...).

        Raises:
            VoiceError: If it cannot be spoken.
        """

    def check(self, texts: Iterable[str]) -> None:
        """Check that texts can be spoken, before the first is.

        Raises:
            VoiceError: If it is known by now that some cannot.
        """
        del texts

    def is_reachable(self, within_s: float) -> bool:
        """Tell whether it can speak now; an online engine asks its service."""
        del within_s
        return True

    def close(self) -> None:
        """Release processes and connections."""
        return


class EngineModule(Protocol):
    """Offers an engine; each module in `engines/` has this shape, and a plug-in's has to."""

    SUPPORTS: frozenset[str]
    """The controls of a `Prosody` that it supports: "speed", "pitch"."""
    ONLINE: bool
    """Whether texts leave this machine; with --offline it is not asked then."""

    def unavailable_reason(self) -> str:
        """Name what is missing before it can speak here, in a sentence; empty when nothing is."""

    # Two more may be left out, and are in most plug-ins: LICENCE, under which licence or terms its
    # voices may be used; and `catalogue(offline: bool) -> Iterable[ListedVoice]`, where there are
    # more voices than `voices` lists.

    def voices(self, language: Language) -> tuple[str, ...]:
        """List the voices there are here for a language, the default first."""

    def resolve_voice(self, name: str, language: Language) -> str:
        """Return the full name of the voice that a user calls `name`, which is not empty.

        Raises:
            UsageError: If there is no such voice.
        """

    def open_engine(self, voice: Voice, jobs: int) -> Engine:
        """Open a voice that `resolve_voice` named, for at most `jobs` texts at once."""


_COMMAND, _SERVER = "command", "openai"
"""The engines that the config file describes."""
_OWN = "stretchaudio.speech.engines."
_BUILT_IN = {
    "espeak": "espeak",
    "gtts": "google",
    "kokoro": "kokoro",
    "piper": "piper",
    "edge": "edge",
    "flite": "flite",
    "pico": "pico",
    "say": "say",
    _SERVER: "openai",
    _COMMAND: "command",
    "recordings": "recordings",
}
"""The module of each engine that comes with the program."""


class Engines:
    """Finds engines: those of the program, plug-ins, and programs of the user's own.

    Args:
        commands: Programs that speak: a name, and the program with its arguments.
        moments: Remembers which services did not answer; None for as long as the program runs.
        server: The user's speech server.
    """

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]] | None = None,
        moments: Moments | None = None,
        server: SpeechServer | None = None,
    ) -> None:
        self.commands = commands or {}
        self.server = server or SpeechServer()
        self.moments = moments
        self._silent: set[str] = set()

    def ids(self) -> tuple[str, ...]:
        """List the ids of all engines: those of the program, then plug-ins."""
        return (*_BUILT_IN, *sorted(set(_plugins()) - set(_BUILT_IN)))

    def module(self, engine: str) -> EngineModule:
        """Load the module of an engine.

        Raises:
            VoiceError: If a plug-in cannot be loaded.
        """
        if engine == _COMMAND:
            from stretchaudio.speech.engines.command import Commands

            return Commands(self.commands)
        if engine == _SERVER:
            from stretchaudio.speech.engines.openai import SpeechServers

            return SpeechServers(self.server)
        return _module(engine)

    def resolve_voice(
        self, wanted: str, language: Language, prosody: Prosody | None = None
    ) -> Voice:
        """Find the voice that a user named.

        Args:
            wanted: `engine:name`, or `engine` alone for the first of its voices that speaks the
                language.
            language: What will be spoken.
            prosody: How it is to speak.

        Raises:
            UsageError: If there is no such engine or voice, or the engine does not support the
                prosody.
            VoiceError: If the engine cannot speak here.
        """
        engine, _, name = wanted.partition(":")
        if not wanted.isprintable():
            raise UsageError("A voice's name cannot have such characters in it.")
        # Plug-ins are looked for only when one is asked for.
        if engine not in _BUILT_IN and engine not in self.ids():
            known = f"Known engines: {', '.join(self.ids())}."
            raise UsageError(
                f"There is no voice engine '{engine}'.{did_you_mean(engine, self.ids())}",
                hint=f"{known} 'stretchaudio voices' shows which can speak here.",
            )
        module = self.module(engine)
        prosody = prosody or Prosody()
        _check_prosody(engine, module, prosody)
        missing = module.unavailable_reason()
        if missing:
            raise VoiceError(f"The voice engine {engine} cannot speak here. {missing}")
        if name:
            name = module.resolve_voice(name, language)
        return Voice(
            engine=engine, name=name or _default_voice(engine, module, language), prosody=prosody
        )

    def catalogue(self, engine: str, *, offline: bool) -> tuple[ListedVoice, ...]:
        """List all voices of an engine, in every language.

        Args:
            engine: The engine's id.
            offline: Nothing may be asked of a network.

        Raises:
            VoiceError: If a plug-in cannot be loaded, or a list not be downloaded.
        """
        module = self.module(engine)
        listed = getattr(module, "catalogue", None)
        if listed:
            return tuple(listed(offline=offline))
        terms = getattr(module, "LICENCE", "")
        is_here = not module.unavailable_reason()
        return tuple(
            ListedVoice(name=name, language=code, licence=terms, is_here=is_here)
            for code in languages()
            for name in module.voices(language(code))
        )

    def can_speak(self, engine: str, language: Language, prosody: Prosody) -> bool:
        """Tell whether an engine can speak here, in a language and with a prosody."""
        try:
            module = self.module(engine)
            return (
                not module.unavailable_reason()
                and bool(module.voices(language))
                and set(prosody.adjusted()) <= module.SUPPORTS
            )
        except (VoiceError, OSError):
            return False

    def open(self, voice: Voice, *, jobs: int) -> Engine:
        """Open the engine of a voice; nothing is started before the first text.

        Args:
            voice: One that `resolve_voice` returned.
            jobs: How many texts it may speak at once.
        """
        return self.module(voice.engine).open_engine(voice, jobs)

    def is_online(self, voice: Voice) -> bool:
        """Tell whether texts leave this machine to be spoken by a voice."""
        return self.module(voice.engine).ONLINE

    def is_reachable(self, voice: Voice, within_s: float) -> bool:
        """Tell whether the service of a voice answers; one that did not is left alone for a while.

        It may take all of that time to find out.
        """
        if voice.engine in self._silent or self.silent_s(voice.engine) is not None:
            return False
        with closing(self.open(voice, jobs=1)) as engine:
            answered = engine.is_reachable(within_s)
        if not answered:
            self._silent.add(voice.engine)
            if self.moments:
                self.moments.note(_silence(voice.engine))
        return answered

    def silent_s(self, engine: str) -> float | None:
        """Return the seconds since a service did not answer; None if it may be asked again."""
        since_s = self.moments.since_s(_silence(engine)) if self.moments else None
        return since_s if since_s is not None and since_s < SILENT_S else None

    def ask_again(self, engine: str) -> None:
        """Forget that a service did not answer: somebody has named it."""
        self._silent.discard(engine)
        if self.moments:
            self.moments.forget(_silence(engine))


def _silence(engine: str) -> str:
    return f"{engine} did not answer"


@cache
def _module(engine: str) -> EngineModule:
    if engine in _BUILT_IN:
        own: EngineModule = import_module(_OWN + _BUILT_IN[engine])
        return own
    entry = _plugins()[engine]
    try:
        plugin: EngineModule = entry.load()
    except Exception as error:
        of = f" of {entry.dist.name}" if entry.dist else ""
        raise VoiceError(
            f"The voice engine '{engine}'{of} cannot be loaded ({type(error).__name__}: {error})."
        ) from error
    return plugin


def _default_voice(engine: str, module: EngineModule, language: Language) -> str:
    names = module.voices(language)
    if not names:
        hint = f"Name one: --voice {engine}:NAME; or take another engine, such as espeak."
        raise UsageError(
            f"{engine} has no voice of its own for the language '{language.code}'.", hint=hint
        )
    return names[0]


def _check_prosody(engine: str, module: EngineModule, prosody: Prosody) -> None:
    if not SLOWEST <= prosody.speed <= FASTEST:
        raise UsageError(
            f"A speed of {prosody.speed:g} is out of range.",
            hint=f"Choose one from {SLOWEST:g} to {FASTEST:g}.",
        )
    if not LOWEST <= prosody.pitch <= HIGHEST:
        raise UsageError(
            f"A pitch of {prosody.pitch:g} is out of range.",
            hint=f"Choose from {LOWEST:g} to {HIGHEST:g} semitones.",
        )
    fixed = [control for control in prosody.adjusted() if control not in module.SUPPORTS]
    if fixed:
        raise UsageError(
            f"{engine} cannot change its {' and '.join(fixed)}.",
            hint=f"Leave out the {fixed[0]}, or take another voice.",
        )


@cache
def _plugins() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=PLUGINS)}
