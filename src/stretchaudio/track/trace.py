"""Compare what is heard with what a track was made as: its loudness, and its sides of zero."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from stretchaudio.audio.clip import FRAME_MS, LEAD_FRAMES
from stretchaudio.audio.envelope import decode_envelope
from stretchaudio.mix.model import OFF
from stretchaudio.track.analysis import Analysis
from stretchaudio.track.manifest import Manifest

# Measured on whole tracks, and on the same encoded again by another encoder at 128 kbit/s: frames
# are within 2.0 dB, two within 1.1, four within 1.0, half seconds within 0.6, and 2 s have a spread
# of up to 0.6 dB.
_SCALES = ((1, 2.7), (2, 1.8), (4, 1.4), (20, 1.0))
"""Frames, and how many dB their loudness may be off."""
_SPREAD_FRAMES, _SPREAD_DB = 80, 1.0
"""Frames, and the spread of their offsets: more in a bed that is a little early or late."""
# Of tracks with any bed, and of the same encoded again at 96 kbit/s, -50 dBFS at the most.
_AGAINST_FRAMES, _AGAINST = 2, 10**-4.4
"""Frames, and the mean square that may be heard on the wrong side of zero."""
_NOTABLE_DB, _JOIN_FRAMES = 1.0, 40
"""A place that is told: frames that are off by so much, and no further apart."""
_FLOOR = 10**-5.0
"""Quieter differences are not heard; encoders smear as much before a bell."""
_LOUD = 10**-4.0
"""By frames that are louder is judged how much quieter or louder a whole track is."""
_LOUDEST_TONE = 10**-5.2
"""Room tone may be so loud between cues; how loud it is, the manifest does not say."""
_MOST_GAIN_DB = 1.0
"""A whole track may be so much quieter or louder: some encoders turn it down by half a decibel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A part of a track that does not sound as it was made."""

    start_s: float
    length_s: float
    louder_db: float
    """The most that it is off."""


def find_differences(manifest: Manifest, heard: Analysis) -> Iterator[Difference]:
    """Find the parts that are louder, quieter or otherwise than they were made, in order.

    Of tracks that older versions made with a bed or bells nothing is known, and none are found.
    """
    planned = _planned(manifest, heard)
    frames = min(len(planned), len(heard.frames))
    if not frames:
        return
    here, there = heard.frames[:frames], planned[:frames]
    off_db = _level_db(here) - _level_db(there)
    gain_db = float(np.clip(_median(off_db[there > _LOUD]), -_MOST_GAIN_DB, _MOST_GAIN_DB))
    off_db -= gain_db
    wrong = np.zeros(frames, bool)
    for size, most_db in _SCALES:
        means_db = _level_db(_means(here, size)) - _level_db(_means(there, size)) - gain_db
        _mark(wrong, np.abs(means_db) > most_db, size)
    _mark(wrong, _means(off_db**2, _SPREAD_FRAMES) > _SPREAD_DB**2, _SPREAD_FRAMES)
    wrong &= np.abs(off_db) > _NOTABLE_DB
    against = heard.against[:frames]
    _mark(wrong, _means(against, _AGAINST_FRAMES) > _AGAINST, _AGAINST_FRAMES)
    at = np.flatnonzero(wrong)
    for part in np.split(at, np.flatnonzero(np.diff(at) > _JOIN_FRAMES) + 1):
        if len(part):
            yield Difference(
                start_s=float(part[0]) * FRAME_MS / 1000,
                length_s=float(part[-1] + 1 - part[0]) * FRAME_MS / 1000,
                louder_db=float(max(off_db[part], key=abs)),
            )


def _planned(manifest: Manifest, heard: Analysis) -> Any:
    """Give the energy of each frame as it was made: a mix's from its trace, else by its cues."""
    if manifest.trace or manifest.bed != OFF or manifest.chimes:
        return np.array(decode_envelope("".join(manifest.trace)))
    planned = np.zeros(len(heard.frames))
    for cue in manifest.cues:
        first = max(0, round(cue.start_s * 1000 / FRAME_MS) - LEAD_FRAMES)
        if first >= len(planned):  # a manifest may promise hours that are not there
            continue
        envelope = decode_envelope(manifest.envelopes.get(cue.text, ""))
        planned[first : first + len(envelope)] = envelope[: max(0, len(planned) - first)]
    between = planned == 0
    planned[between] = min(_median(heard.frames[between]), _LOUDEST_TONE)
    return planned


def _level_db(energies: Any) -> Any:
    return 10 * np.log10(energies + _FLOOR)


def _median(values: Any) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _means(values: Any, size: int) -> Any:
    """Average each run of a number of values."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.maximum(sums[size:] - sums[:-size], 0.0) / size


def _mark(wrong: Any, found: Any, size: int) -> None:
    """Mark the frames of each run that was found."""
    first = np.flatnonzero(found)
    edges = np.zeros(len(wrong) + 1, int)
    np.add.at(edges, first, 1)
    np.add.at(edges, first + size, -1)
    wrong |= np.cumsum(edges[:-1]) > 0
