"""Render a block's description: voices, bed and chimes, ducked, summed and kept below a ceiling."""

import io
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import soundfile
import soxr

from stretchaudio.audio.clip import FRAME_MS, KEPT_MS, ceil_div, ms_to_frames
from stretchaudio.audio.dsp import frame_energy, peaks_above
from stretchaudio.audio.loudness import db_to_gain, energy_to_lufs
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.types import Curve, Mono, Stereo
from stretchaudio.mix import music, synth
from stretchaudio.mix.bed_gain import Breakpoint, breath_envelope, duck_envelope
from stretchaudio.mix.ducking import depth_db
from stretchaudio.mix.model import GENERATED_LUFS, RIDE_MS, BedSegment, Block, MixCue, Stem
from stretchaudio.mix.plan import AROUND_FRAMES
from stretchaudio.mix.synth.bells import bowl, chime_sound
from stretchaudio.mix.synth.grains import between_frames

PER_MS = MIX.sample_rate_hz // 1000
LOOK_AHEAD = MIX.samples // 2
"""Samples (12 ms) on either side of a peak in which the limiter's gain goes down and comes back."""
_SECOND_FRAMES = 42
_CUT_DB = -6.0
"""Words turn down a bowl that rings by no more than this."""


def render(block: Block, clips: Mapping[str, bytes], *, before: int, after: int) -> Stereo:
    """Mix a block, with what is around it.

    Args:
        block: What is heard when.
        clips: The FLAC file of each clip that is heard, by its key.
        before: Frames in front of it that are wanted, besides those the limiter looks at.
        after: Frames behind it, likewise.

    Returns:
        Stereo at 48 kHz, float32, with `AROUND_FRAMES` more at either end.
    """
    start = -(before + AROUND_FRAMES) * MIX.samples
    samples = (block.frames + after + AROUND_FRAMES) * MIX.samples - start
    out = bed(block, start, samples)
    _add_voices(out, block, clips, start)
    _add_chimes(out, block, start)
    out *= np.float32(db_to_gain(block.level.gain_db))
    return out


def render_stems(block: Block, clips: Mapping[str, bytes]) -> Mapping[Stem, Stereo]:
    """Render the parts of a block by themselves, which `render` adds up.

    Args:
        block: What is heard when.
        clips: The FLAC file of each clip that is heard, by its key.

    Returns:
        As `render` does, for each part.
    """
    start = -AROUND_FRAMES * MIX.samples
    samples = (block.frames + AROUND_FRAMES) * MIX.samples - start
    voice, chimes = (np.zeros((samples, 2), np.float32) for _ in range(2))
    _add_voices(voice, block, clips, start)
    _add_chimes(chimes, block, start)
    stems = {Stem.VOICE: voice, Stem.BED: bed(block, start, samples), Stem.CHIMES: chimes}
    gain = np.float32(db_to_gain(block.level.gain_db))
    return {stem: sound * gain for stem, sound in stems.items()}


def _add_voices(out: Stereo, block: Block, clips: Mapping[str, bytes], start: int) -> None:
    for voice in block.voices:
        _add(out, _voice(clips[voice.clip]), (voice.start_ms - KEPT_MS) * PER_MS - start)


def _add_chimes(out: Stereo, block: Block, start: int) -> None:
    for chime in block.chimes:
        level_lufs = block.chime_level_lufs - chime.softer_db
        sound = chime_sound(block.chime_sound, chime.kind, level_lufs)
        _add(out, sound, chime.at_ms * PER_MS - start)


def bed(block: Block, start: int, samples: int) -> Stereo:
    """Render the bed of a block, ducked.

    Args:
        block: What is heard when.
        start: The first sample, from the block's first frame.
        samples: How many.
    """
    if not block.segments:
        return np.zeros((samples, 2), np.float32)
    sound = open_bed(block.segments, start, samples)
    depths_db = [
        depth_db(_bed_lufs(block, voice, sound, start), voice.lufs, block.duck)
        for voice in block.voices
    ]
    if block.breaths:
        sound *= render_gain(breath_envelope(block.breaths), start, samples)[:, None]
    first, frames = start // MIX.samples, ceil_div(samples, MIX.samples)
    gains_db = duck_envelope(block.voices, depths_db, block.duck, first, first + frames + 1)
    gains = 10 ** (np.array(gains_db) / 20)
    sound *= between_frames(gains)[:samples]
    if block.strokes:
        strokes = np.zeros_like(sound)
        for stroke in block.strokes:
            gain = np.float32(db_to_gain(stroke.level_lufs - GENERATED_LUFS))
            struck = bowl(stroke.seed, stroke.number) * gain
            _add(strokes, struck, stroke.at_ms * PER_MS - start)
        sound += strokes * between_frames(np.maximum(gains, db_to_gain(_CUT_DB)))[:samples]
    return sound


def limit(samples: Stereo, ceiling_db: float) -> tuple[Stereo, Curve]:
    """Turn the sound down around the peaks that are above a ceiling.

    Args:
        samples: Stereo at 48 kHz.
        ceiling_db: The highest true peak that is left.

    Returns:
        The sound, and its gain at each sample, 1 where nothing was done.
    """
    gain = np.ones(len(samples), np.float32)
    ceiling = db_to_gain(ceiling_db)
    for at, peaks in peaks_above(samples, ceiling):
        gain[at] = ceiling / np.maximum(peaks, ceiling)
    if gain.min() == 1:
        return samples, gain
    reduced = np.flatnonzero(gain < 1)
    low = max(0, reduced[0] - 2 * LOOK_AHEAD)
    high = min(len(gain), reduced[-1] + 2 * LOOK_AHEAD + 1)
    gain[low:high] = _smooth(gain[low:high])
    return samples * gain[:, None], gain


