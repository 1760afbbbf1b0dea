"""Typed text to text any engine reads right: ranges, units, fractions, symbols."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from stretchaudio.errors import VoiceError

_UNSPEAKABLE = {"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk"}
_PLAIN = {
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),  # quotation marks
    **dict.fromkeys("\u2018\u2019\u00b4`", "'"),  # apostrophes, and the accents people type for them
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
    spoken = unicodedata.normalize("NFC", text).translate(_QUOTES)
    for pattern, words in rules:
        spoken = pattern.sub(words, spoken)
    spoken = "".join(" " if unicodedata.category(character) in _UNSPEAKABLE else character for character in spoken)
    spoken = _BEFORE_STOP.sub("", _SPACES.sub(" ", spoken)).strip()
    spoken = _REPEATED_STOPS.sub(_last_stop, spoken)
    if not any(character.isalnum() for character in spoken):
        raise VoiceError(f"There is nothing to speak in the cue '{text}'.", tip="Write it in words.")
    return spoken


def pronunciations(say: Mapping[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """A list of words and how they are to be spoken, as rules that come before a language's own.

    Args:
        say: Whole words or phrases in any case, and what is said instead; longer ones are tried first.
    """
    longest_first = sorted(say, key=len, reverse=True)
    patterns = [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE) for word in longest_first]
    return tuple((pattern, say[word].replace("\\", r"\\")) for pattern, word in zip(patterns, longest_first, strict=True))


def _last_stop(match: re.Match[str]) -> str:
    """Of several marks in a row keep the one that says most: a question or an exclamation, else the first."""
    return next((mark for mark in match[0] if mark in "?!"), match[1])
