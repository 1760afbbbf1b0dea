"""Read a manifest's JSON piece by piece, in memory that a hostile file cannot make grow.

A JSON parser builds all of a text before anything looks at it: ten megabytes of brackets become a
gigabyte. A manifest is flat, so regular expressions, which hold nothing, cut it into entries,
and only some hundred are parsed at a time.
"""

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

from pydantic import TypeAdapter, ValidationError

from stretchaudio.routine.values import MAX_SESSION_MS
from stretchaudio.track.manifest import (
    ChapterEntry,
    ChimeEntry,
    CueEntry,
    DroppedEntry,
    Manifest,
    WindowEntry,
)

# Nothing comes as often as the reps of the longest session, 0.3 s each, with a window and a cue.
MOST_REPS = MAX_SESSION_MS // 300
MOST_ENTRIES = 3 * MOST_REPS
# Many times as much as can be said in twelve hours.
MOST_TEXT_BYTES = 32 * 1024 * 1024
"""The most memory that different texts may take."""
_MOST_MEMBERS = 100
# Larger than any entry: three texts of 2,000 letters, each written as `\ud83e\uddd8`, have 72,000.
_MOST_PIECE_BYTES = 256 * 1024
_MOST_DIGITS = 18
_LISTS: dict[str, Any] = {
    "chapters": list[ChapterEntry],
    "windows": list[WindowEntry],
    "cues": list[CueEntry],
    "dropped": list[DroppedEntry],
    "chimes": list[ChimeEntry],
}
_ENVELOPES = "envelopes"
_MINUTES = {"trace", "signs"}
_SPACE = rb"[ \t\r\n]*+"
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_ENTRY = rb'\{[^{}\[\]"]*+(?:' + _STRING + rb'[^{}\[\]"]*+)*+\}'
_PAIR = _STRING + _SPACE + rb":" + _SPACE + _STRING


def _series(one: bytes) -> re.Pattern[bytes]:
    """Match up to 256 of the same, with commas between them."""
    # Possessive: the engine remembers nothing to go back to.
    return re.compile(one + rb"(?:" + _SPACE + rb"," + _SPACE + one + rb"){0,255}+", re.DOTALL)


_ENTRIES, _PAIRS, _STRINGS = _series(_ENTRY), _series(_PAIR), _series(_STRING)
_SCALAR = re.compile(_STRING + rb"|[-+.\w]++", re.DOTALL)
_NAME = re.compile(rb'"([a-z_]{1,40})"' + _SPACE + rb":")
_BLANK = re.compile(_SPACE)


class ManifestError(ValueError):
    """A manifest is damaged, or larger than any; the message is half a sentence."""


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest without trusting it.

    Raises:
        ManifestError: If it is damaged, or has more entries or text than any track.
    """
    reader = _Reader(data)
    manifest: Manifest = _checked(Manifest, dict(reader.members()))
    return manifest


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _checked(kind: Any, value: Any, *before: str | int) -> Any:
    """Convert a value to its type.

    Args:
        kind: The type.
        value: As JSON has it.
        before: For a part of a list: the list's name and the number of entries before the part.
    """
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        inside = list(first["loc"])
        if before and inside and isinstance(inside[0], int):
            inside[0] += int(before[1])
        where = ".".join(map(str, [*before[:1], *inside])) or "it"
        raise ManifestError(f"is damaged ({where}: {first['msg']})") from None


class _Reader:
    """Walks through the bytes of a manifest, holding one piece and each text once."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.entries = 0
        self.texts: dict[str, str] = {}
        self.text_bytes = 0

    def members(self) -> Iterator[tuple[str, Any]]:
        """Read the keys and values of the manifest itself."""
        self._expect(b"{")
        seen: set[str] = set()
        while True:
            name = self._take(_NAME, 1).decode()
            if name in seen or len(seen) >= _MOST_MEMBERS:
                raise ManifestError(f"is damaged ({name}: it is there twice)")
            seen.add(name)
            yield name, self._value(name)
            if not self._goes_on(b"}"):
                break
        if self.at < len(self.data):
            raise self._damaged()

    def _value(self, name: str) -> Any:
        if name in _LISTS:
            return self._entries(name)
        if name == _ENVELOPES:
            return self._envelopes()
        if name in _MINUTES:
            minutes = chain.from_iterable(self._pieces(_STRINGS, b"[]"))
            return tuple(map(self._shared, minutes))
        return self._parsed(self._take(_SCALAR))

    def _entries(self, name: str) -> list[Any]:
        entries: list[Any] = []
        for rows in self._pieces(_ENTRIES, b"[]"):
            for row in rows:
                self._share(row)
            entries += _checked(_LISTS[name], rows, name, len(entries))
        return entries

    def _envelopes(self) -> dict[str, str]:
        envelopes: dict[str, str] = {}
        for pairs in self._pieces(_PAIRS, b"{}"):
            self._share(pairs)
            envelopes |= {self._shared(text): envelope for text, envelope in pairs.items()}
        return envelopes

    def _pieces(self, series: re.Pattern[bytes], brackets: bytes) -> Iterator[Any]:
        """Parse the entries between brackets, up to 256 at a time."""
        first, last = brackets[:1], brackets[1:]
        self._expect(first)
        if self.data.startswith(last, self.at):
            self._goes_on(last)
            return
        while True:
            found = self._parsed(first + self._take(series) + last)
            self.entries += len(found)
            if self.entries > MOST_ENTRIES:
                raise ManifestError(
                    f"holds more than {MOST_ENTRIES:,} entries, "
                    "which is more than a session of 12 hours has"
                )
            yield found
            if not self._goes_on(last):
                return

    def _share(self, entry: dict[str, Any]) -> None:
        """Replace each text of an entry, or of some envelopes, by the one that is held already."""
        for key, value in entry.items():
            if isinstance(value, str):
                entry[key] = self._shared(value)

    def _shared(self, text: str) -> str:
        known = self.texts.get(text)
        if known is not None:
            return known
        self.text_bytes += sys.getsizeof(text)
        if self.text_bytes > MOST_TEXT_BYTES:
            raise ManifestError("holds more text than can be said in 12 hours")
        self.texts[text] = text
        return text

    def _parsed(self, piece: bytes) -> Any:
        try:
            return json.loads(piece.decode(), parse_int=_whole_number)
        except ValueError:
            raise self._damaged() from None

    def _take(self, pattern: re.Pattern[bytes], group: int = 0) -> bytes:
        """Read the bytes of a pattern that has to stand here; move behind them."""
        found = pattern.match(self.data, self.at, self.at + _MOST_PIECE_BYTES)
        if found is None:
            raise self._damaged()
        self._move(found.end())
        return found[group]

    def _expect(self, mark: bytes) -> None:
        self._move(self.at)
        if not self.data.startswith(mark, self.at):
            raise self._damaged()
        self._move(self.at + 1)

    def _goes_on(self, last: bytes) -> bool:
        """Read the comma that stands here, or the bracket that ends a list; True for a comma."""
        goes_on = self.data.startswith(b",", self.at)
        self._expect(b"," if goes_on else last)
        return goes_on

    def _move(self, to: int) -> None:
        """Move to a place and behind the space there."""
        found = _BLANK.match(self.data, to)
        self.at = found.end() if found else to

    def _damaged(self) -> ManifestError:
        is_long = len(self.data) - self.at > _MOST_PIECE_BYTES
        long = " or holds texts that are too long to be spoken" if is_long else ""
        return ManifestError(f"is damaged{long}, from byte {self.at} on")


def _whole_number(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("no number in a manifest has so many digits")
    return int(text)
