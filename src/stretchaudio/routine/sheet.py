"""Home-exercise sheets: a table of exercises, as physiotherapists hand them out, to a routine's text.

A sheet is a CSV file or a Markdown file with a table. Columns may come in any order, under the headings people use.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from stretchaudio.errors import Mark, Problem
from stretchaudio.routine.schema import EMOJI, MAX_TEXT
from stretchaudio.routine.values import MAX_REPS, MAX_SETS, BadValueError, Range, count_range, duration_range_ms

BETWEEN_HOLDS = "3s"
"""To come out of a hold and back into it, where a sheet has several reps of one."""
_HEADINGS = {
    "name": {"exercise", "exercises", "name", "exercise name", "stretch", "movement", "activity", "what"},
    "sets": {"sets", "set", "series", "no of sets", "number of sets", "rounds"},
    "reps": {"reps", "rep", "repetitions", "repetition", "repeats", "repeat", "times", "no of reps", "number of reps", "count"},
    "hold": {
        "hold",
        "holds",
        "hold time",
        "hold for",
        "hold s",
        "hold sec",
        "hold secs",
        "hold seconds",
        "seconds",
        "duration",
        "time",
    },
    "side": {"side", "sides", "leg", "arm", "l r", "left right", "each side", "which side"},
    "rest": {"rest", "rest time", "rest s", "rest sec", "rest seconds", "pause"},
    "notes": {
        "notes",
        "note",
        "comments",
        "comment",
        "instructions",
        "instruction",
        "description",
        "how",
        "how to",
        "details",
        "cues",
    },
}
_NOTHING = {"", "-", "–", "—", "n/a", "na", "none", "no", "x"}
_NUMBER = r"\d+(?:\.\d+)?"
_AMOUNT = re.compile(rf"({_NUMBER})(?:\s*(?:-|–|to)\s*({_NUMBER}))?")
_SETS_BY_REPS = re.compile(r"(\d+)\s*(?:x|×|\*|sets?\s+of)\s*(\d+.*)", re.IGNORECASE)
_MINUTES = re.compile(r"\d\s*(?:m|min|mins|minutes?)\b", re.IGNORECASE)
_SECONDS = re.compile(r"\d\s*(?:s|sec|secs|seconds?|\"|″|'')", re.IGNORECASE)
_BREATHS = re.compile(r"\bbreaths?\b", re.IGNORECASE)
_UNITS = re.compile(
    r"\b(?:sets?|reps?|repetitions?|times|x|s|secs?|seconds?|m|mins?|minutes?|breaths?|each|per|both|side|sides|leg|legs|arm|arms|way|"
    r"hold|for|rest)\b|[\"″'/().,]",
    re.IGNORECASE,
)
_BOTH = r"l\s*(?:/|&|and|\+)\s*r|r\s*(?:/|&|and|\+)\s*l|left\s*(?:/|&|and|\+)\s*right|right\s*(?:/|&|and|\+)\s*left"
_EACH = re.compile(rf"\b(?:each|both|per|bilateral|either|{_BOTH})\b|^yes$", re.IGNORECASE)
_ONE = {"l": "left", "left": "left", "r": "right", "right": "right"}
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\s*;\s*|\s*\n\s*")
_MARKUP = re.compile(r"\*\*|__|`|<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet that has been read."""

    exercises: tuple[dict[str, Any], ...]
    """What each row became, as the keys of an exercise."""
    problems: tuple[Problem, ...]
    """What could not be read, by line."""


class _UnreadableError(ValueError):
    """A cell that says nothing this program understands."""


