"""Turn a programme's text into a checked `Programme`, or raise all of its problems at once."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from stretchaudio.errors import Mark, Problem, RoutineError, StretchaudioError, did_you_mean
from stretchaudio.programme import schema
from stretchaudio.programme.model import WEEKDAYS, Entry, Phase, Programme
from stretchaudio.routine.compose.wishes import Wishes
from stretchaudio.routine.library import find_routine
from stretchaudio.routine.model import Level
from stretchaudio.routine.problems import Location, problem_of
from stretchaudio.routine.schema import Keys
from stretchaudio.util.located_yaml import LocatedDict, parse

_NO_DAYS: tuple[tuple[Entry, ...], ...] = ((),) * len(WEEKDAYS)


def parse_programme(text: str, *, file: str) -> Programme:
    """Read and check one programme.

    Args:
        text: The YAML text.
        file: The file's name, for messages; its stem becomes the programme's id, and routines are
            looked for beside it first.

    Raises:
        RoutineError: With every problem found.
    """
    problems: list[Problem] = []
    tree = parse(text, file, problems, example="title: A stiff back")
    try:
        keys = schema.ProgrammeKeys.model_validate(tree)
    except ValidationError as error:
        problems += [problem_of(tree, one, _unknown_key) for one in error.errors(include_url=False)]
        raise RoutineError(problems) from None
    programme = Programme(
        id=Path(file).stem,
        title=keys.title,
        summary=keys.summary,
        focus=keys.focus,
        source=keys.source,
        start=keys.start,
        at=keys.at,
        remind_ms=keys.remind,
        phases=tuple(_phases(keys, tree, problems)),
    )
    if programme.weeks > schema.MOST_WEEKS:
        mark = tree.marks["phases"][0]
        message = f"these are {programme.weeks} weeks; the limit is {schema.MOST_WEEKS}"
        problems.append(Problem(mark=mark, message=message))
    if problems:
        raise RoutineError(problems)
    return programme


def _phases(
    keys: schema.ProgrammeKeys, tree: LocatedDict, problems: list[Problem]
) -> Iterator[Phase]:
    level, days = Level.INTERMEDIATE, _NO_DAYS
    for phase, table in zip(keys.phases, tree["phases"], strict=True):
        level = Level(phase.level) if phase.level else level
        if phase.days is not None:
            days = _days(phase.days, table["days"], problems)
        elif days is _NO_DAYS:
            message = "the first phase says which days have sessions; add days"
            problems.append(Problem(mark=table.mark, message=message))
        yield Phase(
            title=phase.title,
            weeks=phase.weeks,
            level=level,
            is_easy=phase.easy,
            longer_ms=phase.hold,
            days=days,
        )


def _days(
    given: dict[str, tuple[schema.EntryKeys, ...]], table: LocatedDict, problems: list[Problem]
) -> tuple[tuple[Entry, ...], ...]:
    """List the entries of each weekday."""
    days = {
        schema.weekday(day): tuple(_entry(one, table.marks[day][1], problems) for one in entries)
        for day, entries in given.items()
    }
    return tuple(days.get(weekday, ()) for weekday in range(len(WEEKDAYS)))


def _entry(keys: schema.EntryKeys, mark: Mark, problems: list[Problem]) -> Entry:
    try:
        if (keys.routine is None) == (keys.compose is None):
            message = "a session is either a routine or composed; write one of the two keys"
            problems.append(Problem(mark=mark, message=message))
        elif keys.routine is not None:
            beside = Path(mark.file).parent / keys.routine
            path = beside if beside.is_file() else find_routine(keys.routine)
            return Entry(routine=str(path), only=keys.only, skip=keys.skip, mark=mark)
        elif keys.compose is not None:
            return Entry(wishes=_wishes(keys.compose), mark=mark)
    except StretchaudioError as error:
        message = f"{error.message} {error.hint}".strip()
        problems.append(Problem(mark=mark, message=f"{message[:1].lower()}{message[1:]}"))
    return Entry(mark=mark)


def _wishes(keys: schema.WishKeys) -> Wishes:
    return Wishes(
        minutes=keys.minutes,
        focus=keys.focus,
        avoid=keys.avoid,
        equipment=None if keys.equipment is None else frozenset(keys.equipment) - {"none"},
        positions=frozenset(keys.position),
        like=keys.like,
        never=keys.never,
    )


_PARTS: dict[str, type[Keys]] = {
    "phases": schema.ProgrammePhaseKeys,
    "days": schema.EntryKeys,
    "compose": schema.WishKeys,
}


def _unknown_key(loc: Location) -> str:
    wrong = str(loc[-1])
    part = next((str(one) for one in reversed(loc[:-1]) if one in _PARTS), "")
    known = _PARTS.get(part, schema.ProgrammeKeys).model_fields
    others = f" Known keys: {', '.join(sorted(known))}."
    if part == "days":
        others += ' Wishes with a comma go in quotes: {compose: "15 neck, shoulders"}'
    hint = did_you_mean(wrong, known) or others
    return f"'{wrong}' is not a key that can be used here.{hint}"