def render_gain(envelope: Sequence[Breakpoint], start: int, samples: int) -> Curve:
    """Render an envelope as factors, one for each sample.

    Breakpoints are joined by half a cosine in dB; the gain is 1 outside them.

    Args:
        envelope: Times in ms and gains in dB.
        start: The first sample, at 48 kHz.
        samples: How many.
    """
    out = np.ones(samples, np.float32)
    for (begin_ms, begin_db), (end_ms, end_db) in pairwise(envelope):
        first, last = begin_ms * PER_MS, end_ms * PER_MS
        low, high = max(start, first), min(start + samples, last)
        if low < high and begin_db == end_db:
            out[low - start : high - start] = db_to_gain(begin_db)
        elif low < high:
            way = (np.arange(low, high) - first) / (last - first)
            level_db = begin_db + (end_db - begin_db) * (1 - np.cos(np.pi * way)) / 2
            out[low - start : high - start] = 10 ** (level_db / 20)
    return out


def _samples_of(voice: MixCue) -> tuple[int, int]:
    """Return the samples of the frames in which a cue is heard."""
    first, last = ms_to_frames(voice.start_ms), ceil_div(voice.end_ms, FRAME_MS)
    return first * MIX.samples, last * MIX.samples


def _smooth(gain: Curve) -> Curve:
    """Take the lowest gain within reach and average it: smooth, never above what a peak needs."""
    reach = 2 * LOOK_AHEAD + 1
    lowest = np.pad(gain, 2 * LOOK_AHEAD, constant_values=1.0)
    covered = 1
    while covered < reach:  # each turn doubles the reach over which the lowest is known
        step = min(covered, reach - covered)
        lowest = np.minimum(lowest[:-step], lowest[step:])
        covered += step
    window = np.hanning(reach + 2)[1:-1]
    return np.convolve(lowest, window / window.sum(), mode="valid")


def open_bed(segments: Sequence[BedSegment], start: int, samples: int) -> Stereo:
    """Render the bed as it is where nothing ducks it.

    Args:
        segments: What it is made of.
        start: The first sample, from the block's first frame.
        samples: How many.
    """
    out = np.zeros((samples, 2), np.float32)
    for segment in segments:
        first, fade_out = segment.start_frame * MIX.samples, segment.end_frame * MIX.samples
        last = fade_out + segment.fade_out_ms * PER_MS
        low, high = max(start, first), min(start + samples, last)
        if low >= high:
            continue
        sound = _segment_sound(segment, segment.position_ms * PER_MS + low - first, high - low)
        fading_in = sound[: max(0, first + segment.fade_in_ms * PER_MS - low)]
        _fade(fading_in, low - first, segment.fade_in_ms, np.sin)
        open_samples = max(0, fade_out - low)
        elapsed = low + open_samples - fade_out
        _fade(sound[open_samples:], elapsed, segment.fade_out_ms, np.cos)
        out[low - start : high - start] += sound
    return out


def _segment_sound(segment: BedSegment, position: int, samples: int) -> Stereo:
    source = segment.source
    if source.path:
        sound = music.read_segment(source.path, position, samples)
    else:
        sound = synth.render_segment(source.name, source.seed, position, samples)
    sound *= np.float32(db_to_gain(source.gain_db))
    if segment.ride_db:
        first = segment.position_ms // RIDE_MS * RIDE_MS * PER_MS
        times = first + np.arange(len(segment.ride_db)) * RIDE_MS * PER_MS
        gains = np.interp(np.arange(position, position + samples), times, segment.ride_db)
        sound *= (10 ** (gains / 20)).astype(np.float32)[:, None]
    return sound


def _fade(sound: Stereo, elapsed: int, length_ms: int, quarter: Callable[[Mono], Mono]) -> None:
    """Fade in or out by a quarter of a sine, so that two sounds that cross have constant power.

    Args:
        sound: What is faded, in place.
        elapsed: How many samples of the fade are over before it.
        length_ms: The fade's length.
        quarter: The sine or the cosine.
    """
    if len(sound):
        times = np.arange(elapsed, elapsed + len(sound))
        way = np.clip(times / (length_ms * PER_MS), 0, 1)
        sound *= quarter(np.pi / 2 * way).astype(np.float32)[:, None]


def _bed_lufs(block: Block, voice: MixCue, sound: Stereo, start: int) -> float:
    """Measure the loudest second of the bed under a cue, where nothing ducks it.

    Args:
        block: What is heard when.
        voice: The cue.
        sound: The bed of the block.
        start: Its first sample.
    """
    first, last = _samples_of(voice)
    if start <= first and last <= start + len(sound):
        behind = sound[first - start : last - start]
    else:
        behind = open_bed(block.segments, first, last - first)
    energy = np.cumsum(np.pad(frame_energy(behind, MIX), (1, 0)))
    second = min(_SECOND_FRAMES, len(energy) - 1)
    return energy_to_lufs(float((energy[second:] - energy[:-second]).max()) / second)


def _add(out: Stereo, sound: Stereo, at: int) -> None:
    """Add a sound in place, as much of it as there is room for."""
    low, high = max(0, at), min(len(out), at + len(sound))
    if low < high:
        out[low:high] += sound[low - at : high - at]


@lru_cache(maxsize=32)
def _voice(flac: bytes) -> Stereo:
    """Read a clip as one column at 48 kHz, which adds to both channels."""
    samples, rate_hz = soundfile.read(io.BytesIO(flac), dtype="float64")
    sound: Mono = soxr.resample(samples, rate_hz, MIX.sample_rate_hz, quality="VHQ")
    return sound[:, None].astype(np.float32)
