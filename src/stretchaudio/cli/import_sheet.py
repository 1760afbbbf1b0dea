"""Run the command `import`: a sheet becomes a routine file, one for each person in it."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from stretchaudio.cli.console import printable
from stretchaudio.cli.routines import write_new
from stretchaudio.errors import FileError, UsageError, did_you_mean
from stretchaudio.language import language, languages
from stretchaudio.routine.import_sheet import (
    Sheet,
    all_lines,
    read_sheets,
    read_source,
    sheet_yaml,
    title_of,
)
from stretchaudio.routine.library import SUFFIXES, bundled_exercises, refuse_track
from stretchaudio.routine.parse import parse_routine, slug
from stretchaudio.util.units import format_count, shell_command

LEFT_OUT = 1
"""Exit code when a sheet was imported without some of its exercises or rests."""
STDIN = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How a sheet is read, and where its routines go; None stands for what the sheet says."""

    output: Path | None = None
    title: str | None = None
    language: str | None = None
    match: bool = True
    """Whether to take the library's words for exercises of the same name."""
    allow_partial: bool = False
    """Whether rows that are not read leave the exit code 0."""


def import_sheet(path: Path, options: ImportOptions) -> None:
    """Turn a sheet into routine files; say line by line what was not read.

    Exits with code 1 if an exercise or a rest is left out; the file holds the others.

    Raises:
        FileError: If the sheet cannot be read, or holds no exercise that can be read, or a
            routine is there already or cannot be written.
        UsageError: If an option cannot be used, or the sheet is a track.
    """
    _refuse_unknown_language(options.language)
    name = "standard input" if path == STDIN else str(path)
    sheets = read_sheets(_bytes(path), file=name, language=options.language, matching=options.match)
    _tell(sheets, options)
    filled = [sheet for sheet in sheets if sheet.exercises]
    if not filled:
        raise FileError(
            f"Nothing in {name} could be read as an exercise.", hint=_hint_for_nothing(sheets)
        )
    stem = "plan" if path == STDIN else path.stem
    title = options.title or title_of(stem)
    paths = _paths(filled, stem, options.output)
    texts = [sheet_yaml(sheet, title=title) for sheet in filled]
    for target, text in zip(paths, texts, strict=True):
        parse_routine(text, file=str(target), library=bundled_exercises(), languages=languages())
    _refuse_existing(paths)
    for target, text, sheet in zip(paths, texts, filled, strict=True):
        write_new(target, text)
        then = shell_command("build", target)
        print(printable(f"{target}: {_how_many(sheet)}. Read it through, then: {then}"))
    for sheet in sheets:
        if not sheet.exercises:
            print(printable(f"{_whose(sheet)}: {_how_many(sheet)}, so there is no file."))
    is_partial = any(
        sheet.left_out or sheet.rests_left_out or sheet.work_left_out for sheet in sheets
    )
    if is_partial and not options.allow_partial:
        raise typer.Exit(LEFT_OUT)


def _bytes(path: Path) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read()
    if path.is_file():
        refuse_track(path, "sheet")
    return read_source(path)


def _refuse_unknown_language(code: str | None) -> None:
    if code is not None and code not in languages():
        raise UsageError(
            f"There are no phrases for the language '{code}'.{did_you_mean(code, languages())}",
            hint=f"There are for {', '.join(languages())}.",
        )


def _tell(sheets: Iterable[Sheet], options: ImportOptions) -> None:
    """Print what was not read, what was found in the library, and the language."""
    problems = [problem for sheet in sheets for problem in sheet.problems]
    if problems:
        print(printable(all_lines(problems)), file=sys.stderr)
    for match in dict.fromkeys(match for sheet in sheets for match in sheet.matches):
        print(printable(match))
    codes = {sheet.language for sheet in sheets} - {options.language, "en"}
    for code in sorted(codes):
        print(f"The sheet is read as {language(code).name}; --language changes that.")


def _paths(sheets: Sequence[Sheet], stem: str, output: Path | None) -> list[Path]:
    """Name a file for each sheet: with the person's name, where there are several."""
    if len(sheets) == 1 and not sheets[0].person:
        path = output / f"{slug(stem)}.yaml" if output and output.is_dir() else output
        path = path or Path(f"{slug(stem) or 'plan'}.yaml")
        if path.suffix not in SUFFIXES:
            raise UsageError(
                f"A routine file ends in .yaml, and {path} does not.",
                hint="Name another with --output.",
            )
        return [path]
    if output and output.suffix in SUFFIXES:
        raise UsageError(
            f"The sheet gives {len(sheets)} routines, and {output} is one file.",
            hint="Name a folder with --output.",
        )
    paths: list[Path] = []
    for sheet in sheets:
        name = slug(f"{stem} {sheet.worksheet} {sheet.person or ''}")
        same = sum(path.stem == name for path in paths)
        paths.append((output or Path()) / f"{name}{f'-{same + 1}' if same else ''}.yaml")
    return paths


def _refuse_existing(paths: Iterable[Path]) -> None:
    """Refuse to write any where one is there: half of a sheet's routines help nobody."""
    for path in paths:
        if path.exists():
            raise FileError(
                f"There is a file {path} already.", hint="Choose another name, or move it away."
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError.from_os_error(error, f"make the folder {path.parent}") from None


def _how_many(sheet: Sheet) -> str:
    read, left_out, rests = len(sheet.exercises), sheet.left_out, sheet.rests_left_out
    exercises = format_count(read + left_out, "exercise")
    need = "needs" if left_out == 1 else "need"
    parts = [f"{read} of {exercises}; {left_out} {need} you" if left_out else exercises]
    parts += [f"{format_count(rests, 'rest')} left out"] if rests else []
    more = sheet.work_left_out
    parts += [f"{format_count(more, 'line')} beside the table not done"] if more else []
    return "; ".join(parts)


def _whose(sheet: Sheet) -> str:
    return sheet.person or sheet.worksheet or "The sheet"


def _hint_for_nothing(sheets: Iterable[Sheet]) -> str:
    if any(sheet.left_out for sheet in sheets):
        return "The lines above say what to write differently in the sheet."
    return "It needs a table with a column Exercise, or a list such as '1. Bridge - 3x10'."
