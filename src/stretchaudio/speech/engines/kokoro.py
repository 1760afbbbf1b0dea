"""Speak with Kokoro's neural voices on this machine, once downloaded with `voices download kokoro`.

The model is Kokoro-82M by hexgrad, exported for kokoro-onnx; see https://github.com/thewh1teagle/kokoro-onnx.
"""

import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from stretchaudio.audio.files import state_of
from stretchaudio.errors import UsageError, VoiceError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import Engine, ListedVoice, Voice
from stretchaudio.speech.engines.download import Offer, VoiceFile
from stretchaudio.util.versions import version
from stretchaudio.util.workers import Workers

SUPPORTS = frozenset({"speed"})
ONLINE = False
LICENCE = "Apache-2.0"
PACE = 0.92
"""The part of a voice's own pace that it speaks at, as with other neural voices."""
# Its own is that of somebody who reads aloud; a coach takes more time.
SOURCE = "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0"
# `STRETCHAUDIO_KOKORO` can name another place with the same files, such as a mirror.
HELPER_BYTES = 1 << 30
"""The memory that a helper may take; with the whole model 845 MB have been reported."""
INSTALL = "pip install 'stretchaudio[kokoro]'"
_DOWNLOAD = "Download its voices with: stretchaudio voices download kokoro"
_LANGUAGES = {
    "a": ("en", "en-us"),
    "b": ("en", "en-gb"),
    "e": ("es", "es"),
    "f": ("fr", "fr-fr"),
    "h": ("hi", "hi"),
    "i": ("it", "it"),
    "p": ("pt", "pt-br"),
}
"""By the first letter of a voice's name: its language, and eSpeak NG's name of the accent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    name: str
    size_bytes: int
    sha256: str


# Sizes and hashes are those that several independent programs have pinned for these files, and
# agree upon.
VOICES_FILE = _File(
    name="voices-v1.0.bin",
    size_bytes=28_214_398,
    sha256="bca610b8308e8d99f32e6fe4197e7ec01679264efed0cac9140fe9c29f1fbf7d",
)
MODELS = {
    "kokoro": _File(
        name="kokoro-v1.0.int8.onnx",
        size_bytes=92_361_271,
        sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    ),
    "kokoro-full": _File(
        name="kokoro-v1.0.onnx",
        size_bytes=325_532_387,
        sha256="7d5df8ecf7d4b1878015a32686053fd0eebe2bc377234608764cc0ef3636a6c5",
    ),
}
"""What can be downloaded, by the name that is asked for; a later one is better, and is taken."""
_KNOWN = """
af_heart af_alloy af_aoede af_bella af_jessica af_kore af_nicole af_nova af_river af_sarah af_sky
am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa
bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george bm_lewis
ef_dora em_alex em_santa ff_siwis hf_alpha hf_beta hm_omega hm_psi
if_sara im_nicola pf_dora pm_alex pm_santa
"""
# Its voices in our languages; those of a file that is here are read from it.


def offer(name: str) -> Offer | None:
    """Return what is downloaded under a name; None if that is not Kokoro's."""
    if name not in MODELS:
        return None
    source = os.environ.get("STRETCHAUDIO_KOKORO", SOURCE).rstrip("/")
    files = tuple(
        VoiceFile(
            url=f"{source}/{file.name}",
            target=folder() / file.name,
            size_bytes=file.size_bytes,
            digest=file.sha256,
            algorithm="sha256",
        )
        for file in (VOICES_FILE, MODELS[name])
    )
    return Offer(name=name, files=files)


def folder() -> Path:
    """Return the folder of its files."""
    from platformdirs import user_data_path

    return user_data_path("stretchaudio", appauthor=False) / "voices" / "kokoro"


def is_installed() -> bool:
    """Tell whether the package is there that speaks."""
    return find_spec("kokoro_onnx") is not None


def unavailable_reason() -> str:
    """Ask for the package or the model if one is missing."""
    if not is_installed():
        return f"Install it with: {INSTALL}. {_DOWNLOAD}"
    return "" if _model() and _names() else _DOWNLOAD


def voices(language: Language) -> tuple[str, ...]:
    """List the voices that are here for a language, the phrase pack's first."""
    if unavailable_reason():
        return ()
    names = [name for name in _names() if _LANGUAGES[name[0]][0] == language.code]
    first = language.voices.get("kokoro")
    return tuple(sorted(names, key=lambda name: name != first))


def catalogue(*, offline: bool) -> Iterator[ListedVoice]:
    """List its voices, here or not; one download brings them all."""
    del offline
    is_here = not unavailable_reason()
    size_bytes = MODELS["kokoro"].size_bytes + VOICES_FILE.size_bytes
    for name in _names() or _KNOWN.split():
        yield ListedVoice(
            name=name,
            language=_LANGUAGES[name[0]][1],
            licence=LICENCE,
            size_bytes=size_bytes,
            is_here=is_here,
        )


def resolve_voice(name: str, language: Language) -> str:
    """Find the voice of a name such as `af_heart`.

    Raises:
        UsageError: If there is no such voice.
    """
    names = _names()
    if name not in names:
        some = ", ".join(voices(language)) or "none for this language"
        raise UsageError(
            f"Kokoro has no voice '{name}'.{did_you_mean(name, names)}", hint=f"It has {some}."
        )
    return name


class Kokoro(Engine):
    """Speaks through helper processes; phonemizer and eSpeak NG are GPL and never loaded here.

    Args:
        voice: Who speaks.
        jobs: How many processes at the most.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        self.at_once = max(1, min(jobs, _free_bytes() // HELPER_BYTES))
        self._model = _model() or folder() / MODELS["kokoro"].name
        self._voices = folder() / VOICES_FILE.name
        self._voice = voice.name
        self._pace = round(PACE * voice.prosody.speed, 3)
        files = f"{state_of(self._model)} {state_of(self._voices)}"
        self.version = f"kokoro-onnx {version('kokoro-onnx')} pace {PACE} {files}"
        self._workers = Workers("stretchaudio.speech.engines.kokoro_worker", jobs=self.at_once)

    def speak(self, text: str) -> bytes:
        """Speak a text, as a WAV file."""
        accent = _LANGUAGES[self._voice[0]][1]
        files = (str(self._model), str(self._voices))
        sound: bytes = self._workers.call((*files, self._voice, accent, self._pace, text))
        if not sound:
            raise VoiceError(f"Kokoro said nothing for '{text}'.")
        return sound

    def close(self) -> None:
        """End the processes."""
        self._workers.close()


open_engine = Kokoro


def _model() -> Path | None:
    """Find the best model that is here."""
    found = [path for file in MODELS.values() if (path := folder() / file.name).is_file()]
    return found[-1] if found else None


def _names() -> tuple[str, ...]:
    """Read the names of the voices in our languages from their file, an archive of arrays."""
    try:
        with zipfile.ZipFile(folder() / VOICES_FILE.name) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
    except (OSError, zipfile.BadZipFile):
        return ()
    return tuple(sorted(name for name in names if name[:1] in _LANGUAGES))


def _free_bytes() -> int:
    """Count the memory that is free; enough for two helpers where the system does not tell."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 2 * HELPER_BYTES
