"""Rewrite typed text so that any engine reads it right, and check that one can."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from stretchaudio.errors import VoiceError

_UNSPEAKABLE = {"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk"}
"""Unicode categories: control characters, unassigned ones, symbols and the like."""
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),  # quotation marks
        **dict.fromkeys("\u2018\u2019\u00b4`", "'"),  # apostrophes, and accents typed for them
        "\u2026": "...",
        "\u2014": ", ",  # a dash between thoughts
        "\u00ad": "",  # a soft hyphen
        "\u00a0": " ",
    }
)
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
    spoken = _REPEATED_STOPS.sub(_strongest_stop, spoken)
    if not any(character.isalnum() for character in spoken):
        raise VoiceError(
            f"There is nothing to speak in the cue '{text}'.", hint="Write it in words."
        )
    return spoken


def pronouncing(*lists: Mapping[str, str]) -> Callable[[str], str]:
    """Make a function that replaces words in a text with how they are to be spoken.

    Args:
        lists: Whole words or phrases, in any case, and what is said instead. A later list comes
            before an earlier one, and longer words before shorter ones; a replacement is not
            searched again.
    """
    spoken = {_plain(word).casefold(): words for say in lists for word, words in say.items()}
    if not spoken:
        return _plain
    any_of = "|".join(re.escape(word) for word in sorted(spoken, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{any_of})(?!\w)", re.IGNORECASE)

    def replacement(match: re.Match[str]) -> str:
        return spoken.get(match[0].casefold(), match[0])

    return lambda text: pattern.sub(replacement, _plain(text))


def check_readable(engine: str, texts: Iterable[str], can_read: Callable[[str], bool]) -> None:
    """Check that an engine can read every letter and digit.

    Raises:
        VoiceError: Naming the first that it cannot.
    """
    for text in texts:
        for character in without_marks(text):
            if character.isalnum() and not can_read(character):
                raise VoiceError(f"{engine} cannot read '{character}' in the cue '{text}'.")


def is_latin(character: str) -> bool:
    """Tell whether a letter is of the Latin alphabet; digits of ASCII count."""
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN")


def without_marks(text: str) -> str:
    """Take accents and ligatures apart and leave out the marks: "²é" becomes "2e"."""
    return "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(character)
    )


def _plain(text: str) -> str:
    """Write a text with one character for each letter, and plain quotation marks."""
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def _strongest_stop(match: re.Match[str]) -> str:
    """Choose from several marks in a row: a question or exclamation mark, else the first."""
    return next((mark for mark in match[0] if mark in "?!"), match[1])
