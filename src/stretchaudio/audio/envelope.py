"""Write the loudness of a cue or of a mix from frame to frame as text.

By it a listener's machine finds the cue again, under music too, and what is not as it was made.
"""

import math
from collections.abc import Iterable
from functools import lru_cache

LOUDEST_DB = 6
QUIETEST_DB = -86
# All characters from here on are printable, and JSON escapes none but the backslash.
_FIRST = "!"
"""The loudest; each further character is 1 dB quieter."""


def encode_envelope(energies: Iterable[float]) -> str:
    """Write K-weighted mean squares of frames as text."""
    return _encoded(tuple(energies))


def decode_envelope(text: str) -> list[float]:
    """Read the K-weighted mean squares that a text stands for."""
    return [10 ** ((LOUDEST_DB - (ord(letter) - ord(_FIRST))) / 10) for letter in text]


@lru_cache(maxsize=1024)
def _encoded(energies: tuple[float, ...]) -> str:
    """Write an envelope once for all sessions in which it is heard."""
    return "".join(map(_letter, energies))


def _letter(energy: float) -> str:
    level_db = round(10 * math.log10(energy)) if energy > 0 else QUIETEST_DB
    level_db = max(QUIETEST_DB, min(LOUDEST_DB, level_db))
    return chr(ord(_FIRST) + LOUDEST_DB - level_db)
