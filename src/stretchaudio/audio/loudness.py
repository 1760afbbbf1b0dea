"""A track's loudness from what was measured on its clips or blocks: nothing is decoded again.

BS.1770-4 with its two gates, on blocks of 17 frames every 4 frames: 408 ms and 96 ms where the recommendation has 400 and
100, because what was measured comes in frames of 24 ms.
"""

import math
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate

BLOCK_FRAMES = 17
STEP_FRAMES = 4
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0


def gated_lufs(energies: Sequence[float]) -> float:
    """The integrated loudness of a track.

    Args:
        energies: The K-weighted mean square of each frame, summed over the channels.

    Returns:
        LUFS; minus infinity when all is below the absolute gate.
    """
    sums = array("d", accumulate(energies, initial=0.0))
    starts = range(0, len(energies) - BLOCK_FRAMES + 1, STEP_FRAMES)
    loud = [
        block
        for block in ((sums[at + BLOCK_FRAMES] - sums[at]) / BLOCK_FRAMES for at in starts)
        if _lufs(block) >= ABSOLUTE_GATE_LUFS
    ]
    if not loud:
        return -math.inf
    gate = _lufs(sum(loud) / len(loud)) + RELATIVE_GATE_LU
    kept = [block for block in loud if _lufs(block) > gate]
    return _lufs(sum(kept) / len(kept))


def integrated_lufs(
    clips: Sequence[tuple[int, Sequence[float]]], tone_energy: float, frames: int
) -> float:
    """The integrated loudness of a track.

    Args:
        clips: The first frame of each clip and the K-weighted mean square of each of its frames, in order.
        tone_energy: That of a frame of room tone.
        frames: The track's length.

    Returns:
        LUFS; minus infinity when all is below the absolute gate.
    """
    blocks = list(_speech_blocks(clips, tone_energy, frames))
    all_blocks = max(0, (frames - BLOCK_FRAMES) // STEP_FRAMES + 1)
    quiet_blocks = all_blocks - len(blocks)
    loud = array("d", (block for block in blocks if _lufs(block) >= ABSOLUTE_GATE_LUFS))
    quiet_counts = quiet_blocks if _lufs(tone_energy) >= ABSOLUTE_GATE_LUFS else 0
    if not loud:
        return _lufs(tone_energy) if quiet_counts else -math.inf
    gate = (
        _lufs((sum(loud) + quiet_counts * tone_energy) / (len(loud) + quiet_counts))
        + RELATIVE_GATE_LU
    )
    kept = [block for block in loud if _lufs(block) > gate]
    quiet_kept = quiet_counts if _lufs(tone_energy) > gate else 0
    return _lufs((sum(kept) + quiet_kept * tone_energy) / (len(kept) + quiet_kept))


def _speech_blocks(
    clips: Sequence[tuple[int, Sequence[float]]], tone_energy: float, frames: int
) -> Iterator[float]:
    """The mean square of each block that touches a clip; all others are room tone alone."""
    for first, energies in _stretches(clips, tone_energy):
        sums = [0.0, *accumulate(energies)]
        begin = -(-max(0, first - BLOCK_FRAMES + 1) // STEP_FRAMES) * STEP_FRAMES
        for start in range(
            begin, min(first + len(energies), frames - BLOCK_FRAMES + 1), STEP_FRAMES
        ):
            low, high = max(0, start - first), min(len(energies), start + BLOCK_FRAMES - first)
            around = BLOCK_FRAMES - (high - low)
            yield (sums[high] - sums[low] + around * tone_energy) / BLOCK_FRAMES


def _stretches(
    clips: Sequence[tuple[int, Sequence[float]]], tone_energy: float
) -> Iterator[tuple[int, list[float]]]:
    """Clips so near to each other that a block touches two are joined, with room tone between them."""
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


def _lufs(mean_square: float) -> float:
    return -0.691 + 10 * math.log10(mean_square) if mean_square > 0 else -math.inf
