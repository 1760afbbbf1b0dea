"""Derive chapters from a manifest: one for each exercise, with its sets and sides as parts."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, TypeVar

from stretchaudio.language import Language, language
from stretchaudio.script.model import BETWEEN, CueKind, WindowKind
from stretchaudio.track.manifest import HALF_FRAME_S, CueEntry, Manifest, WindowEntry

LEAST_INTRO_S = 6.0
"""Opening words that are shorter belong to the first exercise."""
COUNT_IN_S = 4.0
"""How long before its end a rest may be counted down."""
_VERSION = "1.2.0"
_Entry = TypeVar("_Entry", WindowEntry, CueEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterPart:
    """A set or a side of an exercise, or all of it."""

    title: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackChapter:
    """An exercise, or the opening words, as players list it."""

    title: str
    start_s: float
    end_s: float
    dose: str
    """How much of it is done; empty for the opening words."""
    parts: tuple[ChapterPart, ...]
    """Its sets and sides, which fill it; empty when there is only one."""

    def leaves(self) -> Sequence[ChapterPart]:
        """List the places to skip to: its parts, named with the exercise, or itself."""
        if not self.parts:
            return (ChapterPart(title=self.title, start_s=self.start_s, end_s=self.end_s),)
        return tuple(
            ChapterPart(title=f"{self.title}: {part.title}", start_s=part.start_s, end_s=part.end_s)
            for part in self.parts
        )


def chapters_of(manifest: Manifest) -> tuple[TrackChapter, ...]:
    """Derive the chapters of a track, which fill it from its first second to its last."""
    entries = manifest.chapters
    starts = [0.0] if not entries or entries[0].start_s >= LEAST_INTRO_S else []
    named = [(manifest.title, "")] if starts else []
    starts += [entry.start_s for entry in entries]
    named += [(entry.title, entry.dose) for entry in entries]
    starts[0] = 0.0  # shorter opening words belong to the first exercise
    words = language(manifest.language)
    chapters = []
    for (title, dose), span_s in zip(named, pairwise([*starts, manifest.duration_s]), strict=True):
        windows, cues = within(manifest.windows, span_s), within(manifest.cues, span_s)
        parts = _parts(windows, cues, words, span_s)
        chapters.append(
            TrackChapter(title=title, start_s=span_s[0], end_s=span_s[1], dose=dose, parts=parts)
        )
    return tuple(chapters)


def within(entries: Sequence[_Entry], span_s: tuple[float, float]) -> Sequence[_Entry]:
    """Choose the entries that begin in a span of time, from entries that are in order."""
    low, high = (bisect_left(entries, time_s, key=lambda one: one.start_s) for time_s in span_s)
    return entries[low:high]


def _parts(
    windows: Sequence[WindowEntry],
    cues: Sequence[CueEntry],
    words: Language,
    span_s: tuple[float, float],
) -> tuple[ChapterPart, ...]:
    work = [one for one in windows if one.set is not None]
    sided = not _is_alternating(work)
    groups = [
        list(group)
        for _, group in groupby(work, key=lambda one: (one.side if sided else None, one.set))
    ]
    if len(groups) < 2:
        return ()
    several_sets = len({group[0].set for group in groups}) > 1
    starts_s = [
        span_s[0],
        *(_part_start_s(before, after, windows, cues) for before, after in pairwise(groups)),
    ]
    return tuple(
        ChapterPart(
            title=_part_title(group[0], words, several_sets=several_sets, sided=sided),
            start_s=start_s,
            end_s=end_s,
        )
        for group, (start_s, end_s) in zip(groups, pairwise([*starts_s, span_s[1]]), strict=True)
    )


def _is_alternating(work: Sequence[WindowEntry]) -> bool:
    """Tell whether sides change from rep to rep within a set."""
    return any(
        one.rep is not None and one.side is not None and one.side != other.side
        for one, other in pairwise(work)
        if one.set == other.set and other.rep != 1
    )


def _part_title(window: WindowEntry, words: Language, *, several_sets: bool, sided: bool) -> str:
    titles = []
    if sided and window.side:
        spoken = {side.label: side.spoken for side in words.sides}
        titles.append(spoken.get(window.side, window.side))
    if several_sets or not titles:
        titles.append(words.shown["set"].format(n=window.set))
    title = ", ".join(titles)
    return title[:1].upper() + title[1:]


def _part_start_s(
    before: Sequence[WindowEntry],
    after: Sequence[WindowEntry],
    windows: Sequence[WindowEntry],
    cues: Sequence[CueEntry],
) -> float:
    """Find where a part begins: a side where one is told to change, a set after the rest.

    Args:
        before: The windows of the part before it.
        after: Its own windows.
        windows: All windows of the exercise.
        cues: All cues of the exercise.
    """
    end_s, start_s = before[-1].start_s + before[-1].length_s, after[0].start_s
    between = [one for one in windows if one.kind in BETWEEN and end_s <= one.start_s < start_s]
    changes = [one.start_s for one in between if one.kind == WindowKind.SWITCH]
    if changes:
        return _side_start_s(cues, end_s, min(changes))
    return _set_start_s(cues, between, end_s, start_s)


def _side_start_s(cues: Sequence[CueEntry], end_s: float, change_s: float) -> float:
    """Find the first words between two sides that tell to change; without any, the change."""
    told = (
        cue.start_s
        for cue in cues
        if cue.kind == CueKind.SIDE and end_s - HALF_FRAME_S <= cue.start_s <= change_s
    )
    return min(told, default=change_s)


def _set_start_s(
    cues: Sequence[CueEntry], between: Sequence[WindowEntry], end_s: float, start_s: float
) -> float:
    """Find where a set is counted in; else the words that start it, else its first window."""
    rested_s = max((one.start_s + one.length_s for one in between), default=end_s)
    told = (
        cue.start_s
        for cue in cues
        if (cue.kind == CueKind.LEAD_IN and rested_s - COUNT_IN_S <= cue.start_s < start_s)
        or (rested_s - HALF_FRAME_S <= cue.start_s < start_s and cue.kind == CueKind.START)
    )
    return min(told, default=start_s)


def chapters_json(manifest: Manifest) -> dict[str, Any]:
    """Write chapters as podcast apps read them: JSON chapters 1.2 of the podcast namespace."""
    leaves = [leaf for chapter in chapters_of(manifest) for leaf in chapter.leaves()]
    chapters = [
        {"startTime": leaf.start_s, "endTime": leaf.end_s, "title": leaf.title} for leaf in leaves
    ]
    return {"version": _VERSION, "title": manifest.title, "chapters": chapters}
