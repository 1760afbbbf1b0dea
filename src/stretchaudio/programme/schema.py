"""Describe the keys of a programme's file and their values, as pydantic models."""

import re
from collections.abc import Callable
from datetime import date, time
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field

from stretchaudio.errors import UsageError
from stretchaudio.programme.model import WEEKDAYS
from stretchaudio.routine.compose.wishes import read_wishes
from stretchaudio.routine.schema import Keys, Label, Length, Text, Texts, filled, word
from stretchaudio.routine.values import BadValueError, count, duration_ms

MOST_WEEKS = 104
MOST_A_DAY = 6
_Value = TypeVar("_Value")


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise BadValueError(f"'{text}' is neither true nor false")
    return text == "true"


def _longer(text: str) -> int:
    """Read `+5s a week`."""
    found = re.fullmatch(r"\+\s*(\S+)(?:\s+a week)?", text)
    if found is None:
        raise BadValueError(f"'{text}' does not say how much longer: write +5s a week")
    return duration_ms(found[1])


def _iso(kind: Callable[[str], _Value], example: str) -> Callable[[str], _Value]:
    def read(text: str) -> _Value:
        try:
            return kind(text)
        except ValueError:
            raise BadValueError(f"'{text}' cannot be read: write {example}") from None

    return read


def weekday(text: str) -> int:
    """Read the name of a day, whole or its first three letters; 0 is Monday."""
    near = [day for day in WEEKDAYS if text.lower() in {day, day[:3]}]
    if not near:
        raise BadValueError(f"'{text}' is not a day of the week: write {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(near[0])


def _entries(value: Any) -> Any:
    """Take a session, or a list of sessions, each a name or a table."""
    entries = filled(value) if isinstance(value, list) else [value]
    if len(entries) > MOST_A_DAY:
        raise BadValueError(f"a day has at most {MOST_A_DAY} sessions")
    return tuple(one if isinstance(one, dict) else {"routine": one} for one in entries)


def _days(value: Any) -> Any:
    if not isinstance(value, dict):
        raise BadValueError("expected days with sessions, such as monday: back-basics")
    if not value:
        raise BadValueError("there is no day here; write one, such as monday: back-basics")
    days = [weekday(day) for day in value]
    if len(set(days)) < len(days):
        raise BadValueError("a day is here twice")
    return value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _wished(value: Any) -> Any:
    """Take wishes as `build --compose` does, too: `15 lower back`."""
    if isinstance(value, dict):
        return value
    try:
        wishes = read_wishes(str(value))
    except UsageError as error:
        raise BadValueError(f"{error.message} {error.hint}") from None
    return {"minutes": wishes.minutes, "focus": list(wishes.focus)}


OneOrMore = Annotated[tuple[Text, ...], BeforeValidator(_listed)]


class WishKeys(Keys):
    """What a session is composed for; the options of `compose` by their names."""

    minutes: float
    focus: OneOrMore = ()
    avoid: OneOrMore = ()
    equipment: OneOrMore | None = None
    position: OneOrMore = ()
    like: OneOrMore = ()
    never: OneOrMore = ()


class EntryKeys(Keys):
    """One session of a day."""

    routine: Text | None = None
    only: OneOrMore = ()
    skip: OneOrMore = ()
    compose: Annotated[WishKeys, BeforeValidator(_wished)] | None = None


Entries = Annotated[tuple[EntryKeys, ...], BeforeValidator(_entries)]


class ProgrammePhaseKeys(Keys):
    """Some weeks that are alike; what is left out is as in the phase before."""

    title: Label
    weeks: Annotated[int, BeforeValidator(word(lambda text: count(text, most=MOST_WEEKS)))]
    level: Literal["beginner", "intermediate", "advanced"] | None = None
    easy: Annotated[bool, BeforeValidator(word(_flag))] = False
    hold: Annotated[int, BeforeValidator(word(_longer))] = 0
    days: Annotated[dict[str, Entries], BeforeValidator(_days)] | None = None


class ProgrammeKeys(Keys):
    """A whole programme file."""

    title: Label
    summary: Text = ""
    focus: Texts = ()
    source: Text | None = None
    start: Annotated[date, BeforeValidator(word(_iso(date.fromisoformat, "2027-01-04")))] | None = (
        None
    )
    at: Annotated[time, BeforeValidator(word(_iso(time.fromisoformat, "07:30")))] | None = None
    remind: Length | None = None
    phases: Annotated[tuple[ProgrammePhaseKeys, ...], BeforeValidator(filled), Field(min_length=1)]
