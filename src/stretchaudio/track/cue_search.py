"""Find each cue of a manifest in the sound of its track."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stretchaudio.audio.clip import FRAME_MS, LEAD_FRAMES
from stretchaudio.audio.envelope import decode_envelope
from stretchaudio.script.model import CueKind, WindowKind
from stretchaudio.track.analysis import POWERS, Analysis
from stretchaudio.track.manifest import HALF_FRAME_S, CueEntry, Manifest, WindowEntry

_REACH_MS = 200
"""How much too early or too late a cue is looked for."""
_MOST_SPARE_MS = 10 * FRAME_MS
"""How much longer than its cue an envelope may be."""
_VALUES_AT_ONCE = 100_000
_LEAST_FIT = 0.8
"""The least correlation at which a cue counts as heard."""
# A cue's own pauses are no holes: frames as quiet as this, beside its loudest, are passed over.
_PAUSE_DB = 25.0
_HOLE_DB = 10.0
"""How far below its envelope a frame is a hole."""
_LEAST_POWER = 1e-12
_HELD = {WindowKind.HOLD, WindowKind.TIME}
"""Windows that lie between a start cue and a release."""
_HELD_REACH_S = 0.3
"""How far from the edge of such a window its cue may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCue:
    """A cue as it is heard, compared with its envelope."""

    cue: CueEntry
    late_ms: float
    """How much later than planned it begins; NaN when it was not looked for."""
    fit: float
    """Its correlation with the envelope: 1 the same, 0 something else."""
    louder_db: float
    """Its level against the envelope's; NaN when it was not looked for."""
    hole_ms: int
    """How much of it is missing."""

    @property
    def is_heard(self) -> bool:
        """True when the sound is like the envelope."""
        return self.fit >= _LEAST_FIT


def find_cues(manifest: Manifest, heard: Analysis) -> tuple[FoundCue, ...]:
    """Find where the loudness over time is most like the envelope of each cue."""
    return tuple(
        _find_cue(cue, manifest.envelopes.get(cue.text, ""), heard.energy) for cue in manifest.cues
    )


def _find_cue(cue: CueEntry, envelope: str, energy: Any) -> FoundCue:
    first_ms = round(cue.start_s * 1000) - LEAD_FRAMES * FRAME_MS
    spare_ms = len(envelope) * FRAME_MS - (cue.end_s - cue.start_s) * 1000
    if len(envelope) < 2 or spare_ms > _MOST_SPARE_MS or first_ms - _REACH_MS >= len(energy):
        return FoundCue(cue=cue, late_ms=math.nan, fit=0.0, louder_db=math.nan, hole_ms=0)
    planned = np.array(decode_envelope(envelope))
    candidates = _candidates(energy, first_ms, len(planned))
    best, fit = _best_fit(candidates, np.sqrt(planned))
    found = candidates[best]
    return FoundCue(
        cue=cue,
        late_ms=float(best - _REACH_MS),
        fit=fit,
        louder_db=_db(float(found.sum())) - _db(float(planned.sum())),
        hole_ms=_missing_frames(found, planned) * FRAME_MS,
    )


def _db(power: float) -> float:
    return 10 * math.log10(max(power, _LEAST_POWER))


def _candidates(energy: Any, first_ms: int, frames: int) -> Any:
    """Cut out the sound around a cue, once for each millisecond it may be early or late by.

    Args:
        energy: The power of each millisecond of the track, as codes of `POWERS`.
        first_ms: The planned start of the cue's first frame.
        frames: The length of its envelope.

    Returns:
        Mean squares of frames, shape (early or late, frames); a view without copies.
    """
    around_ms = np.arange(first_ms - _REACH_MS, first_ms + _REACH_MS + FRAME_MS * frames)
    powers = POWERS[energy[np.clip(around_ms, 0, len(energy) - 1)]]
    summed = np.concatenate([[0.0], np.cumsum(powers)])
    means = (summed[FRAME_MS:] - summed[:-FRAME_MS]) / FRAME_MS
    view = np.lib.stride_tricks.sliding_window_view(means, FRAME_MS * (frames - 1) + 1)
    return view[:, ::FRAME_MS]


def _missing_frames(found: Any, planned: Any) -> int:
    """Count the frames that are silent though something was spoken in them."""
    spoken = planned > planned.max() * 10 ** (-_PAUSE_DB / 10)
    return int(np.count_nonzero(spoken & (found < planned * 10 ** (-_HOLE_DB / 10))))


def _best_fit(candidates: Any, amplitudes: Any) -> tuple[int, float]:
    """Find the candidate whose amplitudes correlate most with others, and the correlation."""
    centred = amplitudes - amplitudes.mean()
    rows = max(1, _VALUES_AT_ONCE // len(amplitudes))
    fits = np.concatenate(
        [
            _correlations(np.sqrt(candidates[at : at + rows]), centred)
            for at in range(0, len(candidates), rows)
        ]
    )
    best = int(np.argmax(fits))
    return best, float(fits[best])


def _correlations(rows: Any, centred: Any) -> Any:
    """Correlate each row with values whose mean is 0."""
    rows -= rows.mean(axis=1, keepdims=True)
    norms = (rows * rows).sum(axis=1) * (centred @ centred)
    return rows @ centred / np.sqrt(np.maximum(norms, 1e-20))


class CueEdges:
    """The times at which cues are heard to begin and end, by the edges of windows.

    A cue at an edge stands within half a frame of it. A hold lies between its start cue and its
    release, so for these two the nearest is taken even if it is further away: a window that is not
    where it should be is then found out.

    Args:
        there: The cues that are heard.
    """

    def __init__(self, there: Sequence[FoundCue]) -> None:
        self.starts = sorted((one.cue.start_s, one.late_ms / 1000, one.cue.kind) for one in there)
        self.ends = sorted((one.cue.end_s, one.late_ms / 1000, one.cue.kind) for one in there)

    def begin_s(self, window: WindowEntry) -> float | None:
        """Find where a window is heard to begin; None when it begins without a sound."""
        exact = _nearest(self.starts, window.start_s) or _nearest(self.ends, window.start_s)
        if exact or window.kind not in _HELD:
            return exact
        return _nearest(self.ends, window.start_s, kind=CueKind.START)

    def end_s(self, window: WindowEntry) -> float | None:
        """Find where a window is heard to end; None when it ends without a sound."""
        end_s = window.start_s + window.length_s
        exact = _nearest(self.starts, end_s)
        if exact or window.kind not in _HELD:
            return exact
        return _nearest(self.starts, end_s, kind=CueKind.RELEASE)


def _nearest(
    edges: Sequence[tuple[float, float, str]], near_s: float, kind: str | None = None
) -> float | None:
    """Find where the edge is heard that is planned nearest to a time.

    Args:
        edges: Planned time, lateness and kind of the cue of each edge, in order.
        near_s: The time.
        kind: Only cues of this kind, within 0.3 s; else any within half a frame.
    """
    reach_s = HALF_FRAME_S if kind is None else _HELD_REACH_S
    if not edges or near_s > edges[-1][0] + reach_s:  # as nearly all are of a track cut short
        return None
    low, high = (
        bisect_left(edges, time_s, key=lambda edge: edge[0])
        for time_s in (near_s - reach_s, near_s + reach_s)
    )
    found = [
        (abs(planned_s - near_s), planned_s + late_s)
        for planned_s, late_s, one in edges[low:high]
        if kind in {None, one}
    ]
    return min(found)[1] if found else None
