"""The freedom a routine's prescriptions leave, range by range, and routines in which it has been used up."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from stretchaudio.routine.model import Breaths, Exercise, Hold, Repeat, Reps, Routine, Step, Time
from stretchaudio.routine.values import MS_PER_S, Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Freedom:
    """A range that leaves a choice."""

    range: Range
    """What it goes from and to."""
    step: int
    """The smallest change: one rep, breath, time or set, or a second in milliseconds."""


def freedoms(routine: Routine) -> tuple[Freedom, ...]:
    """Every choice a routine leaves, in the order of the file."""
    return tuple(found for section in routine.sections for exercise in section.exercises for found in _in_exercise(exercise))


def narrow(routine: Routine, values: tuple[int, ...]) -> Routine:
    """The same routine with every range replaced by one value.

    Args:
        routine: Whose prescriptions to narrow.
        values: One for each of `freedoms(routine)`.
    """
    left = iter(values)
    sections = tuple(
        replace(section, exercises=tuple(_narrow_exercise(exercise, left) for exercise in section.exercises))
        for section in routine.sections
    )
    return replace(routine, sections=sections)


def _in_exercise(exercise: Exercise) -> Iterator[Freedom]:
    yield from _in_range(exercise.sets, 1)
    yield from _in_work(exercise.work)


def _in_work(work: tuple[Step, ...]) -> Iterator[Freedom]:
    for step in work:
        match step:
            case Hold() | Time():
                yield from _in_range(step.length_ms, MS_PER_S)
            case Reps() | Breaths():
                yield from _in_range(step.count, 1)
            case Repeat():
                yield from _in_range(step.count, 1)
                yield from _in_work(step.work)


def _in_range(found: Range, step: int) -> Iterator[Freedom]:
    if _is_free(found):
        yield Freedom(range=found, step=step)


def _narrow_exercise(exercise: Exercise, left: Iterator[int]) -> Exercise:
    sets = _narrow(exercise.sets, left)
    return replace(exercise, sets=sets, work=_narrow_work(exercise.work, left))


def _narrow_work(work: tuple[Step, ...], left: Iterator[int]) -> tuple[Step, ...]:
    return tuple(_narrow_step(step, left) for step in work)


def _narrow_step(step: Step, left: Iterator[int]) -> Step:
    match step:
        case Hold() | Time():
            return replace(step, length_ms=_narrow(step.length_ms, left))
        case Reps() | Breaths():
            return replace(step, count=_narrow(step.count, left))
        case Repeat():
            count = _narrow(step.count, left)
            return replace(step, count=count, work=_narrow_work(step.work, left))
        case _:
            return step


def _narrow(found: Range, left: Iterator[int]) -> Range:
    if not _is_free(found):
        return found
    value = next(left)
    return Range(low=value, high=value)


def _is_free(found: Range) -> bool:
    return found.low < found.high
