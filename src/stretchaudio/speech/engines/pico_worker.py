"""Speak with Pico in a helper process, each text with a fresh engine, since it keeps state."""

import ttspico

from stretchaudio.errors import VoiceError
from stretchaudio.util.workers import serve


def speak(request: tuple[str, str]) -> bytes:
    """Speak a text with Pico's markup in it.

    Args:
        request: The voice's name and the text.

    Returns:
        Mono samples of 16 bits at 16 kHz.
    """
    voice, text = request
    samples = ttspico.TtsEngine(voice).speak(text)
    if not samples:
        raise VoiceError(f"Pico said nothing for '{text}'.")
    return bytes(samples)


if __name__ == "__main__":
    serve(speak)
