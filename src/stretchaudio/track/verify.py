"""Check a finished track against the manifest inside it.

Is every cue there, on time and as loud as planned, and every window as long?
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from stretchaudio.audio.clip import FRAME_MS, LEAD_FRAMES
from stretchaudio.audio.envelope import decode_envelope
from stretchaudio.audio.loudness import MAX_TRUE_PEAK_DBTP
from stretchaudio.mix.model import OFF
from stretchaudio.track.analysis import POWERS, SPARE_S, Analysis, analyze, codes
from stretchaudio.track.cue_search import CueEdges, FoundCue, find_cues
from stretchaudio.track.manifest import CueEntry, Manifest, WindowEntry
from stretchaudio.track.reader import read_embedded
from stretchaudio.track.trace import Difference, find_differences
from stretchaudio.util.units import format_count, format_timestamp

CUE_MS = 30
"""How far a cue may be from its time, by the timing contract."""
WINDOW_MS = FRAME_MS
"""How much longer or shorter a window may be."""
DURATION_S = 0.001
"""How much longer or shorter a track may be."""
# What an encoder may put around the sound, which players pass over.
_MOST_PADDING_S = 0.25
LOUDNESS_LU = 0.6
"""How far the loudness may be from the manifest's; LAME at 128 kbit/s takes up to 0.52 away."""
# A listener may choose a quieter bed.
TARGETS_LUFS = {1: (-20.5, -17.5), 2: (-40.0, -14.5)}
"""The lowest and highest loudness of a track, by its channels."""
# The limit is -1 dBTP; decoders differ a little.
ACCEPTED_TRUE_PEAK_DBTP = -0.9
_VALUES_AT_ONCE = 100_000
_LEVEL_DB = 2.0
"""How far a cue may be from its level."""
# A sound between cues is stray when it is louder than both.
_STRAY_DBFS = -45.0
_ABOVE_TONE_DB = 12.0
_STRAY_MS = 20
"""The shortest stray sound."""
_HOLE_MS = 4 * FRAME_MS
"""How much of a cue has to be missing to be a hole."""
_RING_MS = 8_000
"""How long a bell is heard."""
# What the encoder smears around a cue is no stray sound.
_AROUND_MS = (60, 80)
"""The time before and after a cue in which no stray sounds are looked for."""
_SILENCE_MS = 60
"""The shortest digital silence that is reported."""
_DIGITAL_DBFS = -100.0
# At the edges of a track a bed is faded, and a decoder may leave a little out.
_EDGE_MS = 2_000
_MOST_LISTED = 5
_FRAME_S = FRAME_MS / 1000
_DISTANCES_LU = (15, 20)
"""How far words are above a bed: as listeners want it, and as WCAG 1.4.7 asks."""
# The bed is down from 150 ms before words until 150 ms after them.
_BEFORE_WORDS_S, _AFTER_WORDS_S = (-0.145, -0.02), (0.08, 0.15)
_FREE_S, _BELL_S = 0.4, 3.0
"""A cue stands free with so much quiet beside it; a bell that was struck so early disturbs."""
_SPOKEN_PART = 0.01
_HEARD_DB = 1.0
"""Another sound whose loudness is off by less is told as another sound alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The result of one check."""

    name: str
    found: str
    """The measurement."""
    allowed: str
    """The values that pass."""
    ok: bool
    """True when it passes."""
    details: tuple[str, ...] = ()
    """The places where it is worst."""


def verify(path: Path) -> tuple[Manifest, tuple[Check, ...]]:
    """Measure a track and compare it with the manifest inside.

    Raises:
        FileError: If it cannot be read or decoded, or its manifest is missing, damaged or makes
            no sense.
    """
    manifest = read_embedded(path).manifest
    heard = analyze(path, expected_s=manifest.duration_s, signs=manifest.signs)
    return manifest, (_endless(manifest),) if heard is None else tuple(checks(manifest, heard))


