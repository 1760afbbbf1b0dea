"""Pick within the prescribed ranges until a session lasts as long as was asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

from stretchaudio.routine.duration import hold_ms, rep_count, windows_ms
from stretchaudio.routine.model import (
    Breaths,
    Exercise,
    Hold,
    Repeat,
    Reps,
    Routine,
    SideOrder,
    Step,
    Time,
)
from stretchaudio.routine.values import MS_PER_S, Range

MOST_STEPS = 12
REFINEMENTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRange:
    """A range that leaves a choice."""

    range: Range
    step: int
    """The smallest change: one rep, breath, time or set, or a second in milliseconds."""
    pick: Callable[[float], int]
    """Takes the value at a fraction of the way, as a level does."""


def closest(
    routine: Routine,
    target_ms: int,
    length_ms: Callable[[Routine], int],
    *,
    second_steps: int = 1,
) -> Routine:
    """Bring a session as near to a length as its ranges allow.

    All ranges are first taken at the same fraction, so that no exercise is favoured. Then single
    ones are raised or lowered by a step, the large steps first, to close the gap that is left.

    Args:
        routine: The session to fit.
        target_ms: The length that the track should have.
        length_ms: Gives the length of a routine's track, as well as it is known.
        second_steps: By how many seconds at least holds and times are raised or lowered.

    Returns:
        The routine with one value in place of every range.
    """
    coarse = second_steps * MS_PER_S
    free = tuple(
        replace(one, step=coarse) if one.step == MS_PER_S else one for one in open_ranges(routine)
    )

    @cache
    def length_of(values: tuple[int, ...]) -> int:
        return length_ms(pin(routine, values))

    best = _same_fraction(free, target_ms, length_of)
    for _ in range(REFINEMENTS):
        refined = _closed(routine, free, best, target_ms - length_of(best))
        if abs(target_ms - length_of(refined)) >= abs(target_ms - length_of(best)):
            break
        best = refined
    return pin(routine, best)


def at_fraction(routine: Routine, fraction: float) -> Routine:
    """Take every range at the same fraction, from 0 (its low end) to 1 (its high end)."""
    return pin(routine, _at(open_ranges(routine), fraction))


def _at(free: tuple[OpenRange, ...], fraction: float) -> tuple[int, ...]:
    return tuple(one.pick(fraction) for one in free)


def _same_fraction(
    free: tuple[OpenRange, ...], target_ms: int, length_of: Callable[[tuple[int, ...]], int]
) -> tuple[int, ...]:
    """Find the largest common fraction whose session is not longer than the target."""

    def at(fraction: float) -> tuple[float, tuple[int, ...], int]:
        values = _at(free, fraction)
        return fraction, values, length_of(values)

    low, high = at(0.0), at(1.0)
    if high[-1] <= target_ms or low[-1] >= target_ms:
        return (high if high[-1] <= target_ms else low)[1]
    for _ in range(MOST_STEPS):
        if low[1] == high[1]:
            break
        # Lengths grow almost evenly: where the target lies between two is a good guess.
        share = (target_ms - low[-1]) / (high[-1] - low[-1])
        middle = at(low[0] + (high[0] - low[0]) * min(max(share, 0.1), 0.9))
        low, high = (middle, high) if middle[-1] <= target_ms else (low, middle)
    return low[1]


def _closed(
    routine: Routine, free: tuple[OpenRange, ...], values: tuple[int, ...], gap_ms: int
) -> tuple[int, ...]:
    """Change values to close a gap in length: each by a step, and then one by all that is left."""
    direction = 1 if gap_ms > 0 else -1
    left_ms = abs(gap_ms)
    steps_ms = _steps_ms(routine, free, values, direction)
    for at, step_ms in sorted(steps_ms.items(), key=lambda one: -one[1]):
        if step_ms <= left_ms:
            values = _stepped(free, values, at, direction)
            left_ms -= step_ms
    for at, step_ms in sorted(steps_ms.items(), key=lambda one: one[1]):
        steps = left_ms // step_ms
        if steps and _stepped(free, values, at, direction * steps) != values:
            return _stepped(free, values, at, direction * steps)
    return values


def _steps_ms(
    routine: Routine, free: tuple[OpenRange, ...], values: tuple[int, ...], direction: int
) -> dict[int, int]:
    """Measure by how much a step of each range changes a session, where it can be made."""
    now_ms = windows_ms(pin(routine, values), 0)
    found = {}
    for at in range(len(free)):
        changed = _stepped(free, values, at, direction)
        if changed != values:
            found[at] = abs(windows_ms(pin(routine, changed), 0) - now_ms)
    return {at: step_ms for at, step_ms in found.items() if step_ms}


def _stepped(
    free: tuple[OpenRange, ...], values: tuple[int, ...], at: int, steps: int
) -> tuple[int, ...]:
    limits = free[at].range
    value = min(max(values[at] + steps * free[at].step, limits.low), limits.high)
    return (*values[:at], value, *values[at + 1 :])


def open_ranges(routine: Routine) -> tuple[OpenRange, ...]:
    """List every choice a routine leaves, in the order of the file."""
    return tuple(found for exercise in routine.exercises for found in _in_exercise(exercise))


def pin(routine: Routine, values: tuple[int, ...]) -> Routine:
    """Replace every range by one value.

    Args:
        routine: The routine that leaves choices.
        values: One for each of `open_ranges(routine)`.
    """
    left = iter(values)
    sections = tuple(
        replace(
            section,
            exercises=tuple(_pin_exercise(exercise, left) for exercise in section.exercises),
        )
        for section in routine.sections
    )
    return replace(routine, sections=sections)


def _in_exercise(exercise: Exercise) -> Iterator[OpenRange]:
    yield from _in_range(exercise.sets, 1, exercise.sets.at)
    yield from _in_work(exercise.work, alternating=exercise.side_order is SideOrder.ALTERNATE)


def _in_work(work: tuple[Step, ...], *, alternating: bool) -> Iterator[OpenRange]:
    for step in work:
        match step:
            case Hold() | Time():
                yield from _in_range(step.duration, MS_PER_S, partial(hold_ms, step))
            case Reps():
                pick = partial(rep_count, step, alternating=alternating)
                yield from _in_range(step.count, 2 if alternating else 1, pick)
            case Breaths():
                yield from _in_range(step.count, 1, partial(rep_count, step))
            case Repeat():
                yield from _in_range(step.count, 1, step.count.at)
                yield from _in_work(step.work, alternating=alternating)


def _in_range(found: Range, step: int, pick: Callable[[float], int]) -> Iterator[OpenRange]:
    if _is_open(found):
        limits = Range(low=pick(0.0), high=pick(1.0))
        yield OpenRange(range=limits, step=step, pick=pick)


def _pin_exercise(exercise: Exercise, left: Iterator[int]) -> Exercise:
    sets = _pin_range(exercise.sets, left)
    return replace(exercise, sets=sets, work=_pin_work(exercise.work, left))


def _pin_work(work: tuple[Step, ...], left: Iterator[int]) -> tuple[Step, ...]:
    return tuple(_pin_step(step, left) for step in work)


def _pin_step(step: Step, left: Iterator[int]) -> Step:
    match step:
        case Hold() | Time():
            return replace(step, duration=_pin_range(step.duration, left))
        case Reps() | Breaths():
            return replace(step, count=_pin_range(step.count, left))
        case Repeat():
            count = _pin_range(step.count, left)
            return replace(step, count=count, work=_pin_work(step.work, left))
        case _:
            return step


def _pin_range(found: Range, left: Iterator[int]) -> Range:
    if not _is_open(found):
        return found
    value = next(left)
    return Range(low=value, high=value)


def _is_open(found: Range) -> bool:
    return found.low < found.high
