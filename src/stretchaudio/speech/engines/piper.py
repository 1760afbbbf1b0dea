"""Piper, the extra `piper`: neural voices that speak on this machine, once downloaded with `voices download`."""

import json
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from stretchaudio.audio.files import state_of
from stretchaudio.errors import UsageError, VoiceError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import Engine, Voice
from stretchaudio.util.units import shell_command
from stretchaudio.util.workers import Workers

SUPPORTS = frozenset({"speed"})
ONLINE = False
PACE = 0.92
"""Of a voice's own pace, which is that of somebody who reads aloud; a coach takes more time."""
_DOWNLOAD = "Download a voice, such as: stretchaudio voices download en_US-lessac-medium"
MODEL, CONFIG = ".onnx", ".onnx.json"


def unavailable_reason() -> str:
    """The package and a voice."""
    if not find_spec("piper"):
        return f"Install it with: pip install 'stretchaudio[piper]'. {_DOWNLOAD}"
    return "" if downloaded() else _DOWNLOAD


def folder() -> Path:
    """Where downloaded voices are."""
    from platformdirs import user_data_path

    return user_data_path("stretchaudio", appauthor=False) / "voices"


def downloaded() -> tuple[str, ...]:
    """The names of all voices that are here."""
    return tuple(
        sorted(
            path.name.removesuffix(MODEL)
            for path in folder().glob(f"*{MODEL}")
            if _config(path).is_file()
        )
    )


def voices(language: Language) -> tuple[str, ...]:
    """The voices that are here for a language."""
    return (
        tuple(
            name
            for name in downloaded()
            if name.partition("_")[0].partition("-")[0] == language.code
        )
        if not unavailable_reason()
        else ()
    )


def resolve_voice(name: str, language: Language) -> str:
    """The voice of a name such as `en_US-lessac-medium`, or `en_US-libritts-high#12` for one speaker of several.

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
        speakers = int(
            json.loads(_config(folder() / f"{base}{MODEL}").read_text(encoding="utf-8")).get(
                "num_speakers", 1
            )
        )
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
    """An engine for a voice that `resolve_voice` returned."""
    del jobs
    return Piper(voice)


class Piper(Engine):
    """Speaks through one helper process, which uses every core by itself; piper-tts is GPL, so it is never loaded here.

    Args:
        voice: Who speaks.
    """

    at_once = 2  # one speaks while the other's clip is made

    def __init__(self, voice: Voice) -> None:
        name, _, speaker = voice.name.partition("#")
        self._model = folder() / f"{name}{MODEL}"
        self._speaker = int(speaker) if speaker else None
        self._pace = PACE * voice.prosody.speed
        self.version = f"piper-tts {version('piper-tts')} pace {PACE} {state_of(self._model)} {state_of(_config(self._model))}"
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
