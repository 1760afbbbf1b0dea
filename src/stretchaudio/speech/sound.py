"""Sound files in memory."""

import io
import wave


def wav(samples: bytes, rate_hz: int) -> bytes:
    """A WAV file of mono samples of 16 bits."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples)
    return target.getvalue()
