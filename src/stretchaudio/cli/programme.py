"""Run the commands of `programme`: list, show, build and put programmes into a calendar."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from stretchaudio.cli.batch import SOME_FAILED, open_executor_of, progress
from stretchaudio.cli.console import console, plain_table, print_error, print_json, printable
from stretchaudio.cli.session_options import options_of_row
from stretchaudio.errors import Mark, StretchaudioError, UsageError
from stretchaudio.programme.dose import GAINS_LEVEL_OFF_MIN, WeekDose, doubts, week_doses
from stretchaudio.programme.library import all_programmes, read_programme
from stretchaudio.programme.model import WEEKDAYS, Programme, day_of
from stretchaudio.programme.plan import Session, Week, plan, sessions_of
from stretchaudio.programme.playlist import playlist
from stretchaudio.routine.lint import LintWarning
from stretchaudio.session.batch import RESULTS, Job, Record, run_jobs
from stretchaudio.session.options import usual_jobs
from stretchaudio.util.atomic import atomic_write
from stretchaudio.util.units import format_count

PLAYLIST = "programme.m3u8"
ROUTINES = "routines"
_MOST_PARTS = 7
"""Parts of the body in the table of doses; others are held for the least time."""


def list_programmes(*, as_json: bool = False) -> None:
    """Print every programme with its length and what it is for."""
    found: list[dict[str, Any]] = []
    table = plain_table("Programme", "Weeks", "For", "What")
    problems: list[StretchaudioError] = []
    for name, path in all_programmes():
        try:
            programme = read_programme(str(path))
        except StretchaudioError as wrong:
            problems.append(wrong)
            continue
        about = {field: getattr(programme, field) for field in ("title", "summary", "focus")}
        found.append({"name": name, "file": path, "weeks": programme.weeks} | about)
        table.add_row(name, str(programme.weeks), ", ".join(programme.focus), programme.summary)
    if as_json:
        print_json(found)
    else:
        console().print(table)
    for error in problems:
        print_error(error)
    if problems:
        raise typer.Exit(problems[0].exit_code)


def show(name: str, start: date | None, *, as_json: bool = False) -> None:
    """Print a programme: what is done on which day, and how much it is."""
    programme = read_programme(name)
    start = start or programme.start
    weeks = plan(programme, first_weekday=start.weekday() if start else 0)
    if as_json:
        print_json(_data(programme, weeks, start))
        return
    screen = console()
    print(printable(programme.title))
    if programme.summary:
        print(printable(programme.summary))
    print()
    _show_days(weeks, start)
    print()
    _show_doses(programme, week_doses(weeks))
    _show_doubts(programme, weeks)
    if programme.source:
        screen.print(f"Sources: {programme.source}", markup=False, highlight=False)


def _data(programme: Programme, weeks: Sequence[Week], start: date | None) -> dict[str, Any]:
    names = ("title", "summary", "focus", "source")
    return {
        **{name: getattr(programme, name) for name in names},
        "start": start,
        "weeks": [
            asdict(dose)
            | {
                "phase": week.phase.title,
                "sessions": [
                    {
                        "id": slot.session.id,
                        "title": slot.session.routine.title,
                        "day": WEEKDAYS[slot.weekday],
                        "date": day_of(start, slot.week, slot.weekday) if start else None,
                        "level": slot.session.level,
                        "longer_ms": slot.session.longer_ms,
                        "about_ms": slot.session.about_ms,
                    }
                    for slot in week.slots
                ],
            }
            for week, dose in zip(weeks, week_doses(weeks), strict=True)
        ],
        "doubts": list(doubts(programme, weeks)),
    }


def _show_days(weeks: Sequence[Week], start: date | None) -> None:
    used = {slot.weekday for week in weeks for slot in week.slots}
    first = start.weekday() if start else 0
    days = [day for day in ((first + place) % 7 for place in range(7)) if day in used]
    table = plain_table("Week", *(WEEKDAYS[day].capitalize() for day in days), "Phase")
    for week in weeks:
        cells = ["\n".join(_cell(one.session) for one in week.slots if one.weekday == day)
                 for day in days]  # fmt: skip
        begins = f" {day_of(start, week.number, first):%d %b}" if start else ""
        table.add_row(f"{week.number}{begins}", *cells, f"{week.phase.title}\n{_level(week)}")
    console().print(table)


def _level(week: Week) -> str:
    return "easy" if week.phase.is_easy else week.phase.level.value


def _cell(session: Session) -> str:
    title = session.routine.title.partition(",")[0]
    longer = f", +{session.longer_ms / 1000:g} s" if session.longer_ms else ""
    return f"{title}\n{session.about_ms / 60_000:.0f} min{longer}"


def _show_doses(programme: Programme, doses: Sequence[WeekDose]) -> None:
    held: Counter[str] = sum((Counter(one.stretched_ms) for one in doses), Counter())
    others = (part for part, _ in held.most_common() if part not in programme.focus)
    parts = [*programme.focus, *others][:_MOST_PARTS]
    table = plain_table("Week", "Tracks", "Work", *(part.capitalize() for part in parts))
    for dose in doses:
        numbers = (dose.tracks_ms, dose.worked_ms, *(dose.stretched_ms.get(p, 0) for p in parts))
        number = f"{dose.number} easy" if dose.is_easy else str(dose.number)
        table.add_row(number, *(f"{one / 60_000:.1f}" for one in numbers))
    console().print(table)
    session, week = GAINS_LEVEL_OFF_MIN["session"], GAINS_LEVEL_OFF_MIN["week"]
    print(
        "Minutes a week: all tracks, their work, and how long parts of the body are held in a\n"
        f"stretch, on each side. Gains in flexibility level off at about {session} minutes a\n"
        f"session and {week} a week (Ingram and others, 2025, doi:10.1007/s40279-024-02143-9)."
    )


def _show_doubts(programme: Programme, weeks: Sequence[Week]) -> None:
    for doubt in doubts(programme, weeks):
        print(printable(f"warning: {doubt}"))


def checked(file: str) -> tuple[list[LintWarning], str]:
    """Read a programme; return what one would question about it, and what it holds, in words."""
    programme = read_programme(file)
    weeks = plan(programme)
    mark = Mark(file=file, line=1, column=1)
    warnings = [LintWarning(mark=mark, message=one) for one in doubts(programme, weeks)]
    sessions = format_count(len(sessions_of(weeks)), "different session")
    return warnings, f"{programme.title}, {format_count(len(weeks), 'week')}, {sessions}."


def build(
    name: str,
    folder: Path,
    common: Mapping[str, str],
    *,
    jobs: int | None = None,
    on: str | None = None,
) -> None:
    """Build each different session of a programme once, and a playlist of them by day.

    Exits with code 1 if any failed.

    Args:
        name: The programme's name or file.
        folder: Where tracks go, and the routines of composed ones.
        common: Options for every track, by name.
        jobs: How many processes; None for one on each core.
        on: The address of a Dask scheduler, or `local-cluster`; None for processes here.
    """
    options = options_of_row(common)
    weeks = plan(read_programme(name))
    sessions = sessions_of(weeks)
    (folder / ROUTINES).mkdir(parents=True, exist_ok=True)
    found = [
        Job(
            row=row,
            routine=_file_of(session, folder / ROUTINES),
            path=folder / f"{session.id}.mp3",
            options=replace(
                options,
                level=session.level,
                longer_holds_ms=session.longer_ms,
                only=session.entry.only,
                skip=session.entry.skip,
            ),
        )
        for row, session in enumerate(sessions, 1)
    ]
    with progress(len(found)) as done:
        open_executor = open_executor_of(on, jobs or usual_jobs())
        records = run_jobs(found, open_executor, folder=folder, done=done)
    _tell(folder, sessions, records)
    durations_s = {
        session.id: record["duration_s"] for session, record in zip(sessions, records, strict=True)
    }
    with atomic_write(folder / PLAYLIST) as file:
        file.write(playlist(weeks, durations_s).encode())
    days = sum(len(week.slots) for week in weeks)
    print(f"{folder}: {format_count(len(sessions), 'track')} for {days} sessions; "
          f"{folder / PLAYLIST} has them in order.")  # fmt: skip


def _file_of(session: Session, folder: Path) -> str:
    """Name a session's routine; one that was composed gets a file."""
    if session.entry.routine is not None:
        return session.entry.routine
    path = folder / f"{session.id}.yaml"
    with atomic_write(path) as file:
        file.write(session.routine.text.encode())
    return str(path)


