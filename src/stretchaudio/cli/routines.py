"""Run the commands about routines: `list`, `exercises`, `new`, `check`, `schema`."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.table import Table

from stretchaudio.cli.console import console, plain_table, print_error, printable
from stretchaudio.errors import FileError, RoutineError, StretchaudioError, UsageError, did_you_mean
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.library import (
    all_routines,
    read_exercises,
    read_routine,
)
from stretchaudio.routine.lint import lint
from stretchaudio.routine.model import Level, Routine
from stretchaudio.routine.parse import slug
from stretchaudio.routine.schema import exercises_schema, routine_schema
from stretchaudio.script.by_ear import lint_by_ear, mirrored_sentences
from stretchaudio.script.estimate import estimated_ms, refuse_endless
from stretchaudio.script.write import write_script
from stretchaudio.util.atomic import atomic_write
from stretchaudio.util.units import format_clock, format_count, shell_command

_TEMPLATE = Path(__file__).parent.parent / "routine" / "templates" / "routine.yaml"
NARROW = 64
"""Columns below which a terminal has room for one length only."""
WIDE = 110
"""Columns from which a terminal has room for summaries, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutineFilter:
    """The routines to list; None and empty stand for any."""

    focus: str | None
    """A part of the body."""
    equipment: frozenset[str] | None
    """What is at hand; empty for nothing."""
    max_minutes: float | None
    """The longest, at the intermediate level."""
    positions: frozenset[str]
    """The only positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    name: str
    routine: Routine
    minutes: Mapping[Level, int]
    """About how long it takes at each level."""


def words(text: str) -> list[str]:
    """Split a text at its commas, in lower case."""
    return [word.strip().lower() for word in text.split(",") if word.strip()]


def list_routines(wanted: RoutineFilter) -> None:
    """Print a table of the routines that match, and the problems of those that cannot be read."""
    problems: list[str] = []
    known = list(_listed(problems))
    found = [listed for listed in known if _matches(listed, wanted)]
    if found:
        screen = console()
        screen.print(_routine_table(found, columns=screen.width))
    else:
        print("No routine matches.")
        for hint in _hints(known, wanted):
            print(hint)
    for message in problems:
        print(printable(message), file=sys.stderr)


def _routine_table(found: Sequence[_Listed], *, columns: int) -> Table:
    """Make the widest table that fits a terminal; names stay whole, so that they can be copied."""
    levels = list(Level) if columns >= NARROW else [Level.INTERMEDIATE]
    table = plain_table()
    table.add_column("Routine", no_wrap=True, min_width=max(len(listed.name) for listed in found))
    for level in levels:
        table.add_column(
            f"{level.value[:3].capitalize()}.",
            justify="right",
            no_wrap=True,
            min_width=len("99 min"),
        )
    for column in ("For", "Needs", *(["What"] if columns >= WIDE else [])):
        table.add_column(column, overflow="fold")
    for listed in found:
        routine = listed.routine
        lengths = [f"{listed.minutes[level]} min" for level in levels]
        row = [
            listed.name,
            *lengths,
            ", ".join(routine.focus),
            ", ".join(routine.equipment) or "nothing",
        ]
        table.add_row(*row, *([routine.summary or routine.title] if columns >= WIDE else []))
    return table


def _hints(known: Sequence[_Listed], wanted: RoutineFilter) -> Iterator[str]:
    """Say which filter to leave out for something to match."""
    filters = {
        "--focus": replace(wanted, focus=None),
        "--equipment": replace(wanted, equipment=None),
        "--max-minutes": replace(wanted, max_minutes=None),
        "--position": replace(wanted, positions=frozenset()),
    }
    given = {name: without for name, without in filters.items() if without != wanted}
    found = {
        name: [one.name for one in known if _matches(one, without)]
        for name, without in given.items()
    }
    for name, matches in found.items():
        if matches:
            yield f"Without {name}: {', '.join(matches)}."
    if any(found.values()):
        return
    if len(given) > 1:
        yield f"Leave out more than one of {', '.join(given)}."
    else:
        yield "'stretchaudio list' shows all routines."


def _listed(problems: list[str]) -> Iterator[_Listed]:
    for name, path in all_routines():
        try:
            routine = read_routine(path)
        except StretchaudioError as error:
            problems.append(error.message)
            continue
        minutes = {
            level: max(1, round(estimated_ms(write_script(routine, level)) / 60_000))
            for level in Level
        }
        yield _Listed(name=name, routine=routine, minutes=minutes)


def _matches(listed: _Listed, wanted: RoutineFilter) -> bool:
    routine = listed.routine
    focus = " | ".join(routine.focus).lower()
    if wanted.focus is not None and wanted.focus.lower() not in focus:
        return False
    needed = {thing.lower() for thing in routine.equipment}
    if wanted.equipment is not None and not needed <= wanted.equipment:
        return False
    minutes = listed.minutes[Level.INTERMEDIATE]
    if wanted.max_minutes is not None and minutes > wanted.max_minutes:
        return False
    positions = {(exercise.position or "").lower() for exercise in routine.exercises}
    return not wanted.positions or positions <= wanted.positions


def list_exercises() -> None:
    """Print a table of the library's exercises."""
    table = plain_table()
    table.add_column("Exercise", no_wrap=True)
    for column in ("Position", "Prescription", "For"):
        table.add_column(column)
    for exercise in read_exercises():
        table.add_row(
            exercise.id,
            exercise.position or "",
            describe_work(exercise, paced=True),
            ", ".join(exercise.focus),
        )
    console().print(table)


