"""Take a line of a list apart: name, dose and notes of "1. Cat cow - 2x10, hold 5 s; slowly"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from stretchaudio.routine.import_sheet.grammar import read_cell
from stretchaudio.routine.import_sheet.reading import NotUnderstoodError, Reading
from stretchaudio.routine.import_sheet.tokens import plain_signs, tokens
from stretchaudio.routine.import_sheet.vocabulary import LETTER, Vocabulary

LONGEST = 300
"""Characters of a line that can be an exercise."""
_MOST_NAMED = 3
"""Words that are named in a message."""
_MOST_BREAKS, _MOST_SEGMENTS = 16, 8
"""Places where a name or a dose may end; a line of more is no exercise."""
BULLET = re.compile(
    r"\s*(?:[-*\u2022\u00b7\u25aa\u25e6\u2023\u25cf\u25cb\u2013\u2014\u2610]\s+"
    r"|\(?\d{1,2}[.):]\s*(?![\d\s]*$)(?!\d)|[a-zA-Z][.)]\s+|\[[ xX]?\]\s*)(?P<text>.*\S)"
)
_BREAKS = re.compile(
    r"\s+(?=[x\u00d7]\s?\d)|\s*[:,;(|\t]\s*|\s+[-\u2013\u2014]+\s+|\.\s+|\s{2,}"
    r"|\s+(?=\d|\u00bd|\()|\s+(?=" + LETTER + ")"
)
_SEGMENTS = re.compile(r"[,;]\s+|\.\s+|\s+[-\u2013\u2014]+\s+|\s*[()]\s*|\s*\n\s*")
_SPEAKS_OF_DOSE = re.compile(r"n-?[xsrbSMo]*[xsrbSM]|xn|Hn|c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a list, taken apart."""

    name: str
    dose: str
    notes: str = ""


def speaks_of_dose(text: str, words: Vocabulary) -> bool:
    """Whether a name or a note has an amount that may be of the dose, such as "hold 5 s"."""
    letters = "".join(one.code for one in tokens(plain_signs(text[:2000]), words))
    return bool(_SPEAKS_OF_DOSE.search(letters))


def leading_hold(text: str, words: Vocabulary) -> str:
    """Find "hold 5 s" at the beginning of "Hold 5 s at the top"; empty where more has an amount."""
    found = tokens(plain_signs(text[:LONGEST]), words)
    letters = "".join(one.code for one in found)
    begin = re.match(r"Ho*(?:n[SM]|n-n[SM])", letters)
    if not begin or re.search("[ncLRBAeEPT]", letters[begin.end() :]):
        return ""
    return text[: found[begin.end() - 1].end]


def is_dose(text: str, words: Vocabulary) -> bool:
    """Whether a text is understood as a dose, and says what is to be done."""
    reading = _read(text, words)
    return reading is not None and _is_whole(reading)


def is_part_of_dose(text: str, words: Vocabulary, *, starts: bool = False) -> bool:
    """Whether a text is of a dose, and of nothing else: "Hold 5 seconds".

    One that starts a dose says an amount: "Twice a day" does not.
    """
    reading = _read(text, words)
    if reading is None or reading.bare:
        return False
    adds = bool(reading.frequency or reading.rest or reading.side)
    return reading.has_dose or (adds and not starts)


def _read(text: str, words: Vocabulary) -> Reading | None:
    try:
        return read_cell(text, words)
    except NotUnderstoodError:
        return None


def _is_whole(reading: Reading) -> bool:
    is_of_sides = reading.bare and reading.side in {"each", "left", "right"}
    return bool(reading.reps or reading.time or reading.breaths or is_of_sides)


def split_line(text: str, words: Vocabulary) -> Line | None:
    """Take a line apart; None where it is not surely a name with its dose.

    The dose stands behind the name, or before it: "3x10 bridges".
    """
    if len(text) > LONGEST or text.lstrip().startswith("|"):
        return None
    for start, end in islice(_breaks(text, words), _MOST_BREAKS):
        name, rest = text[:start].strip(" ,:;-\u2013\u2014."), text[end:].strip()
        if not _is_name(name, words):
            continue
        if _is_cut_off(name, words) or (rest[:1] in "x×" and re.search(r"\d", name)):
            return None
        dose, notes = _dose_and_notes(rest, words)
        if dose:
            return Line(name=name, dose=dose, notes=notes)
    return _dose_first(text, words)


