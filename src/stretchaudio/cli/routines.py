"""Run the commands about routines: `list`, `exercises`, `new`, `check`, `schema`."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from stretchaudio.cli.console import console, plain_table, print_error, print_json, printable
from stretchaudio.errors import FileError, RoutineError, StretchaudioError, UsageError, did_you_mean
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.figures import figure_for
from stretchaudio.routine.library import (
    all_routines,
    read_exercises,
    read_routine,
)
from stretchaudio.routine.lint import LintWarning, lint
from stretchaudio.routine.model import Exercise, Level, Routine
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
    file: Path
    routine: Routine
    minutes: Mapping[Level, int]
    """About how long it takes at each level."""


def words(text: str) -> list[str]:
    """Split a text at its commas, in lower case."""
    return [word.strip().lower() for word in text.split(",") if word.strip()]


def list_routines(wanted: RoutineFilter, *, as_json: bool) -> None:
    """Print the routines that match, and the problems of those that cannot be read."""
    problems: list[str] = []
    known = list(_listed(problems))
    found = [listed for listed in known if _matches(listed, wanted)]
    if as_json:
        print_json([_data(listed) for listed in found])
    elif found:
        screen = console()
        screen.print(_routine_table(found, columns=screen.width))
    else:
        print("No routine matches.")
        for hint in _hints(known, wanted):
            print(hint)
    for message in problems:
        print(printable(message), file=sys.stderr)


def _data(listed: _Listed) -> dict[str, Any]:
    routine = listed.routine
    names = ("title", "summary", "language", "focus", "equipment", "source", "licence")
    return {
        "name": listed.name,
        "file": listed.file,
        "minutes": listed.minutes,
        "exercises": [exercise.id for exercise in routine.exercises],
        **{name: getattr(routine, name) for name in names},
    }


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
        yield _Listed(name=name, file=path, routine=routine, minutes=minutes)


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


def list_exercises(*, as_json: bool) -> None:
    """Print the library's exercises."""
    if as_json:
        print_json([exercise_data(exercise) for exercise in read_exercises()])
        return
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


def exercise_data(exercise: Exercise) -> dict[str, Any]:
    """Give an exercise as data: its fields, and its dose in words."""
    fields = {field.name: getattr(exercise, field.name) for field in dataclass_fields(exercise)}
    del fields["mark"]
    return fields | {"dose": describe_work(exercise, paced=True)}


def show_exercise(exercise_id: str, *, as_json: bool) -> None:
    """Print one exercise in full.

    Raises:
        UsageError: If there is none with that id.
    """
    exercise = _find_exercise(exercise_id)
    if as_json:
        print_json(exercise_data(exercise))
        return
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


def _find_exercise(exercise_id: str) -> Exercise:
    known = {exercise.id: exercise for exercise in read_exercises()}
    if exercise_id not in known:
        hint = "'stretchaudio exercises' shows all."
        raise UsageError(
            f"There is no exercise '{exercise_id}'.{did_you_mean(exercise_id, known)}", hint=hint
        )
    return known[exercise_id]


def write_figure(exercise_id: str, path: Path, *, left: bool) -> None:
    """Write the figure of an exercise as an SVG file.

    Raises:
        UsageError: If there is no exercise with that id, it has no figure, or the file is no SVG.
        FileError: If the file cannot be written.
    """
    from stretchaudio.figure.describe import describe
    from stretchaudio.figure.draw import draw
    from stretchaudio.language import language

    exercise = _find_exercise(exercise_id)
    if path.suffix.lower() != ".svg":
        raise UsageError(f"{path} is not an SVG file.", hint=f"Name it {path.with_suffix('.svg')}.")
    figure = figure_for(exercise)
    if figure is None:
        raise UsageError(
            f"The exercise '{exercise_id}' has no figure.",
            hint="docs/figures.md shows how to add one.",
        )
    frames = (figure.mirrored() if left else figure).frames
    words = language("en").page
    text = describe([frame.pose for frame in frames], words["figure"], words["positions"])
    with atomic_write(path) as file:
        file.write(draw(frames).document(f"{exercise.name}. {text}.").encode())
    print(f"{path} shows {exercise.name}.")


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


def check(files: list[str], *, mirror: bool, as_json: bool) -> None:
    """Print every problem and warning of some files; exit with the code of the first error.

    Args:
        files: Routines and programmes, by name or file.
        mirror: Whether to print what is said on the other side, too.
        as_json: Whether to print it for machines.
    """
    errors: list[StretchaudioError] = []
    found: list[dict[str, Any]] = []
    for file in files:
        try:
            warnings, contents = _checked(file)
        except StretchaudioError as error:
            errors.append(error)
            found += _problem_data(file, error)
            if not as_json:
                print_error(error)
            continue
        found += [_warning_data(file, warning) for warning in warnings]
        if as_json:
            continue
        for warning in warnings:
            print(printable(str(warning)))
        for exercise, sentence, other in mirrored_sentences(read_routine(file)) if mirror else ():
            print(printable(f"{exercise.name}: {sentence} → {other}"))
        print(printable(f"{file}: fine. {contents}"))
    if as_json:
        print_json(found)
    if errors:
        problems = sum(
            len(error.problems) if isinstance(error, RoutineError) else 1 for error in errors
        )
        total = f"{format_count(problems, 'problem')} in {format_count(len(errors), 'file')}."
        print(total, file=sys.stderr)
        raise typer.Exit(errors[0].exit_code)


def _checked(file: str) -> tuple[list[LintWarning], str]:
    """Read a routine or a programme; return its warnings and what it holds, in words."""
    from stretchaudio.cli import programme
    from stretchaudio.programme.library import is_programme

    if is_programme(Path(file)):
        return programme.checked(file)
    routine = read_routine(file)
    about_ms = estimated_ms(write_script(routine))
    refuse_endless(routine.title, about_ms)
    exercises = format_count(len(routine.exercises), "exercise")
    about = f"about {format_clock(about_ms / 1000)} at the intermediate level"
    return [*lint(routine), *lint_by_ear(routine)], f"{routine.title}, {exercises}, {about}."


def _problem_data(file: str, error: StretchaudioError) -> Iterator[dict[str, Any]]:
    if isinstance(error, RoutineError):
        for one in error.problems:
            yield {"kind": "problem", "message": one.message} | asdict(one.mark)
    else:
        yield {"kind": "problem", "message": error.message, "file": file}


def _warning_data(file: str, warning: LintWarning) -> dict[str, Any]:
    place = asdict(warning.mark) if warning.mark else {"file": file}
    return {"kind": "warning", "message": warning.message} | place


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
