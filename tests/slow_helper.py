"""A helper that never answers "hang", and says a second of 440 Hz to everything else."""

import math
import struct
import time

from stretchaudio.util.workers import serve

RATE_HZ = 22_050
TONE = b"".join(
    struct.pack("<h", round(9000 * math.sin(2 * math.pi * 440 * at / RATE_HZ)))
    for at in range(RATE_HZ)
)


def _answer(request: object) -> object:
    if "hang" in str(request).lower():
        time.sleep(600)
    return request if isinstance(request, str) else (RATE_HZ, TONE)


if __name__ == "__main__":
    serve(_answer)
