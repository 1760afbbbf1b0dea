"""Read the sides of an exercise from its name, its column of sides and its dose."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from stretchaudio.routine.import_sheet.columns import Cell
from stretchaudio.routine.import_sheet.dose import UnreadableError, normalised, words_of

EACH, ALTERNATE, LEFT, RIGHT = "each", "alternate", "left", "right"
_PART = (
    r"(?:sides?|legs?|arms?|foot|feet|hands?|knees?|ankles?|hips?|shoulders?|wrists?|elbows?"
    r"|limbs?|thighs?|calf|calves)"
)
_LEFT, _RIGHT = r"(?:l(?:t|eft)?)", r"(?:r(?:t|ight)?)"
_BOTH = rf"(?:{_LEFT}\s*(?:/|&|\+|and)\s*{_RIGHT}|{_RIGHT}\s*(?:/|&|\+|and)\s*{_LEFT})"
_EACH_SIDE = (
    rf"(?:(?:\b(?:on|for)\s+)?(?:/|\bper\b|\beach\b|\bea\b\.?|\bevery\b)\s*{_PART}\b"
    rf"|\be/s\b|\b{_BOTH}\b(?:\s+{_PART}\b)?)"
)
_EACH = re.compile(_EACH_SIDE)
_EACH_ALONE = re.compile(r"\b(?:each|ea)\b\.?$")
_SIDE_CELL = {
    EACH: rf"(?:on |repeat on )?(?:{_EACH_SIDE}|each(?: {_PART})?)|yes|2 sides",
    ALTERNATE: rf"alt\.?|alternat(?:e|es|ing|ely)(?: {_PART})?",
    LEFT: rf"{_LEFT}\.?(?: {_PART})?(?: only)?",
    RIGHT: rf"{_RIGHT}\.?(?: {_PART})?(?: only)?",
}
_GAP = r"[\s,:\u2013\u2014-]"
_END_OF_NAME = re.compile(
    rf"(?P<name>.*\w.*?)(?:{_GAP}*\((?P<inside>[^()]+)\)"
    rf"|{_GAP}+(?P<letter>[LR](?:\s*[/&+]\s*[LR])?)"
    rf"|{_GAP}*(?P<each>(?:/|\b(?:per|each|ea|every)\b)\s*{_PART}|\bboth sides))",
    re.IGNORECASE,
)
_TOWARDS = re.compile(r"\b(?:to|on|with|at|from|for|over|of|and|in)$", re.IGNORECASE)
_ONE_SIDE = re.compile(r"\b(left|right)\b(?!.angle)")
_BOTH_SIDES = re.compile(rf"\b(?:on )?(?:both(?: {_PART})?|bilateral(?:ly)?|b/l)(?!\w)")
_AT_ONCE_OR_IN_TURN = re.compile(rf"{_BOTH_SIDES.pattern}|each|ea")
_SPEAKS_OF_SIDES = re.compile(
    rf"{_EACH_SIDE}|\bboth sides\b|\bother (?:{_PART})\b|\b(?:swap|switch|change) (?:{_PART})\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sided:
    """A text without what it said about sides."""

    text: str
    side: str | None
    """EACH, ALTERNATE, LEFT, RIGHT, or None if it said nothing."""
    each_of_what: bool = False
    """It ends in "each" without a word for the sides, the sets or the reps."""


def in_dose(cell: Cell) -> Sided:
    """Take "each side" and the like out of a cell of the dose.

    Raises:
        UnreadableError: If the cell is too long for a dose, or speaks of both sides.
    """
    text = words_of(cell)
    _refuse_both(cell, text)
    rest, found = _EACH.subn(" ", text, count=1)
    if not found:
        rest, alone = _EACH_ALONE.subn(" ", text)
    tidy = re.sub(r"\(\s*\)", "", " ".join(rest.split())).strip(" ,")
    return Sided(text=tidy, side=EACH if found else None, each_of_what=not found and bool(alone))


def in_name(name: str) -> Sided:
    """Take "(each leg)", "L" and the like from the end of a name.

    `each_of_what` is set if a name speaks of sides, but may mean each in turn or both at once.
    """
    text = normalised(name)
    speaks_of_each = re.search(rf"{_EACH_SIDE}|\bboth sides\b|{_EACH_ALONE.pattern}", text)
    unclear = Sided(text=name, side=None, each_of_what=bool(speaks_of_each))
    found = _END_OF_NAME.fullmatch(name)
    if found is None or (found["letter"] or "L").islower() or _TOWARDS.search(found["name"]):
        return unclear
    said = normalised(found["inside"] or found["letter"] or found["each"])
    if _AT_ONCE_OR_IN_TURN.fullmatch(said):
        return replace(unclear, each_of_what=True)
    for side in (EACH, LEFT, RIGHT):
        if re.fullmatch(_SIDE_CELL[side], said):
            return Sided(text=found["name"].strip(" ,:-\u2013\u2014"), side=side)
    return unclear


def in_column(cell: Cell) -> str:
    """Read a cell of a column of sides.

    Raises:
        UnreadableError: If it is not understood, or speaks of both sides.
    """
    text = words_of(cell)
    _refuse_both(cell, text)
    # A column "Each side" is ticked.
    ticks = {"x", "✓", "✔"} if "each" in cell.heading.text.lower() else set()
    for side, pattern in _SIDE_CELL.items():
        if re.fullmatch(pattern, text) or (side == EACH and text in ticks):
            return side
    raise UnreadableError(f"{cell} is not understood")


def _refuse_both(cell: Cell, text: str) -> None:
    if _BOTH_SIDES.search(text):
        raise UnreadableError(
            f"{cell} may mean each side in turn, or both at once; "
            "write 'each side', or leave it out if both work at once"
        )


def speaks_of_sides(text: str) -> bool:
    """Whether a note says that something is done on each side, or on the other."""
    return bool(_SPEAKS_OF_SIDES.search(normalised(text)))


def named_side(name: str) -> str | None:
    """Find the only side that a name speaks of, such as in "Left calf stretch"."""
    found = set(_ONE_SIDE.findall(name.lower()))
    return found.pop() if len(found) == 1 else None


def agreed(said: Iterable[tuple[str, str]]) -> str | None:
    """Return the side on which all agree; None if nobody says one.

    Args:
        said: Cells, as they are shown in messages, each with the side it says.

    Raises:
        UnreadableError: If they say different things.
    """
    places = {side: place for place, side in said}
    if len(places) > 1:
        raise UnreadableError(
            f"{' and '.join(places.values())} say different things about the sides"
        )
    return next(iter(places), None)
