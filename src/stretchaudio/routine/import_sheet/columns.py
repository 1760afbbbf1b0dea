"""Tell the columns of a sheet apart by their headings."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from stretchaudio.routine.import_sheet.words import is_speakable, plain, squeezed

_LONGEST = 200
"""Characters of a heading."""
_LONGEST_SHOWN = 80
"""Characters of a cell in a message."""


class Column(Enum):
    """The kinds of columns."""

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
    NOTES = "notes"
    PATIENT = "patient"
    FOR = "for"
    """Whose the exercise is, or what it is good for."""
    DOUBTFUL = "doubtful"
    """Something of the dose under a heading this program does not know."""
    UNUSED = "unused"
    NO_HEADING = "no heading"


_EXERCISE = {"exercise", "exercises", "exercise name", "stretch", "movement"}
_NAME = {"name", "activity", "what"}
"""Headings that name the exercise where no other one does."""
_HEADINGS = {
    Column.SETS: "sets, set, series, no of sets, number of sets, rounds",
    Column.REPS: "reps, rep, repetitions, repetition, repeats, repeat, times, "
    "no of reps, number of reps, count",
    Column.HOLD: "hold, holds, hold time, hold for, hold s, hold sec, hold secs, hold seconds, "
    "seconds",
    Column.TIME: "duration, time",
    Column.DOSE: "dose, dosage, prescription, sets x reps, sets reps, sets and reps, "
    "reps time, reps hold",
    Column.SIDE: "side, sides, leg, arm, l r, left right, each side, which side",
    Column.NOTES: "notes, note, comments, comment, instructions, instruction, description, "
    "how, how to, details, cues",
}
_COLUMNS = {text: column for column, texts in _HEADINGS.items() for text in texts.split(", ")}
_REST = re.compile(
    r"(?:inter )?(?:sets? )?(?:rests?|recovery|breaks?|pauses?)"
    r"(?: (?:time|period|interval|length|duration|between|after|each|every|per|of|in|sets?|reps?"
    r"|m|mins?|minutes?|s|secs?|seconds?))*"
)
_MINUTES = re.compile(r"\b(?:m|mins?|minutes?)\b")
_TIMED = {Column.HOLD, Column.TIME, Column.REST}
_SECONDS = re.compile(r"\b(?:s|secs?|seconds?)\b")
_OF_DOSE = re.compile(
    r"\b(?:sets?|reps?|repetitions?|holds?|sides?|dose|dosage|prescription|duration|time"
    r"|s|secs?|seconds|mins?|minutes)\b"
)
_HOW_OFTEN = re.compile(r"\b(?:days?|daily|week|weekly|frequency|month)\b")
_PATIENT = re.compile(
    r"patient(?:s|e|en|in|innen)?|pacientes?|pazient[ei]|cliente?s?|klient(?:in|en)?|customers?"
    r"|pts?|persons?|participants?|members?|athletes?|users?|mrn"
)
_PART_OF_NAME = re.compile(r"(?:first|last|full|given|family|middle) names?|(?:sur|fore)names?")
_BESIDE_PATIENT = re.compile(
    r"names?|full|first|last|of|the|s|id|no|number|initials|in|innen|der|des"
    r"|nombre|del|de|la|el|nom|du|nome|do|da"
)
_NOT_READ = {
    Column.UNUSED,
    Column.NO_HEADING,
    Column.DOUBTFUL,
    Column.PATIENT,
    Column.FOR,
}
_NO_PERSON = re.compile(
    r"back|neck|chest|core|spine|abs|(?:hip|knee|ankle|shoulder|wrist|elbow|leg|arm|hand|glute|quad"
    r"|hamstring)s?|foot|feet|cal(?:f|ves)|balance|strength|mobility|flexibility|posture|pain"
    r"|warm-up|upper|lower|left|right",
    re.IGNORECASE,
)
"""Words under "For" that are nobody's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the sheet, with the kind of its column."""

    column: Column
    text: str
    """The heading as the sheet has it."""

    @property
    def units(self) -> tuple[str, ...]:
        """The units of time that it names, as they are written in a routine."""
        patterns = {"m": _MINUTES, "s": _SECONDS}
        return tuple(unit for unit, one in patterns.items() if one.search(_words(self.text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that is not empty, under its heading."""

    heading: Heading
    text: str

    def __str__(self) -> str:
        beginning = self.text[: 2 * _LONGEST_SHOWN]
        shown = textwrap.shorten(beginning, _LONGEST_SHOWN, placeholder=" …")
        return f"'{shown}' under '{self.heading.text}'"


def headings(cells: Sequence[str]) -> tuple[Heading, ...] | None:
    """Read a row as headings, without the empty ones at its end; None if none names exercises."""
    if any(len(cell) > _LONGEST for cell in cells):
        return None
    texts = [squeezed(plain(cell).text) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    words = [_words(text) for text in texts]
    of_exercises = [at for at, one in enumerate(words) if one in _EXERCISE]
    names = of_exercises or [at for at, one in enumerate(words) if one in _NAME]
    if not names:
        return None
    return tuple(
        Heading(column=Column.NAME if at == names[0] else _column(text), text=text)
        for at, text in enumerate(texts)
    )


def known(cells: Sequence[str]) -> int:
    """Count the columns that a row of headings names; 0 for any other row."""
    return sum(heading.column not in _NOT_READ for heading in headings(cells) or ())


def cut_heading(cells: Sequence[str]) -> tuple[str, str] | None:
    """Find two headings that look like one in two pieces, such as "Rest" and "min"."""
    for first, second in pairwise(headings(cells) or ()):
        is_unit = first.column in _TIMED and any(
            unit.fullmatch(_words(second.text)) for unit in (_MINUTES, _SECONDS)
        )
        if is_unit or (first.text[:1].isupper() and second.text[:1].islower()):
            return first.text, second.text
    return None


def patient(cells: Sequence[str]) -> str | None:
    """Find the patient whom a line such as "Patient: Anna" names."""
    texts = [squeezed(cell) for cell in cells if cell.strip()]
    first, colon, rest = (texts or [""])[0].partition(":")
    value = rest.strip() or " ".join(texts[1:2])
    is_label = _is_patient(_words(first)) or (bool(colon) and _words(first) == "name")
    return value if is_label and is_speakable(value) else None


def may_be_person(text: str) -> bool:
    """Whether a cell under "For" may be somebody's name: capitals, and no part of the body."""
    words = re.findall(r"[\w'-]+", text)
    return bool(words) and all(
        word[0].isupper() and not _NO_PERSON.fullmatch(word) for word in words
    )


def _column(text: str) -> Column:
    words = _words(text)
    if not text:
        return Column.NO_HEADING
    # Beside a column of exercises, "Name" is whose they are.
    if words == "name" or _is_patient(words):
        return Column.PATIENT
    if words == "for":
        return Column.FOR
    if words in _COLUMNS:
        return _COLUMNS[words]
    if _REST.fullmatch(words):
        return Column.REST
    of_dose = _OF_DOSE.search(words) and not _HOW_OFTEN.search(words)
    return Column.DOUBTFUL if of_dose else Column.UNUSED


def _is_patient(words: str) -> bool:
    if _PART_OF_NAME.fullmatch(words):
        return True
    others = [word for word in words.split() if not _PATIENT.fullmatch(word)]
    return len(others) < len(words.split()) and all(map(_BESIDE_PATIENT.fullmatch, others))


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", text.lower()))