def checks(manifest: Manifest, heard: Analysis) -> Iterator[Check]:
    """Make all checks, in the order they are shown."""
    cues = find_cues(manifest, heard)
    there = [one for one in cues if one.is_heard]
    yield _length(manifest, heard)
    if heard.is_as_written is not None:
        yield _data(heard)
    yield _cues(cues)
    if there:
        yield _onsets(there)
        yield _levels(manifest, there)
    yield _windows(manifest, there)
    yield _as_made(manifest, heard)
    yield _loudness(manifest, heard)
    yield _peak(heard)
    yield _clipping(heard)
    if manifest.bed == OFF:
        quiet = _Quiet(manifest)
        yield _stray(heard, quiet)
        if manifest.chimes:
            yield _chimes(manifest, heard, quiet)
    elif there:
        yield from _over_bed(manifest, heard)
    yield _silence(heard)


def _endless(manifest: Manifest) -> Check:
    """Report a track that is so much too long that it was not measured."""
    return Check(
        name="length",
        found=f"more than {manifest.duration_s + SPARE_S:.0f} s",
        allowed=f"{manifest.duration_s:.3f} s, {manifest.sample_rate_hz} Hz",
        ok=False,
        details=("it is so much too long that nothing else was measured",),
    )


def _length(manifest: Manifest, heard: Analysis) -> Check:
    off_s = heard.duration_s - manifest.duration_s
    is_whole = -DURATION_S <= heard.frames_s - heard.duration_s <= _MOST_PADDING_S
    has_rate = heard.sample_rate_hz == manifest.sample_rate_hz
    rate = f"{heard.sample_rate_hz} Hz" + ("" if has_rate else " instead of another rate")
    cut_off = "its frames do not end where it says: something was cut off or added"
    return Check(
        name="length",
        found=f"{heard.duration_s:.3f} s ({off_s * 1000:+.0f} ms), {rate}",
        allowed=f"{manifest.duration_s:.3f} s, {manifest.sample_rate_hz} Hz",
        ok=abs(off_s) <= DURATION_S and has_rate and is_whole,
        details=() if is_whole else (cut_off,),
    )


def _data(heard: Analysis) -> Check:
    return Check(
        name="data",
        found="as written" if heard.is_as_written else "changed",
        allowed="as written",
        ok=bool(heard.is_as_written),
        details=() if heard.is_as_written else ("bytes of its sound were changed, lost or added",),
    )


def _cues(cues: Sequence[FoundCue]) -> Check:
    missing = [one for one in cues if not one.is_heard]
    return Check(
        name="cues",
        found=f"{len(cues) - len(missing)} of {len(cues)} heard",
        allowed="all",
        ok=not missing,
        details=_listed(
            (f"{_at(one.cue)} is not heard" for one in missing[:_MOST_LISTED]),
            more=len(missing[_MOST_LISTED:]),
        ),
    )


def _onsets(there: Sequence[FoundCue]) -> Check:
    offs_ms = [one.late_ms for one in there]
    late = _worst_first(one for one in there if abs(one.late_ms) > CUE_MS)
    return Check(
        name="onsets",
        found=f"{min(offs_ms):+.0f} to {max(offs_ms):+.0f} ms",
        allowed=f"within {CUE_MS} ms",
        ok=not late,
        details=_listed(f"{_at(one.cue)} is {one.late_ms:+.0f} ms off" for one in late),
    )


def _worst_first(cues: Iterable[FoundCue]) -> list[FoundCue]:
    return sorted(cues, key=lambda one: -abs(one.late_ms))


def _levels(manifest: Manifest, there: Sequence[FoundCue]) -> Check:
    # A bed or a bell may only add to a cue's level.
    under_bed = manifest.bed != OFF or bool(manifest.chimes)
    highest_db = math.inf if under_bed else _LEVEL_DB
    ordered = _worst_first(there)
    wrong = [one for one in ordered if not -_LEVEL_DB <= one.louder_db <= highest_db]
    holes = [one for one in ordered if one.hole_ms >= _HOLE_MS]
    levels_db = [one.louder_db for one in there]
    return Check(
        name="level of cues",
        found=f"{min(levels_db):+.1f} to {max(levels_db):+.1f} dB",
        allowed=f"not below -{_LEVEL_DB:g} dB" if under_bed else f"within {_LEVEL_DB:g} dB",
        ok=not wrong and not holes,
        details=_listed(
            chain(
                (f"{_at(one.cue)} is {one.louder_db:+.1f} dB off" for one in wrong),
                (f"{_at(one.cue)} is silent for {one.hole_ms} ms of it" for one in holes),
            )
        ),
    )


