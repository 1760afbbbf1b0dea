"""Turn a programme into sessions: which routine, at which level, in which week, on which day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import NamedTuple

from stretchaudio.errors import Problem, RoutineError, StretchaudioError, UsageError
from stretchaudio.programme.model import Entry, Phase, Programme
from stretchaudio.routine.compose import compose
from stretchaudio.routine.compose.wishes import SHORTEST_MIN, Wishes
from stretchaudio.routine.edit import choose_exercises, lengthen_holds
from stretchaudio.routine.library import read_routine
from stretchaudio.routine.model import Level, Routine
from stretchaudio.script.estimate import estimated_ms
from stretchaudio.script.write import track_ms, write_script

EASY = 2 / 3
"""The part of its minutes that a composed session has in an easy week."""
REMEMBERED = 14
"""Sessions before that a composed one should differ from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session of a programme; the same one may be done on many days."""

    id: str
    """Its name among the programme's sessions, for files."""
    routine: Routine
    """As its file prescribes it."""
    entry: Entry
    """What asks for it."""
    level: Level
    longer_ms: int
    """How much longer than at that level holds are, up to what is prescribed."""
    about_ms: int
    """How long its track takes, as far as that is known."""

    @property
    def done(self) -> Routine:
        """The routine with its holds as long as they are in this session."""
        return lengthen_holds(self.routine, self.longer_ms, self.level.fraction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A session on a day."""

    week: int
    """Counted from 1."""
    weekday: int
    """0 is Monday."""
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week of a programme."""

    number: int
    """Counted from 1."""
    phase: Phase
    slots: tuple[Slot, ...]
    """In the order of their days."""


class _Dose(NamedTuple):
    """What is the same wherever it is the same session."""

    entry: Entry
    level: Level
    longer_ms: int


@dataclass(slots=True)
class _Planner:
    """Make each session once, however often it is done."""

    known: dict[_Dose, Session] = field(default_factory=dict)
    before: list[tuple[str, ...]] = field(default_factory=list)
    """The exercises of the sessions so far, by id, the latest first."""
    seed: int = 0

    def week(self, phase: Phase, number: int, place: int) -> Week:
        """Plan a week of a phase, counted from 0 there."""
        slots = (
            Slot(week=number, weekday=day, session=self._session(entry, phase, number, place))
            for day, entries in enumerate(phase.days)
            for entry in entries
        )
        return Week(number=number, phase=phase, slots=tuple(slots))

    def _session(self, entry: Entry, phase: Phase, number: int, place: int) -> Session:
        if entry.wishes is not None:
            session = self._composed(entry.wishes, phase, number, entry)
        else:
            level, longer_ms = phase.level, place * phase.longer_ms
            if phase.is_easy:
                level, longer_ms = Level.BEGINNER, 0
            dose = _Dose(entry, level, longer_ms)
            session = self.known.get(dose) or self._of_routine(dose, number)
            self.known[dose] = session
        ids = tuple(one.id for one in session.routine.exercises)
        self.before = [ids, *self.before[: REMEMBERED - 1]]
        return session

    def _of_routine(self, dose: _Dose, number: int) -> Session:
        """Make the session of a routine; longer holds that change nothing make no other one."""
        entry = dose.entry
        routine = read_routine(entry.routine or "")
        try:
            routine = choose_exercises(routine, only=entry.only, skip=entry.skip)
        except UsageError as error:
            raise _at(entry, error) from None
        longer = lengthen_holds(routine, dose.longer_ms, dose.level.fraction)
        for known in self.known.values():
            if known.entry == entry and known.level is dose.level and known.done == longer:
                return known
        return Session(
            id=self._free_id(f"week-{number:02}-{routine.id}"),
            routine=routine,
            entry=entry,
            level=dose.level,
            longer_ms=dose.longer_ms,
            about_ms=estimated_ms(write_script(longer, dose.level)),
        )

    def _composed(self, wishes: Wishes, phase: Phase, number: int, entry: Entry) -> Session:
        if phase.is_easy:
            wishes = wishes.lasting(max(SHORTEST_MIN, round(wishes.minutes * EASY)))
        self.seed += 1
        try:
            made = compose(wishes, seed=self.seed, length_ms=track_ms, previous=self.before)
        except UsageError as error:
            raise _at(entry, error) from None
        session = Session(
            id=self._free_id(f"week-{number:02}-{made.routine.id}"),
            routine=made.routine,
            entry=entry,
            level=Level.INTERMEDIATE,
            longer_ms=0,
            about_ms=made.about_ms,
        )
        self.known[_Dose(Entry(wishes=wishes), Level.INTERMEDIATE, self.seed)] = session
        return session

    def _free_id(self, name: str) -> str:
        taken = {one.id for one in self.known.values()}
        numbered = (f"{name}-{number}" for number in count(2))
        return next(one for one in chain([name], numbered) if one not in taken)


def _at(entry: Entry, error: UsageError) -> StretchaudioError:
    """Say where in the programme's file something is asked for that is not there."""
    if entry.mark is None:
        return error
    message = f"{error.message} {error.hint}".strip()
    return RoutineError([Problem(mark=entry.mark, message=message)])


def plan(programme: Programme, *, first_weekday: int = 0) -> tuple[Week, ...]:
    """Plan each session of a programme.

    Composed sessions differ from those before them, and are the same in each run, whatever the day
    on which the weeks begin.

    Args:
        programme: The programme.
        first_weekday: That day; 0 is Monday.

    Raises:
        RoutineError: If a routine does not follow the format, or there is no such session.
        UsageError: If a routine is not there.
        FileError: If one cannot be read.
    """
    planner = _Planner()
    weeks = (
        planner.week(phase, number, place)
        for number, (phase, place) in enumerate(_weeks(programme.phases), 1)
    )

    def in_order(slot: Slot) -> int:
        return (slot.weekday - first_weekday) % 7

    return tuple(replace(week, slots=tuple(sorted(week.slots, key=in_order))) for week in weeks)


def _weeks(phases: Sequence[Phase]) -> Iterator[tuple[Phase, int]]:
    for phase in phases:
        for place in range(phase.weeks):
            yield phase, place


def sessions_of(weeks: Sequence[Week]) -> tuple[Session, ...]:
    """List the different sessions in the order in which they are first done."""
    every = (slot.session for week in weeks for slot in week.slots)
    return tuple({session.id: session for session in every}.values())
