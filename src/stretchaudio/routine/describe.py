"""An exercise's work in a few words, for plans and tables."""

from stretchaudio.routine.length import hold_ms, rep_count
from stretchaudio.routine.model import Breaths, Exercise, Hold, Move, Repeat, Reps, Step, Time, Turns


def describe_work(exercise: Exercise, fraction: float) -> str:
    """Such as "3 sets of 30 s hold, each side".

    Args:
        exercise: Whose work it is.
        fraction: Where in a range to pick: 0 the low end, 1 the high end.
    """
    alternating = exercise.sides is not None and exercise.sides.turns is Turns.ALTERNATE
    work = _steps(exercise.work, fraction, alternating=alternating)
    sets = exercise.sets.at(fraction)
    if sets > 1:
        work = f"{sets} sets of {work}"
    if exercise.sides is None:
        return work
    if alternating:
        return f"{work}, alternating"
    return f"{work}, {' and '.join(exercise.sides.labels)}" if exercise.sides.labels else f"{work}, each side"


def _steps(work: tuple[Step, ...], fraction: float, *, alternating: bool) -> str:
    return " + ".join(_step(step, fraction, alternating=alternating) for step in work)


def _step(step: Step, fraction: float, *, alternating: bool) -> str:
    match step:
        case Hold():
            return f"{_length(hold_ms(step, fraction))} hold"
        case Reps():
            return f"{rep_count(step, fraction, alternating=alternating)} reps of {_length(step.tempo_ms)}"
        case Breaths():
            return f"{step.count.at(fraction)} breaths of {_length(step.inhale_ms + step.exhale_ms)}"
        case Time():
            return f"{_length(hold_ms(step, fraction))} moving"
        case Move():
            return f"{_length(step.length_ms)} move"
        case Repeat():
            return f"{step.count.at(fraction)} x ({_steps(step.work, fraction, alternating=alternating)})"


def _length(length_ms: int) -> str:
    minutes, rest_ms = divmod(length_ms, 60_000)
    if minutes and rest_ms:
        return f"{minutes} min {rest_ms / 1000:g} s"
    return f"{minutes} min" if minutes else f"{rest_ms / 1000:g} s"
