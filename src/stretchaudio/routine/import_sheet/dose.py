"""Read the dose from the cells of a row; one that is not sure is refused, never guessed.

A cell is terms with "x" or "of" between them:
"10", "3 sets", "2 sets of 30 s", "3 x 10 (5 s hold)".
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from stretchaudio.routine.import_sheet.columns import Cell, Column
from stretchaudio.routine.values import (
    MAX_REPS,
    MAX_SETS,
    BadValueError,
    Range,
    count_range,
    duration_range_ms,
)

# To come out of a hold and back into it, where a sheet has several reps of one.
BETWEEN_HOLDS = "3s"
_LONGEST = 80
"""Characters of a cell that can be a dose."""
_NUMBER = r"\d+(?:\.\d+)?"
_TO = r"\s*(?:-|\bto\b)\s*"
_MINUTES = r"(?:m|mins?\.?|minutes?|')"
_SECONDS = r"(?:s|secs?\.?|seconds?|\"|'')"
_LENGTH = re.compile(
    rf"(?:(?P<m>{_NUMBER})\s*{_MINUTES})?\s*(?:(?P<s>{_NUMBER})\s*(?P<unit>{_SECONDS})?)?"
    r"|(?P<clock_m>\d+):(?P<clock_s>[0-5]\d)"
)
_COUNT = re.compile(
    rf"(?P<count>\d+(?:{_TO}\d+)?)\s*"
    r"(?:(?P<sets>sets?)|(?P<reps>reps?|repetitions?|times)"
    r"|(?P<breaths>(?:deep |slow )?breaths?))?\.?"
)
_BARE = re.compile(rf"{_NUMBER}(?:{_TO}{_NUMBER})?")
_BETWEEN = re.compile(r"\s*(?:[x*]|\bof\b)\s*|(?:(?<=sets)|(?<=reps))(?:\s*,\s*|\s+)")
_IN_BRACKETS = re.compile(r"\s*\((\d[^()]*[a-z\"'][^()]*|hold[^()]*)\)")
_ONLY_TIMES = re.compile(r"\d+\s*[x*]")
_HOLD_WORDS = re.compile(r"^hold(?: for)? (?=\d)|\s*\bholds?$")
_SPEAKS_OF_DOSE = re.compile(
    r"\b\d+[\s-]*(?:x|sets?|reps?|repetitions?|times|s|secs?|seconds?|mins?|minutes?|breaths?)\b"
    r"|\b\d+\s*x\s*\d|\bx\s*\d|\d['\"]"
)
_SIGNS = {
    **dict.fromkeys(map(ord, "\u00d7\u2715"), "x"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u2032"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u2033"), '"'),
}
"""Crosses, dashes, primes and quotation marks, as word processors write them."""
_NAMES = {
    "sets": "the sets",
    "reps": "the reps",
    "breaths": "the breaths",
    "time": "the time",
    "times": "how many times",
}


class UnreadableError(ValueError):
    """Cells whose meaning is not sure; the text is a clause that names them."""


def normalised(text: str) -> str:
    """Put a cell's text in lower case, with single spaces and plain signs."""
    return " ".join(text.lower().translate(_SIGNS).split())


def words_of(cell: Cell) -> str:
    """Normalise a cell's text.

    Raises:
        UnreadableError: If it is too long for a dose.
    """
    if len(cell.text) > _LONGEST:
        _refuse(cell)
    return normalised(cell.text)


def speaks_of_dose(text: str) -> bool:
    """Whether a name or a note has an amount that may be of the dose, such as "hold 5 s"."""
    return bool(_SPEAKS_OF_DOSE.search(normalised(text)))


def read_dose(cells: Iterable[tuple[Cell, str]]) -> dict[str, Any]:
    """Read the dose of a row.

    Args:
        cells: The cells that belong to it, each with its normalised text without the sides.

    Returns:
        Keys of an exercise.

    Raises:
        UnreadableError: If the meaning is not sure, or there is nothing to do.
    """
    said: dict[str, tuple[str, Cell]] = {}
    for cell, text in cells:
        for slot, value in _slots(cell, text).items():
            if slot in said and said[slot][0] != value:
                raise UnreadableError(f"{said[slot][1]} and {cell} both say {_NAMES[slot]}")
            said[slot] = (value, cell)
    _refuse_unclear(said)
    dose = {slot: value for slot, (value, _) in said.items()}
    if "times" in dose:
        dose["sets"] = dose.pop("times")
    work = _work(dose, said)
    if "sets" not in dose:
        return work
    sets = _count(dose["sets"], (said.get("sets") or said["times"])[1], MAX_SETS)
    return work if sets == 1 else {**work, "sets": sets}


