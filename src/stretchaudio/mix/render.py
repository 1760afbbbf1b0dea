"""A block's description to its sound: voices, bed and chimes, ducked, summed and kept below the ceiling."""

import io
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import soundfile
import soxr

from stretchaudio.audio.clip import FRAME_MS, KEPT_MS
from stretchaudio.audio.dsp import frame_energy, lufs, peaks_above
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.mix import music, synth
from stretchaudio.mix.ducking import Breakpoint, breath_envelope, duck_envelope
from stretchaudio.mix.model import Block, Ducking, MixCue, Span
from stretchaudio.mix.plan import AROUND_FRAMES
from stretchaudio.mix.synth import chime_sound

VOICE_OVER_BED_LU = 12.0
"""How far speech is above the bed while it speaks, at the least."""
_MARGIN_LU = 1.0
PER_MS = MIX.sample_rate_hz // 1000
LOOK_AHEAD = MIX.samples // 2
"""12 ms on either side of a peak, within which the limiter's gain goes down and comes back."""


def render(block: Block, clips: Mapping[str, bytes], *, before: int, after: int) -> Any:
    """Mix a block, with what is around it.

    Args:
        block: What is heard when.
        clips: The FLAC file of each clip that is heard, by its hash.
        before: How many frames in front of it are wanted, besides those the limiter looks at.
        after: How many behind it.

    Returns:
        Stereo at 48 kHz, float32, shape (n, 2), with `AROUND_FRAMES` more at either end.
    """
    start = -(before + AROUND_FRAMES) * MIX.samples
    samples = (block.frames + after + AROUND_FRAMES) * MIX.samples - start
    out = bed(block, start, samples)
    for voice in block.voices:
        _add(out, _voice(clips[voice.clip]), (voice.start_ms - KEPT_MS) * PER_MS - start)
    for chime in block.chimes:
        level_lufs = block.chime_level_lufs - chime.softer_db
        _add(
            out,
            chime_sound(block.chime_sound, chime.kind, level_lufs),
            chime.at_ms * PER_MS - start,
        )
    out *= np.float32(10 ** (block.level.gain_db / 20))
    return out


def bed(block: Block, start: int, samples: int) -> Any:
    """The bed of a block, ducked.

    Args:
        block: What is heard when.
        start: The first sample, from the block's first frame.
        samples: How many.
    """
    if not block.spans:
        return np.zeros((samples, 2), np.float32)
    first, last = _bed_range(block, start, samples)
    around = _open_bed(block.spans, first, last - first)
    if block.breaths:
        around *= _along(breath_envelope(block.breaths), first, last - first)[:, None]
    extra_depth_db = [_deeper_db(voice, block.duck, around, first) for voice in block.voices]
    gain = _along(duck_envelope(block.voices, block.duck, extra_depth_db), start, samples)
    return around[start - first : start - first + samples] * gain[:, None]


def _bed_range(block: Block, start: int, samples: int) -> tuple[int, int]:
    """The samples that the block itself needs of the bed, and those under its cues."""
    cues = [_frames_of(voice) for voice in block.voices]
    return min([start, *(first for first, _ in cues)]), max(
        [start + samples, *(last for _, last in cues)]
    )


def _frames_of(voice: MixCue) -> tuple[int, int]:
    """The samples of the frames in which a cue is heard."""
    first, last = voice.start_ms // FRAME_MS, -(-voice.end_ms // FRAME_MS)
    return first * MIX.samples, last * MIX.samples


def limit(samples: Any, ceiling_db: float) -> tuple[Any, Any]:
    """Turn the sound down around the peaks that are above a ceiling.

    Args:
        samples: Stereo, shape (n, 2).
        ceiling_db: The highest true peak that is left.

    Returns:
        The sound, and its gain at each sample, 1 where nothing was done.
    """
    gain = np.ones(len(samples), np.float32)
    ceiling = 10 ** (ceiling_db / 20)
    for at, peaks in peaks_above(samples, ceiling):
        gain[at] = ceiling / np.maximum(peaks, ceiling)
    if gain.min() == 1:
        return samples, gain
    reduced = np.flatnonzero(gain < 1)
    low, high = (
        max(0, reduced[0] - 2 * LOOK_AHEAD),
        min(len(gain), reduced[-1] + 2 * LOOK_AHEAD + 1),
    )
    gain[low:high] = _smooth(gain[low:high])
    return samples * gain[:, None], gain


