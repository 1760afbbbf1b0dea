"""Speak with Piper's neural voices on this machine, once downloaded with `voices download`."""

import json
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from stretchaudio.audio.files import state_of
from stretchaudio.errors import UsageError, VoiceError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import Engine, ListedVoice, Voice
from stretchaudio.util.units import shell_command
from stretchaudio.util.versions import version
from stretchaudio.util.workers import Workers

SUPPORTS = frozenset({"speed"})
ONLINE = False
PACE = 0.92
"""The part of a voice's own pace that it speaks at."""
# Its own is that of somebody who reads aloud; a coach takes more time.
_DOWNLOAD = "Download a voice, such as: stretchaudio voices download en_US-lessac-medium"
INSTALL = "pip install 'stretchaudio[piper]'"
MODEL, CONFIG = ".onnx", ".onnx.json"
MEDIUM_BYTES = 63_000_000
"""The size of a voice of medium quality, within a percent; they are all built alike."""


def unavailable_reason() -> str:
    """Ask for the package or a voice if one is missing."""
    if not is_installed():
        return f"Install it with: {INSTALL}. {_DOWNLOAD}"
    return "" if downloaded() else _DOWNLOAD


def is_installed() -> bool:
    """Tell whether the package is there that speaks."""
    return find_spec("piper") is not None


def folder() -> Path:
    """Return the folder of downloaded voices."""
    from platformdirs import user_data_path

    return user_data_path("stretchaudio", appauthor=False) / "voices"


def downloaded() -> tuple[str, ...]:
    """List the names of all voices that are here."""
    models = folder().glob(f"*{MODEL}")
    return tuple(
        sorted(path.name.removesuffix(MODEL) for path in models if _config(path).is_file())
    )


def voices(language: Language) -> tuple[str, ...]:
    """List the voices that are here for a language."""
    if unavailable_reason():
        return ()
    return tuple(name for name in downloaded() if language_of(name) == language.code)


def language_of(name: str) -> str:
    """Return the language that a voice's name begins with."""
    return name.partition("_")[0].partition("-")[0]


def catalogue(*, offline: bool) -> Iterable[ListedVoice]:
    """List the voices that are here and, with a network, those that can be downloaded.

    Raises:
        VoiceError: If Piper's list cannot be downloaded.
    """
    from stretchaudio.speech.engines.piper_download import listed_voices

    return listed_voices(offline=offline)


def resolve_voice(name: str, language: Language) -> str:
    """Find the voice of a name such as `en_US-lessac-medium`.

    `en_US-libritts-high#12` is one speaker of several.

    Raises:
        UsageError: If it is not here, or has no such speaker.
    """
    del language
    base, _, speaker = name.partition("#")
    if base not in downloaded():
        hint = f"Download it with: {shell_command('voices', 'download', base)}"
        raise UsageError(
            f"The Piper voice '{base}' is not here.{did_you_mean(base, downloaded())}", hint=hint
        )
    try:
        config = _config(folder() / f"{base}{MODEL}").read_text(encoding="utf-8")
        speakers = int(json.loads(config).get("num_speakers", 1))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(
            f"The Piper voice '{base}' cannot be read ({error}).", hint="Download it again."
        ) from None
    if speaker and not (speaker.isascii() and speaker.isdecimal() and int(speaker) < speakers):
        raise UsageError(
            f"The Piper voice '{base}' has no speaker '{speaker}'.",
            hint=f"It has speakers 0 to {speakers - 1}.",
        )
    return name


def open_engine(voice: Voice, jobs: int) -> "Piper":
    """Open the voice; one process uses every core by itself."""
    del jobs
    return Piper(voice)


class Piper(Engine):
    """Speaks through one helper process; piper-tts is GPL, so it is never loaded here.

    Args:
        voice: Who speaks.
    """

    at_once = 2  # one speaks while the other's clip is made

    def __init__(self, voice: Voice) -> None:
        name, _, speaker = voice.name.partition("#")
        self._model = folder() / f"{name}{MODEL}"
        self._speaker = int(speaker) if speaker else None
        self._pace = PACE * voice.prosody.speed
        files = f"{state_of(self._model)} {state_of(_config(self._model))}"
        self.version = f"piper-tts {version('piper-tts')} pace {PACE} {files}"
        self._workers = Workers("stretchaudio.speech.engines.piper_worker", jobs=1)

    def speak(self, text: str) -> bytes:
        """Speak a text, as a WAV file."""
        sound: bytes = self._workers.call((str(self._model), self._speaker, self._pace, text))
        if not sound:
            raise VoiceError(f"Piper said nothing for '{text}'.")
        return sound

    def close(self) -> None:
        """End the process."""
        self._workers.close()


def _config(model: Path) -> Path:
    return model.with_name(model.name.removesuffix(MODEL) + CONFIG)
