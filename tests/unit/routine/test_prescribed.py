"""Sheets as clinics write them: every row is read as it was meant, or refused; none is wrong."""

from typing import Any

import pytest
import yaml

from conftest import DATA
from prescribed import contents, prescribed, rows_read
from stretchaudio.routine.import_sheet import read_sheet, read_sheets

SHEETS = prescribed()


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet["file"])
def test_every_row_is_read_as_it_is_meant_or_refused(sheet: dict[str, Any]) -> None:
    found = read_sheets(contents(sheet), file=sheet["file"], matching=True)
    rows = [row for one in found for row in rows_read(one)]
    assert rows == sheet["rows"]


def test_the_sheets_are_many_and_few_rows_need_somebody() -> None:
    rows = [row for sheet in SHEETS for row in sheet["rows"]]
    assert (len(SHEETS), len(rows)) >= (30, 140)
    assert len({row.rpartition(" = ")[2] for row in rows} - {"?"}) > 60, "doses differ"


@pytest.mark.parametrize(
    ("file", "least"), [("clinics.yaml", (30, 150)), ("practices.yaml", (45, 280))]
)
def test_of_many_kinds_of_sheets_97_percent_are_right_and_none_is_silently_wrong(
    file: str, least: tuple[int, int]
) -> None:
    sheets = prescribed(file)
    meant = [row for sheet in sheets for row in sheet["rows"]]
    read = [
        row
        for sheet in sheets
        for one in read_sheets(contents(sheet), file=sheet["file"])
        for row in rows_read(one)
    ]
    wrong = [
        (got, row)
        for got, row in zip(read, meant, strict=True)
        if got not in {row, f"{row.split(' = ')[0].split(',')[0]} = ?"}
    ]
    assert wrong == []
    sure = [(got, row) for got, row in zip(read, meant, strict=True) if not row.endswith(" = ?")]
    assert (len(sheets), len(sure)) >= least
    assert sum(got == row for got, row in sure) / len(sure) >= 0.97


DOSES = [
    pytest.param(meaning, code, text, id=f"{code}-{text}")
    for meaning, languages in yaml.safe_load((DATA / "doses.yaml").read_text("utf-8")).items()
    for code, texts in languages.items()
    for text in texts
]


@pytest.mark.parametrize(("meaning", "code", "text"), DOSES)
def test_a_dose_means_the_same_in_every_language(meaning: str, code: str, text: str) -> None:
    quoted = text.replace('"', '""')
    sheet = read_sheet(f'Exercise,Dose\nTwist,"{quoted}"\n', file="a.csv", language=code)
    assert rows_read(sheet) == [f"Twist = {meaning}"]


def test_the_doses_are_three_hundred() -> None:
    assert len(DOSES) >= 300
