"""Read how fast reps are done, from a column of its own or from a note, such as "2-0-2"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from stretchaudio.routine.import_sheet.tokens import plain_signs
from stretchaudio.routine.import_sheet.vocabulary import Vocabulary, phrase

_PHASES = re.compile(r"(?<![\d/-])\d\s?([-/])\s?\d\s?\1\s?\d(?:\s?\1\s?\d)?(?![\d/-])")
_APART = ("", *".,;:()\n")
"""What stands beside a tempo that stands by itself."""
_DIGITS = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """The seconds of a rep, and the text that says them."""

    seconds: int
    text: str


def in_cell(text: str) -> Tempo | None:
    """Read a cell of a column of tempos: "3-1-1", "3010"; None for anything else.

    Three digits may be beats a minute.
    """
    plain = plain_signs(text).strip()
    if _PHASES.fullmatch(plain) or _DIGITS.fullmatch(plain):
        return _tempo(plain)
    return None


def take(note: str, words: Vocabulary) -> tuple[str, Tempo | None]:
    """Take a tempo out of a note, with the word for it: "Tempo 2-0-2, heels down".

    Without that word, only one that stands by itself: "Breathe 4-7-8" is none.
    """
    plain = plain_signs(note)
    found = _PHASES.search(plain)
    tempo = _tempo(found[0]) if found else None
    if found is None or tempo is None:
        return note, None
    before, after = note[: found.start()].rstrip(" :"), note[found.end() :].lstrip(" ,:;)")
    behind = re.match(r"\w+", after)
    if behind and words.headings.get(phrase(behind[0])) == "tempo":
        return f"{before.rstrip(' ,;(')} {after[behind.end() :].lstrip(' ,:;)')}".strip(), tempo
    last = re.search(r"\S+$", before)
    if last and words.headings.get(phrase(last[0])) in {"tempo", "time"}:
        before = before[: last.start()]
    elif before[-1:] not in _APART or note[found.end() :].lstrip()[:1] not in _APART:
        return note, None
    return f"{before.rstrip(' ,:;(')} {after}".strip(), tempo


def _tempo(text: str) -> Tempo | None:
    # The phases' order depends on the exercise; the sum of their seconds does not.
    seconds = sum(int(digit) for digit in text if digit.isdigit())
    return Tempo(seconds=seconds, text=text) if seconds else None


def slow_word(texts: Iterable[str], words: Vocabulary) -> str | None:
    """Find a word that asks for slow reps."""
    found = (word for text in texts for word in re.findall(r"[^\W\d_]\S*", text))
    return next((one.strip(".,;:!()") for one in found if set(phrase(one)) & words.slow), None)
