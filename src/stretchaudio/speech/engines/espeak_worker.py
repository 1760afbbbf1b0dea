"""Speak with eSpeak NG in a helper process.

The library is loaded afresh for each text, because it keeps state that changes the sound of the
next. Constants are those of espeak-ng's speak_lib.h.
"""

import _ctypes
import ctypes
import sys
from pathlib import Path

import espeakng_loader

from stretchaudio.errors import VoiceError
from stretchaudio.util.workers import serve

AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_DONT_EXIT = 0x8000
RATE, VOLUME, PITCH = 1, 2, 3
POS_CHARACTER = 1
CHARS_UTF8 = 1
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def speak(request: tuple[str, str, str, int, int, int]) -> tuple[int, bytes]:
    """Speak a text.

    Args:
        request: The folder that contains espeak-ng-data, the text, the voice's name, its rate
            (words a minute), pitch (0-99) and volume (0-200).

    Returns:
        The sample rate in Hz, and mono samples of 16 bits.
    """
    data, text, voice, rate, pitch, volume = request
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        return _speak(library, data, text, voice, {RATE: rate, PITCH: pitch, VOLUME: volume})
    finally:
        library.espeak_Terminate()
        _unload(library)


def _speak(
    library: ctypes.CDLL, data: str, text: str, voice: str, parameters: dict[int, int]
) -> tuple[int, bytes]:
    pieces: list[bytes] = []

    @_Callback  # type: ignore[untyped-decorator]
    def receive(samples: object, count: int, _events: object) -> int:
        if samples and count:
            pieces.append(ctypes.string_at(samples, count * 2))  # type: ignore[arg-type]
        return 0

    rate_hz = library.espeak_Initialize(
        AUDIO_OUTPUT_SYNCHRONOUS, 0, data.encode(), INITIALIZE_DONT_EXIT
    )
    if rate_hz <= 0:
        raise VoiceError(f"eSpeak NG cannot read its data in {Path(data) / 'espeak-ng-data'}.")
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise VoiceError(f"eSpeak NG cannot load the voice '{voice}'.")
    for parameter, value in parameters.items():
        library.espeak_SetParameter(parameter, value, 0)
    library.espeak_SetSynthCallback(receive)
    utf8 = text.encode() + b"\0"
    failed = (
        library.espeak_Synth(utf8, len(utf8), 0, POS_CHARACTER, 0, CHARS_UTF8, None, None)
        or library.espeak_Synchronize()
    )
    if failed:
        raise VoiceError(f"eSpeak NG failed (code {failed}) on '{text}'.")
    return rate_hz, b"".join(pieces)


def _unload(library: ctypes.CDLL) -> None:
    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)


if __name__ == "__main__":
    serve(speak)