def read_length(cell: Cell) -> str:
    """Read a cell that holds one length, such as a rest.

    A bare number has the unit of its heading; without one it is seconds.

    Raises:
        UnreadableError: If it is anything else.
    """
    text = words_of(cell)
    if re.fullmatch(_NUMBER, text):
        unit, *others = cell.heading.units or ("s",)
        text = text if others else f"{text} {unit}"
    length = _length(text)
    if length is None or "-" in length:
        _refuse(cell)
    return _checked(length, cell, duration_range_ms)


def _slots(cell: Cell, text: str) -> dict[str, str]:
    """Read a cell as texts of sets, reps, breaths, time and times, as far as it says them.

    Times is a number of holds that may be beside the sets or the reps of another cell.
    """
    column = cell.heading.column
    if column is Column.REPS and _ONLY_TIMES.fullmatch(text):
        raise UnreadableError(f"{cell} may be reps, sets or times a day; write which")
    if _BARE.fullmatch(text) and column in {Column.HOLD, Column.TIME, Column.DOSE}:
        return {"time": _seconds(cell, text)}
    slots: dict[str, str] = {}
    bare: list[str] = []
    for term in _terms(text):
        slot, value = _term(term, metres=column not in {Column.HOLD, Column.TIME}) or _refuse(cell)
        if slot in slots:
            _refuse(cell)
        if slot:
            slots[slot] = value
        else:
            bare.append(value)
    slots |= _slots_of_bare(bare, set(slots), cell, in_brackets=bool(_IN_BRACKETS.search(text)))
    if column is Column.SETS and "sets" not in slots:
        _refuse(cell)
    return slots


def _seconds(cell: Cell, text: str) -> str:
    """Read a number without a unit, which is seconds under a heading of holds only."""
    if cell.heading.column is not Column.HOLD:
        raise UnreadableError(
            f"{cell} does not say what it counts (seconds, minutes, sets or reps)"
        )
    return _length(f"{text} s") or _refuse(cell)


def _terms(text: str) -> list[str]:
    """Split a cell at "x" and "of"; an "x" before or after a single number is only "times"."""
    terms = _BETWEEN.split(_IN_BRACKETS.sub(r" x \1", text))
    return [term for term in terms if term] if len(terms) == 2 else terms


def _term(term: str, *, metres: bool) -> tuple[str, str] | None:
    """Read a term as its slot, which is empty for a bare number, and its value.

    Args:
        term: Its text.
        metres: Whether "10 m" may be a distance.
    """
    if counted := _COUNT.fullmatch(term):
        unit = next((unit for unit in ("sets", "reps", "breaths") if counted[unit]), "")
        return unit, re.sub(_TO, "-", counted["count"])
    if metres and re.search(r"\d\s*m$", term):
        return None
    length = _length(_HOLD_WORDS.sub("", term))
    return ("time", length) if length else None


def _slots_of_bare(
    bare: list[str], named: set[str], cell: Cell, *, in_brackets: bool
) -> dict[str, str]:
    """Tell what numbers without a unit count from their column and the terms beside them.

    Args:
        bare: The numbers.
        named: The slots of the terms beside them.
        cell: The cell.
        in_brackets: A hold is in brackets, as that of each rep is: "10 (5 s hold)".
    """
    if not bare:
        return {}
    if len(bare) == 1:
        is_reps = in_brackets and named == {"time"} and cell.heading.column is Column.REPS
        return {"reps" if is_reps else _slot_of_one(named, cell): bare[0]}
    if len(bare) > 2 or not named <= {"time"} or cell.heading.column in {Column.HOLD, Column.TIME}:
        _refuse(cell)
    one, other = bare
    if int(one.split("-")[0]) > int(other.split("-")[0]):
        raise UnreadableError(
            f"{cell} may be {one} sets of {other} reps or {other} sets of {one}; write which"
        )
    return {"sets": one, "reps": other}


