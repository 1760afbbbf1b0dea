"""Turn home-exercise sheets, tables as physiotherapists hand them out, into routines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stretchaudio.errors import Problem
from stretchaudio.routine.import_sheet.entry import LeftOut
from stretchaudio.routine.import_sheet.read import Sheet, all_lines, read_sheet, read_sheets
from stretchaudio.routine.import_sheet.source import read_source
from stretchaudio.routine.import_sheet.write import sheet_yaml

__all__ = [
    "Imported",
    "LeftOut",
    "Sheet",
    "all_lines",
    "import_sheet",
    "read_sheet",
    "read_sheets",
    "read_source",
    "sheet_yaml",
    "title_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a sheet has for one person, or in one worksheet."""

    person: str | None
    """Whose it is, where the sheet is of several people."""
    text: str
    """The routine as YAML; empty if nothing could be read as an exercise."""
    problems: tuple[Problem, ...]
    """All that was not read, by line."""
    left_out: int
    """How many rows are not in the routine."""


def import_sheet(
    sheet: str | Path,
    *,
    title: str | None = None,
    language: str | None = None,
    match: bool = True,
) -> tuple[Imported, ...]:
    """Turn a home-exercise sheet into routines; what is not surely understood is left out.

    Args:
        sheet: A file: .xlsx, .csv, .tsv, Markdown or lines of text.
        title: The routines' title; None for the file's name.
        language: The code of the sheet's language; None to tell it by its words.
        match: Whether to take the library's words for exercises of the same name.

    Raises:
        FileError: If it cannot be read.
    """
    path = Path(sheet)
    title = title or title_of(path.stem)
    found = read_sheets(read_source(path), file=str(path), language=language, matching=match)
    return tuple(_imported(found, title))


def title_of(stem: str) -> str:
    """Turn the name of a file into a title."""
    return " ".join(stem.replace("_", " ").replace("-", " ").split()).capitalize()


def _imported(sheets: tuple[Sheet, ...], title: str) -> Iterator[Imported]:
    for one in sheets:
        yield Imported(
            person=one.person,
            text=sheet_yaml(one, title=title) if one.exercises else "",
            problems=one.problems,
            left_out=one.left_out,
        )