def _smooth(gain: Any) -> Any:
    """The lowest gain within reach, averaged over that reach: smooth, and nowhere above what a peak needs."""
    reach = 2 * LOOK_AHEAD + 1
    lowest = np.pad(gain, 2 * LOOK_AHEAD, constant_values=1.0)
    covered = 1
    while covered < reach:  # each turn doubles the stretch over which the lowest is known
        step = min(covered, reach - covered)
        lowest = np.minimum(lowest[:-step], lowest[step:])
        covered += step
    window = np.hanning(reach + 2)[1:-1]
    return np.convolve(lowest, window / window.sum(), mode="valid")


def _open_bed(spans: Sequence[Span], start: int, samples: int) -> Any:
    """The bed where nothing ducks it."""
    out = np.zeros((samples, 2), np.float32)
    for span in spans:
        first = span.start_frame * MIX.samples
        last = span.end_frame * MIX.samples + span.fade_out_ms * PER_MS
        low, high = max(start, first), min(start + samples, last)
        if low < high:
            sound = _source(span, span.position_ms * PER_MS + low - first, high - low)
            _fade(
                sound[: max(0, first + span.fade_in_ms * PER_MS - low)],
                low - first,
                span.fade_in_ms,
                np.sin,
            )
            fade_out = max(0, span.end_frame * MIX.samples - low)
            _fade(
                sound[fade_out:],
                low + fade_out - span.end_frame * MIX.samples,
                span.fade_out_ms,
                np.cos,
            )
            out[low - start : high - start] += sound
    return out


def _source(span: Span, position: int, samples: int) -> Any:
    source = span.source
    if source.path:
        sound = music.read_segment(source.path, position, samples)
    else:
        sound = synth.render_segment(source.name, source.seed, position, samples)
    sound *= np.float32(10 ** (source.gain_db / 20))
    return sound


def _fade(sound: Any, elapsed: int, length_ms: int, quarter: Callable[[Any], Any]) -> None:
    """Fade in or out by a quarter of a sine, so that two sounds that cross have constant power.

    Args:
        sound: What is faded, in place.
        elapsed: How many samples of the fade are over before it.
        length_ms: The fade's length.
        quarter: The sine or the cosine.
    """
    if len(sound):
        times = np.arange(elapsed, elapsed + len(sound))
        sound *= quarter(np.pi / 2 * np.clip(times / (length_ms * PER_MS), 0, 1)).astype(
            np.float32
        )[:, None]


def _deeper_db(voice: MixCue, duck: Ducking, around: Any, start: int) -> float:
    """How much further the bed has to go down for a cue, where the music is loud."""
    first, last = _frames_of(voice)
    behind = frame_energy(around[first - start : last - start])
    bed_lufs = lufs(float(behind.mean())) - duck.depth_db
    return max(0.0, bed_lufs - (voice.lufs - VOICE_OVER_BED_LU - _MARGIN_LU))


def _along(corners: Sequence[Breakpoint], start: int, samples: int) -> Any:
    """The factors of a gain between corners, each joined to the next by half a cosine in dB; 1 outside them."""
    out = np.ones(samples, np.float32)
    for (begin_ms, begin_db), (end_ms, end_db) in pairwise(corners):
        first, last = begin_ms * PER_MS, end_ms * PER_MS
        low, high = max(start, first), min(start + samples, last)
        if low < high and begin_db == end_db:
            out[low - start : high - start] = 10 ** (begin_db / 20)
        elif low < high:
            way = (np.arange(low, high) - first) / (last - first)
            out[low - start : high - start] = 10 ** (
                (begin_db + (end_db - begin_db) * (1 - np.cos(np.pi * way)) / 2) / 20
            )
    return out


def _add(out: Any, sound: Any, at: int) -> None:
    low, high = max(0, at), min(len(out), at + len(sound))
    if low < high:
        out[low:high] += sound[low - at : high - at]


@lru_cache(maxsize=32)
def _voice(flac: bytes) -> Any:
    samples, rate_hz = soundfile.read(io.BytesIO(flac), dtype="float64")
    return soxr.resample(samples, rate_hz, MIX.sample_rate_hz, quality="VHQ")[:, None].astype(
        np.float32
    )