def _windows(manifest: Manifest, there: Sequence[FoundCue]) -> Check:
    """Measure windows with a cue at either end, from sound to sound."""
    measured = list(_off_windows(manifest, there))
    offs_ms = [off_ms for off_ms, _ in measured]
    wrong = [(off_ms, window) for off_ms, window in measured if abs(off_ms) > WINDOW_MS]
    found = "none can be heard at both ends"
    if measured:
        spread = f"{min(offs_ms):+.0f} to {max(offs_ms):+.0f} ms"
        found = f"{len(measured)} of {len(manifest.windows)} heard at both ends, {spread}"
    return Check(
        name="windows",
        found=found,
        allowed=f"within {WINDOW_MS} ms",
        ok=not wrong,
        details=_listed(
            f"{window.kind} of {window.length_s:g} s at {format_timestamp(window.start_s)}"
            f" ({window.exercise}) is {off_ms:+.0f} ms off"
            for off_ms, window in sorted(wrong, key=lambda one: -abs(one[0]))
        ),
    )


def _off_windows(
    manifest: Manifest, there: Sequence[FoundCue]
) -> Iterator[tuple[float, WindowEntry]]:
    """Yield the windows that are heard at both ends, and how much longer each is, in ms."""
    edges = CueEdges(there)
    for window in manifest.windows:
        begin_s, end_s = edges.begin_s(window), edges.end_s(window)
        if begin_s is not None and end_s is not None:
            yield (end_s - begin_s - window.length_s) * 1000, window