def _slot_of_one(named: set[str], cell: Cell) -> str:
    column = cell.heading.column
    has_sets, has_counts = "sets" in named, bool({"reps", "breaths"} & named)
    if named == {"time"}:
        return "sets" if column is Column.SETS else "times"
    if not named and column in {Column.SETS, Column.REPS}:
        return str(column.value)
    if column in {Column.HOLD, Column.TIME} or has_sets == has_counts:
        _refuse(cell)
    return "reps" if has_sets else "sets"


def _length(text: str) -> str | None:
    """Read a length with its unit, or a range: 90 s, 1 min 30, 1', 1:30, 30-60 s."""
    low, *more = re.split(_TO, text)
    if not more:
        return _single_length(low)
    high = _single_length(more[0]) if len(more) == 1 else None
    if high is None:
        return None
    if re.fullmatch(_NUMBER, low):
        takes_unit = re.fullmatch(rf"{_NUMBER}[ms]", high) and ":" not in text
        return f"{low}-{high}" if takes_unit else None
    start = _single_length(low)
    return f"{start}-{high}" if start else None


def _single_length(text: str) -> str | None:
    match = _LENGTH.fullmatch(text)
    if match is None or not (match["m"] or match["clock_m"] or match["unit"]):
        return None
    minutes = match["m"] or match["clock_m"]
    seconds = (match["s"] or match["clock_s"] or "").removeprefix("0")
    in_minutes = f"{minutes}m" if minutes and float(minutes) else ""
    in_seconds = f"{seconds}s" if seconds and (float(seconds) or not in_minutes) else ""
    return in_minutes + in_seconds or "0s"


def _refuse_unclear(said: dict[str, tuple[str, Cell]]) -> None:
    """Refuse what the cells say together where each by itself is clear."""
    if not {"reps", "breaths", "time"} & said.keys():
        given = "".join(f", only {cell}" for _, cell in said.values())
        raise UnreadableError(f"there are neither reps nor a hold here{given}")
    if {"time", "breaths"} <= said.keys():
        raise UnreadableError(
            f"{said['time'][1]} and {said['breaths'][1]} both say how long it takes"
        )
    if "times" in said and {"sets", "reps"} & said.keys():
        other = said.get("sets") or said["reps"]
        raise UnreadableError(f"{said['times'][1]} and {other[1]} both say how many times")
    long = said.get("time")
    if long and "reps" in said and (long[1].heading.column is Column.TIME or _is_moving(*long)):
        raise UnreadableError(
            f"{long[1]} may be for each rep or for all of them; "
            "call the column Hold if it is for each"
        )


def _is_moving(length: str, cell: Cell) -> bool:
    """Whether a length is one to keep moving for: of minutes, where nothing says hold."""
    text = normalised(cell.text)
    says_hold = cell.heading.column is Column.HOLD or "hold" in text
    return "m" in length and ":" not in text and not says_hold


def _work(dose: dict[str, str], said: dict[str, tuple[str, Cell]]) -> dict[str, Any]:
    """Write the keys of one set."""
    if "time" in dose:
        key = "time" if _is_moving(*said["time"]) else "hold"
        step: dict[str, Any] = {key: _checked(dose["time"], said["time"][1], duration_range_ms)}
    elif "breaths" in dose:
        step = {"breaths": _count(dose["breaths"], said["breaths"][1], MAX_REPS)}
    else:
        return {"reps": _count(dose["reps"], said["reps"][1], MAX_REPS)}
    if "reps" not in dose:
        return step
    reps = _count(dose["reps"], said["reps"][1], MAX_REPS)
    if reps == 1:
        return step
    return {"work": [{"repeat": reps, "work": [step, {"move": BETWEEN_HOLDS}]}]}


def _count(text: str, cell: Cell, most: int) -> int | str:
    _checked(text, cell, lambda count: count_range(count, most=most))
    return int(text) if text.isdigit() else text


def _checked(text: str, cell: Cell, read: Callable[[str], Range]) -> str:
    """Refuse a value that the format does not take."""
    try:
        read(text)
    except BadValueError as error:
        raise UnreadableError(f"{cell} cannot be used ({error})") from None
    return text


def _refuse(cell: Cell) -> NoReturn:
    raise UnreadableError(f"{cell} is not understood")
