"""Keep at hand, in a process that builds many sessions, what they share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from stretchaudio.cache import CacheArea, WarmCache
from stretchaudio.config import SpeechServer
from stretchaudio.session.options import Settings
from stretchaudio.speech.engine import Engine, Engines, Voice
from stretchaudio.util.bucket import Bucket
from stretchaudio.util.moments import Moments


def keep_warm(settings: Settings) -> Settings:
    """Take clips from memory, and leave engines open, from one session to the next."""
    engines = settings.engines
    return replace(
        settings,
        cache=_cache(settings.cache.folder, settings.cache.bucket),
        engines=_engines(tuple(engines.commands.items()), engines.moments, engines.server),
    )


class _SessionsCache(WarmCache):
    """Keeps no covers on disk, which are each session's own."""

    def put(self, area: CacheArea, key: str, payload: bytes) -> bytes:
        return payload if area is CacheArea.COVERS else super().put(area, key, payload)


class _OpenEngines(Engines):
    """Engines that end with the process."""

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        moments: Moments | None,
        server: SpeechServer,
    ) -> None:
        super().__init__(commands, moments, server)
        self._open: dict[tuple[Voice, int], Engine] = {}

    def open(self, voice: Voice, *, jobs: int) -> Engine:
        """Open the engine of a voice, unless it is open."""
        if (voice, jobs) not in self._open:
            self._open[voice, jobs] = _StaysOpen(super().open(voice, jobs=jobs))
        return self._open[voice, jobs]


class _StaysOpen(Engine):
    """An engine that those who use it do not close."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.version = engine.version
        self.at_once = engine.at_once

    def speak(self, text: str) -> bytes:
        return self._engine.speak(text)

    def check(self, texts: Iterable[str]) -> None:
        self._engine.check(texts)

    def is_reachable(self, within_s: float) -> bool:
        return self._engine.is_reachable(within_s)


@cache
def _cache(folder: Path, bucket: Bucket | None) -> _SessionsCache:
    return _SessionsCache(folder, bucket)


@cache
def _engines(
    commands: tuple[tuple[str, Sequence[str]], ...], moments: Moments | None, server: SpeechServer
) -> _OpenEngines:
    return _OpenEngines(dict(commands), moments, server)
