"""Sheets with what each of their rows means, and exercises in the words of `prescribed.yaml`."""

import datetime as dt
import io
from typing import Any

import yaml

from conftest import DATA
from stretchaudio.routine.import_sheet import LeftOut, Sheet
from stretchaudio.routine.library import bundled_exercises


def prescribed(file: str = "prescribed.yaml") -> list[dict[str, Any]]:
    """Read all of the sheets in a file."""
    return list(yaml.safe_load((DATA / file).read_text(encoding="utf-8")))


def contents(sheet: dict[str, Any]) -> bytes:
    """Write a sheet as the bytes of its file."""
    if "cells" in sheet:
        return workbook(sheet["cells"])
    return bytes(sheet["text"].encode(sheet.get("encoding", "utf-8")))


def workbook(rows: list[list[Any]]) -> bytes:
    """Write the cells of a spreadsheet; a table stands for a date or a time in its format."""
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append([_value(value) for value in row])
    for cells, row in zip(book.active.iter_rows(), rows, strict=False):
        for cell, value in zip(cells, row, strict=False):
            if isinstance(value, dict) and "format" in value:
                cell.number_format = value["format"]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _value(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return value["date"] if "date" in value else dt.time.fromisoformat(value["time"])


def rows_read(sheet: Sheet) -> list[str]:
    """Write each row as `prescribed.yaml` does."""
    return [_left_out(one) if isinstance(one, LeftOut) else _row(one) for one in sheet.items]


def _left_out(row: LeftOut) -> str:
    return f"{row.name} = ?"


def _row(exercise: dict[str, Any]) -> str:
    # What the exercise says is done over the library's own keys, as in a build.
    library = bundled_exercises()[exercise["use"]] if "use" in exercise else {}
    own = {key: library[key] for key in ("name", "sets", "rest", "sides") if key in library}
    exercise = {**own, **exercise}
    name = exercise["name"]
    sets = f"{exercise['sets']} x " if exercise.get("sets", 1) != 1 else ""
    parts = [_work(exercise)]
    parts += [exercise["sides"]] if "sides" in exercise else []
    parts += [f"rest {exercise['rest']}"] if "rest" in exercise else []
    parts += [f"often {exercise['frequency']}"] if "frequency" in exercise else []
    return f"{name} = {sets}{' '.join(parts)}"


def _work(exercise: dict[str, Any]) -> str:
    step = exercise.get("work", [exercise])[0]
    if "repeat" in step:
        hold, move = (inner[key] for inner, key in zip(step["work"], ("hold", "move"), strict=True))
        letting_go = f" let go {move}" if move != "3s" else ""
        return f"{step['repeat']} reps hold {hold}{letting_go}"
    kind = next(one for one in ("hold", "time", "reps", "breaths") if one in step)
    return f"{step[kind]} {kind}" if kind in {"reps", "breaths"} else f"{kind} {step[kind]}"
