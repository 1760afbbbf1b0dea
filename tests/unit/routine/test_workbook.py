"""Spreadsheets are read as their owner sees them; what is hidden, struck out or not worked out."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from stretchaudio.routine.import_sheet import Sheet, read_sheet

STRUCK = InlineFont(strike=True)


def read(change: Callable[[Any], None]) -> Sheet:
    """Read a plan of three exercises after a change to its worksheet."""
    book = Workbook()
    for row in (
        ("Exercise", "Sets", "Old reps", "Older reps", "Reps"),
        ("Bridge", 3, None, None, 10),
        ("Clam", 2, None, None, 12),
        ("Squat", 2, None, None, 8),
    ):
        book.active.append(row)
    change(book.active)
    file = io.BytesIO()
    book.save(file)
    return read_sheet(file.getvalue(), file="plan.xlsx")


def told(sheet: Sheet) -> str:
    return "\n".join(map(str, sheet.problems))


def names(sheet: Sheet) -> list[str]:
    return [one["name"] for one in sheet.exercises]


def test_hidden_rows_are_not_read_and_told() -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True

    found = read(hide)
    assert (names(found), found.left_out) == (["Bridge", "Squat"], 0)
    assert told(found).count("hidden") == 1, "an empty one is nothing to tell"
    assert "row 3 is hidden and is not read" in told(found)


def test_hidden_columns_that_share_an_entry_are_all_hidden() -> None:
    def hide(sheet: Any) -> None:
        sheet["C2"], sheet["D2"] = 5, 6
        sheet.column_dimensions.group("C", "D", hidden=True)

    found = read(hide)
    assert [one["reps"] for one in found.exercises] == [10, 12, 8]
    assert "column C is hidden and is not read" in told(found)
    assert "column D is hidden and is not read" in told(found)


@pytest.mark.parametrize("cells", ["A3", "A3 B3 E3"])
def test_a_row_whose_name_is_struck_out_is_not_read_and_told(cells: str) -> None:
    def strike(sheet: Any) -> None:
        for cell in cells.split():
            sheet[cell].font = Font(strike=True)

    found = read(strike)
    assert (names(found), found.left_out) == (["Bridge", "Squat"], 0)
    assert "plan.xlsx:3:1: this row is struck out and is not read" in told(found)


@pytest.mark.parametrize("value", [12, CellRichText("2x", TextBlock(STRUCK, "10"), "12")])
def test_a_dose_that_is_struck_out_leaves_its_row_for_somebody(value: Any) -> None:
    def strike(sheet: Any) -> None:
        sheet["E3"] = value
        sheet["E3"].font = Font(strike=value == 12)

    found = read(strike)
    assert (names(found), found.left_out) == (["Bridge", "Squat"], 1)
    assert "under 'Reps' (E3) is struck out, wholly or in part, so 'Clam'" in told(found)


def test_a_text_in_several_styles_is_read_whole() -> None:
    def style(sheet: Any) -> None:
        sheet["A3"] = CellRichText("Cl", TextBlock(InlineFont(b=True), "am"))

    assert names(read(style)) == ["Bridge", "Clam", "Squat"]


def test_a_formula_that_was_never_worked_out_is_no_empty_cell() -> None:
    def calculate(sheet: Any) -> None:
        sheet["B3"] = "=B2-1"

    found = read(calculate)
    assert (names(found), found.left_out) == (["Bridge", "Squat"], 1)
    assert "'=B2-1' under 'Sets' (B3) is not understood" in told(found)


@pytest.mark.parametrize(("value", "reps"), [("14", 14), ("#REF!", None)])
def test_a_formula_is_read_as_what_it_came_to(value: str, reps: int | None) -> None:
    book = Workbook()
    book.active.append(["Exercise", "Reps"])
    book.active.append(["Bridge", "=7*2"])
    made, edited = io.BytesIO(), io.BytesIO()
    book.save(made)
    kind = ' t="e"' if reps is None else ""
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(edited, "w") as new:
        for name in old.namelist():
            xml = old.read(name).decode()
            cell = f'<c r="B2"{kind}><f>7*2</f><v>{value}</v></c>'
            new.writestr(name, re.sub(r'<c r="B2".*?</c>', cell, xml))
    found = read_sheet(edited.getvalue(), file="plan.xlsx")
    assert [one["reps"] for one in found.exercises] == ([reps] if reps else [])
    assert (value in told(found)) is (reps is None)
