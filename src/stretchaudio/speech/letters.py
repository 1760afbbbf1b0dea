"""Letters that a voice cannot read: some engines pass over them without a sound, and a cue would be lost."""

import unicodedata
from collections.abc import Callable, Iterable

from stretchaudio.errors import VoiceError


def without_marks(text: str) -> str:
    """A text with accents and ligatures taken apart and the marks left out: "²é" becomes "2e"."""
    return "".join(character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character))


def is_latin(character: str) -> bool:
    """Whether a letter is of the Latin alphabet; digits of ASCII count."""
    return character.isascii() or unicodedata.name(character, "").startswith("LATIN")


def check_letters(engine: str, texts: Iterable[str], can_read: Callable[[str], bool]) -> None:
    """See that an engine can read every letter and digit.

    Raises:
        VoiceError: With the first that it cannot.
    """
    for text in texts:
        for character in without_marks(text):
            if character.isalnum() and not can_read(character):
                raise VoiceError(f"{engine} cannot read '{character}' in the cue '{text}'.")
