"""Warn of what a physiotherapist would question in a routine that follows the format."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from stretchaudio.errors import Mark
from stretchaudio.routine.duration import exercise_ms, hold_ms, windows_ms
from stretchaudio.routine.figures import figure_faults
from stretchaudio.routine.model import Exercise, Hold, Repeat, Routine, Step

SHORT_HOLD_MS = 5_000
LONG_HOLD_MS = 120_000
# Longer static stretches want warm muscles; a minute of movement warms them.
DEEP_HOLD_MS = 30_000
WARM_UP_MS = 60_000
LONG_SESSION_MS = 15 * 60_000
MANY_SETS = 3
HARDLY_ANY_REST_MS = 3_000
ON_THE_FLOOR = {"all fours", "prone", "supine", "side-lying", "kneeling"}
CALM = {"supine", "prone", "side-lying", "kneeling", "seated"}
_MIDDLE = 0.5
_QUOTE_IT = "if they are one, put it in quotes"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintWarning:
    """Something to think about."""

    mark: Mark | None
    """The exercise's place in its file."""
    message: str
    """A sentence with the oddity and the usual way."""

    def __str__(self) -> str:
        return f"{self.mark}: warning: {self.message}" if self.mark else f"warning: {self.message}"


def lint(routine: Routine) -> tuple[LintWarning, ...]:
    """List everything questionable about a routine."""
    return tuple(warning for check in _CHECKS for warning in check(routine))


def _side_without_partner(routine: Routine) -> Iterator[LintWarning]:
    names = {exercise.name.lower() for exercise in routine.exercises}
    for exercise in routine.exercises:
        partner = re.sub(r"\b(left|right)\b", _other_side, exercise.name.lower())
        if exercise.sides is None and partner != exercise.name.lower() and partner not in names:
            yield _warning(
                exercise,
                "works one side and nothing works the other; write sides: each, or add its partner",
            )


def _odd_holds(routine: Routine) -> Iterator[LintWarning]:
    for exercise in routine.exercises:
        part_of_a_movement = len(exercise.work) > 1 or any(
            isinstance(step, Repeat) for step in exercise.work
        )
        for hold in holds_in(exercise.work):
            if hold.duration.high < SHORT_HOLD_MS and not part_of_a_movement:
                yield _warning(
                    exercise,
                    "holds for less than 5 s; "
                    "a stretch takes longer to do good, or count it in reps",
                )
            if hold.duration.high > LONG_HOLD_MS:
                yield _warning(exercise, "holds for more than 2 minutes; 30 to 60 s is usual")


def _cold_start(routine: Routine) -> Iterator[LintWarning]:
    moved_ms = 0
    for exercise in routine.exercises:
        longest_ms = max((hold_ms(hold, _MIDDLE) for hold in holds_in(exercise.work)), default=0)
        if longest_ms > DEEP_HOLD_MS and moved_ms < WARM_UP_MS:
            yield _warning(
                exercise,
                "is a deep static hold before any warm-up; begin with a minute or more of movement",
            )
            return
        if not longest_ms:
            moved_ms += exercise_ms(exercise, _MIDDLE) - exercise.transition_ms


def _no_cool_down(routine: Routine) -> Iterator[LintWarning]:
    last = routine.exercises[-1]
    named_so = (routine.sections[-1].title or "").lower().startswith("cool")
    if (
        windows_ms(routine, _MIDDLE) > LONG_SESSION_MS
        and last.position not in CALM
        and not named_so
    ):
        yield _warning(
            last, "ends more than 15 minutes without a cool-down; end with something calm"
        )


def _up_and_down(routine: Routine) -> Iterator[LintWarning]:
    placed = [exercise for exercise in routine.exercises if exercise.position]
    for three in zip(placed, placed[1:], placed[2:], strict=False):
        exercise = three[1]
        down = [one.position in ON_THE_FLOOR for one in three]
        up = [one.position == "standing" for one in three]
        if down == [True, False, True] and up[1]:
            yield _warning(
                exercise,
                "makes one stand up and go down again; put it with the other standing exercises",
            )
        if up == [True, False, True] and down[1]:
            yield _warning(
                exercise,
                "makes one go down and stand up again; put it with the others on the floor",
            )


def _no_rest(routine: Routine) -> Iterator[LintWarning]:
    for exercise in routine.exercises:
        if exercise.sets.high >= MANY_SETS and exercise.rest_ms < HARDLY_ANY_REST_MS:
            yield _warning(
                exercise,
                f"has {exercise.sets.high} sets with hardly any rest between them; 8 s is usual",
            )


def _split_sentences(routine: Routine) -> Iterator[LintWarning]:
    """Find sentences that a comma of a YAML list has cut in two."""
    for exercise in routine.exercises:
        setup, tips = ([one.say for one in ones] for ones in (exercise.setup, exercise.tips))
        for first, second in (*pairwise(setup), *pairwise(tips)):
            if _is_cut(first, second):
                yield _warning(
                    exercise,
                    f"says '{first}' and '{second}' as two sentences; {_QUOTE_IT}",
                )
    for first, second in (*pairwise(routine.intro), *pairwise(routine.outro)):
        if _is_cut(first, second):
            message = f"'{first}' and '{second}' are spoken as two sentences; {_QUOTE_IT}."
            yield LintWarning(mark=None, message=message)


def _is_cut(first: str, second: str) -> bool:
    return first[-1:] not in set(".!?…:;。।") and second[:1].islower()


def _figures(routine: Routine) -> Iterator[LintWarning]:
    for exercise in routine.exercises:
        for fault in figure_faults(exercise):
            yield _warning(exercise, fault.removesuffix("."))


_CHECKS: tuple[Callable[[Routine], Iterator[LintWarning]], ...] = (
    _side_without_partner,
    _odd_holds,
    _cold_start,
    _no_cool_down,
    _up_and_down,
    _no_rest,
    _split_sentences,
    _figures,
)


def holds_in(work: tuple[Step, ...]) -> Iterator[Hold]:
    """List the holds of some work, those of its repeats too."""
    for step in work:
        if isinstance(step, Hold):
            yield step
        elif isinstance(step, Repeat):
            yield from holds_in(step.work)


def _other_side(match: re.Match[str]) -> str:
    return {"left": "right", "right": "left"}[match[0]]


def _warning(exercise: Exercise, message: str) -> LintWarning:
    return LintWarning(mark=exercise.mark, message=f"'{exercise.name}' {message}.")
