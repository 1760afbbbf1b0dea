"""Know the words of sheets in every language: headings, units, sides, names of exercises."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from stretchaudio.language import languages

_FOLDER = Path(__file__).parents[2] / "phrases" / "sheets"
LETTER = r"(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0963\u0971-\u097f])"
_WORD = re.compile(rf"{LETTER}+|\d+")
CODES = {
    "set": "s", "rep": "r", "breath": "b", "second": "S", "minute": "M", "hour": "h",
    "times": "x", "of": "o", "to": "t", "toward_each": "d", "each_side": "e", "each": "E",
    "part": "p", "both": "B", "alternate": "A", "left": "L", "right": "R", "hold": "H",
    "between": "g", "rest": "P", "on_time": "1", "off_time": "0", "day": "D",
    "daily": "F", "twice": "T", "only": "Y", "and": "&", "remark": "k", "weight": "w",
    "other_side": "O", "tense": "Z", "relax": "U", "repeat": "G",
}  # fmt: skip
"""The letter that stands for each kind of word; of a word of two kinds, the first here counts."""

NOTE_CODES = {"other": "Q", "change": "W", "then": "V", "count": "C", "article": "o"}
"""Letters for words that matter in notes alone."""

Phrase = tuple[str, ...]


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Drop case, Latin accents, and what Devanagari is written with or without."""
    plain = "".join(
        one for one in unicodedata.normalize("NFD", word.lower()) if not "\u0300" <= one <= "\u036f"
    )
    plain = plain.replace("\u093c", "").replace("\u0901", "\u0902").replace("ß", "ss")
    return unicodedata.normalize("NFC", plain)