def read_sheet(text: str, *, file: str) -> Sheet:
    """Read a sheet.

    Args:
        text: Its text.
        file: Its name; one that ends in .md is Markdown, any other CSV.
    """
    problems: list[Problem] = []
    rows = list(_markdown_rows(text) if file.lower().endswith((".md", ".markdown")) else _csv_rows(text))
    columns: dict[int, str] | None = None
    exercises: list[dict[str, Any]] = []
    for line, cells in rows:
        if columns is None or _is_heading(cells):
            found = _columns(cells)
            if "name" in found.values():
                columns = found
                problems += _unused(cells, found, file, line)
            elif columns is None and any(cells):
                problems.append(
                    _problem(file, line, "this comes before any row of headings with an exercise column, so it is left out")
                )
            continue
        if any(cell.strip() for cell in cells):
            exercises += _row({columns[at]: cell for at, cell in enumerate(cells) if at in columns}, problems, file, line)
    if columns is None and not problems:
        problems.append(_problem(file, 1, "there is no table here with a column such as Exercise or Name"))
    return Sheet(exercises=tuple(exercises), problems=tuple(problems))


def sheet_yaml(sheet: Sheet, *, title: str) -> str:
    """A sheet's exercises as the text of a routine."""
    body = {"title": title, "intro": ["Move gently, and stop if anything hurts."], "exercises": list(sheet.exercises)}
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=110)


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    reader = csv.reader(text.splitlines(keepends=True), dialect, skipinitialspace=True)
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def _markdown_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        row = line.strip()
        if "|" not in row or re.fullmatch(r"[\s|:\-]+", row):
            continue
        cells = re.split(r"(?<!\\)\|", row.strip("|"))
        yield number, [_MARKUP.sub("", cell.replace("\\|", "|")).strip() for cell in cells]


def _columns(cells: list[str]) -> dict[int, str]:
    columns: dict[int, str] = {}
    for at, cell in enumerate(cells):
        for key, headings in _HEADINGS.items():
            if _heading(cell) in headings and key not in columns.values():
                columns[at] = key
    return columns


def _is_heading(cells: list[str]) -> bool:
    """Whether a row names columns; sheets on several pages repeat them."""
    found = _columns(cells)
    return "name" in found.values() and len(found) > 1


def _heading(cell: str) -> str:
    return " ".join(re.findall(r"[a-z]+", cell.lower()))


def _unused(cells: list[str], columns: dict[int, str], file: str, line: int) -> Iterator[Problem]:
    for at, cell in enumerate(cells):
        if at not in columns and cell.strip():
            yield _problem(file, line, f"the column '{cell.strip()}' is not used")


def _row(cells: dict[str, str], problems: list[Problem], file: str, line: int) -> Iterator[dict[str, Any]]:
    name = " ".join(cells.get("name", "").split())
    if not any(character.isalnum() for character in name):
        problems.append(_problem(file, line, "this row has no exercise name, so it is left out"))
        return
    try:
        dose = _dose(cells)
    except _UnreadableError as error:
        problems.append(_problem(file, line, f"{error}, so '{name}' is left out"))
        return
    exercise = {"name": name, **_setup(cells.get("notes", "")), **dose}
    try:
        side = _side(cells)
    except _UnreadableError as error:
        problems.append(_problem(file, line, f"{error}, so '{name}' has no sides"))
        side = {}
    if isinstance(side, str):
        exercise["name"] = f"{name}, {side} side"
    elif side.get("sides") == "alternate" and "reps" not in dose:
        exercise["sides"] = "each"
    else:
        exercise |= side
    yield exercise


def _dose(cells: dict[str, str]) -> dict[str, Any]:
    """What a row prescribes, as keys of an exercise."""
    sets, reps, hold = _amounts(cells)
    dose = _work(reps, hold)
    if sets and _count(sets, "Sets") != 1:
        dose["sets"] = _count(sets, "Sets")
    rest = _cell(cells, "rest")
    if rest:
        dose["rest"] = _time(rest, "Rest")
    return dose


