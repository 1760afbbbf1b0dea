"""Speak with eSpeak NG, the embedded voice.

Helper processes load its GPL library, so that it is never part of this program.
"""

import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from stretchaudio.audio.files import wav
from stretchaudio.errors import UsageError, VoiceError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import Engine, ListedVoice, Voice
from stretchaudio.util.versions import version
from stretchaudio.util.workers import Workers

SUPPORTS = frozenset({"speed", "pitch"})
ONLINE = False
LICENCE = "GPL-3.0"
RATE = 145
"""Words a minute."""
# With this variant and volume the most intelligible of those tried.
PITCHES = ((-6.0, 0), (-3.4, 25), (0.0, 50), (4.2, 75), (7.0, 90))
"""Semitones, and the value on eSpeak NG's scale from 0 to 99 that changes the pitch so much."""
# Measured on its speech.
VOLUME = 70
VARIANT = "klatt4"
MAX_DATA_PATH = 150
# eSpeak NG keeps its data path in 160 bytes, to which it adds file names of its own.
_PACKAGE = "espeakng_loader"
_SHARED = ("phondata", "phonindex", "phontab", "intonations", "phondata-manifest")


def unavailable_reason() -> str:
    """Ask for the package, which comes with the program."""
    return "" if find_spec(_PACKAGE) else "Install it with: pip install espeakng-loader"


def voices(language: Language) -> tuple[str, ...]:
    """Return the language's own voice; every other of eSpeak NG's can be named as well."""
    return (language.voices.get("espeak") or f"{language.code}+{VARIANT}",)


def catalogue(*, offline: bool) -> Iterator[ListedVoice]:
    """List its languages and accents, without their variants."""
    del offline
    for name in sorted(known_voices()):
        yield ListedVoice(name=name, language=name, licence=LICENCE)


def resolve_voice(name: str, language: Language) -> str:
    """Find the voice of a name such as `en-us` or `en-us+klatt4`.

    Raises:
        UsageError: If eSpeak NG has no such voice or variant; it would use another one silently.
    """
    del language
    base, plus, variant = name.partition("+")
    voices = known_voices()
    if base.lower() not in voices:
        raise UsageError(f"eSpeak NG has no voice '{base}'.{did_you_mean(base, voices)}")
    variants = {path.name for path in (data_folder() / "voices" / "!v").iterdir()}
    if plus and variant not in variants:
        raise UsageError(f"eSpeak NG has no variant '{variant}'.{did_you_mean(variant, variants)}")
    return f"{base.lower()}{plus}{variant}"


@cache
def data_folder() -> Path:
    """Find the folder `espeak-ng-data` without loading anything."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise VoiceError(
            "The package espeakng-loader is missing.",
            hint="Install it with: pip install espeakng-loader",
        )
    return Path(spec.origin).parent / "espeak-ng-data"


@cache
def known_voices() -> frozenset[str]:
    """List the language files that have a dictionary, in lower case: eSpeak NG's voices."""
    names = (path.name.lower() for path in (data_folder() / "lang").rglob("*") if path.is_file())
    return frozenset(
        name for name in names if (data_folder() / f"{name.partition('-')[0]}_dict").is_file()
    )


class Espeak(Engine):
    """Speaks through helper processes.

    Args:
        voice: Who speaks.
        jobs: How many processes at the most.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        self.version = f"{version('espeakng-loader')} rate {RATE} volume {VOLUME}"
        self.at_once = jobs
        self._voice = voice
        self._workers = Workers("stretchaudio.speech.engines.espeak_worker", jobs=jobs)
        path_is_long = len(bytes(data_folder().parent)) > MAX_DATA_PATH
        self._short_data = _short_copy(data_folder(), voice) if path_is_long else None

    def speak(self, text: str) -> bytes:
        """Speak a text, as a WAV file."""
        data = self._short_data or data_folder().parent
        prosody = self._voice.prosody
        rate, pitch = round(RATE * prosody.speed), _pitch(prosody.pitch)
        request = (str(data), text, self._voice.name, rate, pitch, VOLUME)
        rate_hz, samples = self._workers.call(request)
        if not samples:
            raise VoiceError(f"eSpeak NG said nothing for '{text}'.")
        return wav(samples, rate_hz)

    def close(self) -> None:
        """End the processes and remove the copied data."""
        self._workers.close()
        if self._short_data:
            shutil.rmtree(self._short_data, ignore_errors=True)


open_engine = Espeak


def _pitch(semitones: float) -> int:
    """Convert to eSpeak NG's scale, in straight lines between the measured values."""
    for (low, low_value), (high, high_value) in pairwise(PITCHES):
        if semitones <= high:
            return round(low_value + (high_value - low_value) * (semitones - low) / (high - low))
    return PITCHES[-1][1]


def _short_copy(data: Path, voice: Voice) -> Path:
    """Copy what a voice needs of the data to a folder whose path eSpeak NG can hold."""
    folder = Path(tempfile.mkdtemp(prefix="stretchaudio-"))
    if len(bytes(folder)) > MAX_DATA_PATH:
        shutil.rmtree(folder)
        raise VoiceError(
            f"The temporary folder's path is too long for eSpeak NG ({folder}).",
            hint="Set TMPDIR to a shorter one.",
        )
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
