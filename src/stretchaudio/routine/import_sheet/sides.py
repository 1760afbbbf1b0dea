"""Read the sides of an exercise from its name and its column of sides."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from stretchaudio.routine.import_sheet.columns import Cell
from stretchaudio.routine.import_sheet.dose import UnreadableError
from stretchaudio.routine.import_sheet.grammar import LONGEST
from stretchaudio.routine.import_sheet.tokens import Token, plain_signs, tokens
from stretchaudio.routine.import_sheet.vocabulary import Vocabulary

EACH, ALTERNATE, LEFT, RIGHT, BOTH = "each", "alternate", "left", "right", "both"
_SIDE_CELL = {
    EACH: r"o*(?:/*e|[/E]p|E|np|[LR]p*[/&,]?[LR]p*|O)Y?",
    ALTERNATE: r"o*A[op]*",
    BOTH: r"o*B[op]*",
    LEFT: r"[oY]*p*Lp*Y?",
    RIGHT: r"[oY]*p*Rp*Y?",
}
_END = re.compile(r"(?P<gap>[,:(-]*)(?P<side>/*e|[/E]p|E|B[op]*|L|R|A)p*Y?\)?$")
_SIDE_LETTERS = re.compile(r"([A-Z])(?:\s*(?:[/&+,-]|\b(?:e|et|y|u|und|and)\b)\s*([A-Z]))?")
_SHORT = 3
"""Letters of "L", "dx" or "izq", which are no part of a name."""
_TICKS = {"x", "✓", "✔", "✗", "ja", "yes", "oui", "si", "sí", "sim", "हाँ", "हां"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sided:
    """A name without what it said about sides."""

    text: str
    side: str | None = None
    """EACH, ALTERNATE, LEFT, RIGHT, or None if it said nothing."""
    each_of_what: bool = False
    """It may mean each side in turn, or both at once."""


def _letters(text: str, words: Vocabulary) -> tuple[str, list[Token]]:
    found = tokens(plain_signs(text[:1000]), words)
    return "".join(token.code for token in found), found


def in_name(name: str, words: Vocabulary) -> Sided:
    """Take "(each leg)", "L" and the like from the end of a name."""
    letters, found = _letters(name, words)
    end = _END.search(letters)
    unclear = Sided(
        text=name,
        each_of_what=bool(re.search(r"[ed]|(?:E|Bp*)\)?$", letters)),
    )
    if not end or end.start() == 0 or letters[end.start() - 1] in "to":
        return unclear
    first = found[end.start("side")]
    side = _of_code(letters[end.start("side") :])
    if side is None or (side == ALTERNATE and "(" not in end["gap"]):
        return unclear if side is None else Sided(text=name)
    is_apart = bool(end["gap"].strip(",")) or len(first.text) <= _SHORT
    if side in {LEFT, RIGHT} and not (is_apart and _is_side_word(first)):
        return Sided(text=name)
    shorter = name[: found[end.start()].start].strip(" ,:-\u2013\u2014(")
    if not shorter or "e" in letters[: end.start()]:
        return unclear
    return Sided(text=shorter, side=side)


def _is_side_word(token: Token) -> bool:
    """Whether a short word is a side: a lone small letter is not."""
    return len(token.text) > 1 or token.text.isupper()


def _of_code(letters: str) -> str | None:
    return {
        "L": LEFT,
        "R": RIGHT,
        "A": ALTERNATE,
        "B": None,
        "E": None if letters in {"E", "E)"} else EACH,
    }.get(letters[0], EACH)


def in_column(cell: Cell, words: Vocabulary) -> str:
    """Read a cell of a column of sides.

    Raises:
        UnreadableError: If it is not understood.
    """
    if len(cell.text) > LONGEST:
        raise UnreadableError(f"{cell} is not understood")
    letters, found = _letters(cell.text, words)
    # A column "Each side" is ticked.
    if cell.heading.each_side and cell.text.strip().lower() in _TICKS:
        return EACH
    if cell.text.strip().lower() in _TICKS - {"x", "✗"} or (
        letters == "np" and found[0].text == "2"
    ):
        return EACH
    if side := _of_letters(cell.text, words):
        return side
    for side, pattern in _SIDE_CELL.items():
        if re.fullmatch(pattern, letters) and letters != "np":
            return side
    raise UnreadableError(f"{cell} is not understood")


def _of_letters(text: str, words: Vocabulary) -> str | None:
    """Read a cell of capital letters, such as "D" or "D e E" of direita and esquerda."""
    found = _SIDE_LETTERS.fullmatch(text.strip())
    left, right = words.side_letters
    named = "".join(found.groups("")) if found else ""
    return {left: LEFT, right: RIGHT, left + right: EACH, right + left: EACH}.get(named)


def says_other_side(text: str, words: Vocabulary) -> bool:
    """Whether a note says to repeat on the other side, which is each side in turn."""
    return "O" in _letters(text, words)[0]


def named_side(name: str, words: Vocabulary) -> str | None:
    """Find the only side that a name speaks of, such as in "Left calf stretch"."""
    plain = re.sub(r"right.angle", "", name.lower())
    letters, found = _letters(plain, words)
    sides = {one.code for one in found if one.code in "LR" and len(one.text) > _SHORT}
    if "e" in letters or len(sides) != 1:
        return None
    return LEFT if "L" in sides else RIGHT


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
