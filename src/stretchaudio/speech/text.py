"""Typed text to text any engine reads right: ranges, units, fractions, symbols."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from stretchaudio.errors import VoiceError

_UNSPEAKABLE = {"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk"}
_PLAIN = {
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),  # quotation marks
    **dict.fromkeys(
        "\u2018\u2019\u00b4`", "'"
    ),  # apostrophes, and the accents people type for them
    "\u2026": "...",
    "\u2014": ", ",  # a dash between thoughts
    "\u00ad": "",  # a soft hyphen
    "\u00a0": " ",
}
_QUOTES = str.maketrans(_PLAIN)
_REPEATED_STOPS = re.compile(r"([.,;:!?])(?:\s*[.,;:!?])+")
_SPACES = re.compile(r"\s+")
_BEFORE_STOP = re.compile(r"\s+(?=[.,;:!?])")


def normalise(text: str, rules: Iterable[tuple[re.Pattern[str], str]]) -> str:
    """Rewrite a text the way it is to be spoken.

    Args:
        text: A cue's words, as typed.
        rules: A language's patterns and what is said instead, applied in order.

    Raises:
        VoiceError: If nothing is left that can be spoken.
    """
    spoken = _plain(text)
    for pattern, words in rules:
        spoken = pattern.sub(words, spoken)
    spoken = "".join(
        " " if unicodedata.category(character) in _UNSPEAKABLE else character
        for character in spoken
    )
    spoken = _BEFORE_STOP.sub("", _SPACES.sub(" ", spoken)).strip()
    spoken = _REPEATED_STOPS.sub(_last_stop, spoken)
    if not any(character.isalnum() for character in spoken):
        raise VoiceError(
            f"There is nothing to speak in the cue '{text}'.", hint="Write it in words."
        )
    return spoken


def pronouncing(*lists: Mapping[str, str]) -> Callable[[str], str]:
    """Something that puts words as they are to be spoken.

    Args:
        lists: Whole words or phrases, in any case, and what is said instead. A later list comes before an earlier one, and
            longer words before shorter ones; what has been put is not looked at again.
    """
    spoken = {_plain(word).casefold(): words for say in lists for word, words in say.items()}
    if not spoken:
        return _plain
    any_of = "|".join(re.escape(word) for word in sorted(spoken, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{any_of})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(
        lambda match: spoken.get(match[0].casefold(), match[0]), _plain(text)
    )


def _plain(text: str) -> str:
    """A text with one character for each letter and plain quotation marks."""
    return unicodedata.normalize("NFC", text).translate(_QUOTES)


def _last_stop(match: re.Match[str]) -> str:
    """Of several marks in a row keep the one that says most: a question or an exclamation, else the first."""
    return next((mark for mark in match[0] if mark in "?!"), match[1])


def without_marks(text: str) -> str:
    """A text with accents and ligatures taken apart and the marks left out: "²é" becomes "2e"."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(character)
    )


def is_latin(character: str) -> bool:
    """Whether a letter is of the Latin alphabet; digits of ASCII count."""
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN")


def check_readable(engine: str, texts: Iterable[str], can_read: Callable[[str], bool]) -> None:
    """See that an engine can read every letter and digit.

    Raises:
        VoiceError: With the first that it cannot.
    """
    for text in texts:
        for character in without_marks(text):
            if character.isalnum() and not can_read(character):
                raise VoiceError(f"{engine} cannot read '{character}' in the cue '{text}'.")
