"""Clips and room tone as bytes, for the cache."""

import json
import sys
from array import array
from itertools import accumulate, pairwise
from typing import Any, TypeVar

from stretchaudio.clip import Clip, Tone

_Kind = TypeVar("_Kind", bound=Clip)


def pack_clip(clip: Clip) -> bytes:
    """A clip as bytes."""
    return pack_measured(clip.energy, clip.sound, length_ms=clip.length_ms, frames=clip.frames, true_peak_dbtp=clip.true_peak_dbtp)


def unpack_clip(kind: type[_Kind], key: str, data: bytes) -> _Kind:
    """Read a clip of some kind that was packed."""
    facts, energy, body = unpack_measured(data)
    return kind(key=key, energy=energy, sound=body, **facts)


def pack_measured(energy: "array[float]", body: bytes, **facts: float) -> bytes:
    """Sound as bytes, with what was measured of it; `frames` has to be among the facts."""
    return json.dumps(facts).encode() + b"\n" + _little_endian(energy).tobytes() + body


def unpack_measured(data: bytes) -> "tuple[dict[str, Any], array[float], bytes]":
    """The facts, the energies and the sound that were packed."""
    head, _, rest = data.partition(b"\n")
    facts = json.loads(head)
    energy = array("f")
    split = facts["frames"] * energy.itemsize
    energy.frombytes(rest[:split])
    return facts, _little_endian(energy), rest[split:]


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


def _little_endian(values: "array[float]") -> "array[float]":
    """Values in the order of bytes that files have, or back."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values
