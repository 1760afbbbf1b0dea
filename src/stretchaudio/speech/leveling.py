"""A spoken sound file to PCM of a set loudness, without the quiet before and after."""

import io
import math
import warnings
from typing import Any

import numpy as np
import soundfile
import soxr

from stretchaudio.audio.clip import KEPT_MS
from stretchaudio.audio.dsp import all_pass, filtered, k_weighted
from stretchaudio.audio.loudness import BLOCK_FRAMES, gated_lufs
from stretchaudio.audio.mp3.frames import VOICE
from stretchaudio.errors import VoiceError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub looks for ffmpeg, which nothing here needs
    from pydub import AudioSegment as AudioSegment  # noqa: PLC0414 - imported from here alone

_FULL_SCALE = 1 << 15
CLIP_LUFS = -17.5
"""What a clip is brought to by itself. Gated blocks of a track also hold the quiet around its cues, so that a track of
such clips measures -19 LUFS."""
MAX_PEAK_DBTP = -1.5
"""Before encoding; it leaves half a decibel for what the encoder adds."""
MAX_DRY_PEAK_DBTP = -3.5
"""Of a clip that is to be mixed; it leaves room for the bed."""
TRIM_DBFS = -45.0
EDGE_WINDOW_MS = 2
FADE_MS = 5
LONGEST_S = 300
"""Of one cue."""
_ROUGH_PEAK = 0.5
_INAUDIBLE = 1e-4
_ROTATIONS = ((650, 1.0, 5), (500, 1.0, 4), (800, 1.0, 6), (400, 0.5, 6), (300, 0.35, 6))
"""All-pass chains: centre in Hz, Q, and how many sections. They delay no tone by more than 5 ms, and of such chains they lower the
peaks of eSpeak NG and Flite most: by 3.9 and 2.1 dB on average."""
_RINGING_S = 0.02


def decode(sound: bytes) -> Any:
    """A sound file's samples, mixed to mono, at 24 kHz.

    Raises:
        VoiceError: If it is not a sound file.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(sound)) as file:
            if file.frames > LONGEST_S * file.samplerate:
                minutes = file.frames / file.samplerate / 60
                raise VoiceError(
                    f"The voice returned {minutes:.0f} minutes of sound; a cue has at most {LONGEST_S // 60}."
                )
            samples, rate_hz = file.read(dtype="float64", always_2d=True), file.samplerate
    except (soundfile.SoundFileError, RuntimeError) as error:
        cause = getattr(error, "error_string", error)
        raise VoiceError(
            f"The voice returned something that is not sound ({str(cause).strip(' .')})."
        ) from None
    return soxr.resample(samples.mean(axis=1), rate_hz, VOICE.sample_rate_hz, quality="VHQ")


def trim_and_level(samples: Any, max_peak_dbtp: float = MAX_PEAK_DBTP) -> tuple[AudioSegment, int]:
    """Trim and level speech.

    Args:
        samples: Mono at 24 kHz, float64, full scale being 1.
        max_peak_dbtp: The highest true peak it may have; speech with high peaks stays quieter.

    Returns:
        The speech with `KEPT_MS` of quiet on either side, faded at its edges, and its length in ms without them.

    Raises:
        VoiceError: If there is nothing to hear in it.
    """
    if _peak(samples) < _INAUDIBLE:
        raise VoiceError("The voice returned silence.")
    rough = _rotate(samples * (_ROUGH_PEAK / _peak(samples)))
    start, end = _edges(rough * _gain(rough, max_peak_dbtp))
    # What is trimmed away counts in the measure, so the level is settled on what stays.
    levelled = rough * _gain(rough[start:end], max_peak_dbtp)
    start, end = _edges(levelled)
    kept = _samples(KEPT_MS)
    quiet = np.zeros(kept)
    speech = segment(np.concatenate([quiet, levelled, quiet])[start : end + 2 * kept])
    return speech.fade_in(FADE_MS).fade_out(FADE_MS), math.ceil(
        (end - start) * 1000 / VOICE.sample_rate_hz
    )


def frame_energy(samples: Any, frames: int) -> Any:
    """The K-weighted mean square of each MP3 frame; what lies behind the samples is silent.

    Args:
        samples: Mono at 24 kHz.
        frames: How many frames to measure, at least as many as there are.
    """
    whole = np.zeros(frames * VOICE.samples)
    whole[: len(samples)] = k_weighted(samples, VOICE.sample_rate_hz)
    return np.mean(whole.reshape(frames, VOICE.samples) ** 2, axis=1)


def true_peak_dbtp(samples: Any) -> float:
    """The true peak of mono samples at 24 kHz, by fourfold oversampling (BS.1770, annex 2)."""
    oversampled = soxr.resample(samples, VOICE.sample_rate_hz, 4 * VOICE.sample_rate_hz)
    return 20 * math.log10(max(float(np.max(np.abs(oversampled), initial=0.0)), 1e-9))


def _rotate(samples: Any) -> Any:
    """Shift the phases of speech so that its peaks fall, which leaves room for level without touching its dynamics.

    Synthetic voices put all harmonics in phase; the ear does not mind when they are not. The chain that gives the lowest
    peak is taken, or none.
    """
    padded = np.pad(samples, (0, round(_RINGING_S * VOICE.sample_rate_hz)))
    turned = [
        filtered(padded, [all_pass(hertz, q, VOICE.sample_rate_hz)] * sections)
        for hertz, q, sections in _ROTATIONS
    ]
    return min([padded, *turned], key=_peak)


def _peak(samples: Any) -> float:
    return float(np.max(np.abs(samples), initial=0.0))


def _gain(samples: Any, max_peak_dbtp: float) -> float:
    """The factor that brings speech to the target, or as near to it as its peaks allow."""
    frames = max(
        BLOCK_FRAMES, -(-len(samples) // VOICE.samples)
    )  # what is too short to be measured is measured padded
    lufs = gated_lufs(frame_energy(samples, frames).tolist())
    gain_db = min(CLIP_LUFS - lufs, max_peak_dbtp - true_peak_dbtp(samples))
    return float(10 ** (gain_db / 20))


def _edges(samples: Any) -> tuple[int, int]:
    """Where the sound begins and ends, as sample numbers."""
    window = _samples(EDGE_WINDOW_MS)
    energy = np.convolve(samples**2, np.full(window, 1 / window), mode="same")
    loud = np.flatnonzero(energy > 10 ** (TRIM_DBFS / 10))
    if not len(loud):
        raise VoiceError("The voice returned silence.")
    return int(loud[0]), int(loud[-1]) + 1


def _samples(time_ms: int) -> int:
    return time_ms * VOICE.sample_rate_hz // 1000


def segment(samples: Any) -> AudioSegment:
    """A segment of whole milliseconds, in 16 bits.

    Args:
        samples: Mono at 24 kHz, float64, full scale being 1.
    """
    pcm = np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2")
    per_ms = VOICE.sample_rate_hz // 1000
    pcm = np.pad(pcm, (0, -len(pcm) % per_ms))
    return AudioSegment(pcm.tobytes(), sample_width=2, frame_rate=VOICE.sample_rate_hz, channels=1)
