"""A cue that has been spoken: trimmed, levelled, encoded once, and ready to be linked."""

from array import array
from dataclasses import dataclass

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
    """One spoken cue, to be linked or to be mixed."""

    length_ms: int
    """From the first sound to the end of the last, without the quiet kept around them."""
    frames: int
    """How many MP3 frames it has, lead and tail included."""
    data: bytes
    """Self-contained MP3 frames, to be linked; or a dry FLAC file, to be mixed: mono at 24 kHz, from `KEPT_MS` before the first
    sound."""
    energy: "array[float]"
    """K-weighted mean square of each frame (BS.1770), full scale being 1; measured on what `data` decodes to."""
    true_peak_dbtp: float
    """The highest true peak, likewise."""


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
class ClipRequest:
    """A clip to be made, or the room tone."""

    sound: bytes | None
    """What an engine said; None for the room tone."""
    room_tone_db: float | None = None
    """The level of the room tone; None for digital silence."""
    dry: bool = False
    """Whether the clip is to be mixed, not linked."""
