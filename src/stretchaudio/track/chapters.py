"""A manifest to chapters: one an exercise, with its sets and sides as parts where there are several."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, TypeVar

from stretchaudio.language import Language, language
from stretchaudio.script.model import BETWEEN, WindowKind
from stretchaudio.track.manifest import HALF_FRAME_S, CueEntry, Manifest, WindowEntry

LEAST_INTRO_S = 3.0
"""Opening words that are shorter belong to the first exercise."""
_VERSION = "1.2.0"
_Entry = TypeVar("_Entry", WindowEntry, CueEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A set or a side of an exercise; or all of it."""

    title: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """An exercise; or the opening words."""

    title: str
    start_s: float
    end_s: float
    dose: str
    """How much of it is done; empty for the opening words."""
    parts: tuple[Part, ...]
    """Its sets and sides, which fill it; none when there is only one."""

    def leaves(self) -> Iterator[Part]:
        """Where a listener can skip to, none overlapping: its parts, named with the exercise, or itself."""
        if not self.parts:
            yield Part(title=self.title, start_s=self.start_s, end_s=self.end_s)
        for part in self.parts:
            yield Part(title=f"{self.title}: {part.title}", start_s=part.start_s, end_s=part.end_s)


def chapters_of(manifest: Manifest) -> tuple[Chapter, ...]:
    """The chapters of a track, which fill it from its first second to its last."""
    entries = manifest.chapters
    starts = [0.0] if not entries or entries[0].start_s >= LEAST_INTRO_S else []
    named = [(manifest.title, "")] if starts else []
    starts += [entry.start_s for entry in entries]
    named += [(entry.title, entry.dose) for entry in entries]
    starts[0] = 0.0  # what is said before belongs to it
    words = language(manifest.language)
    found = []
    for (title, dose), span_s in zip(named, pairwise([*starts, manifest.duration_s]), strict=True):
        windows, cues = within(manifest.windows, span_s), within(manifest.cues, span_s)
        parts = _parts(windows, cues, words, span_s)
        found.append(
            Chapter(title=title, start_s=span_s[0], end_s=span_s[1], dose=dose, parts=parts)
        )
    return tuple(found)


def within(entries: Sequence[_Entry], span_s: tuple[float, float]) -> Sequence[_Entry]:
    """The entries of a manifest that begin in a span of time; they are in order."""
    low, high = (bisect_left(entries, time_s, key=lambda one: one.start_s) for time_s in span_s)
    return entries[low:high]


def _parts(
    windows: Sequence[WindowEntry],
    cues: Sequence[CueEntry],
    words: Language,
    span_s: tuple[float, float],
) -> tuple[Part, ...]:
    work = [one for one in windows if one.set is not None]
    alternating = any(
        one.rep is not None and one.side is not None and one.side != other.side
        for one, other in _neighbours(work)
    )
    groups = [
        list(group)
        for _, group in groupby(work, key=lambda one: (None if alternating else one.side, one.set))
    ]
    if len(groups) < 2:
        return ()
    several_sets = len({group[0].set for group in groups}) > 1
    titles = [
        _title(group[0], words, several_sets=several_sets, sided=not alternating)
        for group in groups
    ]
    starts = [
        span_s[0],
        *(_begin(before, after, windows, cues) for before, after in pairwise(groups)),
    ]
    return tuple(
        Part(title=title, start_s=start_s, end_s=end_s)
        for title, (start_s, end_s) in zip(titles, pairwise([*starts, span_s[1]]), strict=True)
    )


def _neighbours(work: Sequence[WindowEntry]) -> Iterator[tuple[WindowEntry, WindowEntry]]:
    """Windows that follow each other in one set."""
    return (
        (one, other) for one, other in pairwise(work) if one.set == other.set and other.rep != 1
    )


def _title(window: WindowEntry, words: Language, *, several_sets: bool, sided: bool) -> str:
    spoken = {side.label: side.spoken for side in words.sides}
    side = spoken.get(window.side, window.side) if sided and window.side else None
    set_ = words.shown["set"].format(n=window.set) if several_sets or side is None else None
    title = ", ".join(part for part in (side, set_) if part)
    return title[:1].upper() + title[1:]


def _begin(
    before: Sequence[WindowEntry],
    after: Sequence[WindowEntry],
    windows: Iterable[WindowEntry],
    cues: Sequence[CueEntry],
) -> float:
    """Where a part begins: a set with the words that start it, behind the rest; a side where one is told to change."""
    end_s, start_s = before[-1].start_s + before[-1].length_s, after[0].start_s
    between = [one for one in windows if one.kind in BETWEEN and end_s <= one.start_s < start_s]
    changes = [one.start_s for one in between if one.kind == WindowKind.SWITCH]
    if changes:
        told = [
            cue.start_s
            for cue in cues
            if cue.kind == "side" and end_s - HALF_FRAME_S <= cue.start_s <= changes[0]
        ]
        return min([*told, *changes])
    ready_s = max((one.start_s + one.length_s for one in between), default=end_s) - HALF_FRAME_S
    said = [
        cue.start_s
        for cue in cues
        if ready_s <= cue.start_s < start_s and (between or cue.kind == "start")
    ]
    return min([*said, start_s])


def chapters_json(manifest: Manifest) -> dict[str, Any]:
    """Chapters as podcast apps read them: JSON chapters 1.2 of the podcast namespace."""
    leaves = [leaf for chapter in chapters_of(manifest) for leaf in chapter.leaves()]
    chapters = [
        {"startTime": leaf.start_s, "endTime": leaf.end_s, "title": leaf.title} for leaf in leaves
    ]
    return {"version": _VERSION, "title": manifest.title, "chapters": chapters}