def trouble(text: str, words: Vocabulary) -> str:
    """Say which words of a line that is not understood are the trouble, as a clause."""
    text = text[:LONGEST]
    rests = [text[end:].strip() for _, end in islice(_breaks(text, words), _MOST_BREAKS)]
    amounts = [one for one in (text, *rests) if one[:1].isdigit() or one[:1] in "x×"]
    if not amounts:
        inside = f"in '{rests[-1]}'" if rests else "here"
        return f"there are neither reps nor a hold {inside}"
    rest = amounts[0]
    unknown = [one.text for one in tokens(plain_signs(rest), words) if one.code == "?"]
    if unknown:
        listed = " and ".join(f"'{one}'" for one in list(dict.fromkeys(unknown))[:_MOST_NAMED])
        return f"{listed} in '{rest}' {'is' if len(set(unknown)) == 1 else 'are'} not understood"
    try:
        reading = read_cell(rest, words)
    except NotUnderstoodError as error:
        return f"'{rest}' {error}" if str(error) else f"'{rest}' is not understood"
    if reading.bare:
        return f"'{rest}' does not say what it counts (seconds or reps)"
    return f"it is not sure where the name ends before '{rest}'"


def _breaks(text: str, words: Vocabulary) -> Iterator[tuple[int, int]]:
    """Find where a name may end: at signs, before numbers, before words such as "hold"."""
    for found in _BREAKS.finditer(text):
        behind = text[found.end() :]
        is_sign = bool(found[0].strip()) or behind[:1].isdigit() or behind[:1] in "½(x×"
        first = tokens(plain_signs(behind[:40]), words)[:1]
        # "Wade dehnen: 30 s": the word belongs to the name.
        is_named = bool(re.match(LETTER + r"+(?:\s*:|\s+[-\u2013\u2014]\s)", behind))
        if is_sign or (first and first[0].code == "H" and not is_named):
            yield found.start(), found.end() - (found[0].strip() == "(")


def _is_name(name: str, words: Vocabulary) -> bool:
    has_word = bool(re.search(LETTER + "{2}", name))
    return has_word and not speaks_of_dose(name, words) and not _is_only_dose(name, words)


def _is_cut_off(name: str, words: Vocabulary) -> bool:
    """Whether a name ends in a word that belongs to what follows: "Twist x", "Row with"."""
    return tokens(plain_signs(name), words)[-1].code in "xot"


def _is_only_dose(name: str, words: Vocabulary) -> bool:
    letters = {one.code for one in tokens(plain_signs(name), words)}
    # "Ankle: 20 reps" is the ankle's exercise.
    return (
        letters != {"p"}
        and not letters & set("?ZU")
        and ("b" not in letters or bool(letters & set("LRBEe")))
    )


def _dose_and_notes(rest: str, words: Vocabulary) -> tuple[str, str]:
    """Split what follows a name into a dose and notes; both empty if it is not understood."""
    if is_dose(rest, words):
        return rest, ""
    ends = [found.span() for found in _SEGMENTS.finditer(rest)]
    for start, end in reversed(ends[:_MOST_SEGMENTS]):
        dose, notes = rest[:start].strip(), rest[end:].strip(" ()")
        if is_dose(dose.replace("(", " , ").replace(")", " , "), words) and not _has_amount(
            notes, words
        ):
            return dose, notes
    return "", ""


def _has_amount(notes: str, words: Vocabulary) -> bool:
    """Whether a note has a number, or speaks of sides: it may belong to the dose."""
    letters = {one.code for one in tokens(plain_signs(notes), words)}
    return bool(letters & set("ncLRBAeEOFDTP")) or any(one.isdigit() for one in notes)


def _dose_first(text: str, words: Vocabulary) -> Line | None:
    if not text[:1].isdigit():
        return None
    starts = re.finditer(r"\s*[:,]?\s+(?=" + LETTER + ")", text)
    for found in islice(starts, _MOST_BREAKS):
        dose, name = text[: found.start()], text[found.end() :].strip(" .,")
        if not is_dose(dose, words):
            continue
        # "2 x 30 s calf stretch": the unit is no part of the name.
        first = tokens(plain_signs(name), words)[:1]
        begins = bool(first) and first[0].code in "?pLRZU"
        if not begins or any(one.isdigit() for one in name) or not _is_name(name, words):
            continue
        return Line(name=name[0].upper() + name[1:], dose=dose)
    return None
