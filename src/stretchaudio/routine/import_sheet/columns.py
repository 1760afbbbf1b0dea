"""Tell the columns of a sheet apart by their headings."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from stretchaudio.routine.import_sheet.tokens import plain_signs, tokens
from stretchaudio.routine.import_sheet.vocabulary import Phrase, Vocabulary, phrase
from stretchaudio.routine.import_sheet.words import is_speakable, plain, squeezed

_LONGEST = 200
"""Characters of a heading."""
_LONGEST_SHOWN = 80
"""Characters of a cell in a message."""


class Column(Enum):
    """The kinds of columns, by their names in the packs where they have one."""

    NAME = "name"
    SETS = "sets"
    REPS = "reps"
    HOLD = "hold"
    TIME = "time"
    """A length that need not be a hold, and whose numbers may be seconds or minutes."""
    DOSE = "dose"
    """Sets, reps and holds together."""
    SIDE = "side"
    REST = "rest"
    TEMPO = "tempo"
    """How fast reps are done."""
    NOTES = "notes"
    FREQUENCY = "frequency"
    PATIENT = "patient"
    FOR = "for"
    """Whose the exercise is, or what it is good for."""
    DOUBTFUL = "doubtful"
    """Something of the dose under a heading this program does not know."""
    IGNORED = "ignored"
    """Known to be no part of the dose, and not used."""
    UNUSED = "unused"
    """Unknown, and not used."""
    NO_HEADING = "no heading"


OF_DOSE = frozenset({Column.SETS, Column.REPS, Column.HOLD, Column.TIME, Column.DOSE})
_BY_KIND = {column.value: column for column in Column}
_SLOTS = {"sets": "sets", "reps": "reps", "hold": "time"}
_TIMED = {Column.HOLD, Column.TIME, Column.REST}
NOT_READ = {
    Column.UNUSED, Column.IGNORED, Column.NO_HEADING, Column.DOUBTFUL, Column.PATIENT, Column.FOR,
}  # fmt: skip
_NO_PERSON = re.compile(
    r"back|neck|chest|core|spine|abs|(?:hip|knee|ankle|shoulder|wrist|elbow|leg|arm|hand|glute|quad"
    r"|hamstring)s?|foot|feet|cal(?:f|ves)|balance|strength|mobility|flexibility|posture|pain"
    r"|warm-up|upper|lower|left|right",
    re.IGNORECASE,
)
"""Words under "For" that are nobody's name."""
_BRACKET = re.compile(r"\(([^()]*)\)")
_JOINS = re.compile(r"\s*(?:[/&+]|(?<![^\W\d_])x(?![^\W\d_]))\s*", re.IGNORECASE)
_MOST = {phrase(one) for one in ("max", "maximum", "máx", "maxi", "massimo", "máximo")}
_OR = {"or", "oder", "ou", "o", "od"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the sheet, with the kind of its column."""

    column: Column
    text: str
    """The heading as the sheet has it."""
    units: tuple[str, ...] = ()
    """The units of time that it names, as they are written in a routine."""
    order: tuple[str, ...] = ()
    """What numbers under it count, in order: ("sets", "reps") of "Sets x Reps"."""
    each_side: bool = False
    """It says "per side"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that is not empty, under its heading."""

    heading: Heading
    text: str
    place: str = ""
    """Its address in a spreadsheet, such as C4."""

    def __str__(self) -> str:
        beginning = self.text[: 2 * _LONGEST_SHOWN]
        shown = textwrap.shorten(beginning, _LONGEST_SHOWN, placeholder=" …")
        place = f" ({self.place})" if self.place else ""
        under = f" under '{self.heading.text}'" if self.heading.text else ""
        return f"'{shown}'{under}{place}"


def headings(cells: Sequence[str], words: Vocabulary) -> tuple[Heading, ...] | None:
    """Read a row as headings, without the empty ones at its end; None if none names exercises."""
    if any(len(cell) > _LONGEST for cell in cells):
        return None
    texts = [squeezed(plain(cell).text) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    names = [at for at, text in enumerate(texts) if _names_exercise(text, words)]
    if not names:
        also = [at for at, text in enumerate(texts) if phrase(text) in words.also_names]
        # Beside "Activity", "Name" is whose it is.
        names = [at for at in also if phrase(texts[at]) not in words.patient_label] or also
    if not names:
        return None
    found = (
        Heading(column=Column.NAME, text=text)
        if at == names[0]
        else _beside_name(text, words, is_name=at in names)
        for at, text in enumerate(texts)
    )
    # "Min" beside "Max" is no unit of time.
    has_most = any(phrase(text) in _MOST for text in texts)
    return tuple(
        Heading(column=Column.DOUBTFUL, text=one.text)
        if has_most and phrase(one.text) == ("min",)
        else one
        for one in found
    )


def _beside_name(text: str, words: Vocabulary, *, is_name: bool) -> Heading:
    if is_name and phrase(text) in words.names and phrase(text) not in words.headings:
        # A second table beside the first: its exercises must not be lost.
        return Heading(column=Column.DOUBTFUL, text=text)
    return _heading(text, words)


def _names_exercise(text: str, words: Vocabulary) -> bool:
    found = phrase(_BRACKET.sub(" ", text))
    if found in words.names:
        return True
    each = [(word,) for word in found]
    is_known = all(word in words.names or word in words.also_names for word in each)
    return is_known and any(word in words.names for word in each)


def known(cells: Sequence[str], words: Vocabulary) -> int:
    """Count the columns that a row of headings names; 0 for any other row."""
    return sum(heading.column not in NOT_READ for heading in headings(cells, words) or ())


def cut_heading(cells: Sequence[str], words: Vocabulary) -> tuple[str, str] | None:
    """Find two headings that look like one in two pieces, such as "Rest" and "min"."""
    for first, second in pairwise(headings(cells, words) or ()):
        only_unit = words.words.get(phrase(second.text), "") in {"S", "M"} and second.text.islower()
        if (first.column in _TIMED and only_unit) or (
            first.text[:1].isupper() and second.text[:1].islower()
        ):
            return first.text, second.text
    return None


def patient(cells: Sequence[str], words: Vocabulary) -> str | None:
    """Find the patient whom a line such as "Patient: Anna" names."""
    texts = [squeezed(cell) for cell in cells if cell.strip()]
    first, colon, rest = (texts or [""])[0].partition(":")
    value = rest.strip() or " ".join(texts[1:2])
    label = phrase(first)
    is_label = _is_patient(label, words) or (bool(colon) and label in words.patient_label)
    return value if is_label and is_speakable(value) else None


def may_be_person(text: str) -> bool:
    """Whether a cell under "For" may be somebody's name: capitals, and no part of the body."""
    found = re.findall(r"[\w'-]+", text)
    return bool(found) and all(
        word[0].isupper() and not _NO_PERSON.fullmatch(word) for word in found
    )


def _heading(text: str, words: Vocabulary) -> Heading:
    """Read any heading but that of the exercises."""
    if not text:
        return Heading(column=Column.NO_HEADING, text=text)
    main = _BRACKET.sub(" ", text)
    whole = phrase(text)
    units, each_side = _units(whole, words), _has_side(text, words)
    column, order = _kind(phrase(main), main, words)
    if column in OF_DOSE | {Column.REST} and not _fits(text, column, words):
        column, order = Column.DOUBTFUL, ()
    if column is Column.UNUSED and (_is_patient(whole, words) or whole in words.patient_label):
        # Beside a column of exercises, "Name" is whose they are.
        column = Column.PATIENT
    return Heading(column=column, text=text, units=units, order=order, each_side=each_side)


def _kind(found: Phrase, text: str, words: Vocabulary) -> tuple[Column, tuple[str, ...]]:
    for candidate in (found, *_without_units(found, words)):
        if candidate in words.headings and candidate not in words.patient_label:
            return _BY_KIND[words.headings[candidate]], ()
    if found and words.headings.get(found[:1]) == "rest":
        return Column.REST, ()
    parts = [_part_kind(part, words) for part in _parts(text, words)]
    if len(parts) > 1 and len(set(parts)) == 1 and parts[0]:
        return _BY_KIND[parts[0]], ()
    if len(parts) > 1 and all(part in {"sets", "reps", "hold", "time", "dose"} for part in parts):
        slots = tuple(_SLOTS.get(part, "") for part in parts)
        return Column.DOSE, slots if all(slots) and len(set(slots)) == len(slots) else ()
    return (Column.DOUBTFUL if _speaks_of_dose(found, words) else Column.UNUSED), ()


def _parts(text: str, words: Vocabulary) -> Iterator[Phrase]:
    """Split "Sets x Reps" and "Sets and reps" at what joins them."""
    for part in _JOINS.split(plain_signs(text)):
        here: list[str] = []
        for word in phrase(part):
            if word in _OR or (words.words.get((word,)) in {"&", "x"} and here):
                yield tuple(here)
                here = []
            else:
                here.append(word)
        if here:
            yield tuple(here)


def _part_kind(part: Phrase, words: Vocabulary) -> str:
    candidates = (part, *_without_units(part, words))
    return next((words.headings[one] for one in candidates if one in words.headings), "")


def _without_units(found: Phrase, words: Vocabulary) -> Iterator[Phrase]:
    """Leave out the words of a unit or of sides at the end: "hold in seconds", "reps per side"."""
    for end in range(len(found) - 1, 0, -1):
        rest = found[end:]
        bare = rest[1:] if rest[0] in {"in", "en", "em"} else rest
        if bare and words.words.get(bare) in {"S", "M", "e", "E", "p"}:
            yield found[:end]


def _units(found: Phrase, words: Vocabulary) -> tuple[str, ...]:
    codes = {words.words.get((word,)) for word in found}
    return tuple(unit for unit, code in (("m", "M"), ("s", "S")) if code in codes)


def _has_side(text: str, words: Vocabulary) -> bool:
    """Whether a heading says "per side": "Reps/leg", "Reps (each side)"."""
    letters = "".join(one.code for one in tokens(plain_signs(text), words))
    found = phrase(text)
    spans = [
        found[start:end] for start in range(len(found)) for end in range(start + 2, len(found) + 1)
    ]
    return bool(re.search("[/E]o*p", letters)) or any(
        words.words.get(span) == "e" for span in spans
    )


def _fits(text: str, column: Column, words: Vocabulary) -> bool:
    """Whether what stands in brackets in a heading of the dose is understood."""
    for inside in _BRACKET.findall(text):
        found = phrase(inside)
        is_unit = all(words.words.get((word,)) in {"S", "M"} for word in found)
        is_side = words.words.get(found) == "e"
        if not (is_unit or is_side or _BY_KIND.get(words.headings.get(found, "")) is column):
            return False
    return True


def _speaks_of_dose(found: Phrase, words: Vocabulary) -> bool:
    """Whether a heading has a word of a dose; one of how often has none."""
    codes = {words.words.get((word,), "") for word in found}
    kinds = {words.headings.get((word,), "") for word in found}
    if codes & {"D", "F"} and not codes & {"r", "s", "S", "M", "H"}:
        return False
    return bool(
        codes & {"r", "s", "S", "M", "H", "p"} or kinds & {"sets", "reps", "hold", "time", "dose"}
    )


def _is_patient(found: Phrase, words: Vocabulary) -> bool:
    if words.headings.get(found) == "patient":
        return True
    others = [word for word in found if words.headings.get((word,)) != "patient"]
    beside = {
        "s",
        "id",
        "no",
        "number",
        "initials",
        "in",
        "innen",
        "der",
        "des",
        "of",
        "the",
        "full",
        "first",
        "last",
        "name",
        "names",
    }
    return len(others) < len(found) and all(
        word in beside or (word,) in words.also_names for word in others
    )
