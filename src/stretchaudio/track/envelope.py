"""How loud each cue is from frame to frame, as text: by this a listener's machine finds it again, under music too."""

import math
from collections.abc import Iterable

LOUDEST_DB = 6
QUIETEST_DB = -86
_FIRST = "!"
"""The loudest; each further character is 1 dB quieter. All are printable, and none has to be escaped but the backslash."""


def encode_envelope(energies: Iterable[float]) -> str:
    """K-weighted mean squares of frames as text."""
    return "".join(_letter(energy) for energy in energies)


def decode_envelope(text: str) -> list[float]:
    """The K-weighted mean squares that a text stands for."""
    return [10 ** ((LOUDEST_DB - (ord(letter) - ord(_FIRST))) / 10) for letter in text]


def _letter(energy: float) -> str:
    level_db = (
        max(QUIETEST_DB, min(LOUDEST_DB, round(10 * math.log10(energy))))
        if energy > 0
        else QUIETEST_DB
    )
    return chr(ord(_FIRST) + LOUDEST_DB - level_db)
