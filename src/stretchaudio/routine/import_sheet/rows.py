"""Split the text of a sheet into numbered rows of cells: CSV with any delimiter, or Markdown."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stretchaudio.errors import FileError
from stretchaudio.routine.import_sheet.columns import cut_heading, known
from stretchaudio.util.located_yaml import read_text

_DELIMITERS = ",;\t|"
# Such as the line breaks within cells of some spreadsheets.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARKDOWN = (".md", ".markdown")
_SPREADSHEET = "a spreadsheet in a format of its own"
_DOCUMENT = "a document"
_KINDS = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods", ".numbers"), _SPREADSHEET),
    **dict.fromkeys((".docx", ".doc", ".odt", ".pages", ".rtf"), _DOCUMENT),
    ".pdf": "a PDF",
}
_MAGIC = {
    b"PK\x03\x04": "a packed file, such as a spreadsheet or a document",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet or document",
    b"%PDF": "a PDF",
    b"{\\rtf": _DOCUMENT,
}
_SAVE_AS_CSV = (
    "Open it, and save it as CSV in UTF-8; a table in a text goes into a spreadsheet first."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table, or a line of text outside of it."""

    line: int
    """The number of its first line, counted from 1."""
    cells: tuple[str, ...]
    in_table: bool = True
    """False for a line of a Markdown page that is not a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A CSV text split at one delimiter."""

    delimiter: str
    rows: tuple[Row, ...]
    stuck: int | None
    """The first line of a row in which the quotation marks of a cell do not pair."""

    @property
    def heading(self) -> Row:
        """The row that names the most columns."""
        return max(self.rows, key=lambda row: known(row.cells), default=Row(line=1, cells=()))


def read_sheet_text(path: Path) -> str:
    """Read the text of a sheet.

    Raises:
        FileError: If it cannot be read, or is a spreadsheet, a document or a PDF.
        RoutineError: If it is too large or not UTF-8.
    """
    kind = _kind(path)
    if kind:
        raise FileError(f"{path} is {kind}, which cannot be imported.", hint=_SAVE_AS_CSV)
    return read_text(path)


def _kind(path: Path) -> str | None:
    """Name the kind of a file whose ending or first bytes say that it is not text."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    found = (kind for magic, kind in _MAGIC.items() if start.startswith(magic))
    return _KINDS.get(path.suffix.lower()) or next(found, None)


def split_rows(text: str, *, file: str) -> tuple[Row, ...]:
    """Split a sheet into its rows.

    Args:
        text: Its text.
        file: Its name; one that ends in .md is Markdown, any other CSV.

    Raises:
        FileError: If quotation marks do not pair, so that rows would run into each other, or are
            missing around a heading, so that columns would.
    """
    text = _CONTROL.sub(" ", text)
    if file.lower().endswith(_MARKDOWN):
        return tuple(_markdown_rows(text))
    reading = max((_split(text, delimiter) for delimiter in _DELIMITERS), key=_fit)
    if reading.stuck is not None:
        raise FileError(
            f"{file}:{reading.stuck}:1: this row has a cell whose quotation marks do not pair, "
            "or that is too long.",
            hint='Write a quotation mark inside a quoted cell twice: "Hold for 30"" at least".',
        )
    _refuse_cut_heading(reading, file)
    return reading.rows


def _refuse_cut_heading(reading: _Reading, file: str) -> None:
    """Refuse a heading that a delimiter cuts in two: it shifts the columns behind it."""
    heading = reading.heading
    pieces = cut_heading(heading.cells)
    rows = [row for row in reading.rows if row.line > heading.line and any(row.cells)]
    short = sum(len(row.cells) < len(heading.cells) for row in rows)
    if pieces and rows and 2 * short >= len(rows):
        sign = "semicolon" if reading.delimiter == ";" else "comma"
        whole = f"{reading.delimiter} ".join(pieces)
        raise FileError(
            f"{file}:{heading.line}:1: the heading '{whole}' has a {sign} that is not in quotes, "
            "and rows have fewer cells than there are headings.",
            hint=f'Write the heading in quotes: "{whole}".',
        )


def _split(text: str, delimiter: str) -> _Reading:
    # csv.Sniffer guesses from a sample, and fails on CRLF and on delimiters inside quotes.
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    rows: list[Row] = []
    line = 1
    try:
        for cells in reader:
            rows.append(Row(line=line, cells=tuple(cells)))
            line = reader.line_num + 1
    except csv.Error:
        return _Reading(delimiter=delimiter, rows=tuple(rows), stuck=line)
    return _Reading(delimiter=delimiter, rows=tuple(rows), stuck=None)


def _fit(reading: _Reading) -> tuple[int, float]:
    """Rate a delimiter: by the columns it finds, then by the rows as wide as the headings."""
    heading = reading.heading
    as_wide = sum(len(row.cells) == len(heading.cells) for row in reading.rows)
    return known(heading.cells), as_wide / max(len(reading.rows), 1)


def _markdown_rows(text: str) -> Iterator[Row]:
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        row = line.strip()
        if "|" not in row:
            yield Row(line=number, cells=(row,), in_table=False)
        elif not re.fullmatch(r"[\s|:\-]+", row):
            cells = re.split(r"(?<!\\)\|", re.sub(r"^\||(?<!\\)\|$", "", row))
            yield Row(line=number, cells=tuple(cell.replace("\\|", "|") for cell in cells))
