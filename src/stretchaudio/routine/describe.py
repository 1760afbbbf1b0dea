"""Write an exercise's dose in a few words: the same on the screen, on paper and on a page."""

from stretchaudio.language import Language, language
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

SPOKEN_IN_MINUTES_MS = 120_000


def describe_work(
    exercise: Exercise, fraction: float | None = None, *, paced: bool = False, code: str = "en"
) -> str:
    """Write a dose, such as "3 sets of 20 reps" or "2 sets of 30 s hold, each side".

    Args:
        exercise: The exercise.
        fraction: Where in a range to pick: 0 the low end, 1 the high end; None for the whole
            range, "15-30 s hold".
        paced: Whether to add how long a rep or a breath takes, "20 reps of 3 s"; in English only.
        code: The language.
    """
    alternating = exercise.side_order is SideOrder.ALTERNATE
    pack = language(code)
    words = _Words(fraction, pack, alternating=alternating, paced=paced)
    work, sets = words.steps(exercise.work), words.count(exercise.sets)
    if sets != "1":
        work = f"({work})" if len(exercise.work) > 1 else work
        work = pack.page["sets_of"].format(sets=words.amount(sets, "set"), work=work)
    if exercise.sides is None:
        return work
    if alternating:
        return f"{work}, {pack.page['alternating']}"
    if exercise.sides.labels:
        return f"{work}, {pack.several(exercise.sides.labels)}"
    return f"{work}, {pack.page['each_side']}"


class _Words:
    def __init__(
        self, fraction: float | None, pack: Language, *, alternating: bool, paced: bool
    ) -> None:
        self.fraction = fraction
        self.pack = pack
        self.alternating = alternating
        self.paced = paced

    def steps(self, work: tuple[Step, ...]) -> str:
        return ", ".join(map(self.step, work))

    def step(self, step: Step) -> str:
        match step:
            case Hold():
                return self.worded("held", self.length(step))
            case Reps():
                return self.paces(self.amount(self.reps(step), "rep"), step.tempo_ms)
            case Breaths():
                return self.paces(self.amount(self.reps(step), "breath"), step.length_ms)
            case Time():
                return self.worded("moving", self.length(step))
            case Move():
                return self.worded("moved", _length(step.length_ms))
            case Repeat():
                return f"{self.count(step.count)} × ({self.steps(step.work)})"

    def worded(self, key: str, length: str) -> str:
        return str(self.pack.page[key].format(length=length))

    def amount(self, number: str, noun: str) -> str:
        return self.pack.amount(int(number) if number.isdigit() else number, noun)

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
