"""Speak with Kokoro in a helper process."""

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from kokoro_onnx import SAMPLE_RATE, Kokoro

from stretchaudio.audio.files import wav
from stretchaudio.errors import VoiceError
from stretchaudio.util.workers import serve

SEED = 1
_RANDOM = (b"RandomNormal", b"RandomUniform")
"""What the operators' names begin with that draw random numbers; they are written into a model."""

for noisy in ("phonemizer", "kokoro_onnx"):
    logging.getLogger(noisy).setLevel(logging.ERROR)


def _session(model: str) -> Any:
    """Load the model so that the same input gives the same sound each time.

    On one thread, since sums depend on how they are divided; helpers share the cores.
    """
    onnxruntime.set_seed(SEED)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=1)
def _kokoro(model: str, voices: str) -> Any:
    try:
        return Kokoro.from_session(_session(model), voices)
    except Exception as error:
        raise VoiceError(
            f"Kokoro's files in {Path(model).parent} cannot be loaded ({error}).",
            hint="Delete them and run: stretchaudio voices download kokoro",
        ) from None


@lru_cache(maxsize=1)
def _is_random(model: str) -> bool:
    data = Path(model).read_bytes()
    return any(name in data for name in _RANDOM)


def speak(request: tuple[str, str, str, str, float, str]) -> bytes:
    """Speak a text.

    Args:
        request: The paths of the model and of the voices, the voice, eSpeak NG's name of its
            accent, the pace as a factor, and the text.

    Returns:
        A WAV file; nothing if nothing was said.
    """
    model, voices, voice, accent, pace, text = request
    kokoro = _kokoro(model, voices)
    if _is_random(model):
        # Such an operator goes on from where the text before has left it, and only a new session
        # begins with the seed again.
        kokoro.sess = _session(model)
    try:
        samples, _ = kokoro.create(text, voice, speed=pace, lang=accent, trim=False)
    except ValueError as error:
        raise VoiceError(f"Kokoro cannot speak '{text}' ({error}).") from None
    peak = float(np.abs(samples).max(initial=0))  # it may be beyond full scale
    whole = (samples / max(1.0, peak) * 32767).astype("<i2")
    return wav(whole.tobytes(), SAMPLE_RATE) if peak else b""


if __name__ == "__main__":
    serve(speak)
