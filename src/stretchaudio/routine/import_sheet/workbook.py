"""Read the rows of a spreadsheet as its owner sees them: values in their formats, no formulas."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
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
        values = load_workbook(io.BytesIO(data), data_only=True)
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
        Table(name=one.title, rows=tuple(_rows(one, formulas[one.title])), hidden=())
        for one in shown
    ]
    filled = [one for one in tables if one.rows]
    return tuple(
        Table(name=one.name, rows=one.rows, hidden=tuple(hidden) if one is filled[0] else ())
        for one in filled
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
    hidden = {key for key, one in sheet.column_dimensions.items() if one.hidden}
    for cells in sheet.iter_rows():
        if not cells or sheet.row_dimensions[cells[0].row].hidden:
            continue
        kept = [one for one in cells if getattr(one, "column_letter", "") not in hidden]
        texts = [_text(one, formulas) for one in kept]
        if any(texts):
            is_struck = any(_is_struck(one) for one, text in zip(kept, texts, strict=True) if text)
            places = tuple(one.coordinate for one in kept)
            yield Row(line=cells[0].row, cells=tuple(texts), places=places, is_struck=is_struck)


def _is_struck(cell: Any) -> bool:
    return bool(getattr(cell, "font", None) and cell.font.strike)


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
