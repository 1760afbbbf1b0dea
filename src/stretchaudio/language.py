"""Phrase packs: what is said in a language, with its numbers, plurals and lengths of time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "phrases"
AMOUNTS = ("full", "brief", "minimal")
"""How much is told."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of the body, or one of an author's own two."""

    label: str
    """As shown: "right"."""
    spoken: str
    """As said: "right side"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language's phrase pack."""

    code: str
    """The language code, such as `en`."""
    voices: Mapping[str, str]
    """The voice that speaks it, by engine."""
    phrases: Mapping[str, Mapping[str, tuple[str, ...]]]
    """The alternatives of each phrase with {placeholders}, by how much is told: full, brief, minimal."""
    sides: tuple[Side, Side]
    """The right and the left."""
    mirror: Mapping[str, str]
    """What right and left become when the sides are changed."""
    shown: Mapping[str, str]
    """What a screen calls each kind of window, and a set."""
    spoken: tuple[tuple[re.Pattern[str], str], ...]
    """Patterns of typed text and what is said instead, in order."""
    _singular: frozenset[int]
    _nouns: Mapping[str, tuple[str, str]]
    _durations: Mapping[str, Any]

    def with_phrases(self, own: Mapping[str, Mapping[str, tuple[str, ...]]]) -> "Language":
        """The same language with some phrases said otherwise.

        Args:
            own: By phrase, what is said for some of `AMOUNTS`; an amount that is not given says what the nearest fuller one
                of its own does, and those fuller than all of these what the language says.
        """
        merged = {key: {**self.phrases[key], **_filled(forms)} for key, forms in own.items()}
        return replace(self, phrases={**self.phrases, **merged}) if own else self

    def fields(self, key: str) -> frozenset[str]:
        """The {placeholders} that a phrase can have; those of its other forms, and of the phrase it ends a row of, count too."""
        usual = self.phrases.get(key.removesuffix("_last"), {})
        texts = [
            text
            for forms in (self.phrases[key], usual)
            for texts in forms.values()
            for text in texts
        ]
        found = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
        for together in ({"side", "label"}, {"sentence", "clause"}):
            found |= together if found & together else set()
        return frozenset(found)

    def amount(self, number: int | str, noun: str) -> str:
        """A number with its noun in the right form: "1 rep", "10 reps"."""
        singular, plural = self._nouns[noun]
        return (singular if number in self._singular else plural).format(n=number)

    def duration(self, length_ms: int) -> str:
        """A length of time as one says it: "30 seconds", "a minute and a half"."""
        minutes, rest_ms = divmod(length_ms, 60_000)
        exact = self._durations["exact"].get(length_ms // 1000) if length_ms % 1000 == 0 else None
        if exact:
            return str(exact)
        seconds = self.amount(_number(rest_ms), "second")
        if minutes == 0:
            return seconds
        if rest_ms == 0:
            return self.amount(minutes, "minute")
        if rest_ms == 30_000:
            return str(self._durations["half_minutes"].format(n=minutes))
        return str(
            self._durations["minutes_and_seconds"].format(
                minutes=self.amount(minutes, "minute"), seconds=seconds
            )
        )


def languages() -> tuple[str, ...]:
    """The codes of all languages that have a phrase pack."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def language(code: str) -> Language:
    """Load a phrase pack by its language code, one of `languages()`."""
    pack = yaml.load((_FOLDER / f"{code}.yaml").read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader, in C where there is one
    return Language(
        code=pack["language"],
        voices=pack["voices"],
        phrases={key: phrase_forms(value) for key, value in pack["phrases"].items()},
        sides=_sides(pack["sides"]),
        mirror=pack["mirror"],
        shown=pack["shown"],
        spoken=tuple((re.compile(pattern), words) for pattern, words in pack["spoken"]),
        _singular=frozenset(pack["singular"]),
        _nouns={noun: tuple(forms) for noun, forms in pack["nouns"].items()},
        _durations=pack["durations"],
    )


def _sides(pack: Mapping[str, str]) -> tuple[Side, Side]:
    first, second = (Side(label=label, spoken=spoken) for label, spoken in pack.items())
    return first, second


def phrase_forms(value: Any) -> Mapping[str, tuple[str, ...]]:
    """A phrase's alternatives for each amount of telling; a form that is not given is that of the fuller one.

    Args:
        value: A text, a list of alternatives, or one of these for some of `AMOUNTS`.
    """
    given = value if isinstance(value, dict) else {"full": value}
    return _filled(
        {
            cues: (texts,) if isinstance(texts, str) else tuple(texts)
            for cues, texts in given.items()
        }
    )


def _filled(given: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Forms for the amounts that are given, and for those below them."""
    forms: dict[str, tuple[str, ...]] = {}
    fuller: tuple[str, ...] | None = None
    for cues in AMOUNTS:
        fuller = given.get(cues, fuller)
        if fuller is not None:
            forms[cues] = fuller
    return forms


def _number(length_ms: int) -> int | str:
    """Seconds as spoken: whole where they are, else with the decimals that were asked for."""
    return length_ms // 1000 if length_ms % 1000 == 0 else f"{length_ms / 1000:g}"
