"""Read the rows of a spreadsheet as its owner sees them: values in their formats, no formulas."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from stretchaudio.errors import FileError
from stretchaudio.routine.import_sheet.rows import Row, Table

_MOST_UNPACKED = 64 * 2**20
"""Bytes that a spreadsheet may hold unpacked; a plan of a thousand rows takes one megabyte."""
_MOST_ROWS, _MOST_COLUMNS = 5_000, 100


def read_workbook(data: bytes, *, file: str) -> tuple[Table, ...]:
    """Read every worksheet that is shown and not empty.

    Raises:
        FileError: If it is damaged, locked, or too large.
    """
    from openpyxl import load_workbook

    _refuse_large(data, file)
    try:
        # Not read-only: what is hidden or struck out is told in the other mode alone.
        values = load_workbook(io.BytesIO(data), data_only=True, rich_text=True)
        formulas = load_workbook(io.BytesIO(data), data_only=False)
    except Exception as error:
        raise FileError(
            f"{file} is damaged or locked, and cannot be read as a spreadsheet.",
            hint="Open it, and save it anew as .xlsx without a password, or as CSV.",
        ) from error
    shown = [one for one in values.worksheets if one.sheet_state == "visible"]
    hidden = [one.title for one in values.worksheets if one.sheet_state != "visible"]
    for one in shown:
        if one.max_row > _MOST_ROWS or one.max_column > _MOST_COLUMNS:
            raise FileError(
                f"{file}: the worksheet '{one.title}' has {one.max_row:,} rows and "
                f"{one.max_column:,} columns; at most {_MOST_ROWS:,} and {_MOST_COLUMNS} are read.",
                hint="Copy the plan into a spreadsheet of its own.",
            )
    tables = [
        Table(name=one.title, rows=rows, hidden=_hidden(one))
        for one in shown
        if (rows := tuple(_rows(one, formulas[one.title])))
    ]
    unread = tuple(f"the worksheet '{title}' is hidden and is" for title in hidden)
    return tuple(
        replace(one, hidden=(*(unread if one is tables[0] else ()), *one.hidden)) for one in tables
    )


def _refuse_large(data: bytes, file: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile:
        size = 0
    if size > _MOST_UNPACKED:
        raise FileError(
            f"{file} holds {size / 2**20:,.0f} MB; a sheet has at most {_MOST_UNPACKED >> 20}.",
            hint="Copy the plan into a spreadsheet of its own.",
        )


def _rows(sheet: Any, formulas: Any) -> Iterator[Row]:
    hidden = _hidden_columns(sheet)
    for cells in sheet.iter_rows():
        if not cells or sheet.row_dimensions[cells[0].row].hidden:
            continue
        kept = [one for one in cells if one.column not in hidden]
        texts = [_text(one, formulas) for one in kept]
        if any(texts):
            struck = [_struck(one) if text else 0 for one, text in zip(kept, texts, strict=True)]
            yield Row(
                line=cells[0].row,
                cells=tuple(texts),
                places=tuple(one.coordinate for one in kept),
                struck=frozenset(at for at, share in enumerate(struck) if share == 1),
                struck_partly=frozenset(at for at, share in enumerate(struck) if 0 < share < 1),
            )


def _hidden_columns(sheet: Any) -> frozenset[int]:
    # Neighbours of the same width and state have one entry, under the first one's letter.
    hidden = (one for one in sheet.column_dimensions.values() if one.hidden)
    return frozenset(number for one in hidden for number in range(one.min, one.max + 1))


def _hidden(sheet: Any) -> tuple[str, ...]:
    """Tell of hidden rows and columns that hold something."""
    from openpyxl.utils import get_column_letter

    rows = [
        f"row {cells[0].row} is hidden and is"
        for cells in sheet.iter_rows()
        if sheet.row_dimensions[cells[0].row].hidden and any(one.value for one in cells)
    ]
    columns = [
        f"column {get_column_letter(number)} is hidden and is"
        for number in sorted(_hidden_columns(sheet))
        for cells in sheet.iter_cols(number, number)
        if number <= sheet.max_column and any(one.value for one in cells)
    ]
    return (*rows, *columns)


def _struck(cell: Any) -> float:
    """Return the share of a cell's text that is struck out, from 0 to 1."""
    is_whole = bool(getattr(cell, "font", None) and cell.font.strike)
    if not isinstance(cell.value, list):
        return float(is_whole)
    # A text of several styles is a list of strings and of blocks with fonts of their own.
    parts = [
        (str(one), bool(one.font.strike) if hasattr(one, "font") else is_whole)
        for one in cell.value
    ]
    letters = sum(len(text.strip()) for text, _ in parts)
    return sum(len(text.strip()) for text, is_struck in parts if is_struck) / max(letters, 1)


def _text(cell: Any, formulas: Any) -> str:
    """Write a cell's value as the spreadsheet shows it, as far as a dose depends on it."""
    value, form = cell.value, str(getattr(cell, "number_format", ""))
    if value is None:
        formula = formulas[cell.coordinate].value if hasattr(cell, "coordinate") else None
        # A formula that was never worked out must not look like an empty cell.
        return str(formula) if formula is not None else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.timedelta):
        value = (dt.datetime(2000, 1, 1) + value).time()  # noqa: DTZ001 - only the time counts
    if isinstance(value, dt.time):
        return _time_text(value, form)
    if isinstance(value, (dt.datetime, dt.date)):
        return f"{value:%d %b %Y} (a date)"
    if isinstance(value, (int, float)):
        return _number_text(value, form)
    return str(value)


def _time_text(value: dt.time, form: str) -> str:
    """Write a time of day as it is shown: what one types as 1:30 is half past one to Excel."""
    if "s" in form.lower():
        return (
            f"{value.hour}:{value.minute:02}:{value.second:02}"
            if "h" in form.lower()
            else f"{value.minute}:{value.second:02}"
        )
    return f"{value.hour}:{value.minute:02}"


def _number_text(value: float, form: str) -> str:
    number = f"{value:.10g}"
    if "%" in form:
        return f"{value * 100:.10g} %"
    literals = re.findall(r'"([^"]*)"|\\(.)', form.split(";", maxsplit=1)[0])
    return (
        f"{number}{''.join(a or b for a, b in literals)}"
        if re.search("[0#]|General", form)
        else number
    )