def _amounts(cells: dict[str, str]) -> tuple[str, str, str]:
    """Sets, reps and hold, each in its place though people write "3 x 10" in one cell, or seconds under Reps."""
    sets, reps, hold = (_cell(cells, key) for key in ("sets", "reps", "hold"))
    if both := _SETS_BY_REPS.fullmatch(hold):
        reps, hold = both[1], both[2]
    if both := _SETS_BY_REPS.fullmatch(reps) or _SETS_BY_REPS.fullmatch(sets):
        sets, reps = both[1], both[2]
    if reps and not hold and (_SECONDS.search(reps) or _MINUTES.search(reps)):
        reps, hold = "", reps
    return sets, reps, hold


def _work(reps: str, hold: str) -> dict[str, Any]:
    """What is done in one set."""
    if hold and _BREATHS.search(hold):
        return {"breaths": _count(hold, "Hold")}
    if hold and reps and _count(reps, "Reps") != 1:
        steps = [{"hold": _time(hold, "Hold")}, {"move": BETWEEN_HOLDS}]
        return {"work": [{"repeat": _count(reps, "Reps"), "work": steps}]}
    if hold:
        return {"hold": _time(hold, "Hold")}
    if reps:
        return {"breaths" if _BREATHS.search(reps) else "reps": _count(reps, "Reps")}
    raise _UnreadableError("there are neither reps nor a hold here")


def _cell(cells: dict[str, str], key: str) -> str:
    cell = " ".join(cells.get(key, "").split())
    return "" if cell.lower() in _NOTHING else cell


def _count(cell: str, heading: str) -> int | str:
    amount = _amount(cell, heading)
    _check(lambda: count_range(amount, most=MAX_SETS if heading == "Sets" else MAX_REPS), cell, heading)
    return int(amount) if amount.isdigit() else amount


def _time(cell: str, heading: str) -> str:
    amount = _amount(cell, heading)
    length = f"{amount}m" if _MINUTES.search(cell) and not _SECONDS.search(cell) else f"{amount}s"
    _check(lambda: duration_range_ms(length), cell, heading)
    return length


def _check(read: Callable[[], Range], cell: str, heading: str) -> None:
    try:
        read()
    except BadValueError as error:
        raise _UnreadableError(f"'{cell}' under {heading} cannot be used ({error})") from None


def _amount(cell: str, heading: str) -> str:
    """The number or range in a cell that holds nothing else but units."""
    match = _AMOUNT.search(cell)
    rest = _UNITS.sub(" ", cell.replace(match[0], " ", 1) if match else cell)
    if match is None or rest.strip():
        raise _UnreadableError(f"'{cell}' under {heading} is not understood")
    return f"{match[1]}-{match[2]}" if match[2] else match[1]


def _side(cells: dict[str, str]) -> dict[str, str] | str:
    """The sides of an exercise, or the name of the only one."""
    cell = _cell(cells, "side")
    if not cell:
        everywhere = " ".join(cells.get(key, "") for key in ("reps", "hold", "sets"))
        return {"sides": "each"} if _EACH.search(everywhere) else {}
    if "altern" in cell.lower():
        return {"sides": "alternate"}
    if _EACH.search(cell):
        return {"sides": "each"}
    one = _ONE.get(cell.lower().removesuffix("side").removesuffix("leg").removesuffix("arm").removesuffix("only").strip())
    if one:
        return one
    raise _UnreadableError(f"'{cell}' under Side is not understood")


def _setup(notes: str) -> dict[str, list[str]]:
    """Notes as sentences that can be spoken."""
    plain = EMOJI.sub("", _MARKUP.sub("", notes)).replace("|", ",")
    sentences = [" ".join(one.split()) for one in _SENTENCE_END.split(plain)]
    spoken = [one[:MAX_TEXT] for one in sentences if any(character.isalnum() for character in one)]
    return {"setup": [one[0].upper() + (one[1:] if one[-1] in ".!?" else f"{one[1:]}.") for one in spoken]} if spoken else {}


def _problem(file: str, line: int, message: str) -> Problem:
    return Problem(mark=Mark(file=file, line=line, column=1), message=message)


def all_lines(problems: Iterable[Problem]) -> str:
    """Problems, a line each, in the order of the file."""
    return "\n".join(map(str, sorted(set(problems))))
