"""Clips and room tone as bytes, for the cache."""

import json
import sys
from array import array
from itertools import accumulate, pairwise

from stretchaudio.clip import Clip, Tone


def pack_clip(clip: Clip) -> bytes:
    """A clip as bytes."""
    facts = {"length_ms": clip.length_ms, "frames": clip.frames, "true_peak_dbtp": clip.true_peak_dbtp}
    return json.dumps(facts).encode() + b"\n" + little_endian(clip.energy).tobytes() + clip.data


def unpack_clip(data: bytes) -> Clip:
    """The clip that was packed."""
    head, _, body = data.partition(b"\n")
    facts = json.loads(head)
    energy = array("f")
    split = facts["frames"] * energy.itemsize
    energy.frombytes(body[:split])
    return Clip(energy=little_endian(energy), data=body[split:], **facts)


def pack_tone(tone: Tone) -> bytes:
    """Room tone as bytes."""
    facts = {"energy": tone.energy, "sizes": [len(frame) for frame in tone.frames]}
    return json.dumps(facts).encode() + b"\n" + b"".join(tone.frames)


def unpack_tone(data: bytes) -> Tone:
    """The room tone that was packed."""
    head, _, body = data.partition(b"\n")
    facts = json.loads(head)
    cuts = pairwise(accumulate(facts["sizes"], initial=0))
    return Tone(frames=tuple(body[start:end] for start, end in cuts), energy=facts["energy"])


def little_endian(values: "array[float]") -> "array[float]":
    """Values in the order of bytes that files have, or back."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values
