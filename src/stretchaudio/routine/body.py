"""Know the parts of the body and the equipment by one id in every language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from stretchaudio.language import language, languages

GROUPS = {
    "neck": ("neck", "shoulders", "chest", "arms"),
    "back": ("upper back", "lower back", "sides"),
    "hips": ("hips", "legs"),
    "whole": ("whole body",),
}
"""The parts of the body that are listed together, by the name of their group."""
HUES: Mapping[str, int] = {
    "neck": 262,
    "shoulders": 222,
    "chest": 300,
    "arms": 200,
    "upper back": 176,
    "lower back": 28,
    "sides": 60,
    "hips": 340,
    "legs": 100,
    "whole body": 150,
}
"""The hue that stands for a part wherever it is shown, in degrees."""
OTHER_GROUP, OTHER_HUE = "other", 210


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A part of the body or a piece of equipment, as one language shows it."""

    id: str
    """Its English name, or what the author wrote when it is not known."""
    label: str


def body_parts(written: Iterable[str], code: str) -> tuple[Term, ...]:
    """Find the parts of the body that an author named in any language."""
    return _terms(written, "parts", code)


def equipment(written: Iterable[str], code: str) -> tuple[Term, ...]:
    """Find the equipment that an author named in any language."""
    return _terms(written, "things", code)


def hue_of(written: Iterable[str]) -> int:
    """Choose the hue of a session, which is that of the first part it is for."""
    return next((HUES[part.id] for part in body_parts(written, "en") if part.id in HUES), OTHER_HUE)


def group_of(written: Iterable[str]) -> str:
    """Choose the group of a session by the first part it is for."""
    parts = body_parts(written, "en")
    first = parts[0].id if parts else ""
    return next((group for group, ids in GROUPS.items() if first in ids), OTHER_GROUP)


def names_of(term_id: str) -> frozenset[str]:
    """List the names of a part or a thing in all languages."""
    packs = [language(code).page for code in languages()]
    known = {
        pack[kind][term_id]
        for pack in packs
        for kind in ("parts", "things")
        if term_id in pack[kind]
    }
    return frozenset({term_id, *known})


def _terms(written: Iterable[str], kind: str, code: str) -> tuple[Term, ...]:
    ids = dict.fromkeys(_id(name.casefold(), kind, code) or name for name in written)
    labels = language(code).page[kind]
    return tuple(Term(id=one, label=labels.get(one, one)) for one in ids)


def _id(name: str, kind: str, code: str) -> str | None:
    # Most words are of the language that is asked for; to read every pack takes 0.1 s.
    return _ids(kind, code).get(name) or next(
        (ids[name] for other in languages() if name in (ids := _ids(kind, other))), None
    )


@cache
def _ids(kind: str, code: str) -> Mapping[str, str]:
    return {label.casefold(): term_id for term_id, label in language(code).page[kind].items()}
