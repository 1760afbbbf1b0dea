"""A finished track against the manifest inside it: is every cue there, where and as loud as it says, and every window as long?"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from stretchaudio.audio.clip import FRAME_MS, LEAD_FRAMES
from stretchaudio.mix.model import OFF
from stretchaudio.track.analysis import POWERS, SPARE_S, Analysis, analyze, codes
from stretchaudio.track.envelope import decode_envelope
from stretchaudio.track.manifest import HALF_FRAME_S, CueEntry, Manifest, WindowEntry
from stretchaudio.track.reader import read_embedded
from stretchaudio.util.units import format_timestamp

CUE_MS = 30
"""How far a cue may be from its time, by the timing contract."""
WINDOW_MS = FRAME_MS
"""How much longer or shorter a window may be."""
DURATION_S = 0.001
_MOST_PADDING_S = 0.25
"""What an encoder may put around the sound, which players pass over."""
LOUDNESS_LU = 0.5
"""How far the loudness may be from what the manifest says."""
TARGETS_LUFS = {1: (-20.5, -17.5), 2: (-40.0, -14.5)}
"""Where a track's loudness lies, by its channels; a listener may choose a quieter bed."""
MAX_TRUE_PEAK_DBTP = -0.9
"""-1 dBTP, and what decoders differ by."""
_REACH_MS = 200
_MOST_SPARE_MS = 10 * FRAME_MS
"""How much longer than its cue a shape may be."""
_VALUES_AT_ONCE = 100_000
_LEAST_FIT = 0.8
"""How alike what is heard and what was spoken have to be."""
_LEVEL_DB = 2.0
"""How far a cue may be from its level."""
_STRAY_DBFS = -45.0
_ABOVE_TONE_DB = 12.0
"""A sound is stray when it is above this level, and so far above the room tone."""
_HOLE_FRAMES = 4
_HOLE_DB = 10.0
_HOLE_LEAST_DB = 25.0
"""A cue has holes when so many frames are so far below what was spoken; its own pauses do not count."""
_RING_MS = 8_000
"""How long a bell is heard."""
_STRAY_MS = 20
_AROUND_MS = (60, 80)
"""What is left around a cue when sounds are sought that should not be there: what the encoder smears."""
_SILENCE_MS = 60
_DIGITAL_DBFS = -100.0
_EDGE_MS = 2_000
"""At the edges of a track a bed is faded, and a decoder may leave a little out."""
_MOST_LISTED = 5
_HELD = {"hold", "time"}
_HELD_REACH_S = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked."""

    name: str
    """What."""
    found: str
    """What was measured."""
    allowed: str
    """What it has to be."""
    ok: bool
    """Whether it is."""
    details: tuple[str, ...] = ()
    """Where it is worst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A cue as it is heard."""

    cue: CueEntry
    late_ms: float
    """How much later than planned."""
    fit: float
    """How alike it is to what was spoken: 1 the same, 0 something else."""
    louder_db: float
    """Against what was spoken."""
    hole_ms: int
    """How much of it is not there."""


def verify(path: Path) -> tuple[Manifest, tuple[Check, ...]]:
    """Measure a track and compare it with the manifest inside.

    Raises:
        FileError: If it cannot be read or decoded, or its manifest is missing, damaged or makes no sense.
    """
    manifest = read_embedded(path).manifest
    heard = analyze(path, expected_s=manifest.duration_s)
    return manifest, (_endless(manifest),) if heard is None else tuple(checks(manifest, heard))


def checks(manifest: Manifest, heard: Analysis) -> Iterator[Check]:
    """All checks, in the order they are shown."""
    found = _found(manifest, heard)
    yield _length(manifest, heard)
    yield from _cues(manifest, found)
    yield _windows(manifest, found)
    yield _loudness(manifest, heard)
    yield _peak(heard)
    yield _clipping(heard)
    if manifest.bed == OFF:
        quiet = _quiet(manifest, heard)
        yield _stray(heard, quiet)
        if manifest.chimes:
            yield _chimes(manifest, heard, quiet)
    yield _silence(heard)


def _endless(manifest: Manifest) -> Check:
    """A track so much longer than it should be that nothing else was measured."""
    return Check(
        name="length",
        found=f"more than {manifest.duration_s + SPARE_S:.0f} s",
        allowed=f"{manifest.duration_s:.3f} s, {manifest.sample_rate_hz} Hz",
        ok=False,
        details=("it is so much too long that nothing else was measured",),
    )


def _length(manifest: Manifest, heard: Analysis) -> Check:
    off_s = heard.duration_s - manifest.duration_s
    whole = -DURATION_S <= heard.frames_s - heard.duration_s <= _MOST_PADDING_S
    ends = () if whole else ("its frames do not end where it says: something was cut off or added",)
    form = f"{heard.sample_rate_hz} Hz" + (
        "" if heard.sample_rate_hz == manifest.sample_rate_hz else " instead of another rate"
    )
    return Check(
        name="length",
        found=f"{heard.duration_s:.3f} s ({off_s * 1000:+.0f} ms), {form}",
        allowed=f"{manifest.duration_s:.3f} s, {manifest.sample_rate_hz} Hz",
        ok=abs(off_s) <= DURATION_S and heard.sample_rate_hz == manifest.sample_rate_hz and whole,
        details=ends,
    )


def _found(manifest: Manifest, heard: Analysis) -> tuple[_Found, ...]:
    """Where each cue is heard: where the loudness over time is most like that of what was spoken."""
    return tuple(
        _place(cue, manifest.envelopes.get(cue.text, ""), heard.energy) for cue in manifest.cues
    )


def _place(cue: CueEntry, written: str, energy: Any) -> _Found:
    first_ms = round(cue.start_s * 1000) - LEAD_FRAMES * FRAME_MS
    spare_ms = len(written) * FRAME_MS - (cue.end_s - cue.start_s) * 1000
    if len(written) < 2 or spare_ms > _MOST_SPARE_MS or first_ms - _REACH_MS >= len(energy):
        return _Found(cue=cue, late_ms=math.nan, fit=0.0, louder_db=math.nan, hole_ms=0)
    shape = np.array(decode_envelope(written))
    around_ms = np.arange(first_ms - _REACH_MS, first_ms + _REACH_MS + FRAME_MS * len(shape))
    powers = POWERS[energy[np.clip(around_ms, 0, len(energy) - 1)]]
    summed = np.concatenate([[0.0], np.cumsum(powers)])
    means = (summed[FRAME_MS:] - summed[:-FRAME_MS]) / FRAME_MS
    # One row for each millisecond that the cue may be early or late by; nothing is copied.
    found = np.lib.stride_tricks.sliding_window_view(means, FRAME_MS * (len(shape) - 1) + 1)[
        :, ::FRAME_MS
    ]
    best, fit = _best_fit(found, np.sqrt(shape))
    return _Found(
        cue=cue,
        late_ms=float(best - _REACH_MS),
        fit=fit,
        louder_db=10
        * math.log10(max(float(found[best].sum()), 1e-12) / max(float(shape.sum()), 1e-12)),
        hole_ms=_missing_frames(found[best], shape) * FRAME_MS,
    )


def _missing_frames(found: Any, shape: Any) -> int:
    """How many frames are silent in which something was spoken."""
    spoken = shape > shape.max() * 10 ** (-_HOLE_LEAST_DB / 10)
    return int(np.count_nonzero(spoken & (found < shape * 10 ** (-_HOLE_DB / 10))))


def _best_fit(found: Any, shape: Any) -> tuple[int, float]:
    """The row of mean squares whose roots correlate most with a shape, and how much."""
    wanted = shape - shape.mean()
    rows = max(1, _VALUES_AT_ONCE // len(shape))
    fit = np.concatenate(
        [_fit(np.sqrt(found[at : at + rows]), wanted) for at in range(0, len(found), rows)]
    )
    best = int(np.argmax(fit))
    return best, float(fit[best])


def _fit(found: Any, wanted: Any) -> Any:
    rows = found - found.mean(axis=1, keepdims=True)
    return rows @ wanted / np.sqrt(np.maximum((rows * rows).sum(axis=1) * (wanted @ wanted), 1e-20))


def _cues(manifest: Manifest, cues: Sequence[_Found]) -> Iterator[Check]:
    missing = [one for one in cues if one.fit < _LEAST_FIT]
    yield Check(
        name="cues",
        found=f"{len(cues) - len(missing)} of {len(cues)} heard",
        allowed="all",
        ok=not missing,
        details=_listed(f"{_at(one.cue)} is not heard" for one in missing),
    )
    there = sorted(
        (one for one in cues if one.fit >= _LEAST_FIT), key=lambda one: -abs(one.late_ms)
    )
    if not there:
        return
    late = [one for one in there if abs(one.late_ms) > CUE_MS]
    yield Check(
        name="onsets",
        found=f"{min(one.late_ms for one in there):+.0f} to {max(one.late_ms for one in there):+.0f} ms",
        allowed=f"within {CUE_MS} ms",
        ok=not late,
        details=_listed(f"{_at(one.cue)} is {one.late_ms:+.0f} ms off" for one in late),
    )
    holes = [one for one in there if one.hole_ms >= _HOLE_FRAMES * FRAME_MS]
    under_bed = manifest.bed != OFF or bool(manifest.chimes)
    wrong = [
        one
        for one in there
        if one.louder_db < -_LEVEL_DB or (one.louder_db > _LEVEL_DB and not under_bed)
    ]
    quietest, loudest = min(one.louder_db for one in there), max(one.louder_db for one in there)
    yield Check(
        name="level of cues",
        found=f"{quietest:+.1f} to {loudest:+.1f} dB",
        allowed=f"not below -{_LEVEL_DB:g} dB" if under_bed else f"within {_LEVEL_DB:g} dB",
        ok=not wrong and not holes,
        details=_listed(
            chain(
                (f"{_at(one.cue)} is {one.louder_db:+.1f} dB off" for one in wrong),
                (f"{_at(one.cue)} is silent for {one.hole_ms} ms of it" for one in holes),
            )
        ),
    )


def _windows(manifest: Manifest, cues: Sequence[_Found]) -> Check:
    """Windows with a cue at either end: how long they are from sound to sound."""
    heard = [one for one in cues if one.fit >= _LEAST_FIT]
    edges = _Edges(heard)
    found: list[tuple[float, WindowEntry]] = []
    for window in manifest.windows if heard else ():
        begin_s, end_s = edges.begin_s(window), edges.end_s(window)
        if begin_s is not None and end_s is not None:
            found.append(((end_s - begin_s - window.length_s) * 1000, window))
    wrong = sorted((one for one in found if abs(one[0]) > WINDOW_MS), key=lambda one: -abs(one[0]))
    spread = (
        f", {min(off for off, _ in found):+.0f} to {max(off for off, _ in found):+.0f} ms"
        if found
        else ""
    )
    return Check(
        name="windows",
        found=f"{len(found)} of {len(manifest.windows)} heard at both ends{spread}"
        if found
        else "none can be heard at both ends",
        allowed=f"within {WINDOW_MS} ms",
        ok=not wrong,
        details=_listed(
            f"{window.kind} of {window.length_s:g} s at {format_timestamp(window.start_s)} ({window.exercise}) is {off:+.0f} ms off"
            for off, window in wrong
        ),
    )


class _Edges:
    """Where cues are heard to begin and end, to find those at the edges of a window.

    A cue at an edge stands within half a frame of it. A hold lies between its start cue and its release, so for these two the
    nearest is taken even if it is further away: a window that is not where it should be is then found out.
    """

    def __init__(self, heard: Sequence[_Found]) -> None:
        self.starts = sorted((one.cue.start_s, one.late_ms / 1000, one.cue.kind) for one in heard)
        self.ends = sorted((one.cue.end_s, one.late_ms / 1000, one.cue.kind) for one in heard)

    def begin_s(self, window: WindowEntry) -> float | None:
        """Where a window is heard to begin; None when it begins without a sound."""
        exact = _nearest(self.starts, window.start_s) or _nearest(self.ends, window.start_s)
        return exact or (
            _nearest(self.ends, window.start_s, kind="start") if window.kind in _HELD else None
        )

    def end_s(self, window: WindowEntry) -> float | None:
        """Where it is heard to end."""
        end_s = window.start_s + window.length_s
        return _nearest(self.starts, end_s) or (
            _nearest(self.starts, end_s, kind="release") if window.kind in _HELD else None
        )


def _nearest(
    edges: Sequence[tuple[float, float, str]], near_s: float, kind: str | None = None
) -> float | None:
    """Where the edge is heard that is planned nearest to a time.

    Args:
        edges: When each is planned and how much later it is heard, with the kind of its cue, in order.
        near_s: The time.
        kind: Only cues of this kind, within a third of a second; else any within half a frame.
    """
    reach_s = HALF_FRAME_S if kind is None else _HELD_REACH_S
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


def _loudness(manifest: Manifest, heard: Analysis) -> Check:
    lowest, highest = TARGETS_LUFS[heard.channels]
    off_lu = heard.loudness_lufs - manifest.integrated_lufs
    quiet = not manifest.cues  # bells alone leave long silences
    return Check(
        name="loudness",
        found=f"{heard.loudness_lufs:.1f} LUFS ({off_lu:+.1f} LU)",
        allowed=f"{manifest.integrated_lufs:.1f} LUFS, from {lowest:g} to {highest:g}",
        ok=abs(off_lu) <= LOUDNESS_LU
        and (lowest <= heard.loudness_lufs or quiet)
        and heard.loudness_lufs <= highest,
    )


def _peak(heard: Analysis) -> Check:
    peak = f"{heard.true_peak_dbtp:.1f} dBTP"
    return Check(
        name="true peak",
        found=peak,
        allowed="-1 dBTP at the most",
        ok=heard.true_peak_dbtp <= MAX_TRUE_PEAK_DBTP,
    )


def _clipping(heard: Analysis) -> Check:
    return Check(
        name="clipping", found=_times(heard.clipped), allowed="never", ok=heard.clipped == 0
    )


def _quiet(manifest: Manifest, heard: Analysis) -> Any:
    """The milliseconds in which nothing but room tone should be heard."""
    quiet = np.ones(len(heard.energy), bool)
    before_ms, after_ms = _AROUND_MS
    for cue in manifest.cues:
        quiet[
            max(0, round(cue.start_s * 1000) - before_ms) : round(cue.end_s * 1000) + after_ms
        ] = False
    for chime in manifest.chimes:
        quiet[
            max(0, round(chime.at_s * 1000) - before_ms) : round(chime.at_s * 1000) + _RING_MS
        ] = False
    return quiet


def _threshold(heard: Analysis, quiet: Any) -> int:
    """The code of the loudest millisecond that holds no more than room tone; louder ones have lower codes."""
    counts = _counts(heard.peaks, quiet)
    tone_code = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
    tone = POWERS[tone_code] if quiet.any() else 0.0
    return int(codes(np.array(max(10 ** (_STRAY_DBFS / 10), tone * 10 ** (_ABOVE_TONE_DB / 10)))))


def _counts(levels: Any, wanted: Any) -> Any:
    """How often each code is there."""
    counts = np.zeros(len(POWERS), np.int64)
    for part in _parts(len(levels)):
        counts += np.bincount(levels[part][wanted[part]], minlength=len(POWERS))
    return counts


def _stray(heard: Analysis, quiet: Any) -> Check:
    """Sound where only room tone should be."""
    level = _threshold(heard, quiet)
    loud = _runs(
        len(quiet), lambda part: (heard.peaks[part] < level) & quiet[part], join_ms=_STRAY_MS
    )
    found, details = _listed_runs(loud, "sound", least_ms=_STRAY_MS)
    return Check(
        name="quiet between cues",
        found=f"{found} sounds" if found != 1 else "1 sound",
        allowed="none",
        ok=not found,
        details=details,
    )


def _chimes(manifest: Manifest, heard: Analysis, quiet: Any) -> Check:
    """Whether there is a sound where each bell is struck."""
    level = _threshold(heard, quiet)
    silent = [
        one
        for one in manifest.chimes
        if not (heard.peaks[round(one.at_s * 1000) :][: _AROUND_MS[0]] < level).any()
    ]
    return Check(
        name="chimes",
        found=f"{len(manifest.chimes) - len(silent)} of {len(manifest.chimes)} heard",
        allowed="all",
        ok=not silent,
        details=_listed(
            f"the {one.kind} bell at {format_timestamp(one.at_s)} is not heard" for one in silent
        ),
    )


def _silence(heard: Analysis) -> Check:
    """Digital silence in a track that has sound everywhere else."""
    level = int(codes(np.array(10 ** (_DIGITAL_DBFS / 10))))
    usual = (
        np.count_nonzero(heard.peaks > level) > len(heard.peaks) / 4
    )  # the room tone was switched off
    inside = heard.peaks[_EDGE_MS:-_EDGE_MS]
    runs = () if usual else _runs(len(inside), lambda part: inside[part] > level, join_ms=0)
    moved = ((first + _EDGE_MS, last + _EDGE_MS) for first, last in runs)
    found, details = _listed_runs(moved, "silence", least_ms=_SILENCE_MS)
    return Check(
        name="unexpected silence",
        found=_times(found) if not usual else "the track has no room tone",
        allowed="never",
        ok=not found,
        details=details,
    )


def _runs(
    length_ms: int, wanted: Callable[[slice], Any], *, join_ms: int
) -> Iterator[tuple[int, int]]:
    """Stretches of milliseconds that are wanted; those nearer to each other than `join_ms` count as one."""
    before: tuple[int, int] | None = None
    for part in _parts(length_ms):
        edges = (
            np.flatnonzero(
                np.diff(np.concatenate([[False], wanted(part), [False]]).astype(np.int8))
            )
            + part.start
        )
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if before and first - before[1] <= max(0, join_ms - 1):
                before = before[0], last
                continue
            if before:
                yield before
            before = first, last
    if before:
        yield before


def _parts(length: int) -> Iterator[slice]:
    return (slice(at, at + _VALUES_AT_ONCE) for at in range(0, length, _VALUES_AT_ONCE))


def _listed_runs(
    runs: Iterable[tuple[int, int]], what: str, *, least_ms: int
) -> tuple[int, tuple[str, ...]]:
    """How many runs are that long, and what is said of them."""
    long = [0]

    def told() -> Iterator[str]:
        for first, last in runs:
            if last - first >= least_ms:
                long[0] += 1
                yield f"{what} at {format_timestamp(first / 1000)} for {last - first} ms"

    details = _listed(told())
    return long[0], details


def _times(number: int) -> str:
    return {0: "never", 1: "once"}.get(number, f"{number} times")


def _listed(details: Iterable[str]) -> tuple[str, ...]:
    """The worst, and how many there are besides."""
    rest = iter(details)
    worst = tuple(islice(rest, _MOST_LISTED))
    more = sum(1 for _ in rest)
    return (*worst, f"and {more} more") if more else worst


def _at(cue: CueEntry) -> str:
    return f"'{cue.text}' at {format_timestamp(cue.start_s)}"
