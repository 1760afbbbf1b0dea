"""The embedded voice: eSpeak NG, spoken by helper processes so that its GPL library is never part of this program."""

import io
import shutil
import tempfile
import wave
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from stretchaudio.errors import UsageError, VoiceError, perhaps
from stretchaudio.language import Language
from stretchaudio.speech.engine import Voice
from stretchaudio.workers import Workers

RATE = 145
"""Words a minute; with this variant and volume the most intelligible of those tried."""
PITCH = 50
VOLUME = 70
VARIANT = "klatt4"
MAX_DATA_PATH = 150
"""eSpeak NG keeps its data path in 160 bytes, to which it adds file names of its own."""
_PACKAGE = "espeakng_loader"
_SHARED = ("phondata", "phonindex", "phontab", "intonations", "phondata-manifest")


def choose(name: str, language: Language) -> Voice:
    """The voice of a name such as `en-us` or `en-us+klatt4`, or the language's own for an empty name.

    Raises:
        UsageError: If eSpeak NG has no such voice or variant; it would speak in another one without saying so.
    """
    full = name or language.voices.get("espeak") or f"{language.code}+{VARIANT}"
    base, plus, variant = full.partition("+")
    voices = known_voices()
    if base.lower() not in voices:
        raise UsageError(f"eSpeak NG has no voice '{base}'.{perhaps(base, voices)}")
    variants = {path.name for path in (data_folder() / "voices" / "!v").iterdir()}
    if plus and variant not in variants:
        raise UsageError(f"eSpeak NG has no variant '{variant}'.{perhaps(variant, variants)}")
    return Voice(engine="espeak", name=f"{base.lower()}{plus}{variant}", rate=RATE, pitch=PITCH)


def open_engine(voice: Voice, jobs: int) -> "Espeak":
    """An engine for a voice that `choose` returned."""
    return Espeak(voice, jobs)


@cache
def data_folder() -> Path:
    """The folder `espeak-ng-data`, found without loading anything."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise VoiceError("The package espeakng-loader is missing.", tip="Install it with: pip install espeakng-loader")
    return Path(spec.origin).parent / "espeak-ng-data"


@cache
def known_voices() -> frozenset[str]:
    """The names eSpeak NG answers to, in lower case: those of its language files that have a dictionary."""
    names = (path.name.lower() for path in (data_folder() / "lang").rglob("*") if path.is_file())
    return frozenset(name for name in names if (data_folder() / f"{name.partition('-')[0]}_dict").is_file())


class Espeak:
    """Speaks through helper processes.

    Args:
        voice: Who speaks.
        jobs: How many processes at the most.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        self.version = f"{version('espeakng-loader')} volume {VOLUME}"
        self.at_once = jobs
        self.online = False
        self._voice = voice
        self._workers = Workers("stretchaudio.speech.espeak_worker", jobs=jobs)
        self._short_data = _short_copy(data_folder(), voice) if len(bytes(data_folder().parent)) > MAX_DATA_PATH else None

    def speak(self, text: str) -> bytes:
        """Speak a text, as a WAV file."""
        data = self._short_data or data_folder().parent
        request = (str(data), text, self._voice.name, self._voice.rate, self._voice.pitch, VOLUME)
        rate_hz, samples = self._workers.call(request)
        if not samples:
            raise VoiceError(f"eSpeak NG said nothing for '{text}'.")
        return _wav(samples, rate_hz)

    def close(self) -> None:
        """End the processes and remove the copied data."""
        self._workers.close()
        if self._short_data:
            shutil.rmtree(self._short_data, ignore_errors=True)


def _short_copy(data: Path, voice: Voice) -> Path:
    """Copy what a voice needs of the data to a folder whose path eSpeak NG can hold."""
    folder = Path(tempfile.mkdtemp(prefix="stretchaudio-"))
    if len(bytes(folder)) > MAX_DATA_PATH:
        shutil.rmtree(folder)
        raise VoiceError(f"The temporary folder's path is too long for eSpeak NG ({folder}).", tip="Set TMPDIR to a shorter one.")
    target = folder / data.name
    target.mkdir()
    for name in _SHARED:
        if (data / name).is_file():
            shutil.copy(data / name, target / name)
    for name in ("lang", "voices"):
        shutil.copytree(data / name, target / name)
    for path in data.glob(f"{voice.name.partition('+')[0].partition('-')[0]}*_dict"):
        shutil.copy(path, target / path.name)
    return folder


def _wav(samples: bytes, rate_hz: int) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples)
    return target.getvalue()
