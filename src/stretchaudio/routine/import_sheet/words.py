"""Clean names and notes of what cannot be spoken: markup, links and addresses."""

import re
import textwrap
from dataclasses import dataclass

from stretchaudio.routine.schema import EMOJI, MAX_TEXT

# Lengths are bounded so that no text, however odd, takes long.
_LINK = re.compile(
    r"!?\[(?P<text>[^\[\]]{0,500})\]\(\s*<?(?P<address>[^()\s<>]{1,2000})>?[^()]{0,500}\)"
)
_ADDRESS = re.compile(
    r"<?(?<![\w.+-])(?:[a-z][a-z0-9+.-]{0,20}://|www\.)[^\s<>]*[^\s<>.,;:!?)\"']>?"
    r"|(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,20}/[^\s<>]*[^\s<>.,;:!?)\"']",
    re.IGNORECASE,
)
# The texts of links that say nothing to somebody who listens.
_ONLY_A_LINK = re.compile(
    r"\s*(?:(?:watch |see )?video|videos|link|here|demo|youtube|watch|image|picture)?\s*",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"\*\*|__|`|</?[a-zA-Z][^<>]*>")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\s*;\s*|\s*\n\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text without what cannot be spoken."""

    text: str
    addresses: tuple[str, ...]
    """The addresses that were in it."""


def plain(text: str) -> Words:
    """Drop markup, addresses, and links but for their text; line breaks stay."""
    unlinked = _LINK.sub(_text_of_link, text)
    linked = [link["address"] for link in _LINK.finditer(text)]
    addresses = (*linked, *(address[0].strip("<>") for address in _ADDRESS.finditer(unlinked)))
    unaddressed = re.sub(r"\(\s*\)", " ", _ADDRESS.sub(" ", unlinked)) if addresses else text
    return Words(text=_MARKUP.sub(" ", unaddressed), addresses=addresses)


def _text_of_link(link: re.Match[str]) -> str:
    return "" if _ONLY_A_LINK.fullmatch(link["text"]) else link["text"]


def squeezed(text: str) -> str:
    """Put a text on one line, with single spaces."""
    return " ".join(text.split())


def is_speakable(text: str) -> bool:
    """Whether a text has a letter or a digit; a routine does not take any other."""
    return any(character.isalpha() or character.isdecimal() for character in text)


def sentences(text: str) -> list[str]:
    """Split a note into sentences that can be spoken, each with its end mark and short enough."""
    joined = re.sub(r",\s*\n", ", ", EMOJI.sub("", text).replace("|", ","))
    tidy = re.sub(r"[^\S\n]+(?=[.,;:!?])", "", joined)
    parts = map(squeezed, _SENTENCE_END.split(tidy))
    # A few characters are left for the end mark, and for a capital that takes more than one.
    pieces = (piece for part in parts for piece in textwrap.wrap(part, MAX_TEXT - 4))
    spoken = (piece.rstrip(" ,:-") for piece in pieces if is_speakable(piece))
    return [one[0].upper() + one[1:] + ("" if one[-1] in ".!?" else ".") for one in spoken]