def phrase(text: str) -> Phrase:
    """Split a text into folded words and numbers, without signs."""
    return tuple(map(fold, _WORD.findall(unicodedata.normalize("NFC", text))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The words that a pack and the vocabulary of a sheet both have."""

    words: Mapping[Phrase, str]
    """The code of each word or phrase of a dose."""
    moving: frozenset[str]
    staying: frozenset[str]
    held: frozenset[str]
    """Words of names that are held rather than repeated, such as "stretch"."""
    counted: frozenset[str]
    """Words of names that are done in reps, such as "rotation"."""
    nothing: frozenset[Phrase]
    sections: frozenset[Phrase]
    patient_label: frozenset[Phrase]
    side_names: Mapping[str, str]
    side_letters: tuple[str, str]
    """The letters of left and right."""
    note_words: Mapping[str, str]
    """The code of each word that matters in a note alone."""
    note_numbers: Mapping[str, str]
    """The digits of each word for a number."""
    slow: frozenset[str]
    mirror: frozenset[Phrase]
    """Notes that may mean the other side."""
    intro: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack(_Words):
    """The words of one language, as its file has them."""

    headings: Mapping[str, frozenset[Phrase]]
    exercises: Mapping[str, tuple[str, ...]]
    exact: frozenset[str]
    """Words with their accents, which tell languages apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary(_Words):
    """The words of all languages, those of a sheet's own before English before the others.

    A word that two other languages use differently is left out: its meaning is not sure.
    """

    language: str
    headings: Mapping[Phrase, str]
    """The kind of each heading, but for those of names."""
    names: frozenset[Phrase]
    """Headings that name the exercise."""
    also_names: frozenset[Phrase]
    """Those that may be beside them, or do so where no other one does."""
    longest: int
    """Words of the longest phrase."""


def _phrases(listed: str) -> frozenset[Phrase]:
    return frozenset(phrase(one) for one in listed.split(",") if phrase(one))


def _folded(listed: str) -> list[str]:
    return [fold(one.strip()) for one in listed.split(",") if one.strip()]


@cache
def pack(code: str) -> Pack:
    """Load the words of a language."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = yaml.load((_FOLDER / f"{code}.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    listed = {
        kind: _phrases(found["words"].get(kind, ""))
        for kind in (*CODES, "nothing", "moving", "staying", "held", "counted")
    }
    every_side = {(*one, *part) for one in listed["each"] for part in listed["part"]}
    listed["each_side"] |= every_side
    words: dict[Phrase, str] = {}
    for kind, letter in CODES.items():
        for one in listed[kind]:
            words.setdefault(one, letter)
    spelled = chain(found["headings"].values(), found["words"].values())
    return Pack(
        headings={kind: _phrases(names) for kind, names in found["headings"].items()},
        words=words,
        moving=frozenset(chain.from_iterable(listed["moving"])),
        staying=frozenset(chain.from_iterable(listed["staying"]))
        | {one[0] for one in listed["hold"] if len(one) == 1},
        held=frozenset(chain.from_iterable(listed["held"])),
        counted=frozenset(chain.from_iterable(listed["counted"])),
        nothing=listed["nothing"],
        sections=_phrases(found["sections"]),
        patient_label=_phrases(found["patient_label"]),
        side_names=found["side_names"],
        side_letters=tuple(found["side_letters"].split()),
        note_words={
            word: code
            for kind, code in NOTE_CODES.items()
            for word in _folded(found["in_notes"].get(kind, ""))
        },
        note_numbers={
            word: str(number)
            for number, listed_words in found["in_notes"]["numbers"].items()
            for word in _folded(listed_words)
        },
        slow=frozenset(_folded(found["in_notes"]["slow"])),
        mirror=_phrases(found["in_notes"]["mirror"]),
        intro=found["intro"],
        exercises={
            name: tuple(one.strip() for one in names.split(","))
            for name, names in found["exercises"].items()
        },
        exact=frozenset(chain.from_iterable(map(_exact_words, spelled))),
    )


def _exact_words(text: str) -> list[str]:
    return re.findall(rf"{LETTER}+", unicodedata.normalize("NFC", text.lower()))


@cache
def vocabulary(code: str) -> Vocabulary:
    """Merge the words of all languages for a sheet in one of them."""
    packs = {one: pack(one) for one in languages()}
    own, english = packs[code], packs["en"]
    others = [one for other, one in packs.items() if other not in {code, "en"}]
    headings = _merged(
        *(_by_phrase(one.headings) for one in (own, english)),
        others=[_by_phrase(one.headings) for one in others],
    )
    words = _merged(own.words, english.words, others=[one.words for one in others])

    def union(name: str) -> frozenset[Any]:
        return frozenset().union(*(getattr(one, name) for one in packs.values()))

    return Vocabulary(
        language=code,
        headings=headings,
        names=frozenset().union(*(one.headings["name"] for one in packs.values())),
        also_names=frozenset().union(*(one.headings["also_name"] for one in packs.values())),
        words=words,
        longest=max(map(len, words)),
        moving=union("moving"),
        staying=union("staying"),
        held=union("held"),
        counted=union("counted"),
        nothing=union("nothing"),
        sections=union("sections"),
        patient_label=union("patient_label"),
        side_names=own.side_names,
        side_letters=own.side_letters,
        note_words={**english.note_words, **own.note_words},
        note_numbers=own.note_numbers,
        slow=own.slow | english.slow,
        mirror=own.mirror | english.mirror,
        intro=own.intro,
    )


def _by_phrase(headings: Mapping[str, frozenset[Phrase]]) -> dict[Phrase, str]:
    # The kinds that make a row a table come first; of a heading of two kinds, the first counts.
    kinds = [kind for kind in headings if kind not in {"name", "also_name"}]
    return {one: kind for kind in reversed(kinds) for one in headings[kind]}


def _merged(
    own: Mapping[Phrase, str],
    english: Mapping[Phrase, str],
    *,
    others: Iterable[Mapping[Phrase, str]],
) -> dict[Phrase, str]:
    meanings: dict[Phrase, set[str]] = {}
    for one in others:
        for words, meaning in one.items():
            meanings.setdefault(words, set()).add(meaning)
    agreed = {words: found.pop() for words, found in meanings.items() if len(found) == 1}
    return {**agreed, **english, **own}


def likely_language(headings: Iterable[str], cells: Iterable[str]) -> str:
    """Tell the language of a sheet by its headings and the words in its cells.

    English where nothing speaks for another.
    """
    titles = list(headings)
    used = set(chain.from_iterable(map(_exact_words, chain(titles, cells))))
    scores = {code: _score(pack(code), titles, used) for code in languages()}
    best = max(scores.values())
    return "en" if scores["en"] == best else max(scores, key=lambda code: scores[code])


def known_words(text: str) -> int:
    """Count the words of a text that are of sheets in any language, with their accents."""
    used = set(_exact_words(text))
    return len(used & frozenset().union(*(pack(code).exact for code in languages())))


def _score(found: Pack, titles: list[str], used: set[str]) -> int:
    known = frozenset().union(*found.headings.values())
    return 3 * sum(phrase(title) in known for title in titles) + len(used & found.exact)
