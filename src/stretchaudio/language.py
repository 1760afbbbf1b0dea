"""Load phrase packs: the words of a language, with its numbers, plurals and lengths of time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

_OTHER = {"{right}": "{left}", "{left}": "{right}"}
_FOLDER = Path(__file__).parent / "phrases"


class Verbosity(StrEnum):
    """How much is said. The windows are the same in all."""

    FULL = "full"
    """Everything, for the first time."""
    BRIEF = "brief"
    """Names and counts."""
    MINIMAL = "minimal"
    """Name, side, start and release, for people who know the session."""
    CHIMES = "chimes"
    """Nothing: only bells are heard."""


SPOKEN_VERBOSITIES = (Verbosity.FULL, Verbosity.BRIEF, Verbosity.MINIMAL)
"""Those that have words, the fullest first."""


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
    name: str
    """Its name in English."""
    iso_639_2: str
    """Its bibliographic code of three letters, as ID3 tags have it: `ger`, not `deu`."""
    direction: str
    """Where its writing runs, as HTML has it: `ltr` or `rtl`."""
    voices: Mapping[str, str]
    """The voice that speaks it, by engine."""
    phrases: Mapping[str, Mapping[str, tuple[str, ...]]]
    """The alternatives of each phrase with {placeholders}, by `SPOKEN_VERBOSITIES`."""
    sides: tuple[Side, Side]
    """The right and the left."""
    leads: Mapping[str, tuple[Side, Side]]
    """The right and the left of what a side can mean: a foot, turning, ..."""
    tempo: tuple[str, ...]
    """The words of a rep's four phases: going, holding, returning, holding."""
    ordinals: tuple[str, ...]
    """"Second", "third", ... as a set is called."""
    positions: Mapping[str, str]
    """How a session begins, by the position of its first exercise."""
    bridges: Mapping[str, str]
    """How one gets into a position."""
    things: Mapping[str, str]
    """Equipment as it is asked for: "a mat"."""
    and_: str
    """The word between the last two of several things."""
    by_ear: tuple[tuple[str, str], ...]
    """Patterns of what cannot be followed with closed eyes, and what to do about it."""
    shown: Mapping[str, str]
    """What a screen calls each kind of window, and a set."""
    page: Mapping[str, Any]
    """The words of web pages and handouts; those that scripts show are under `script`."""
    spoken: tuple[tuple[re.Pattern[str], str], ...]
    """Patterns of typed text and what is said instead, in order."""
    _mirror: Mapping[str, str]
    _never_mirrored: tuple[str, ...]
    _singular: frozenset[int]
    _nouns: Mapping[str, tuple[str, str]]
    _durations: Mapping[str, Any]

    def with_phrases(self, own: Mapping[str, Mapping[str, tuple[str, ...]]]) -> "Language":
        """Replace some phrases.

        Args:
            own: Overrides by phrase and verbosity. A missing verbosity falls back to the next
                fuller override, then to the pack.
        """
        merged = {key: {**self.phrases[key], **_filled(forms)} for key, forms in own.items()}
        return replace(self, phrases={**self.phrases, **merged}) if own else self

    def mirrored(self, text: str) -> str:
        """Swap right and left in a sentence, where they are sides: not in "all right"."""
        words = "|".join(map(re.escape, self._mirror))
        sides = pattern(rf"(?<![{{\w])({words})\b")
        never = self._never_mirrored if sides.search(text) else ()
        kept = [match.span() for one in never for match in pattern(one).finditer(text)]

        def swap(match: re.Match[str]) -> str:
            if any(start <= match.start() and match.end() <= end for start, end in kept):
                return match[0]
            word = self._mirror[match[0].lower()]
            return word[:1].upper() + word[1:] if match[0][0].isupper() else word

        swapped = sides.sub(swap, text)
        return re.sub(r"\{(right|left)\}", lambda side: _OTHER[side[0]], swapped)

    def with_sides(self, text: str) -> str:
        """Write the words for {right} and {left}, which an author may use to be sure."""
        right, left = (side.label for side in self.sides)
        return text.replace("{right}", right).replace("{left}", left)

    def several(self, names: Sequence[str]) -> str:
        """List things as they are said: "a mat, a chair and a wall"."""
        *before, last = [self.things.get(name, name) for name in names]
        return f"{', '.join(before)} {self.and_} {last}" if before else last

    def fields(self, key: str) -> frozenset[str]:
        """Collect the placeholders that a phrase may have.

        They are those of any of its forms, and of the phrase whose `_last` variant it is.
        """
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
        if key in {"set", "set_last"}:
            found |= {"n", "total", "ordinal"}
        return frozenset(found)

    def amount(self, number: int | str, noun: str) -> str:
        """Put a noun into the form of its number: "1 rep", "10 reps"."""
        singular, plural = self._nouns[noun]
        return (singular if number in self._singular else plural).format(n=number)

    def count(self, number: int, noun: str) -> str:
        """Count something that only screens name: "1 session", "12 sessions"."""
        singular, plural = self.page["script"][noun]
        return str((singular if number in self._singular else plural).format(n=number))

    def duration(self, length_ms: int) -> str:
        """Say a length of time: "30 seconds", "a minute and a half"."""
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
    """List the codes of all languages that have a phrase pack."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def language(code: str) -> Language:
    """Load a phrase pack by its language code, one of `languages()`."""
    import yaml

    text = (_FOLDER / f"{code}.yaml").read_text(encoding="utf-8")
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    pack = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    return Language(
        code=pack["language"],
        **pack["about"],
        voices=pack["voices"],
        phrases={key: phrase_forms(value) for key, value in pack["phrases"].items()},
        sides=_sides(pack["sides"]),
        leads={lead: _sides(sides) for lead, sides in pack["leads"].items()},
        tempo=tuple(pack["tempo"]),
        ordinals=tuple(pack["ordinals"]),
        positions=pack["positions"],
        bridges=pack["bridges"],
        things=pack["things"],
        and_=pack["and"],
        by_ear=tuple((one, advice) for one, advice in pack.get("by_ear", ())),
        shown=pack["shown"],
        page=pack["page"],
        spoken=tuple((re.compile(pattern), words) for pattern, words in pack["spoken"]),
        _mirror=pack["mirror"],
        _never_mirrored=tuple(pack["never_mirrored"]),
        _singular=frozenset(pack["singular"]),
        _nouns={noun: tuple(forms) for noun, forms in pack["nouns"].items()},
        _durations=pack["durations"],
    )


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Compile a pack's pattern, whatever the case, when it is first needed.

    All of them take eight times as long as the rest of the pack, and most sessions need none.
    """
    return re.compile(text, re.IGNORECASE)


