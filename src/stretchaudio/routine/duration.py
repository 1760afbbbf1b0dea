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
from stretchaudio.routine.values import MS_PER_S

LEAST_CUE_MS = 200


def rep_count(step: Reps, fraction: float, *, alternating: bool) -> int:
    """Count the reps of a step: an even number when the sides alternate, so both get the same."""
    reps = step.count.at(fraction)
    return reps + reps % 2 if alternating else reps


def hold_ms(step: Hold | Time, fraction: float) -> int:
    """Take the length of a hold or a time; whole seconds when it comes from a range."""
    return step.duration.at(fraction, step=MS_PER_S)


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
            return step.count.at(fraction) * (step.inhale_ms + step.exhale_ms)
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
