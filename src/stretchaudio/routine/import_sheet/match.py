"""Find a sheet's exercise in the library by its name, in seven languages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from stretchaudio.routine.folders import bundled_folder
from stretchaudio.routine.import_sheet.vocabulary import Phrase, pack, phrase
from stretchaudio.routine.library import bundled_exercises
from stretchaudio.routine.rules import exercise_lists
from stretchaudio.util.located_yaml import LocatedDict, parse, read_text

# Measured on the names of tests/data/names.yaml, in English, by their least alike words:
# spellings and plurals of one name reach 88.9 and more, but for three that reach 80 to 83;
# the nearest name of another exercise reaches 67. A false match costs more than a missed one.
SURE = 88
"""Percent to which each word of two names has to be alike."""
_FILLERS = {
    "the",
    "and",
    "a",
    "of",
    "le",
    "la",
    "el",
    "il",
    "o",
    "y",
    "e",
    "et",
    "und",
    "der",
    "die",
    "das",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An exercise of the library."""

    id: str
    name: str
    keys: Mapping[str, Any]
    """Its keys, in the sheet's language."""


def find(name: str, language: str) -> Found | None:
    """Find the exercise of that name; None where none is surely it."""
    wanted = _essence(phrase(re.sub(r"\([^()]*\)", " ", name)))
    if not wanted:
        return None
    names = _names(language)
    near = {found for known, found in names.items() if _alike(wanted, known)}
    if len(near) != 1:
        return None
    exercise_id = near.pop()
    keys = known_exercises(language)[exercise_id]
    return Found(id=exercise_id, name=str(keys["name"]), keys=keys)


def _essence(found: Phrase) -> Phrase:
    """Leave out words that tell no two exercises apart."""
    return tuple(sorted(word for word in found if word not in _FILLERS))


def _alike(one: Phrase, other: Phrase) -> bool:
    """Whether each word of one name is a word of the other, misspelt at the most."""
    from rapidfuzz.fuzz import ratio

    if one == other:
        return True
    if len(one) != len(other) or max(map(len, one)) < 4:
        return False
    return all(ratio(a, b) >= SURE for a, b in zip(one, other, strict=True))


@cache
def _names(language: str) -> Mapping[Phrase, str]:
    exercises = known_exercises(language)
    names: dict[Phrase, str] = {}
    for exercise_id, keys in exercises.items():
        names[_essence(phrase(str(keys["name"])))] = exercise_id
    for exercise_id, aliases in pack(language).exercises.items():
        for alias in aliases if exercise_id in exercises else ():
            names[_essence(phrase(alias))] = exercise_id
    return names


@cache
def known_exercises(language: str) -> Mapping[str, Mapping[str, Any]]:
    """Read the library in a language: but for English, what translated routines have of it."""
    if language == "en":
        return dict(bundled_exercises())
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(bundled_folder().glob(f"*.{language}.yaml")):
        name = path.name.removesuffix(f".{language}.yaml")
        originals = _listed(bundled_folder() / f"{name}.yaml")
        translated = _listed(path)
        if len(originals) == len(translated):
            for original, one in zip(originals, translated, strict=True):
                if "use" in original:
                    found.setdefault(str(original["use"]), one)
    return found


def _listed(path: Any) -> list[LocatedDict]:
    tree = parse(read_text(path), str(path))
    return [one for exercises in exercise_lists(tree) for one in exercises]
