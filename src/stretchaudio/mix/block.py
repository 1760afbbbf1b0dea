"""A finished block: its frames and what was measured of them."""

import json
from array import array
from dataclasses import dataclass

from stretchaudio.speech.clipfile import little_endian


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
    facts = {"frames": block.frames, "true_peak_dbtp": block.true_peak_dbtp, "limited": block.limited}
    return json.dumps(facts).encode() + b"\n" + little_endian(block.energy).tobytes() + block.mp3


def unpack_block(data: bytes) -> MadeBlock:
    """The block that was packed."""
    head, _, body = data.partition(b"\n")
    facts = json.loads(head)
    energy = array("f")
    split = facts["frames"] * energy.itemsize
    energy.frombytes(body[:split])
    return MadeBlock(energy=little_endian(energy), mp3=body[split:], **facts)
