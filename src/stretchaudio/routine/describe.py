"""Write an exercise's dose in a few words: the same on the screen, on paper and on a page."""

from stretchaudio.routine.duration import hold_ms, rep_count
from stretchaudio.routine.model import (
    Breaths,
    Exercise,
    Hold,
    Move,
    Repeat,
    Reps,
    SideOrder,
    Step,
    Time,
)
from stretchaudio.routine.values import MS_PER_S, Range
from stretchaudio.util.units import format_count

SPOKEN_IN_MINUTES_MS = 120_000


def describe_work(exercise: Exercise, fraction: float | None = None, *, paced: bool = False) -> str:
    """Write a dose, such as "3 sets of 20 reps" or "2 sets of 30 s hold, each side".

    Args:
        exercise: The exercise.
        fraction: Where in a range to pick: 0 the low end, 1 the high end; None for the whole
            range, "15-30 s hold".
        paced: Whether to add how long a rep or a breath takes, "20 reps of 3 s".
    """
    alternating = exercise.side_order is SideOrder.ALTERNATE
    words = _Words(fraction, alternating=alternating, paced=paced)
    work, sets = words.steps(exercise.work), words.count(exercise.sets)
    if sets != "1":
        work = f"{sets} sets of ({work})" if len(exercise.work) > 1 else f"{sets} sets of {work}"
    if exercise.sides is None:
        return work
    if alternating:
        return f"{work}, alternating sides"
    if exercise.sides.labels:
        return f"{work}, {' and '.join(exercise.sides.labels)}"
    return f"{work}, each side"


class _Words:
    def __init__(self, fraction: float | None, *, alternating: bool, paced: bool) -> None:
        self.fraction = fraction
        self.alternating = alternating
        self.paced = paced

    def steps(self, work: tuple[Step, ...]) -> str:
        return ", ".join(map(self.step, work))

    def step(self, step: Step) -> str:
        match step:
            case Hold():
                return f"{self.length(step)} hold"
            case Reps():
                return self.paces(format_count(self.reps(step), "rep"), step.tempo_ms)
            case Breaths():
                breaths = format_count(self.reps(step), "breath")
                return self.paces(breaths, step.length_ms)
            case Time():
                return f"{self.length(step)} moving"
            case Move():
                return f"{_length(step.length_ms)} move"
            case Repeat():
                return f"{self.count(step.count)} × ({self.steps(step.work)})"

    def paces(self, amount: str, each_ms: int) -> str:
        return f"{amount} of {_length(each_ms)}" if self.paced else amount

    def reps(self, step: Reps | Breaths) -> str:
        if self.fraction is None:
            return self.count(step.count)
        alternating = self.alternating and isinstance(step, Reps)
        return str(rep_count(step, self.fraction, alternating=alternating))

    def count(self, found: Range) -> str:
        if self.fraction is not None or found.low == found.high:
            return str(found.at(self.fraction or 0))
        return f"{found.low}-{found.high}"

    def length(self, step: Hold | Time) -> str:
        found = step.duration
        if self.fraction is not None or found.low == found.high:
            return _length(hold_ms(step, self.fraction or 0))
        low, high = _length(found.low), _length(found.high)
        low_number, _, low_unit = low.partition(" ")
        same_unit = low_unit == high.partition(" ")[2]
        return f"{low_number}-{high}" if same_unit else f"{low} to {high}"


def _length(length_ms: int) -> str:
    if length_ms < SPOKEN_IN_MINUTES_MS:
        return f"{length_ms / MS_PER_S:g} s"
    minutes, rest_ms = divmod(length_ms, 60_000)
    return f"{minutes} min {rest_ms / MS_PER_S:g} s" if rest_ms else f"{minutes} min"