def _sides(pack: Mapping[str, str]) -> tuple[Side, Side]:
    first, second = (Side(label=label, spoken=spoken) for label, spoken in pack.items())
    return first, second


def phrase_forms(value: Any) -> Mapping[str, tuple[str, ...]]:
    """List a phrase's alternatives by verbosity; a missing one falls back to the next fuller.

    Args:
        value: A text, a list of alternatives, or one of these for some of `SPOKEN_VERBOSITIES`.
    """
    given = value if isinstance(value, dict) else {Verbosity.FULL: value}
    return _filled(
        {
            verbosity: (texts,) if isinstance(texts, str) else tuple(texts)
            for verbosity, texts in given.items()
        }
    )


def _filled(given: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Fill in the missing forms, but for those fuller than all that are given."""
    forms: dict[str, tuple[str, ...]] = {}
    fuller: tuple[str, ...] | None = None
    for verbosity in SPOKEN_VERBOSITIES:
        fuller = given.get(verbosity, fuller)
        if fuller is not None:
            forms[verbosity] = fuller
    return forms


def _number(length_ms: int) -> int | str:
    """Write seconds: whole where they are, else with the decimals that were asked for."""
    return length_ms // 1000 if length_ms % 1000 == 0 else f"{length_ms / 1000:g}"
