"""Make clips in a helper process: encode what an engine said, and measure it."""

import io
import math
from array import array

import numpy as np
import soundfile

from stretchaudio.audio.clip import (
    FRAME_MS,
    KEPT_MS,
    LEAD_FRAMES,
    RELEASE_FRAMES,
    Clip,
    ClipRequest,
    DryClip,
    DryClipRequest,
    EncodedClip,
    EncodedClipRequest,
    Tone,
    ToneRequest,
    clip_frames,
    frames_to_ms,
)
from stretchaudio.audio.dsp import FULL_SCALE, frame_energy, true_peak
from stretchaudio.audio.loudness import MAX_TRUE_PEAK_DBTP, gain_to_db
from stretchaudio.audio.mp3.decode import decode_frames
from stretchaudio.audio.mp3.encode import SILENCE_QUALITY, SPEECH_QUALITY, encode
from stretchaudio.audio.mp3.frames import VOICE, FrameFormat, voice_format
from stretchaudio.audio.mp3.link import EXTRA_FRAMES
from stretchaudio.audio.room_tone import LOOP_FRAMES, tone_loop
from stretchaudio.audio.types import Mono
from stretchaudio.errors import VoiceError
from stretchaudio.speech.leveling import (
    MAX_DRY_PEAK_DBTP,
    decode,
    rate_of,
    segment,
    trim_and_level,
)
from stretchaudio.util.workers import serve

_MARGIN_DB = 0.2
_TRIES = 8
_LEAD_MS = FRAME_MS - KEPT_MS
_AFTER_FRAMES = 4
"""Encoded behind a clip and thrown away, so that its last frames know nothing of an end."""


def make_clip(
    sound: bytes,
    room_tone_db: float | None,
    key: str = "",
    softer_db: float = 0.0,
    least_rate_hz: int = 0,
) -> EncodedClip:
    """Trim, level and encode what an engine said.

    Args:
        sound: A sound file.
        room_tone_db: The level of the tone it stands in, in dBFS; None for digital silence.
        key: The clip's key.
        softer_db: How much softer than usual it is to be.
        least_rate_hz: The rate of clips that it is to stand among.

    Raises:
        VoiceError: If there is nothing to hear in it, or its peaks stay too high.
    """
    form = voice_format(max(rate_of(sound), least_rate_hz))
    speech, length_ms = trim_and_level(decode(sound, form), softer_db=softer_db, form=form)
    frames = clip_frames(length_ms)
    all_frames = frames + RELEASE_FRAMES
    tone = segment(tone_loop(room_tone_db, form), form)
    needed_ms = frames_to_ms(all_frames + _AFTER_FRAMES)
    bed = (tone * math.ceil(needed_ms / len(tone)))[:needed_ms]
    for _ in range(_TRIES):
        mix = bed.overlay(speech, position=_LEAD_MS)
        encoded = encode(mix.raw_data, form, quality=SPEECH_QUALITY)[:all_frames]
        heard = _heard(encoded, form)
        peak_dbtp = gain_to_db(true_peak(heard))
        if peak_dbtp <= MAX_TRUE_PEAK_DBTP:
            break
        # The encoder added more than was left for it.
        speech -= peak_dbtp - MAX_TRUE_PEAK_DBTP + _MARGIN_DB
    else:
        raise VoiceError(f"Its peaks cannot be kept below {MAX_TRUE_PEAK_DBTP:g} dBTP.")
    return EncodedClip(
        key=key,
        length_ms=length_ms,
        frames=frames,
        sound=b"".join(encoded),
        energy=_energy(heard[: frames * form.samples], frames, form),
        true_peak_dbtp=peak_dbtp,
        sample_rate_hz=form.sample_rate_hz,
    )


def make_dry_clip(sound: bytes, key: str = "", softer_db: float = 0.0) -> DryClip:
    """Trim and level what an engine said, for a mix.

    Args:
        sound: A sound file.
        key: The clip's key.
        softer_db: How much softer than usual it is to be.

    Raises:
        VoiceError: If there is nothing to hear in it.
    """
    speech, length_ms = trim_and_level(decode(sound), MAX_DRY_PEAK_DBTP, softer_db)
    samples = np.frombuffer(speech.raw_data, "<i2")
    file = io.BytesIO()
    soundfile.write(file, samples, VOICE.sample_rate_hz, format="FLAC", subtype="PCM_16")
    frames = clip_frames(length_ms)
    heard = np.zeros((frames + RELEASE_FRAMES + 1) * VOICE.samples)
    first = LEAD_FRAMES * VOICE.samples - KEPT_MS * VOICE.sample_rate_hz // 1000
    heard[first : first + len(samples)] = samples / FULL_SCALE
    return DryClip(
        key=key,
        length_ms=length_ms,
        frames=frames,
        sound=file.getvalue(),
        energy=_energy(heard[: frames * VOICE.samples], frames, VOICE),
        true_peak_dbtp=gain_to_db(true_peak(heard)),
    )


def make_tone(room_tone_db: float | None, form: FrameFormat = VOICE) -> Tone:
    """Encode one round of the room tone.

    Args:
        room_tone_db: Its level in dBFS; None for digital silence.
        form: The format of the track.
    """
    tone = segment(tone_loop(room_tone_db, form), form)
    # The middle of three rounds is encoded as it stands between its like.
    rounds = encode((tone * 3).raw_data, form, quality=SILENCE_QUALITY)
    encoded = rounds[LOOP_FRAMES : 2 * LOOP_FRAMES]
    energy = _energy(_heard(encoded, form), LOOP_FRAMES, form)
    return Tone(frames=tuple(encoded), energy=sum(energy) / LOOP_FRAMES)


def _heard(frames: list[bytes], form: FrameFormat = VOICE) -> Mono:
    """Decode frames, and check that nothing of them is missing."""
    samples: Mono = decode_frames(frames, form, "float64")
    expected = (len(frames) - EXTRA_FRAMES) * form.samples
    if len(samples) != expected:
        raise VoiceError(f"An encoded cue decodes to {len(samples)} samples instead of {expected}.")
    return samples


def _energy(samples: Mono, frames: int, form: FrameFormat) -> "array[float]":
    """Measure the energy of each frame; frames that are not heard yet count as silent."""
    return array("f", frame_energy(samples, form, frames=frames).tolist())


def answer(request: ClipRequest) -> Clip | Tone:
    """Make the clip or tone that is asked for."""
    match request:
        case EncodedClipRequest():
            return make_clip(
                request.speech,
                request.room_tone_db,
                request.key,
                request.softer_db,
                request.least_rate_hz,
            )
        case DryClipRequest():
            return make_dry_clip(request.speech, request.key, request.softer_db)
        case ToneRequest():
            return make_tone(request.room_tone_db, voice_format(request.sample_rate_hz))


if __name__ == "__main__":
    serve(answer)
