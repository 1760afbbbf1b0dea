"""The commands for writing routines: `new`, `check`, `schema` and `import`."""

import json
import re
import sys
from pathlib import Path

import typer

from stretchaudio.cli.messages import amount, printable
from stretchaudio.errors import FileError, RoutineError, StretchaudioError, UsageError
from stretchaudio.estimate import estimated_ms, refuse_endless
from stretchaudio.language import languages
from stretchaudio.routine.doubts import doubts
from stretchaudio.routine.jsonschema import exercises_schema, routine_schema
from stretchaudio.routine.library import SUFFIXES, read_routine
from stretchaudio.routine.read import parse_routine, slug
from stretchaudio.routine.sheet import Sheet, all_lines, read_sheet, read_sheet_text, sheet_yaml
from stretchaudio.script.write import write_script
from stretchaudio.shown import clock, shell_command
from stretchaudio.track.write import whole_file

_TEMPLATE = Path(__file__).parent.parent / "templates" / "routine.yaml"
LEFT_OUT = 1
"""The exit code when a sheet was imported but for some of its exercises."""


def new(name: str) -> None:
    """Write a starter into the working folder.

    Raises:
        UsageError: If the name has nothing a file can be called.
        FileError: If there is such a file already, or it cannot be written.
    """
    plain = slug(name.removesuffix(".yaml"))
    if not plain:
        raise UsageError(f"'{name}' is not a name.", tip="Use letters and digits, such as my-routine.")
    path = Path(f"{plain}.yaml")
    title = re.sub(r"[-_]+", " ", plain).capitalize()
    text = _TEMPLATE.read_text(encoding="utf-8").replace("{title}", title).replace("{file}", str(path))
    _write_new(path, text)
    print(f"{path} is ready. Build it with: {shell_command('build', path)}")


def check(files: list[str]) -> None:
    """Check files and print every problem and doubt; exits with the code of the first error when there is one."""
    errors: list[StretchaudioError] = []
    for file in files:
        try:
            routine = read_routine(file)
            about_ms = estimated_ms(write_script(routine))
            refuse_endless(routine.title, about_ms)
        except StretchaudioError as error:
            errors.append(error)
            print(printable(error.message), file=sys.stderr)
            continue
        for doubt in doubts(routine):
            print(printable(str(doubt)))
        exercises = sum(len(section.exercises) for section in routine.sections)
        about = clock(about_ms / 1000)
        print(f"{file}: fine. {routine.title}, {amount(exercises, 'exercise')}, about {about} at the intermediate level.")
    if errors:
        problems = sum(len(error.problems) if isinstance(error, RoutineError) else 1 for error in errors)
        print(f"{amount(problems, 'problem')} in {amount(len(errors), 'file')}.", file=sys.stderr)
        raise typer.Exit(errors[0].exit_code)


def print_schema(*, exercises: bool) -> None:
    """Print the JSON Schema of routine files, or of the library's files."""
    print(json.dumps(exercises_schema() if exercises else routine_schema(), indent=2))


def import_sheet(sheet_path: Path, output: Path | None) -> None:
    """Turn a sheet into a routine file and say, line by line, what was not read.

    Exits with code 1 if an exercise is left out; the file holds the others.

    Raises:
        FileError: If the sheet cannot be read, is of several patients, or holds no exercise that can
            be read, or the routine is there already or cannot be written.
        UsageError: If the routine's name is not that of a YAML file.
    """
    path = output or Path(f"{slug(sheet_path.stem)}.yaml")
    if path.suffix not in SUFFIXES:
        raise UsageError(f"A routine file ends in .yaml, and {path} does not.", tip="Name another with --output.")
    sheet = read_sheet(read_sheet_text(sheet_path), file=str(sheet_path))
    if sheet.problems:
        print(printable(all_lines(sheet.problems)), file=sys.stderr)
    if not sheet.exercises:
        raise FileError(f"Nothing in {sheet_path} could be read as an exercise.", tip=_tip_for_nothing(sheet))
    title = re.sub(r"[-_]+", " ", sheet_path.stem).strip().capitalize()
    text = sheet_yaml(sheet, title=title)
    parse_routine(text, file=str(path), library={}, languages=languages())
    _write_new(path, text)
    print(printable(f"{path}: {_how_many(sheet)}. Read it through, then: {shell_command('build', path)}"))
    if sheet.left_out:
        raise typer.Exit(LEFT_OUT)


def _how_many(sheet: Sheet) -> str:
    read, left_out = len(sheet.exercises), sheet.left_out
    return f"{read} of {amount(read + left_out, 'exercise')}; {left_out} left out" if left_out else amount(read, "exercise")


def _tip_for_nothing(sheet: Sheet) -> str:
    if sheet.left_out:
        return "The lines above say what to write differently in the sheet."
    return "It needs a table with a column Exercise."


def _write_new(path: Path, text: str) -> None:
    if path.exists():
        raise FileError(f"There is a file {path} already.", tip="Choose another name, or move it away.")
    with whole_file(path) as file:
        file.write(text.encode())
