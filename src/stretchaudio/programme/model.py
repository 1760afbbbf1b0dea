"""Define a programme as it is read: phases of weeks, whose days have sessions."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from stretchaudio.errors import Mark
from stretchaudio.routine.compose.wishes import Wishes
from stretchaudio.routine.model import Level

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a day asks for: a routine, or a session that is composed."""

    routine: str | None = None
    """A routine's name or file."""
    only: tuple[str, ...] = ()
    """The ids of the routine's exercises to keep; none for all."""
    skip: tuple[str, ...] = ()
    """The ids of those to leave out."""
    wishes: Wishes | None = None
    """What a session is composed for."""
    mark: Mark | None = field(default=None, compare=False)
    """Its place in the programme's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Some weeks that are alike."""

    title: str
    weeks: int
    level: Level
    """Which end of prescribed ranges is taken."""
    is_easy: bool
    """Routines are done at their low ends, and composed sessions are shorter."""
    longer_ms: int
    """How much longer holds become each week after the first, up to what is prescribed."""
    days: tuple[tuple[Entry, ...], ...]
    """The entries of each weekday, from Monday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Weeks of sessions."""

    id: str
    """The file's name without its ending."""
    title: str
    summary: str
    focus: tuple[str, ...]
    """The parts of the body that it is for; their dose is judged."""
    source: str | None
    """Where its prescription comes from."""
    start: date | None
    """The day on which it begins, if its file says so."""
    at: time | None
    """When sessions are done."""
    remind_ms: int | None
    """How long before that one is reminded."""
    phases: tuple[Phase, ...]

    @property
    def weeks(self) -> int:
        """How many weeks it lasts."""
        return sum(phase.weeks for phase in self.phases)


def day_of(start: date, week: int, weekday: int) -> date:
    """Find the date of a weekday.

    Args:
        start: The programme's first day; the first week is that day and the six after it.
        week: Counted from 1.
        weekday: 0 is Monday.
    """
    return start + timedelta(weeks=week - 1, days=(weekday - start.weekday()) % 7)