def _over_bed(manifest: Manifest, heard: Analysis) -> Iterator[Check]:
    """Tell how far words are above the bed, which is as low before and after them as under them."""
    over_lu = sorted(_distances_lu(manifest, heard))
    if over_lu:
        nearly_all_lu = over_lu[len(over_lu) // 20]
        kept = [level for level in _DISTANCES_LU if nearly_all_lu >= level]
        keeps = f"keeps {kept[-1]} LU" if kept else f"keeps less than {_DISTANCES_LU[0]} LU"
        yield Check(
            name="voice over bed",
            found=f"{nearly_all_lu:.1f} LU and more at 95 % of cues: {keeps}",
            allowed="as asked for: 15 LU is usual, 20 LU is clear",
            ok=True,
        )


def _distances_lu(manifest: Manifest, heard: Analysis) -> Iterator[float]:
    """Yield the distance of each cue that stands free from the bed beside it."""
    cues = manifest.cues
    ends_s = [-math.inf, *(cue.end_s for cue in cues[:-1])]
    starts_s = [*(cue.start_s for cue in cues[1:]), math.inf]
    bells_s = np.array([chime.at_s for chime in manifest.chimes])
    for cue, end_s, start_s in zip(cues, ends_s, starts_s, strict=True):
        parts = []
        if cue.start_s - end_s > _FREE_S:
            parts.append(_frames_in(heard, cue.start_s, *_BEFORE_WORDS_S))
        if start_s - cue.end_s > _FREE_S:
            parts.append(_frames_in(heard, cue.end_s, *_AFTER_WORDS_S))
        beside = np.concatenate(parts) if parts else np.empty(0)
        words = _spoken_frames(manifest, heard, cue)
        rings = np.any((bells_s > cue.start_s - _BELL_S) & (bells_s < cue.end_s + _FREE_S))
        if rings or not len(beside) or not len(words):  # it may also have been cut off
            continue
        bed = beside.mean()
        spoken = words.mean() - bed
        if bed > 0 and spoken > 0:
            yield float(10 * np.log10(spoken / bed))


def _spoken_frames(manifest: Manifest, heard: Analysis, cue: CueEntry) -> Any:
    """Take the energy of the frames in which a cue is spoken, without its pauses.

    Its envelope tells them: in the track a bed may be heard in them.
    """
    envelope = np.array(decode_envelope(manifest.envelopes.get(cue.text, "")))
    first = max(0, round(cue.start_s / _FRAME_S) - LEAD_FRAMES)
    words = heard.frames[first : first + len(envelope)]
    return words[envelope[: len(words)] > envelope.max(initial=0.0) * _SPOKEN_PART]


def _frames_in(heard: Analysis, at_s: float, from_s: float, to_s: float) -> Any:
    """Take the energy of the whole frames between two times, counted from a third."""
    first, last = math.ceil((at_s + from_s) / _FRAME_S), math.floor((at_s + to_s) / _FRAME_S)
    return heard.frames[max(0, first) : max(0, last)]


def _as_made(manifest: Manifest, heard: Analysis) -> Check:
    """Compare the loudness from frame to frame with what the track was made with."""
    found = list(find_differences(manifest, heard))
    worst = sorted(found, key=lambda one: -one.length_s)
    return Check(
        name="sound as made",
        found="everywhere" if not found else f"not in {format_count(len(found), 'place')}",
        allowed="everywhere",
        ok=not found,
        details=_listed(
            f"at {format_timestamp(one.start_s)}, for {one.length_s * 1000:.0f} ms, "
            f"it {_how_it_differs(one)}"
            for one in worst
        ),
    )


def _how_it_differs(one: Difference) -> str:
    if abs(one.louder_db) < _HEARD_DB:
        return "is another sound, as loud as it was"
    return f"is up to {one.louder_db:+.1f} dB off"


def _loudness(manifest: Manifest, heard: Analysis) -> Check:
    lowest, highest = TARGETS_LUFS[heard.channels]
    off_lu = heard.loudness_lufs - manifest.integrated_lufs
    # Bells alone leave long silences, and may be quieter.
    least = lowest if manifest.cues else -math.inf
    return Check(
        name="loudness",
        found=f"{heard.loudness_lufs:.1f} LUFS ({off_lu:+.1f} LU)",
        allowed=f"{manifest.integrated_lufs:.1f} LUFS, from {lowest:g} to {highest:g}",
        ok=abs(off_lu) <= LOUDNESS_LU and least <= heard.loudness_lufs <= highest,
    )


def _peak(heard: Analysis) -> Check:
    return Check(
        name="true peak",
        found=f"{heard.true_peak_dbtp:.1f} dBTP",
        allowed=f"{MAX_TRUE_PEAK_DBTP:g} dBTP at the most",
        ok=heard.true_peak_dbtp <= ACCEPTED_TRUE_PEAK_DBTP,
    )


def _clipping(heard: Analysis) -> Check:
    return Check(
        name="clipping", found=_times(heard.clipped), allowed="never", ok=heard.clipped == 0
    )


class _Quiet:
    """Marks the milliseconds in which nothing but room tone should be heard.

    A part at a time: the marks of a whole track would take as much memory as a measurement.
    """

    def __init__(self, manifest: Manifest) -> None:
        before_ms, after_ms = _AROUND_MS
        cues = ((one.start_s, round(one.end_s * 1000) + after_ms) for one in manifest.cues)
        chimes = ((one.at_s, round(one.at_s * 1000) + _RING_MS) for one in manifest.chimes)
        spans_ms = [(round(at_s * 1000) - before_ms, end) for at_s, end in chain(cues, chimes)]
        self.starts_ms, self.ends_ms = np.array(spans_ms, np.int64).reshape(-1, 2).T

    def __call__(self, part: slice) -> Any:
        """Mark the milliseconds of a part."""
        quiet = np.ones(part.stop - part.start, bool)
        inside = (self.starts_ms < part.stop) & (self.ends_ms > part.start)
        for start_ms, end_ms in zip(self.starts_ms[inside], self.ends_ms[inside], strict=True):
            quiet[max(0, start_ms - part.start) : end_ms - part.start] = False
        return quiet


def _threshold(heard: Analysis, quiet: _Quiet) -> int:
    """Find the code of the loudest millisecond that is room tone; louder ones have lower codes."""
    counts = np.zeros(len(POWERS), np.int64)
    for part in _parts(len(heard.peaks)):
        counts += np.bincount(heard.peaks[part][quiet(part)], minlength=len(POWERS))
    median_code = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
    tone = POWERS[median_code] if counts.any() else 0.0
    loudest = max(10 ** (_STRAY_DBFS / 10), tone * 10 ** (_ABOVE_TONE_DB / 10))
    return int(codes(np.array(loudest)))


def _stray(heard: Analysis, quiet: _Quiet) -> Check:
    """Look for sounds where only room tone should be."""
    level = _threshold(heard, quiet)
    loud = _runs(
        len(heard.peaks),
        lambda part: (heard.peaks[part] < level) & quiet(part),
        join_ms=_STRAY_MS,
    )
    found, details = _listed_runs(loud, "sound", least_ms=_STRAY_MS)
    return Check(
        name="quiet between cues",
        found=f"{found} sounds" if found != 1 else "1 sound",
        allowed="none",
        ok=not found,
        details=details,
    )


def _chimes(manifest: Manifest, heard: Analysis, quiet: _Quiet) -> Check:
    """Look for a sound where each bell is struck."""
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
    """Look for digital silence in a track that has sound everywhere else."""
    name, allowed = "unexpected silence", "never"
    level = int(codes(np.array(10 ** (_DIGITAL_DBFS / 10))))
    parts = _parts(len(heard.peaks))
    silent_ms = sum(int(np.count_nonzero(heard.peaks[part] > level)) for part in parts)
    if silent_ms > len(heard.peaks) / 4:
        return Check(name=name, found="the track has no room tone", allowed=allowed, ok=True)
    inside = heard.peaks[_EDGE_MS:-_EDGE_MS]
    runs = _runs(len(inside), lambda part: inside[part] > level, join_ms=0)
    moved = ((first + _EDGE_MS, last + _EDGE_MS) for first, last in runs)
    count, details = _listed_runs(moved, "silence", least_ms=_SILENCE_MS)
    return Check(name=name, found=_times(count), allowed=allowed, ok=not count, details=details)


def _runs(
    length_ms: int, chosen: Callable[[slice], Any], *, join_ms: int
) -> Iterator[tuple[int, int]]:
    """Join chosen milliseconds into runs.

    Args:
        length_ms: The length of the track.
        chosen: Marks the milliseconds of a part.
        join_ms: Runs nearer to each other than this count as one.

    Yields:
        The first millisecond of each run and the one after its last.
    """
    before: tuple[int, int] | None = None
    for part in _parts(length_ms):
        for first, last in _edges(chosen(part), part.start):
            if before and first - before[1] <= max(0, join_ms - 1):
                before = before[0], last
                continue
            if before:
                yield before
            before = first, last
    if before:
        yield before


def _edges(chosen: Any, start: int) -> Iterator[tuple[int, int]]:
    """Find where marks begin and end; the first mark is the millisecond `start`."""
    steps = np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8))
    edges = (np.flatnonzero(steps) + start).tolist()
    return zip(edges[::2], edges[1::2], strict=True)


