"""Sessions as tests make them.

With helpers that all tests of a process share, since most of a short build is their start.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import stretchaudio
from stretchaudio import Options
from stretchaudio.cache import Cache
from stretchaudio.config import config
from stretchaudio.language import Language
from stretchaudio.routine.model import Routine
from stretchaudio.session.build import Session, plan_session
from stretchaudio.session.options import Settings, resolved
from stretchaudio.session.pools import WorkerPools
from stretchaudio.site.publish import publish as _publish
from stretchaudio.speech.engine import Engine, Engines, Prosody, Voice
from stretchaudio.speech.speaker import EncodingSpeaker
from stretchaudio.util.workers import Workers


class _Pools(WorkerPools):
    """Helpers that are there again after an interrupt has ended them."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if isinstance(found, Workers) and found.is_closed:
            self.__init__(2)  # type: ignore[misc]
            found = super().__getattribute__(name)
        return found


pools = _Pools(2)

build_session = partial(stretchaudio.build, pools=pools)
publish = partial(_publish, pools=pools)


@contextmanager
def settings_of(options: Options | None = None) -> Iterator[Settings]:
    """Settings with the shared helpers."""
    with resolved(options, pools) as found:
        yield found


def plan(routine: Routine, options: Options | None = None, **how: Any) -> Session:
    """A session that is laid out and, if it is a mix, measured."""
    with settings_of(options) as found:
        return plan_session(routine, found, **how)


def choose_voice(wanted: str, language: Language, prosody: Prosody | None = None) -> Voice:
    """The voice that somebody named."""
    return Engines(config().commands, server=config().server).resolve_voice(
        wanted, language, prosody
    )


def open_engine(voice: Voice, *, jobs: int) -> Engine:
    """The engine of a voice."""
    return Engines(config().commands, server=config().server).open(voice, jobs=jobs)


def open_speaker(
    wanted: str, language: Language, cache: Cache, prosody: Prosody | None = None, **how: Any
) -> EncodingSpeaker:
    """What makes clips with a voice, for a voice alone."""
    voice = choose_voice(wanted, language, prosody)
    how = {"room_tone_db": -66.0, "workers": pools.speech} | how
    return EncodingSpeaker(
        engine=open_engine(voice, jobs=2), voice=voice, language=language, cache=cache, **how
    )
