"""A finished block: its frames and what was measured of them."""

from array import array
from dataclasses import dataclass

from stretchaudio.speech.clipfile import pack_measured, unpack_measured


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBlock:
    """A block of a track, encoded."""

    frames: int
    """How many MP3 frames it has."""
    mp3: bytes
    """The frames."""
    energy: "array[float]"
    """K-weighted mean square of each frame, both channels summed (BS.1770), full scale being 1."""
    true_peak_dbtp: float
    """The highest true peak, measured on the decoded frames where they are loud."""
    limited: int
    """In how many frames the limiter acted."""


def pack_block(block: MadeBlock) -> bytes:
    """A block as bytes, for the cache."""
    return pack_measured(block.energy, block.mp3, frames=block.frames, true_peak_dbtp=block.true_peak_dbtp, limited=block.limited)


def unpack_block(data: bytes) -> MadeBlock:
    """The block that was packed."""
    facts, energy, body = unpack_measured(data)
    return MadeBlock(energy=energy, mp3=body, **facts)
