"""Split a sheet into numbered rows of cells: CSV of any kind, Markdown, or lines of a list."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from stretchaudio.errors import FileError
from stretchaudio.routine.import_sheet.columns import cut_heading, known
from stretchaudio.routine.import_sheet.lists import BULLET
from stretchaudio.routine.import_sheet.vocabulary import Vocabulary

_DELIMITERS = ",;\t|"
# Such as the line breaks within cells of some spreadsheets.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARKDOWN = (".md", ".markdown")
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table, or a line of text outside of it."""

    line: int
    """The number of its first line, counted from 1."""
    cells: tuple[str, ...]
    in_table: bool = True
    """False for a line that is not a row."""
    is_item: bool = False
    """It begins with a bullet or a number; its only cell comes without."""
    places: tuple[str, ...] = ()
    """The addresses of its cells in a spreadsheet."""
    struck: frozenset[int] = frozenset()
    """The numbers of its cells, from 0, that are struck out."""
    struck_partly: frozenset[int] = frozenset()
    """Those of which some is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of a file, or of one worksheet."""

    rows: tuple[Row, ...]
    name: str = ""
    """The worksheet's."""
    hidden: tuple[str, ...] = ()
    """What is hidden and not read, each as a clause such as "column C"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A CSV text split at one delimiter."""

    delimiter: str
    rows: tuple[Row, ...]
    stuck: int | None
    """The first line of a row in which the quotation marks of a cell do not pair."""
    heading: Row
    """The row that names the most columns."""
    known: int
    """How many those are."""


def split_rows(text: str, words: Vocabulary, *, file: str) -> tuple[Row, ...]:
    """Split a sheet into its rows.

    Args:
        text: Its text.
        words: The words by which headings are known.
        file: Its name; one that ends in .md is Markdown.

    Raises:
        FileError: If quotation marks do not pair, so that rows would run into each other, or are
            missing around a heading, so that columns would.
    """
    text = _CONTROL.sub(" ", text)
    if file.lower().endswith(_MARKDOWN) or ("|" in text and _RULE.search(text)):
        rows = tuple(_markdown_rows(text))
        in_table = [row for row in rows if row.in_table]
        return rows if any(known(row.cells, words) for row in in_table) else tuple(_lines(text))
    readings = [_split(text, delimiter, words) for delimiter in _DELIMITERS]
    reading = max(readings, key=_fit)
    if reading.known < 2 and not (reading.known and len(reading.heading.cells) > 1):
        return tuple(_lines(text))
    if reading.stuck is not None:
        raise FileError(
            f"{file}:{reading.stuck}:1: this row has a cell whose quotation marks do not pair, "
            "or that is too long.",
            hint='Write a quotation mark inside a quoted cell twice: "Hold for 30"" at least".',
        )
    _refuse_cut_heading(reading, words, file)
    return reading.rows


def _refuse_cut_heading(reading: _Reading, words: Vocabulary, file: str) -> None:
    """Refuse a heading that a delimiter cuts in two: it shifts the columns behind it."""
    heading = reading.heading
    pieces = cut_heading(heading.cells, words)
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


def _split(text: str, delimiter: str, words: Vocabulary) -> _Reading:
    # csv.Sniffer guesses from a sample, and fails on CRLF and on delimiters inside quotes.
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    rows: list[Row] = []
    line, stuck = 1, None
    try:
        for cells in reader:
            rows.append(Row(line=line, cells=tuple(cells)))
            line = reader.line_num + 1
    except csv.Error:
        stuck = line
    counts = [known(row.cells, words) for row in rows]
    best = counts.index(max(counts)) if rows else 0
    return _Reading(
        delimiter=delimiter,
        rows=tuple(rows),
        stuck=stuck,
        heading=rows[best] if rows else Row(line=1, cells=()),
        known=counts[best] if rows else 0,
    )


def _fit(reading: _Reading) -> tuple[int, float]:
    """Rate a delimiter: by the columns it finds, then by the rows as wide as the headings."""
    as_wide = sum(len(row.cells) == len(reading.heading.cells) for row in reading.rows)
    return reading.known, as_wide / max(len(reading.rows), 1)


def _markdown_rows(text: str) -> Iterator[Row]:
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        row = line.strip()
        if "|" not in row:
            yield Row(line=number, cells=(row,), in_table=False)
        elif not re.fullmatch(r"[\s|:\-]+", row):
            cells = re.split(r"(?<!\\)\|", re.sub(r"^\||(?<!\\)\|$", "", row))
            yield Row(line=number, cells=tuple(cell.replace("\\|", "|") for cell in cells))


def _lines(text: str) -> Iterator[Row]:
    """Read lines as items of a list; one that is indented goes on with the item above it."""
    item: Row | None = None
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        bullet = BULLET.match(line)
        if item and line[:1].isspace() and line.strip() and not bullet:
            item = Row(line=item.line, cells=(f"{item.cells[0]}; {line.strip()}",), is_item=True)
            continue
        if item:
            yield item
            item = None
        if bullet:
            item = Row(line=number, cells=(bullet["text"],), is_item=True)
        else:
            yield Row(line=number, cells=(line.strip(),), in_table=False)
    if item:
        yield item
