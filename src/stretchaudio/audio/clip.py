"""A cue that has been spoken: trimmed, levelled, encoded once, and ready to be linked."""

import json
import sys
from array import array
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, TypeVar

FRAME_MS = 24
"""The length of an MP3 frame, at 24 kHz (576 samples) and at 48 kHz (1152 samples) alike."""
KEPT_MS = 10
"""Quiet that stays on either side of a cue's sound."""
LEAD_FRAMES = 1
"""Frames of a clip before its first sound, so that the sound begins exactly on a frame."""
TAIL_FRAMES = 2
"""Frames of a clip after the one in which its last sound ends: what the encoder and the decoder delay is still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One spoken cue, with what was measured of it."""

    key: str
    """A hash of all that it was made from."""
    length_ms: int
    """From the first sound to the end of the last, without the quiet kept around them."""
    frames: int
    """How many MP3 frames it has, lead and tail included."""
    sound: bytes
    """Its sound, in the form of its kind of clip."""
    energy: "array[float]"
    """K-weighted mean square of each frame (BS.1770), full scale being 1; measured on what `sound`
    decodes to."""
    true_peak_dbtp: float
    """The highest true peak, likewise."""


class EncodedClip(Clip):
    """A clip to be linked; its sound is self-contained MP3 frames."""

    __slots__ = ()


class DryClip(Clip):
    """A clip to be mixed; its sound is FLAC, mono at 24 kHz, from `KEPT_MS` before the first sound."""

    __slots__ = ()


def clip_frames(length_ms: int) -> int:
    """How many frames a clip of some length has."""
    return LEAD_FRAMES + -(-length_ms // FRAME_MS) + TAIL_FRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """The room tone as MP3 frames that can be repeated without end."""

    frames: tuple[bytes, ...]
    """One round."""
    energy: float
    """Its K-weighted mean square (BS.1770), full scale being 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedClipRequest:
    """A clip to be made, to be linked."""

    key: str
    """What the clip will go by."""
    speech: bytes
    """What an engine said: a sound file."""
    room_tone_db: float | None
    """The level of the room tone in dBFS; None for digital silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryClipRequest:
    """A clip to be made, to be mixed."""

    key: str
    """What the clip will go by."""
    speech: bytes
    """What an engine said: a sound file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneRequest:
    """Room tone to be made."""

    room_tone_db: float | None
    """Its level in dBFS; None for digital silence."""


ClipRequest = EncodedClipRequest | DryClipRequest | ToneRequest


_Kind = TypeVar("_Kind", bound=Clip)


def pack_clip(clip: Clip) -> bytes:
    """A clip as bytes."""
    return pack_measured(
        clip.energy,
        clip.sound,
        length_ms=clip.length_ms,
        frames=clip.frames,
        true_peak_dbtp=clip.true_peak_dbtp,
    )


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
