"""Compute how long a routine's windows last, without writing them out: any size is safe."""

from stretchaudio.routine.model import (
    Breaths,
    Exercise,
    Hold,
    Move,
    Repeat,
    Reps,
    Routine,
    SideOrder,
    Step,
    Time,
)
from stretchaudio.routine.values import MAX_HOLD_MS, MS_PER_S

LEAST_CUE_MS = 200
MOST_ODD_REPS = 10
SAID_MS = ((60_000, 5_000), (300_000, 15_000), (MAX_HOLD_MS, 60_000))
"""Units of the lengths that people say, each with the longest length that it is for."""


def rep_count(step: Reps | Breaths, fraction: float, *, alternating: bool = False) -> int:
    """Count the reps or breaths of a step, as people count.

    From a range they are even, but for ends up to ten; with alternating sides always, so that
    both get the same.
    """
    if alternating:
        reps = step.count.round_at(fraction, steps=(2,))
        return reps + reps % 2
    reps = step.count.at(fraction)
    is_end = fraction in {0, 1} and reps <= MOST_ODD_REPS
    return reps if is_end else step.count.round_at(fraction, steps=(2,))


def hold_ms(step: Hold | Time, fraction: float) -> int:
    """Take the length of a hold or a time, as people say it when it comes from a range.

    A multiple of five seconds below a minute, of fifteen above, of a minute above five; the ends
    of a range that has none of these are kept.
    """
    exact_ms = step.duration.at(fraction)
    said_ms = next(unit_ms for most_ms, unit_ms in SAID_MS if exact_ms <= most_ms)
    return step.duration.round_at(fraction, steps=(said_ms, MS_PER_S))


def step_ms(step: Step, fraction: float, *, alternating: bool) -> int:
    """Add up the windows of one work step."""
    match step:
        case Hold() | Time():
            return hold_ms(step, fraction)
        case Move():
            return step.length_ms
        case Reps():
            return rep_count(step, fraction, alternating=alternating) * step.tempo_ms
        case Breaths():
            return rep_count(step, fraction) * step.length_ms
        case Repeat():
            return step.count.at(fraction) * sum(
                step_ms(inner, fraction, alternating=alternating) for inner in step.work
            )


def least_said_ms(work: tuple[Step, ...], fraction: float) -> int:
    """Add up the least time that the start cues of some steps take.

    They stand between windows, so they count in a session's length.
    """
    total = 0
    for step in work:
        inner = least_said_ms(step.work, fraction) if isinstance(step, Repeat) else 0
        times = step.count.at(fraction) if isinstance(step, Repeat) else 1
        total += times * (inner + LEAST_CUE_MS)
    return total


def exercise_ms(exercise: Exercise, fraction: float) -> int:
    """Add up the windows of one exercise, its transition included."""
    alternating = exercise.side_order is SideOrder.ALTERNATE
    sets = exercise.sets.at(fraction)
    side = (
        sets * sum(step_ms(step, fraction, alternating=alternating) for step in exercise.work)
        + (sets - 1) * exercise.rest_ms
    )
    if exercise.side_order is SideOrder.EACH:
        return exercise.transition_ms + 2 * side + exercise.switch_ms
    return exercise.transition_ms + side


def windows_ms(routine: Routine, fraction: float) -> int:
    """Add up the windows of a routine."""
    return sum(
        section.rounds * exercise_ms(exercise, fraction)
        for section in routine.sections
        for exercise in section.exercises
    )
