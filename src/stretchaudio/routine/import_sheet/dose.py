"""Put the cells of a row together into one dose; one that is not sure is refused, never guessed."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from stretchaudio.routine.import_sheet.columns import OF_DOSE, Cell, Column
from stretchaudio.routine.import_sheet.grammar import read_cell
from stretchaudio.routine.import_sheet.reading import NotUnderstoodError, Reading
from stretchaudio.routine.import_sheet.tokens import plain_signs
from stretchaudio.routine.import_sheet.vocabulary import Vocabulary, phrase
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
NO_REST = "0s"
_LATEST_LENGTH_MIN = 6
"""Minutes from which "8:00" under Time may be a time of day."""
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)?(?:\s*(?:-|to|bis|à|a|até|से)\s*\d+(?:[.,]\d+)?)?")
_NAMES = {
    "sets": "the sets",
    "reps": "the reps",
    "breaths": "the breaths",
    "time": "the time",
    "times": "how many times",
    "rest": "the rest",
}
_SLOTS = ("sets", "reps", "breaths", "time", "times", "rest")


class UnreadableError(ValueError):
    """Cells whose meaning is not sure; the text is a clause that names them."""


@dataclass(slots=True, kw_only=True)
class Dose:
    """What the cells of a row say together."""

    said: dict[str, tuple[str, Cell]] = field(default_factory=dict)
    """The text of each slot, with the cell that says it."""
    holds: bool = False
    """Words say that a position is held."""
    names_reps: bool = False
    """A word says that the reps are reps."""
    in_hold_column: bool = False
    bare: Cell | None = None
    """A cell of a number and a side: reps, if one does the exercise in reps."""
    paired: Cell | None = None
    """A cell such as "10/10", which may also be two sets of 10."""
    each_of_all: Cell | None = None
    """A cell that begins with "each", of sides or of times a day."""
    relax: str | None = None
    """How long to let go between holds, where a cell says it."""
    unclear: Cell | None = None
    """A cell whose length may be for each rep or for all of them."""
    sides: list[tuple[Cell, str]] = field(default_factory=list)
    frequencies: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, cell: Cell, reading: Reading) -> None:
        """Add a cell.

        Raises:
            UnreadableError: If another one says something else.
        """
        for slot in _SLOTS:
            value = getattr(reading, slot)
            if value is None:
                continue
            if slot in self.said and self.said[slot][0] != value:
                raise UnreadableError(f"{self.said[slot][1]} and {cell} both say {_NAMES[slot]}")
            self.said.setdefault(slot, (value, cell))
        self.holds = self.holds or reading.holds
        self.names_reps = self.names_reps or reading.names_reps
        self.in_hold_column = self.in_hold_column or cell.heading.column is Column.HOLD
        self.unclear = cell if reading.is_unclear else self.unclear
        self.bare = cell if reading.is_bare else self.bare
        self.each_of_all = cell if reading.is_each_of_all else self.each_of_all
        self.paired = cell if reading.is_paired else self.paired
        self.relax = reading.relax or self.relax
        if reading.side:
            self.sides.append((cell, reading.side))
        if reading.frequency:
            self.frequencies.append(reading.frequency)
        self.remarks += reading.remarks


def read_dose_cell(cell: Cell, words: Vocabulary) -> Reading:
    """Read a cell of the dose, with what its heading says of it.

    Raises:
        UnreadableError: If the meaning is not sure.
    """
    column = cell.heading.column
    try:
        reading = _read(cell, words)
        if reading.bare is not None:
            _fill_bare(cell, reading)
    except NotUnderstoodError as error:
        raise UnreadableError(
            f"{cell} {error}" if str(error) else f"{cell} is not understood"
        ) from None
    if reading.is_clock and column is Column.TIME and not cell.heading.units:
        minutes = int(cell.text.strip().split(":")[0]) if cell.text.strip()[0].isdigit() else 0
        if minutes >= _LATEST_LENGTH_MIN:
            raise UnreadableError(f"{cell} may be a length or a time of day")
    if column is Column.SETS:
        _count_sets(cell, reading)
    says_length = (
        reading.time or reading.breaths or reading.frequency or reading.side or reading.rest
    )
    is_reps = column is Column.TIME and reading.names_reps
    if column in {Column.HOLD, Column.TIME} and not (says_length or is_reps):
        # "3 x 10" under Hold: reps, or seconds?
        _refuse(cell)
    if reading.remarks and not (
        reading.has_dose or reading.rest or reading.frequency or reading.side
    ):
        _refuse(cell)
    if column in OF_DOSE and cell.heading.each_side and reading.side is None:
        reading.side = "each"
    return reading


def _count_sets(cell: Cell, reading: Reading) -> None:
    """Take what a cell under Sets says as sets."""
    if reading.times and not reading.sets:
        reading.sets, reading.times = reading.times, None
    if not reading.sets and reading.has_dose:
        _refuse(cell)
    if reading.side == "unsaid":
        # "2 each": sets can be of nothing but sides.
        reading.side = "each"


def _read(cell: Cell, words: Vocabulary) -> Reading:
    heading = cell.heading
    is_length = heading.column in {Column.HOLD, Column.REST} or bool(heading.units)
    counts = "seconds" if is_length else "reps" if heading.column is Column.REPS else ""
    return read_cell(
        _with_unit(cell), words, order=heading.order, minutes="m" in heading.units, counts=counts
    )


def _fill_bare(cell: Cell, reading: Reading) -> None:
    """Tell what a number by itself counts, from its heading."""
    column, number = cell.heading.column, str(reading.bare)
    reading.bare = None
    if reading.time and column is not Column.REPS:
        _refuse(cell)
    elif column is Column.SETS:
        reading.sets = number
    elif column is Column.REPS:
        reading.reps = number
    elif column in {Column.HOLD, Column.TIME} and reading.side in {"each", "left", "right"}:
        # "30/side" under Hold.
        reading.time = f"{number}{_unit(cell)}"
    elif column is Column.DOSE and reading.side in {"each", "left", "right"}:
        reading.reps, reading.is_bare = number, True
    else:
        _refuse_number(cell)


def _unit(cell: Cell) -> str:
    """Find the unit of a number: that of its heading, else seconds for holds and rests."""
    units = cell.heading.units
    if len(units) > 1:
        _refuse(cell)
    if not units and (cell.heading.column is Column.TIME or _may_be_minutes(cell)):
        _refuse_number(cell)
    return units[0] if units else "s"


def _may_be_minutes(cell: Cell) -> bool:
    """Whether a number without a unit is small or broken: 1.5 under Hold, 2 under Rest."""
    is_short_rest = cell.heading.column is Column.REST and re.fullmatch(
        r"[0-4](?:[.,]\d+)?", plain_signs(cell.text).strip()
    )
    return bool(is_short_rest or re.search(r"\d[.,]\d", cell.text))


def _refuse_number(cell: Cell) -> NoReturn:
    raise UnreadableError(f"{cell} does not say what it counts (seconds, minutes, sets or reps)")


def read_rest(cell: Cell, words: Vocabulary) -> str:
    """Read a cell of rests, which holds one length or a word for none.

    Raises:
        UnreadableError: If it is anything else.
    """
    if _is_no_rest(cell.text, words):
        return NO_REST
    try:
        reading = _read(cell, words)
    except NotUnderstoodError:
        _refuse(cell)
    length = reading.rest or reading.time
    others = (
        reading.sets,
        reading.reps,
        reading.breaths,
        reading.times,
        reading.frequency,
        reading.side,
    )
    if length is None or "-" in length or any(others):
        _refuse(cell)
    return _checked(length, cell, duration_range_ms)


def _is_no_rest(text: str, words: Vocabulary) -> bool:
    """Whether a cell says that there is no rest: "none", "no rest", "0 s"."""
    said = tuple(word for word in phrase(text) if words.words.get((word,)) not in {"P", "S", "M"})
    return bool(said) and (said in words.nothing or set(said) == {"0"})


def _with_unit(cell: Cell) -> str:
    """Add the unit to a number, or a range, under a heading of lengths."""
    if cell.heading.column is Column.SETS:
        return re.sub(r"(\d)\s*x$", r"\1", plain_signs(cell.text).strip().lower())
    is_length = cell.heading.column in {Column.HOLD, Column.TIME, Column.REST}
    if is_length and _NUMBERS.fullmatch(plain_signs(cell.text).strip()):
        unit = _unit(cell)
        return f"{cell.text.strip()} {'min' if unit == 'm' else unit}"
    return cell.text


def work_of(dose: Dose, *, moving: bool | None) -> dict[str, Any]:
    """Write a dose as keys of an exercise.

    Args:
        dose: The dose.
        moving: What the exercise's name says one does; None where it says nothing.

    Raises:
        UnreadableError: If the meaning is not sure, or there is nothing to do.
    """
    said = dose.said
    _refuse_unclear(dose, moving=moving)
    if moving and "time" in said and said["time"][1].text.strip().isdigit():
        # "10" under Hold beside "Bike".
        cell = said["time"][1]
        if not cell.heading.units:
            _refuse_number(cell)
    values = {slot: value for slot, (value, _) in said.items()}
    if "times" in values:
        slot = "reps" if "sets" in values or dose.relax else "sets"
        values[slot] = values.pop("times")
        said = {**said, slot: said["times"]}
    work = _work(
        values, said, is_moving=_is_moving(dose, moving=moving), between=dose.relax or BETWEEN_HOLDS
    )
    if "sets" not in values:
        return work
    sets = _count(values["sets"], said["sets"][1], MAX_SETS)
    return work if sets == 1 else {**work, "sets": sets}


def _refuse_unclear(dose: Dose, *, moving: bool | None) -> None:
    """Refuse what the cells say together where each by itself is clear."""
    said = dose.said
    if not {"reps", "breaths", "time"} & said.keys():
        given = "".join(f", only {cell}" for _, cell in said.values())
        raise UnreadableError(f"there are neither reps nor a hold here{given}")
    if {"time", "breaths"} <= said.keys():
        raise UnreadableError(
            f"{said['time'][1]} and {said['breaths'][1]} both say how long it takes"
        )
    if (
        "times" in said
        and ("reps" in said or said.get("sets", said["times"])[0] == said["times"][0])
        and ("reps" in said or "sets" in said)
    ):
        other = said.get("reps") or said["sets"]
        raise UnreadableError(f"{said['times'][1]} and {other[1]} both say how many times")
    if dose.paired and said.get("sets", ("",))[0] == "2":
        raise UnreadableError(f"{dose.paired} may be of two sides or of two sets")
    if dose.relax and not ({"reps", "times"} & said.keys() and "time" in said):
        raise UnreadableError("it does not say how many times to hold and to let go")
    long = said.get("time")
    if not long or "reps" not in said:
        return
    holds = dose.holds or dose.in_hold_column
    in_time = long[1].heading.column is Column.TIME and not holds
    is_unclear = dose.unclear and moving is not False and not holds
    if in_time or is_unclear or (not holds and _is_moving(dose, moving=moving)):
        raise UnreadableError(
            f"{long[1]} may be for each rep or for all of them; "
            "call the column Hold if it is for each"
        )


def _is_moving(dose: Dose, *, moving: bool | None) -> bool:
    """Whether a length is one to keep moving for: as its name says, else minutes without "hold"."""
    if "time" not in dose.said or dose.holds:
        return False
    if moving is not None:
        return moving
    text, cell = dose.said["time"]
    return "m" in text and ":" not in cell.text and not dose.in_hold_column


def _work(
    dose: dict[str, str], said: dict[str, tuple[str, Cell]], *, is_moving: bool, between: str
) -> dict[str, Any]:
    """Write the keys of one set."""
    if "time" in dose:
        key = "time" if is_moving else "hold"
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
    return {"work": [{"repeat": reps, "work": [step, {"move": between}]}]}


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


def checked_rest(dose: Dose) -> str | None:
    """Return the rest that the cells of the dose say, if any.

    Raises:
        UnreadableError: If the format does not take it.
    """
    if "rest" not in dose.said:
        return None
    text, cell = dose.said["rest"]
    return _checked(text, cell, duration_range_ms)


def read_doses(cells: Iterable[Cell], words: Vocabulary) -> Dose:
    """Read the cells of a row's dose.

    Raises:
        UnreadableError: If one is not understood, or two differ.
    """
    dose = Dose()
    for cell in cells:
        dose.add(cell, read_dose_cell(cell, words))
    return dose


def _refuse(cell: Cell) -> NoReturn:
    raise UnreadableError(f"{cell} is not understood")