def _tell(folder: Path, sessions: Sequence[Session], records: Sequence[Record]) -> None:
    """Print what failed.

    Exits with code 1 if anything did.
    """
    failed = [
        (session.id, record["error"])
        for session, record in zip(sessions, records, strict=True)
        if "error" in record
    ]
    for name, error in failed:
        print(printable(f"{name}: {error}"), file=sys.stderr)
    if failed:
        made = len(records) - len(failed)
        print(f"{folder}: {made} of {format_count(len(records), 'track')}; "
              f"{folder / RESULTS} has a line for each.")  # fmt: skip
        raise typer.Exit(SOME_FAILED)


def write_calendar(
    name: str,
    output: Path,
    *,
    start: date | None,
    at: time | None,
    remind_ms: int | None,
    zone: str | None,
    base_url: str | None,
) -> None:
    """Write a programme as a calendar that phones and mail programs read.

    Raises:
        UsageError: If nobody says when it begins, or there is no such time zone.
    """
    from stretchaudio.programme.calendar import programme_calendar

    programme = read_programme(name)
    start = start or programme.start
    if start is None:
        hint = f"Add --start with a day, such as {date.today():%Y-%m-%d}."  # noqa: DTZ011
        raise UsageError("Nothing says when the programme begins.", hint=hint)
    programme = replace(
        programme,
        at=at or programme.at,
        remind_ms=programme.remind_ms if remind_ms is None else remind_ms,
    )
    weeks = plan(programme, first_weekday=start.weekday())
    if base_url is not None and not base_url.endswith("/"):
        base_url = f"{base_url}/"
    data = programme_calendar(programme, weeks, start=start, zone=_zone(zone), base_url=base_url)
    with atomic_write(output) as file:
        file.write(data)
    last = day_of(start, len(weeks), weeks[-1].slots[-1].weekday)
    sessions = format_count(sum(len(week.slots) for week in weeks), "session")
    print(f"{output}: {sessions} from {start:%d %B %Y} to {last:%d %B %Y}.")


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = "Write one as Europe/Berlin, or leave it out for the time wherever you are."
        raise UsageError(f"There is no time zone '{name}'.", hint=hint) from None
