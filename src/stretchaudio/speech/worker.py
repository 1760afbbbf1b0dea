"""The helper that makes clips: what an engine said in, MP3 frames with their measures out."""

import io
import math
from array import array
from typing import Any

import numpy as np
import soundfile

from stretchaudio.audio.clip import (
    FRAME_MS,
    KEPT_MS,
    LEAD_FRAMES,
    Clip,
    ClipRequest,
    DryClip,
    DryClipRequest,
    EncodedClip,
    EncodedClipRequest,
    Tone,
    ToneRequest,
    clip_frames,
)
from stretchaudio.audio.mp3.encode import SILENCE_QUALITY, SPEECH_QUALITY, encode
from stretchaudio.audio.mp3.frames import VOICE
from stretchaudio.audio.mp3.info_frame import info_frame
from stretchaudio.audio.mp3.link import EXTRA_FRAMES, Piece, StreamMeter
from stretchaudio.audio.room_tone import LOOP_FRAMES, tone_loop
from stretchaudio.errors import VoiceError
from stretchaudio.speech.leveling import (
    MAX_DRY_PEAK_DBTP,
    AudioSegment,
    decode,
    frame_energy,
    segment,
    trim_and_level,
    true_peak_dbtp,
)
from stretchaudio.util.workers import serve

MAX_TRUE_PEAK_DBTP = -1.0
_MARGIN_DB = 0.2
_TRIES = 8
_LEAD_MS = FRAME_MS - KEPT_MS
_AFTER_FRAMES = 4
"""Encoded behind a clip and thrown away, so that its last frames know nothing of an end."""


def make_clip(sound: bytes, room_tone_db: float | None, key: str = "") -> EncodedClip:
    """Trim, level and encode what an engine said.

    Args:
        sound: A sound file.
        room_tone_db: The level of the tone it stands in, in dBFS; None for digital silence.
        key: What the clip goes by.

    Raises:
        VoiceError: If there is nothing to hear in it.
    """
    speech, length_ms = trim_and_level(decode(sound))
    frames = clip_frames(length_ms)
    tone = segment(tone_loop(room_tone_db))
    needed_ms = (frames + _AFTER_FRAMES) * FRAME_MS
    bed = (tone * math.ceil(needed_ms / len(tone)))[:needed_ms]
    for _ in range(_TRIES):
        encoded, heard = _encode(bed.overlay(speech, position=_LEAD_MS), frames)
        excess_db = true_peak_dbtp(heard) - MAX_TRUE_PEAK_DBTP
        if excess_db <= 0:
            break
        speech -= excess_db + _MARGIN_DB  # the encoder added more than was left for it
    else:
        raise VoiceError("Its peaks cannot be kept below -1 dBTP.")
    return EncodedClip(
        key=key,
        length_ms=length_ms,
        frames=frames,
        sound=b"".join(encoded),
        energy=_energy(heard, frames),
        true_peak_dbtp=true_peak_dbtp(heard),
    )


def make_dry_clip(sound: bytes, key: str = "") -> DryClip:
    """Trim and level what an engine said, for a mix.

    Args:
        sound: A sound file.
        key: What the clip goes by.

    Raises:
        VoiceError: If there is nothing to hear in it.
    """
    speech, length_ms = trim_and_level(decode(sound), MAX_DRY_PEAK_DBTP)
    samples = np.frombuffer(speech.raw_data, "<i2")
    file = io.BytesIO()
    soundfile.write(file, samples, VOICE.sample_rate_hz, format="FLAC", subtype="PCM_16")
    frames = clip_frames(length_ms)
    heard = np.zeros((frames + 1) * VOICE.samples)
    first = LEAD_FRAMES * VOICE.samples - KEPT_MS * VOICE.sample_rate_hz // 1000
    heard[first : first + len(samples)] = samples / (1 << 15)
    return DryClip(
        key=key,
        length_ms=length_ms,
        frames=frames,
        sound=file.getvalue(),
        energy=_energy(heard[: frames * VOICE.samples], frames),
        true_peak_dbtp=true_peak_dbtp(heard),
    )


def _encode(mix: AudioSegment, frames: int) -> tuple[list[bytes], Any]:
    encoded = encode(mix.raw_data, VOICE, quality=SPEECH_QUALITY)[:frames]
    return encoded, _heard(encoded)


def make_tone(room_tone_db: float | None) -> Tone:
    """Encode one round of the room tone.

    Args:
        room_tone_db: Its level in dBFS; None for digital silence.
    """
    tone = segment(tone_loop(room_tone_db))
    # The middle of three rounds is encoded as it stands between its like.
    encoded = encode((tone * 3).raw_data, VOICE, quality=SILENCE_QUALITY)[
        LOOP_FRAMES : 2 * LOOP_FRAMES
    ]
    energy = _energy(_heard(encoded), LOOP_FRAMES)
    return Tone(frames=tuple(encoded), energy=sum(energy) / LOOP_FRAMES)


def _heard(frames: list[bytes]) -> Any:
    """What a player makes of frames, as float64; full scale is 1."""
    piece = Piece(frames=len(frames), data=b"".join(frames))
    meter = StreamMeter()
    meter.add(piece)
    file = info_frame(VOICE, meter.facts(VOICE)) + piece.data
    samples, _ = soundfile.read(io.BytesIO(file), dtype="float64")
    expected = (len(frames) - EXTRA_FRAMES) * VOICE.samples
    if len(samples) != expected:
        raise VoiceError(f"An encoded cue decodes to {len(samples)} samples instead of {expected}.")
    return samples


def _energy(samples: Any, frames: int) -> "array[float]":
    """The K-weighted mean square of each frame; frames that are not heard yet count as silent."""
    return array("f", frame_energy(samples, frames).tolist())


def answer(request: ClipRequest) -> Clip | Tone:
    """Make what is asked for."""
    match request:
        case EncodedClipRequest():
            return make_clip(request.speech, request.room_tone_db, request.key)
        case DryClipRequest():
            return make_dry_clip(request.speech, request.key)
        case ToneRequest():
            return make_tone(request.room_tone_db)


if __name__ == "__main__":
    serve(answer)
