"""Derive from a track what its page shows from moment to moment: its stages.

A stage is a window, or a row of reps or breaths. Between stages something is explained.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from stretchaudio.language import Language, language
from stretchaudio.routine.model import Breaths, Exercise, Repeat, Routine, Step
from stretchaudio.script.model import COUNTED, WindowKind
from stretchaudio.track.manifest import HALF_FRAME_S, Manifest, WindowEntry

USUAL_INHALE = 0.4
"""The part of a breath that is the inhale, where the routine is not known: 4 of 10 seconds."""
_SAME_MS = 25
"""How far a breath in the track may be from the routine's; times are rounded."""


def session_plan(manifest: Manifest, routine: Routine | None) -> Mapping[str, Any]:
    """List the exercises and stages of a track, with the words that are shown meanwhile.

    Returns:
        A mapping for JSON. Times are in seconds from the start of the track.
    """
    groups = list(_groups(manifest))
    sets = _sets(groups)
    stages = [_stage(manifest, place, group, sets, routine) for place, group in groups]
    following = None
    for stage in reversed(stages):
        stage["next"] = _next(manifest, stage, following)
        following = stage
    return {
        "exercises": [
            {"title": one.title, "start": one.start_s, "end": one.end_s}
            for one in manifest.chapters
        ],
        "stages": stages,
    }


def _groups(manifest: Manifest) -> Iterator[tuple[int, Sequence[WindowEntry]]]:
    """Put windows that are counted in a row together; give each group its exercise's number."""
    starts_s = [one.start_s for one in manifest.chapters]

    def key(numbered: tuple[int, WindowEntry]) -> tuple[Any, ...]:
        number, window = numbered
        exercise = bisect_right(starts_s, window.start_s + HALF_FRAME_S) - 1
        own = None if window.kind in COUNTED else number
        # Two rows of reps of one set would otherwise be one.
        again = rows[number]
        return exercise, window.kind, window.set, own, again

    rows = _rows(manifest.windows)
    for (exercise, *_), group in groupby(enumerate(manifest.windows), key=key):
        yield exercise, [window for _, window in group]


def _rows(windows: Sequence[WindowEntry]) -> list[int]:
    """Number the rows of counted windows: a count that begins again begins a row."""
    rows, row = [], 0
    for window in windows:
        row += window.rep in {None, 1}
        rows.append(row)
    return rows


def _sets(groups: Sequence[tuple[int, Sequence[WindowEntry]]]) -> Mapping[int, int]:
    most: dict[int, int] = {}
    for exercise, group in groups:
        most[exercise] = max([most.get(exercise, 0), *(one.set or 0 for one in group)])
    return most


def _stage(
    manifest: Manifest,
    exercise: int,
    group: Sequence[WindowEntry],
    sets: Mapping[int, int],
    routine: Routine | None,
) -> dict[str, Any]:
    words = language(manifest.language)
    first, last = group[0], group[-1]
    kind = first.kind
    stage: dict[str, Any] = {
        "kind": kind,
        "exercise": exercise,
        "start": first.start_s,
        "end": round(last.start_s + last.length_s, 3),
        "name": words.page["kinds"][kind],
        "label": _label(group, words),
        "about": _about(first, sets.get(exercise, 0), words),
    }
    if first.side == "left":
        stage["left"] = True
    if kind in COUNTED:
        stage |= _starts(group)
        sides = [_side(one, words) for one in group]
        if len(set(sides)) > 1:
            stage["sides"] = sides
    if kind == WindowKind.BREATH:
        stage["breath"] = _breath(first, routine)
    return stage


def _starts(group: Sequence[WindowEntry]) -> dict[str, Any]:
    """Write when the reps of a row begin: as one number where they are even."""
    every_s = group[0].length_s
    even = (round(group[0].start_s + number * every_s, 3) for number in range(len(group)))
    if all(
        abs(one.start_s - start_s) < HALF_FRAME_S for one, start_s in zip(group, even, strict=True)
    ):
        return {"count": len(group), "every": every_s}
    return {"at": [one.start_s for one in group]}


def _label(group: Sequence[WindowEntry], words: Language) -> str:
    """Name a stage before it begins: "Hold, 30 seconds", "10 reps"."""
    window = group[0]
    if window.kind in COUNTED:
        return words.amount(len(group), str(window.kind))
    duration = words.duration(max(1, round(window.length_s)) * 1000)
    name: str = words.shown[window.kind].format(n=window.rep, duration=duration)
    return name


def _about(window: WindowEntry, sets: int, words: Language) -> str:
    """Say which side and set it is."""
    counted = words.page["script"]["set_of"].format(n=window.set, total=sets)
    said = [_side(window, words), counted if window.set and sets > 1 else ""]
    text: str = " · ".join(filter(None, said))
    return text[:1].upper() + text[1:]


def _side(window: WindowEntry, words: Language) -> str:
    spoken = {side.label: side.spoken for side in words.sides}
    return spoken.get(window.side, window.side) if window.side else ""


def _next(manifest: Manifest, stage: Mapping[str, Any], following: Mapping[str, Any] | None) -> str:
    if following is None:
        return str(language(manifest.language).page["script"]["end"])
    if following["exercise"] == stage["exercise"]:
        is_way = following["kind"] == WindowKind.TRANSITION
        return str(following["next" if is_way else "label"])
    return str(manifest.chapters[following["exercise"]].title)


def _breath(window: WindowEntry, routine: Routine | None) -> list[list[Any]]:
    """List when in a breath one breathes in, waits and breathes out, in seconds from its start."""
    length_ms = window.length_s * 1000
    found = next(
        (
            step
            for step in _breathing(routine, window.exercise)
            if abs(step.length_ms - length_ms) < _SAME_MS
        ),
        None,
    )
    if found is None:
        return [[0, "in"], [round(USUAL_INHALE * window.length_s, 3), "out"]]
    parts = (
        ("in", found.inhale_ms),
        ("wait", found.hold_full_ms),
        ("out", found.exhale_ms),
        ("wait", found.hold_empty_ms),
    )
    phases, at_ms = [], 0
    for name, part_ms in parts:
        if part_ms:
            phases.append([at_ms / 1000, name])
        at_ms += part_ms
    return phases


def _breathing(routine: Routine | None, exercise: str) -> Iterator[Breaths]:
    exercises: Sequence[Exercise] = routine.exercises if routine else ()
    for one in exercises:
        if one.name == exercise:
            yield from _breaths(one.work)


def _breaths(work: Sequence[Step]) -> Iterator[Breaths]:
    for step in work:
        if isinstance(step, Breaths):
            yield step
        elif isinstance(step, Repeat):
            yield from _breaths(step.work)
