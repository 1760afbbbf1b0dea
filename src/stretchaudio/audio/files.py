"""Write WAV files, and tell whether a file has changed."""

import io
import wave
from pathlib import Path


def wav(samples: bytes, rate_hz: int) -> bytes:
    """Make a WAV file of mono samples of 16 bits."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples)
    return target.getvalue()


def state_of(path: Path) -> str:
    """Return a file's size and time of change, which differ once it has been changed."""
    state = path.stat()
    return f"{state.st_size} {state.st_mtime_ns}"
