"""Turn a spoken sound file into PCM of a set loudness, without the quiet before and after."""

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import soundfile
import soxr

from stretchaudio.audio.clip import KEPT_MS, RELEASE_MS, ceil_div
from stretchaudio.audio.dsp import (
    all_pass,
    filtered,
    frame_energy,
    high_pass,
    sample_peak,
    to_pcm,
    true_peak,
)
from stretchaudio.audio.loudness import (
    BLOCK_FRAMES,
    db_to_gain,
    db_to_power,
    gain_to_db,
    gated_lufs,
)
from stretchaudio.audio.mp3.frames import VOICE, FrameFormat
from stretchaudio.audio.types import Mono
from stretchaudio.errors import VoiceError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub looks for ffmpeg, which nothing here needs
    from pydub import AudioSegment as AudioSegment  # noqa: PLC0414 - imported from here alone

CLIP_LUFS = -17.5
"""The loudness of a clip by itself."""
# Gated blocks of a track also hold the quiet around its cues, so that a track of such clips
# measures -19 LUFS.
MAX_PEAK_DBTP = -1.5
"""The highest true peak before encoding; it leaves half a decibel for what the encoder adds."""
MAX_DRY_PEAK_DBTP = -3.5
"""The highest true peak of a clip that is to be mixed; it leaves room for the bed."""
TRIM_DBFS = -45.0
"""What is softer than this before the first sound and after the last is trimmed away."""
ABOVE_NOISE_DB = 6.0
"""So is what is not so far above the noise of a recording ..."""
MOST_TRIM_DBFS = -35.0
"""... but nothing louder than this, which may be a voice that begins at once."""
EDGE_WINDOW_MS = 2
FADE_IN_MS, FADE_OUT_MS = 5, 55
RUMBLE_HZ = 70
"""Voices have nothing below this; rooms and hands do."""
_NOISE_MS = 20
_ALIKE, _ALIKE_RATIO = 8, 2.0
"""So many moments of noise are alike, within 3 dB; the softest of a voice are not."""
LONGEST_S = 300
"""The longest sound that an engine may return for one cue."""
_ROUGH_PEAK = 0.5
_INAUDIBLE = 1e-4
_ROTATIONS = ((650, 1.0, 5), (500, 1.0, 4), (800, 1.0, 6), (400, 0.5, 6), (300, 0.35, 6))
"""All-pass chains: centre in Hz, Q, and number of sections."""
# They delay no tone by more than 5 ms, and of such chains they lower the peaks of eSpeak NG and
# Flite most: by 3.9 and 2.1 dB on average.
_RINGING_S = 0.02


def rate_of(sound: bytes) -> int:
    """Read the sample rate of a sound file.

    Raises:
        VoiceError: If it is not a sound file.
    """
    with _opened(sound) as file:
        return int(file.samplerate)


def decode(sound: bytes, form: FrameFormat = VOICE) -> Mono:
    """Read the samples of a sound file, mixed to mono, at the rate of a format.

    Raises:
        VoiceError: If it is not a sound file, or too long for a cue.
    """
    with _opened(sound) as file:
        if file.frames > LONGEST_S * file.samplerate:
            minutes = file.frames / file.samplerate / 60
            most = LONGEST_S // 60
            raise VoiceError(
                f"The voice returned {minutes:.0f} minutes of sound; a cue has at most {most}."
            )
        samples, rate_hz = file.read(dtype="float64", always_2d=True), file.samplerate
    mono: Mono = soxr.resample(samples.mean(axis=1), rate_hz, form.sample_rate_hz, quality="VHQ")
    return mono


@contextmanager
def _opened(sound: bytes) -> Iterator[soundfile.SoundFile]:
    """Open a sound file for the time of a block; say what is wrong with it in our words."""
    try:
        with soundfile.SoundFile(io.BytesIO(sound)) as file:
            yield file
    except (soundfile.SoundFileError, RuntimeError) as error:
        cause = str(getattr(error, "error_string", error)).strip(" .")
        raise VoiceError(f"The voice returned something that is not sound ({cause}).") from None


