"""Tell whoever hears the embedded voice, once a day, how to get a better one."""

import sys

from stretchaudio.cache import user_folder
from stretchaudio.config import config
from stretchaudio.language import language
from stretchaudio.session.options import Settings
from stretchaudio.session.voice import ALWAYS_THERE
from stretchaudio.speech.auto import AUTO, better_voice
from stretchaudio.util.moments import Moments
from stretchaudio.util.units import shell_command

_OFFERED = "a better voice was offered"
_DAY_S = 86_400


def offer_better_voice(voice: str, code: str, settings: Settings) -> None:
    """Print how to get a better voice than the embedded one, to somebody at a terminal.

    Whoever has chosen a voice for good, or allows no network, is left in peace.

    Args:
        voice: Who has spoken.
        code: In which language.
        settings: What was asked for.
    """
    if voice.partition(":")[0] != ALWAYS_THERE or not _is_read():
        return
    moments = Moments(user_folder() / "moments")
    since_s = moments.since_s(_OFFERED)
    if config().voice != AUTO or settings.offline or (since_s is not None and since_s < _DAY_S):
        return
    better = better_voice(settings.engines, language(code), settings.prosody)
    if better is None:
        return
    moments.note(_OFFERED)
    install = f"{better.install} && " if better.install else ""
    command = f"{install}{shell_command('voices', 'download', better.name)}"
    size = f"{better.size_bytes / 1e6:.0f} MB, once"
    print(f"A voice close to a person's is one download away: {command} ({size})")


def _is_read() -> bool:
    """Tell whether both streams go to a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdout, sys.stderr))