def _parts(length: int) -> Iterator[slice]:
    starts = range(0, length, _VALUES_AT_ONCE)
    return (slice(at, min(at + _VALUES_AT_ONCE, length)) for at in starts)


def _listed_runs(
    runs: Iterable[tuple[int, int]], what: str, *, least_ms: int
) -> tuple[int, tuple[str, ...]]:
    """Count the runs of some length at least, and list the first of them."""
    count = 0
    listed: list[str] = []
    for first, last in runs:
        if last - first < least_ms:
            continue
        count += 1
        if count <= _MOST_LISTED:
            listed.append(f"{what} at {format_timestamp(first / 1000)} for {last - first} ms")
    if count > _MOST_LISTED:
        listed.append(f"and {count - _MOST_LISTED} more")
    return count, tuple(listed)


def _times(number: int) -> str:
    return {0: "never", 1: "once"}.get(number, f"{number} times")


def _listed(details: Iterable[str], *, more: int = 0) -> tuple[str, ...]:
    """Keep the first few, which are the worst, and count the others, with those left out before."""
    rest = iter(details)
    worst = tuple(islice(rest, _MOST_LISTED))
    more += sum(1 for _ in rest)
    return (*worst, f"and {more} more") if more else worst


def _at(cue: CueEntry) -> str:
    return f"'{cue.text}' at {format_timestamp(cue.start_s)}"
