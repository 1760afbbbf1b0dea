"""Speak with Piper in a helper process."""

import logging
from functools import lru_cache
from typing import Any

from piper import PiperVoice, SynthesisConfig

from stretchaudio.audio.files import wav
from stretchaudio.errors import VoiceError
from stretchaudio.util.workers import serve

# It warns of every letter that a voice does not know.
logging.getLogger("piper").setLevel(logging.ERROR)


@lru_cache(maxsize=1)
def _voice(model: str) -> Any:
    try:
        return PiperVoice.load(model)
    except Exception as error:
        raise VoiceError(
            f"The Piper voice {model} cannot be loaded ({error}).", hint="Download it again."
        ) from None


def speak(request: tuple[str, int | None, float, str]) -> bytes:
    """Speak a text.

    Args:
        request: The model's path, the number of the speaker or None, the pace as a factor, and the
            text.

    Returns:
        A WAV file; nothing if nothing was said.
    """
    model, speaker, pace, text = request
    voice = _voice(model)
    # Scaling each sentence to full range would make quiet words loud; the whole cue is levelled
    # later.
    prosody = SynthesisConfig(
        speaker_id=speaker, length_scale=voice.config.length_scale / pace, normalize_audio=False
    )
    chunks = list(voice.synthesize(text, prosody))
    samples = b"".join(chunk.audio_int16_bytes for chunk in chunks)
    return wav(samples, chunks[0].sample_rate) if samples else b""


if __name__ == "__main__":
    serve(speak)
