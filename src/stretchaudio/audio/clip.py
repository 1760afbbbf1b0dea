"""Define the clips and room tone that cross from speech to track, and pack them into bytes."""

import json
import sys
from array import array
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, TypeVar

FRAME_MS = 24
"""The length of an MP3 frame, at 24 kHz (576 samples) and at 48 kHz (1152 samples) alike."""
KEPT_MS = 10
"""Quiet that stays before a cue's sound."""
LEAD_FRAMES = 1
"""Frames of a clip before its first sound, so that the sound begins exactly on a frame."""
TAIL_FRAMES = 2
"""Frames of a clip after its last sound, which hold what the encoder and the decoder delay."""
RELEASE_MS = 70
"""What a voice does after its last sound, softer than that: breath and room; it stays, faded."""
RELEASE_FRAMES = 3
"""Frames of a clip that hold it, behind all others; what follows soon may begin in their place."""


def ceil_div(dividend: int, divisor: int) -> int:
    """Divide, and round up."""
    return -(-dividend // divisor)


def frames_to_ms(frames: int) -> int:
    """Return how long some MP3 frames last."""
    return frames * FRAME_MS


def ms_to_frames(time_ms: int) -> int:
    """Return how many whole MP3 frames fit into a time; also the frame in which it lies."""
    return time_ms // FRAME_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One spoken cue: trimmed, levelled and measured."""

    key: str
    """A hash of all that it was made from."""
    length_ms: int
    """From the first sound to the end of the last, without the quiet kept around them."""
    frames: int
    """How many MP3 frames it needs, lead and tail included."""
    sound: bytes
    """Its sound, in the form of its kind of clip."""
    energy: "array[float]"
    """K-weighted mean square of each frame (BS.1770), full scale being 1, once decoded."""
    true_peak_dbtp: float
    """The highest true peak, once decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedClip(Clip):
    """A clip to be linked; its sound is self-contained MP3 frames, `RELEASE_FRAMES` more."""

    sample_rate_hz: int
    """The rate of its frames: 24,000, or 48,000 where the speech has as much."""


class DryClip(Clip):
    """A clip to be mixed; its sound is FLAC, mono at 24 kHz, from `KEPT_MS` before the first."""

    __slots__ = ()


def clip_frames(length_ms: int) -> int:
    """Return how many frames a clip has whose sound lasts `length_ms`."""
    return LEAD_FRAMES + ceil_div(length_ms, FRAME_MS) + TAIL_FRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """The room tone as MP3 frames that can be repeated without end."""

    frames: tuple[bytes, ...]
    """One round."""
    energy: float
    """Its K-weighted mean square (BS.1770), full scale being 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedClipRequest:
    """Asks for a clip to be linked."""

    key: str
    """The clip's key."""
    speech: bytes
    """What an engine said: a sound file."""
    room_tone_db: float | None
    """The level of the room tone in dBFS; None for digital silence."""
    softer_db: float = 0.0
    """How much softer than usual it is to be."""
    least_rate_hz: int = 0
    """The rate of clips that it is to stand among; 0 for what its speech has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DryClipRequest:
    """Asks for a clip to be mixed."""

    key: str
    """The clip's key."""
    speech: bytes
    """What an engine said: a sound file."""
    softer_db: float = 0.0
    """How much softer than usual it is to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneRequest:
    """Asks for room tone."""

    room_tone_db: float | None
    """Its level in dBFS; None for digital silence."""
    sample_rate_hz: int
    """That of the clips it stands between."""


ClipRequest = EncodedClipRequest | DryClipRequest | ToneRequest

_Kind = TypeVar("_Kind", bound=Clip)


def pack_clip(clip: Clip) -> bytes:
    """Pack a clip into bytes, for the cache."""
    own = {"sample_rate_hz": clip.sample_rate_hz} if isinstance(clip, EncodedClip) else {}
    return pack_measured(
        clip.energy,
        clip.sound,
        length_ms=clip.length_ms,
        frames=clip.frames,
        true_peak_dbtp=clip.true_peak_dbtp,
        **own,
    )


def unpack_clip(kind: type[_Kind], key: str, data: bytes) -> _Kind:
    """Restore a packed clip of some kind."""
    measured, energy, sound = unpack_measured(data)
    return kind(key=key, energy=energy, sound=sound, **measured)


def pack_measured(energy: "array[float]", sound: bytes, **measured: float | str) -> bytes:
    """Pack sound with what was measured of it, which has to include `frames`."""
    return _header(measured) + _little_endian(energy).tobytes() + sound


def unpack_measured(data: bytes) -> "tuple[dict[str, Any], array[float], bytes]":
    """Restore what was measured of a sound, the energy of each frame, and the sound."""
    measured, rest = _split_header(data)
    energy = array("f")
    split = measured["frames"] * energy.itemsize
    energy.frombytes(rest[:split])
    return measured, _little_endian(energy), rest[split:]


def pack_tone(tone: Tone) -> bytes:
    """Pack room tone into bytes, for the cache."""
    sizes = [len(frame) for frame in tone.frames]
    return _header({"energy": tone.energy, "sizes": sizes}) + b"".join(tone.frames)


def unpack_tone(data: bytes) -> Tone:
    """Restore packed room tone."""
    header, sound = _split_header(data)
    cuts = pairwise(accumulate(header["sizes"], initial=0))
    return Tone(frames=tuple(sound[start:end] for start, end in cuts), energy=header["energy"])


def _header(values: dict[str, Any]) -> bytes:
    return json.dumps(values).encode() + b"\n"


def _split_header(data: bytes) -> tuple[dict[str, Any], bytes]:
    header, _, rest = data.partition(b"\n")
    values: dict[str, Any] = json.loads(header)
    return values, rest


def _little_endian(values: "array[float]") -> "array[float]":
    """Put values into the byte order of files, or back."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values