def show_exercise(exercise_id: str) -> None:
    """Print one exercise in full.

    Raises:
        UsageError: If there is none with that id.
    """
    known = {exercise.id: exercise for exercise in read_exercises()}
    if exercise_id not in known:
        hint = "'stretchaudio exercises' shows all."
        raise UsageError(
            f"There is no exercise '{exercise_id}'.{did_you_mean(exercise_id, known)}", hint=hint
        )
    exercise = known[exercise_id]
    screen = console()
    place = f", {exercise.position}" if exercise.position else ""
    screen.print(f"{exercise.name}{place}: {describe_work(exercise, paced=True)}", style="bold")
    screen.print(f"For {', '.join(exercise.focus)}" if exercise.focus else "", style="dim")
    for sentence in exercise.setup:
        screen.print(f"  {sentence.say}")
    lines = [
        ("Why", exercise.why),
        ("Recap", exercise.recap),
        ("Feel", exercise.feel),
        ("Exit", exercise.exit),
        ("Caution", exercise.caution),
        ("Easier", exercise.easier),
        ("Harder", exercise.harder),
        *(("Tip", tip.say) for tip in exercise.tips),
    ]
    for label, text in lines:
        if text:
            screen.print(f"{label + ':':<9} {text}")
    if exercise.source:
        screen.print(f"From {exercise.source}", style="dim")


def new(name: str) -> None:
    """Write a starter into the working folder.

    Raises:
        UsageError: If the name has neither a letter nor a digit.
        FileError: If there is such a file already, or it cannot be written.
    """
    plain = slug(name.removesuffix(".yaml"))
    if not plain:
        raise UsageError(
            f"'{name}' is not a name.", hint="Use letters and digits, such as my-routine."
        )
    path = Path(f"{plain}.yaml")
    title = re.sub(r"[-_]+", " ", plain).capitalize()
    text = _TEMPLATE.read_text(encoding="utf-8")
    write_new(path, text.replace("{title}", title).replace("{file}", str(path)))
    print(f"{path} is ready. Build it with: {shell_command('build', path)}")


def check(files: list[str], *, mirror: bool) -> None:
    """Print every problem and warning of some files; exit with the code of the first error.

    Args:
        files: Routines, by name or file.
        mirror: Whether to print what is said on the other side, too.
    """
    from stretchaudio.cli import programme
    from stretchaudio.programme.library import is_programme

    errors: list[StretchaudioError] = []
    for file in files:
        try:
            if is_programme(Path(file)):
                programme.check(file)
                continue
            routine = read_routine(file)
            about_ms = estimated_ms(write_script(routine))
            refuse_endless(routine.title, about_ms)
        except StretchaudioError as error:
            errors.append(error)
            print_error(error)
            continue
        for warning in (*lint(routine), *lint_by_ear(routine)):
            print(printable(str(warning)))
        for exercise, sentence, other in mirrored_sentences(routine) if mirror else ():
            print(printable(f"{exercise.name}: {sentence} → {other}"))
        exercises = len(routine.exercises)
        about = format_clock(about_ms / 1000)
        contents = f"{routine.title}, {format_count(exercises, 'exercise')}, about {about}"
        print(f"{file}: fine. {contents} at the intermediate level.")
    if errors:
        problems = sum(
            len(error.problems) if isinstance(error, RoutineError) else 1 for error in errors
        )
        print(
            f"{format_count(problems, 'problem')} in {format_count(len(errors), 'file')}.",
            file=sys.stderr,
        )
        raise typer.Exit(errors[0].exit_code)


def print_schema(*, exercises: bool) -> None:
    """Print the JSON Schema of routine files, or of the library's files."""
    print(json.dumps(exercises_schema() if exercises else routine_schema(), indent=2))


def write_new(path: Path, text: str) -> None:
    """Write a routine file that is not there yet.

    Raises:
        FileError: If it is there, or cannot be written.
    """
    if path.exists():
        raise FileError(
            f"There is a file {path} already.", hint="Choose another name, or move it away."
        )
    with atomic_write(path) as file:
        file.write(text.encode())
