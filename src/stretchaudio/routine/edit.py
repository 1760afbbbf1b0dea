"""Change a routine for one session: its exercises, rounds, pace, or the side that begins."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.routine.duration import hold_ms
from stretchaudio.routine.model import (
    Breaths,
    Exercise,
    Hold,
    Move,
    Repeat,
    Reps,
    Routine,
    Section,
    Step,
    Time,
)
from stretchaudio.routine.values import MAX_SETS, Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Lengths that take the place of a routine's own; None keeps those."""

    transition_ms: int | None = None
    rest_ms: int | None = None
    switch_ms: int | None = None
    tempo_ms: int | None = None
    """Only for reps that have no words for their phases."""


def choose_exercises(routine: Routine, *, only: Iterable[str], skip: Iterable[str]) -> Routine:
    """Keep some of the exercises.

    Args:
        routine: The routine to choose from.
        only: The ids to keep; none keeps all.
        skip: The ids to leave out.

    Raises:
        UsageError: If an id is not in the routine, or nothing would be left.
    """
    known = {exercise.id for exercise in routine.exercises}
    wanted, unwanted = set(only), set(skip)
    for wrong in sorted((wanted | unwanted) - known):
        hint = f"It has {', '.join(sorted(known))}."
        raise UsageError(
            f"There is no exercise '{wrong}' in {routine.title}.{did_you_mean(wrong, known)}",
            hint=hint,
        )
    kept = (wanted or known) - unwanted
    if not kept:
        raise UsageError(f"Nothing of {routine.title} would be left.", hint="Skip fewer exercises.")
    sections = (
        replace(
            section,
            exercises=tuple(exercise for exercise in section.exercises if exercise.id in kept),
        )
        for section in routine.sections
    )
    return replace(routine, sections=tuple(section for section in sections if section.exercises))


def set_rounds(routine: Routine, rounds: Mapping[str, int]) -> Routine:
    """Change the number of rounds of sections.

    Args:
        routine: The routine that has the sections.
        rounds: How many, by section title in any case; an empty title stands for all sections.

    Raises:
        UsageError: If there is no such section, or the number is out of range.
    """
    for title, count in rounds.items():
        _check_section(routine, title)
        if not 1 <= count <= MAX_SETS:
            raise UsageError(
                f"{count} rounds are out of range.", hint=f"Choose from 1 to {MAX_SETS}."
            )
    wanted = {title.lower(): count for title, count in rounds.items()}

    def again(section: Section) -> Section:
        count = wanted.get((section.title or "").lower(), wanted.get(""))
        return replace(section, rounds=count) if count else section

    return replace(routine, sections=tuple(map(again, routine.sections)))


def _check_section(routine: Routine, title: str) -> None:
    titles = {section.title.lower(): section.title for section in routine.sections if section.title}
    if not title or title.lower() in titles:
        return
    known = f"It has {', '.join(titles.values())}."
    raise UsageError(
        f"There is no section '{title}' in {routine.title}.{did_you_mean(title, titles)}",
        hint=known if titles else "It has no sections with a title.",
    )


def set_pace(routine: Routine, pace: Pace) -> Routine:
    """Put other lengths in place of a routine's own and its exercises'."""
    given = {
        field.name: getattr(pace, field.name)
        for field in fields(pace)
        if getattr(pace, field.name) is not None
    }
    tempo_ms = given.pop("tempo_ms", None)

    def at_pace(exercise: Exercise) -> Exercise:
        work = _each_step(exercise.work, lambda step: _at_tempo(step, tempo_ms))
        return replace(exercise, work=work, **given)

    return _each_exercise(routine, at_pace)


def lengthen_holds(routine: Routine, by_ms: int, fraction: float) -> Routine:
    """Make each hold longer than at a level, but never longer than prescribed.

    Args:
        routine: The routine with its ranges.
        by_ms: How much longer.
        fraction: The part of each range that the level takes.
    """

    def longer(step: Step) -> Step:
        if not isinstance(step, Hold):
            return step
        length_ms = min(hold_ms(step, fraction) + by_ms, step.duration.high)
        return replace(step, duration=Range(low=length_ms, high=length_ms))

    def with_longer(exercise: Exercise) -> Exercise:
        return replace(exercise, work=_each_step(exercise.work, longer))

    return _each_exercise(routine, with_longer)


def mirrored(routine: Routine, mirror: Callable[[str], str]) -> Routine:
    """Swap left and right in the sentences of exercises with sides, so that the left begins."""
    return _each_exercise(routine, lambda exercise: mirrored_exercise(exercise, mirror))


def mirrored_exercise(exercise: Exercise, mirror: Callable[[str], str]) -> Exercise:
    """Swap left and right in the sentences of an exercise.

    One without sides, or with labels of its own, stays as it is.

    Args:
        exercise: The exercise as it is told for its first side.
        mirror: Swaps the sides in a sentence.
    """
    if exercise.sides is None or exercise.sides.labels is not None:
        return exercise

    def turn(text: _Text) -> _Text:
        return mirror(text) if text else text

    return replace(
        exercise,
        setup=tuple(replace(one, say=turn(one.say)) for one in exercise.setup),
        tips=tuple(replace(one, say=turn(one.say)) for one in exercise.tips),
        easier=turn(exercise.easier),
        harder=turn(exercise.harder),
        caution=turn(exercise.caution),
        recap=turn(exercise.recap),
        feel=turn(exercise.feel),
        exit=turn(exercise.exit),
        work=_each_step(exercise.work, lambda step: _mirrored_step(step, turn)),
    )


_Text = TypeVar("_Text", str, str | None)


def _mirrored_step(step: Step, turn: Callable[[str | None], str | None]) -> Step:
    match step:
        case Hold():
            return replace(step, say=turn(step.say), release=turn(step.release))
        case Time() | Move():
            return replace(step, say=turn(step.say))
        case Breaths():
            return replace(
                step,
                breathe_in=turn(step.breathe_in),
                breathe_out=turn(step.breathe_out),
                release=turn(step.release),
            )
        case Reps():
            phases = (replace(phase, say=turn(phase.say) or "") for phase in step.phases)
            return replace(step, phases=tuple(phases), release=turn(step.release))
        case _:
            return step


def _at_tempo(step: Step, tempo_ms: int | None) -> Step:
    if tempo_ms is None or not isinstance(step, Reps) or step.phases:
        return step
    return replace(step, tempo_ms=tempo_ms)


def _each_exercise(routine: Routine, change: Callable[[Exercise], Exercise]) -> Routine:
    sections = tuple(
        replace(section, exercises=tuple(map(change, section.exercises)))
        for section in routine.sections
    )
    return replace(routine, sections=sections)


def _each_step(work: tuple[Step, ...], change: Callable[[Step], Step]) -> tuple[Step, ...]:
    """Change every step, those inside repeats too."""
    return tuple(
        replace(step, work=_each_step(step.work, change))
        if isinstance(step, Repeat)
        else change(step)
        for step in work
    )
