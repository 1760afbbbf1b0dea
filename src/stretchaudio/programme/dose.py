"""Add up what a programme asks of the body, and say what a physiotherapist would question."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stretchaudio.programme.model import Programme
from stretchaudio.programme.plan import Session, Week, sessions_of
from stretchaudio.routine.duration import hold_ms, step_ms
from stretchaudio.routine.lint import holds_in
from stretchaudio.routine.model import Exercise, Hold, Repeat, SideOrder, Stage, Step
from stretchaudio.util.units import format_count

GAINS_LEVEL_OFF_MIN = {"session": 4, "week": 10}
"""Minutes of static stretching of a part after which gains in flexibility level off: Ingram and
others, Sports Medicine 2025, doi:10.1007/s40279-024-02143-9."""
LEAST_MIN = 2
"""A minute of each stretch, on two days a week at the least: Garber and others, Medicine & Science
in Sports & Exercise 2011, doi:10.1249/MSS.0b013e318213fefb."""
MOST_JUMP = 0.2
"""How much more than in any week before is usual at the most."""
MOST_EXERCISES = 6
"""More are hardly kept up at home; warm-up and cool-down do not count."""
DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekDose:
    """What a week asks of the body."""

    number: int
    """Counted from 1."""
    is_easy: bool
    tracks_ms: int
    """How long its tracks take."""
    worked_ms: int
    """The time in which one holds, moves or breathes."""
    stretched_ms: Mapping[str, int]
    """How long each part of the body is held in a stretch, on each side."""


def week_doses(weeks: Sequence[Week]) -> tuple[WeekDose, ...]:
    """Add up the sessions of each week."""
    stretched = {one.id: stretched_ms(one) for one in sessions_of(weeks)}
    worked = {one.id: _worked_ms(one) for one in sessions_of(weeks)}
    return tuple(
        WeekDose(
            number=week.number,
            is_easy=week.phase.is_easy,
            tracks_ms=sum(slot.session.about_ms for slot in week.slots),
            worked_ms=sum(worked[slot.session.id] for slot in week.slots),
            stretched_ms=dict(sum((stretched[slot.session.id] for slot in week.slots), Counter())),
        )
        for week in weeks
    )


def stretched_ms(session: Session) -> Counter[str]:
    """Add up how long each part of the body is held in a stretch, on each side."""
    found: Counter[str] = Counter()
    fraction = session.level.fraction
    for section in session.done.sections:
        for exercise in section.exercises:
            held_ms = section.rounds * exercise.sets.at(fraction) * _held(exercise, fraction)
            for part in exercise.focus:
                found[part] += held_ms
    del found["whole body"]
    return +found


def _held(exercise: Exercise, fraction: float) -> int:
    held_ms = _held_ms(exercise.work, fraction)
    return held_ms // 2 if exercise.side_order is SideOrder.ALTERNATE else held_ms


def _held_ms(work: Sequence[Step], fraction: float) -> int:
    total = 0
    for step in work:
        if isinstance(step, Hold):
            total += hold_ms(step, fraction)
        elif isinstance(step, Repeat):
            total += step.count.at(fraction) * _held_ms(step.work, fraction)
    return total


def _worked_ms(session: Session) -> int:
    fraction = session.level.fraction
    return sum(
        section.rounds
        * exercise.sets.at(fraction)
        * (2 if exercise.side_order is SideOrder.EACH else 1)
        * step_ms(step, fraction, alternating=exercise.side_order is SideOrder.ALTERNATE)
        for section in session.done.sections
        for exercise in section.exercises
        for step in exercise.work
    )


def doubts(programme: Programme, weeks: Sequence[Week]) -> Iterator[str]:
    """Say what somebody who prescribes exercises would question, as finished sentences."""
    doses = week_doses(weeks)
    yield from _jumps(doses)
    yield from _no_rest(weeks)
    yield from _many_exercises(weeks)
    yield from _outside(programme, doses)


def _jumps(doses: Sequence[WeekDose]) -> Iterator[str]:
    most_ms = doses[0].worked_ms
    for dose in doses[1:]:
        if dose.worked_ms > most_ms * (1 + MOST_JUMP):
            more = f"{dose.worked_ms / most_ms - 1:.0%}" if most_ms else "all of its time"
            yield (
                f"Week {dose.number} asks for {more} more than any week before; "
                f"{MOST_JUMP:.0%} at the most is usual."
            )
        most_ms = max(most_ms, dose.worked_ms)


def _no_rest(weeks: Sequence[Week]) -> Iterator[str]:
    full = [week.number for week in weeks if len({slot.weekday for slot in week.slots}) == DAYS]
    if full:
        yield f"Week {full[0]} has no day of rest; one or two a week are usual."


def _many_exercises(weeks: Sequence[Week]) -> Iterator[str]:
    for session in sessions_of(weeks):
        main = {one.id for one in session.routine.exercises if _is_main(one)}
        if len(main) > MOST_EXERCISES:
            yield (
                f"{session.routine.title} (week {session.id.split('-')[1].lstrip('0')}) has "
                f"{format_count(len(main), 'exercise')} besides warm-up and cool-down; "
                f"{MOST_EXERCISES} are kept up more easily."
            )


def _is_main(exercise: Exercise) -> bool:
    aside = exercise.stage in {Stage.WARM_UP, Stage.COOL_DOWN}
    return not aside or any(holds_in(exercise.work))


def _outside(programme: Programme, doses: Sequence[WeekDose]) -> Iterator[str]:
    full = [dose for dose in doses if not dose.is_easy] or doses
    for part in programme.focus:
        most = max(full, key=lambda dose: dose.stretched_ms.get(part, 0))
        least = min(full, key=lambda dose: dose.stretched_ms.get(part, 0))
        for dose, is_wrong, usual in (
            (least, _minutes(least, part) < LEAST_MIN, f"{LEAST_MIN} at the least do good"),
            (most, _minutes(most, part) > GAINS_LEVEL_OFF_MIN["week"],
             f"gains level off at about {GAINS_LEVEL_OFF_MIN['week']}"),
        ):  # fmt: skip
            if is_wrong:
                yield (
                    f"Week {dose.number} holds the {part} in a stretch for "
                    f"{_minutes(dose, part):.1f} minutes; {usual}."
                )


def _minutes(dose: WeekDose, part: str) -> float:
    return dose.stretched_ms.get(part, 0) / 60_000
