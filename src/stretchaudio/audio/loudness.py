"""Measure loudness from the energy of frames (BS.1770-4), and convert decibels.

A track's loudness follows from what was measured on its clips or blocks: nothing is decoded again.
The two gates work on blocks of 17 frames every 4 frames, 408 ms and 96 ms where the recommendation
has 400 and 100, because energies come in frames of 24 ms.

This module is pure Python: builds from the cache must not load NumPy.
"""

import math
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, islice

from stretchaudio.audio.clip import ceil_div

MAX_TRUE_PEAK_DBTP = -1.0
"""The highest true peak of a finished track."""
BLOCK_FRAMES = 17
STEP_FRAMES = 4
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
_OFFSET_LUFS = -0.691
"""BS.1770's constant: it cancels the gain of the K-weighting at 997 Hz."""
_LEAST_GAIN = 1e-9


def db_to_gain(level_db: float) -> float:
    """Convert decibels to a factor of amplitude."""
    return float(10 ** (level_db / 20))


def gain_to_db(gain: float) -> float:
    """Convert an amplitude to decibels; silence is -180 dB."""
    return 20 * math.log10(max(gain, _LEAST_GAIN))


def db_to_power(level_db: float) -> float:
    """Convert decibels to a factor of power."""
    return float(10 ** (level_db / 10))


def power_to_db(power: float) -> float:
    """Convert a power to decibels; minus infinity for none."""
    return 10 * math.log10(power) if power > 0 else -math.inf


def energy_to_lufs(energy: float) -> float:
    """Return the loudness of a K-weighted mean square, summed over the channels."""
    return _OFFSET_LUFS + power_to_db(energy)


def lufs_to_energy(lufs: float) -> float:
    """Return the K-weighted mean square of a loudness."""
    return db_to_power(lufs - _OFFSET_LUFS)


_ABSOLUTE_GATE = lufs_to_energy(ABSOLUTE_GATE_LUFS)
_RELATIVE_GATE = db_to_power(RELATIVE_GATE_LU)


def gated_lufs(energies: Sequence[float]) -> float:
    """Measure the integrated loudness of a track.

    Args:
        energies: The K-weighted mean square of each frame, summed over the channels.

    Returns:
        LUFS; minus infinity when all is below the absolute gate.
    """
    begins, ends = (
        islice(accumulate(energies, initial=0.0), first, None, STEP_FRAMES)
        for first in (0, BLOCK_FRAMES)
    )
    blocks = ((end - begin) / BLOCK_FRAMES for begin, end in zip(begins, ends, strict=False))
    loud = array("d", (block for block in blocks if block >= _ABSOLUTE_GATE))
    if not loud:
        return -math.inf
    gate = sum(loud) / len(loud) * _RELATIVE_GATE
    kept = array("d", (block for block in loud if block > gate))
    return energy_to_lufs(sum(kept) / len(kept))


def integrated_lufs(
    clips: Sequence[tuple[int, Sequence[float]]], tone_energy: float, frames: int
) -> float:
    """Measure the integrated loudness of clips in room tone.

    Args:
        clips: Each clip's first frame and the K-weighted mean square of each of its frames, in
            order.
        tone_energy: The K-weighted mean square of a frame of room tone.
        frames: The track's length.

    Returns:
        LUFS; minus infinity when all is below the absolute gate.
    """
    blocks = list(_speech_blocks(clips, tone_energy, frames))
    all_blocks = max(0, (frames - BLOCK_FRAMES) // STEP_FRAMES + 1)
    loud = [block for block in blocks if block >= _ABSOLUTE_GATE]
    quiet = all_blocks - len(blocks) if tone_energy >= _ABSOLUTE_GATE else 0
    if not loud:
        return energy_to_lufs(tone_energy) if quiet else -math.inf
    gate = (sum(loud) + quiet * tone_energy) / (len(loud) + quiet) * _RELATIVE_GATE
    kept = [block for block in loud if block > gate]
    quiet_kept = quiet if tone_energy > gate else 0
    return energy_to_lufs((sum(kept) + quiet_kept * tone_energy) / (len(kept) + quiet_kept))


def _speech_blocks(
    clips: Sequence[tuple[int, Sequence[float]]], tone_energy: float, frames: int
) -> Iterator[float]:
    """Yield the mean square of each block that touches a clip; the others are room tone alone."""
    around = [tone_energy] * (BLOCK_FRAMES - 1)
    for first, energies in _joined_clips(clips, tone_energy):
        sums = list(accumulate(chain(around, energies, around), initial=0.0))
        before = first - len(around)
        begin = ceil_div(max(0, before), STEP_FRAMES) * STEP_FRAMES - before
        end = min(first + len(energies), frames - BLOCK_FRAMES + 1) - before
        lows, highs = (sums[begin + more : end + more : STEP_FRAMES] for more in (0, BLOCK_FRAMES))
        yield from ((high - low) / BLOCK_FRAMES for low, high in zip(lows, highs, strict=True))


def _joined_clips(
    clips: Sequence[tuple[int, Sequence[float]]], tone_energy: float
) -> Iterator[tuple[int, list[float]]]:
    """Join clips so near to each other that a block touches two, with room tone between them."""
    first, energies = 0, list[float]()
    for start, clip in clips:
        gap = start - first - len(energies)
        if energies and gap < BLOCK_FRAMES + STEP_FRAMES:
            energies += [tone_energy] * gap
        else:
            if energies:
                yield first, energies
            first, energies = start, []
        energies += clip
    if energies:
        yield first, energies