def trim_and_level(
    samples: Mono,
    max_peak_dbtp: float = MAX_PEAK_DBTP,
    softer_db: float = 0.0,
    form: FrameFormat = VOICE,
) -> tuple[AudioSegment, int]:
    """Trim and level speech.

    Args:
        samples: Speech at the rate of the format.
        max_peak_dbtp: The highest true peak it may have; speech with high peaks stays quieter.
        softer_db: How much softer than usual it is to be.
        form: The format of the track.

    Returns:
        The speech with `KEPT_MS` before it and `RELEASE_MS` behind, faded at its edges, and its
        length in ms without them.

    Raises:
        VoiceError: If there is nothing to hear in it.
    """
    peak = sample_peak(samples)
    if peak < _INAUDIBLE:
        raise VoiceError("The voice returned silence.")
    samples = samples * (_ROUGH_PEAK / peak)
    noise, rough = _noise_power(samples, form), _rotate_phases(_without_rumble(samples, form), form)
    gain = _leveling_gain(rough, max_peak_dbtp, form)
    start, end = _edges(rough * gain, noise * gain**2, form)
    # What is trimmed away counts in the measure, so the level is settled on what stays.
    gain = _leveling_gain(rough[start:end], max_peak_dbtp, form) * db_to_gain(-softer_db)
    levelled = rough * gain
    start, end = _edges(levelled, noise * gain**2, form)
    kept, release = _samples_of(KEPT_MS, form), _samples_of(RELEASE_MS, form)
    padded = np.pad(levelled, (kept, release))
    speech = segment(padded[start : end + kept + release], form)
    length_ms = math.ceil((end - start) * 1000 / form.sample_rate_hz)
    return speech.fade_in(FADE_IN_MS).fade_out(FADE_OUT_MS), length_ms


def segment(samples: Mono, form: FrameFormat = VOICE) -> AudioSegment:
    """Make a segment of whole milliseconds, in 16 bits."""
    per_ms = form.sample_rate_hz // 1000
    pcm = to_pcm(np.pad(samples, (0, -len(samples) % per_ms)))
    return AudioSegment(pcm.tobytes(), sample_width=2, frame_rate=form.sample_rate_hz, channels=1)


def _without_rumble(samples: Mono, form: FrameFormat) -> Mono:
    padded = np.pad(samples, (0, round(_RINGING_S * form.sample_rate_hz)))
    return filtered(padded, [high_pass(RUMBLE_HZ, form.sample_rate_hz)])[0]


def _rotate_phases(samples: Mono, form: FrameFormat) -> Mono:
    """Shift the phases of speech so that its peaks fall.

    That leaves room for level without touching the dynamics. Synthetic voices put all harmonics in
    phase; the ear does not mind when they are not. The chain that gives the lowest peak is taken,
    or none.
    """
    padded = np.pad(samples, (0, round(_RINGING_S * form.sample_rate_hz)))
    chains = (
        [all_pass(hertz, q, form.sample_rate_hz)] * sections for hertz, q, sections in _ROTATIONS
    )
    return min([padded, *filtered(padded, *chains)], key=sample_peak)


def _leveling_gain(samples: Mono, max_peak_dbtp: float, form: FrameFormat) -> float:
    """Find the factor that brings speech to the target, or as near to it as its peaks allow."""
    # What is too short to be measured is measured padded.
    frames = max(BLOCK_FRAMES, ceil_div(len(samples), form.samples))
    lufs = gated_lufs(frame_energy(samples, form, frames=frames).tolist())
    return db_to_gain(min(CLIP_LUFS - lufs, max_peak_dbtp - gain_to_db(true_peak(samples))))


def _edges(samples: Mono, noise: float, form: FrameFormat) -> tuple[int, int]:
    """Find where the sound begins and ends, as sample numbers; `noise` is that of the recording."""
    window = _samples_of(EDGE_WINDOW_MS, form)
    energy = np.convolve(samples**2, np.full(window, 1 / window), mode="same")
    above_noise = noise * db_to_power(ABOVE_NOISE_DB)
    threshold = max(db_to_power(TRIM_DBFS), min(above_noise, db_to_power(MOST_TRIM_DBFS)))
    loud = np.flatnonzero(energy > threshold)
    if not len(loud):
        raise VoiceError("The voice returned silence.")
    return int(loud[0]), int(loud[-1]) + 1


def _noise_power(samples: Mono, form: FrameFormat) -> float:
    """Measure the noise of a recording: the power of its softest moments, if some are alike."""
    window = _samples_of(_NOISE_MS, form)
    moments = np.pad(samples, (0, -len(samples) % window), mode="wrap").reshape(-1, window)
    power = np.sort((moments**2).mean(axis=1))
    is_steady = len(power) >= _ALIKE and power[_ALIKE - 1] < _ALIKE_RATIO * power[0]
    return float(power[0]) if is_steady else 0.0


def _samples_of(time_ms: int, form: FrameFormat) -> int:
    return time_ms * form.sample_rate_hz // 1000
