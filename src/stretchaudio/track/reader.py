"""Read what travels inside a track that somebody sent, without trusting it.

Sizes are bounded before anything is read, what is not needed is passed over, compressed frames are refused, and what a manifest
says is checked before it is used.
"""

import math
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from stretchaudio.audio.clip import FRAME_MS
from stretchaudio.errors import FileError
from stretchaudio.language import languages
from stretchaudio.routine.values import MAX_SESSION_MS
from stretchaudio.script.model import CueKind, WindowKind
from stretchaudio.track.manifest import FORMAT, Manifest
from stretchaudio.track.tags import MANIFEST_NAME, ROUTINE_NAME
from stretchaudio.util.located_yaml import MAX_FILE_BYTES

MOST_MANIFEST_BYTES = 40 * 1024 * 1024
MOST_TAG_BYTES = 64 * 1024 * 1024
MOST_TRACK_BYTES = 2 * 1024**3
MOST_TAG_FRAMES = 150_000
"""A chapter for every set of a session of 12 hours, and the rest."""
_MOST_COVER_BYTES = 256 * 1024
"""Larger ones are none of ours; they are passed over."""
_MOST_NAMES_BYTES = 4096
"""What stands in a frame before an attached file: its name, its kind, what it is."""
_HEADER_BYTES = 10
_FOREIGN = "Tracks that stretchaudio has built carry one; a program that converted this one may have lost it."
NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST_S = 2 * MAX_SESSION_MS / 1000
_MOST_DB = 200.0
_MOST_COUNT = 1_000_000
_MOST_LETTERS = 2_000
_LONGEST_ENVELOPE = 300_000 // FRAME_MS
"""Frames of the longest cue that a voice may speak."""
_LEAST_S = 0.02
"""What a window or a cue lasts at the least, more or less."""
_SLACK_S = 0.024
"""Times in a manifest are rounded to frames."""
_MOST_BYTES = {MANIFEST_NAME: MOST_MANIFEST_BYTES, ROUTINE_NAME: MAX_FILE_BYTES}
"""How large the attached files are at the most."""
_PACKED = {3: 0xC0, 4: 0x0C}
"""Flags of a frame that is compressed or encrypted, by the tag's version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """What a track carries besides its sound."""

    manifest: Manifest
    """What was built."""
    manifest_json: bytes
    """The same as it stands in the file."""
    routine: str | None
    """The YAML it was built from."""
    cover: bytes | None
    """A picture, whatever it is of."""


def read_embedded(path: Path) -> Embedded:
    """Read what travels inside a track.

    Raises:
        FileError: If it cannot be read, is not one of ours, or what it carries is damaged or makes no sense.
    """
    try:
        refuse_no_track(path)
        with path.open("rb") as file:
            attached, cover = _attached(file, path)
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    manifest_json = attached.get(MANIFEST_NAME)
    if manifest_json is None:
        raise FileError(f"{path} carries no manifest.", hint=_FOREIGN)
    routine = attached.get(ROUTINE_NAME)
    return Embedded(
        manifest=_manifest(manifest_json, path),
        manifest_json=manifest_json,
        routine=None if routine is None else _text(routine, f"The routine in {path}"),
        cover=cover,
    )


def refuse_no_track(path: Path) -> None:
    """See that something can be read as a track is: a device or a pipe would never end.

    Raises:
        FileError: If it is no file, or larger than any track.
        OSError: If it is not there.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{path} is not a file.", hint="Name a track (.mp3).")
    if found.st_size > MOST_TRACK_BYTES:
        raise FileError(f"{path} is larger than any track.")


def _attached(file: IO[bytes], path: Path) -> tuple[dict[str, bytes], bytes | None]:
    """The attached files that matter, by their names, and the cover; the first of each."""
    found: dict[str, bytes] = {}
    cover: bytes | None = None
    for frame, size in _frames(file, path):
        if frame == "APIC":
            cover = cover or (_picture(file.read(size)) if size <= _MOST_COVER_BYTES else None)
            continue
        start = file.tell()
        name, before = _object(file.read(min(size, _MOST_NAMES_BYTES)))
        if name not in _MOST_BYTES or name in found:
            continue
        if size - before > _MOST_BYTES[name]:
            raise FileError(f"The {name} in {path} is larger than any that stretchaudio writes.")
        file.seek(start + before)
        found[name] = file.read(size - before)
    return found, cover


def _frames(file: IO[bytes], path: Path) -> Iterator[tuple[str, int]]:
    """The frames of an ID3v2.3 or 2.4 tag that matter here: name and size of each, the file standing at its content."""
    header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or header[:3] != b"ID3" or header[3] not in _PACKED:
        raise FileError(f"{path} is not a track that stretchaudio has built.")
    version, flags = header[3], header[5]
    at, end = _HEADER_BYTES, _HEADER_BYTES + syncsafe_int(header[6:])
    if (
        end > MOST_TAG_BYTES or flags & 0xC0
    ):  # no tag of ours is unsynchronised or has an extended header
        raise FileError(f"The tag of {path} is not one that can be read here.")
    there = path.stat().st_size
    for _ in range(MOST_TAG_FRAMES):
        file.seek(at)
        header = file.read(_HEADER_BYTES)
        name = header[:4]
        if at + _HEADER_BYTES > end or len(header) < _HEADER_BYTES or not name.strip(b"\0"):
            return
        size = int.from_bytes(header[4:8]) if version == 3 else syncsafe_int(header[4:8])
        at += _HEADER_BYTES + size
        if at > end:
            raise FileError(f"The tag of {path} is damaged.")
        if at > there:
            raise FileError(f"The tag of {path} is cut off.")
        if name in {b"GEOB", b"APIC"} and not header[9] & _PACKED[version]:
            yield name.decode("ascii"), size
    raise FileError(f"The tag of {path} has more frames than any that stretchaudio writes.")


def syncsafe_int(data: bytes) -> int:
    """The size in an ID3v2 header, which has seven bits a byte."""
    return sum((byte & 0x7F) << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=True))


def _object(body: bytes) -> tuple[str, int]:
    """The name of an attached file and how many bytes stand before it; an empty name when it makes no sense."""
    encoding, rest = body[:1], body[1:]
    _mime, _, rest = rest.partition(b"\0")
    name, rest = _string(rest, encoding)
    _description, rest = _string(rest, encoding)
    return name, len(body) - len(rest)


def _string(data: bytes, encoding: bytes) -> tuple[str, bytes]:
    """A text that ends with a zero, and what follows it."""
    if encoding in {b"\1", b"\2"}:
        end = data.find(b"\0\0")
        while end % 2 and end > 0:  # the middle of two letters
            end = data.find(b"\0\0", end + 1)
        if end < 0:
            return "", b""
        codec = "utf-16" if encoding == b"\1" else "utf-16-be"
        return data[:end].decode(codec, errors="replace"), data[end + 2 :]
    text, _, rest = data.partition(b"\0")
    return text.decode("utf-8" if encoding == b"\3" else "latin-1", errors="replace"), rest


def _picture(body: bytes) -> bytes | None:
    encoding, rest = body[:1], body[1:]
    _mime, _, rest = rest.partition(b"\0")
    _description, picture = _string(rest[1:], encoding)
    return picture or None


def _text(data: bytes, what: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise FileError(f"{what} is damaged.") from None


def _manifest(data: bytes, path: Path) -> Manifest:
    from stretchaudio.track.pieces import ManifestError, read_manifest

    try:
        manifest = read_manifest(data)
    except ManifestError as error:
        raise FileError(f"The manifest in {path} {error}.") from None
    wrong = _contradiction(manifest)
    if wrong:
        raise FileError(f"The manifest in {path} makes no sense: {wrong}.")
    return manifest


def _contradiction(manifest: Manifest) -> str | None:
    """What cannot be true of any track; None when there is nothing."""
    spans: dict[str, Callable[[], Iterator[tuple[float, float]]]] = {
        "chapters": lambda: ((one.start_s, one.end_s) for one in manifest.chapters),
        "windows": lambda: ((one.start_s, one.start_s + one.length_s) for one in manifest.windows),
        "cues": lambda: ((one.start_s, one.end_s) for one in manifest.cues),
    }
    times = chain(
        (time for found in spans.values() for span in found() for time in span),
        (one.at_s for one in manifest.chimes),
    )
    levels = [manifest.integrated_lufs, manifest.true_peak_dbtp]
    texts = set(_texts(manifest))
    counted = (number for one in manifest.windows for number in (one.set or 0, one.rep or 0))
    kinds = {one.kind for one in manifest.windows} - set(WindowKind) | {
        one.kind for one in manifest.cues
    } - set(CueKind)
    for wrong, sentence in (
        (manifest.format != FORMAT, f"its format is not {FORMAT}"),
        (manifest.language not in languages(), "its language is unknown"),
        (
            not all(map(math.isfinite, chain([manifest.duration_s], levels, times))),
            "it holds numbers that are none",
        ),
        (not 0 < manifest.duration_s <= _LONGEST_S, "no track has that length"),
        (any(abs(level) > _MOST_DB for level in levels), "no sound has that level"),
        (not 0 < manifest.sample_rate_hz < 1_000_000, "no sound has that sample rate"),
        (
            not all(0 <= number <= _MOST_COUNT for number in counted),
            "it has sets or reps that nobody counts",
        ),
        (bool(kinds), "it has windows or cues of an unknown kind"),
        (
            any(not 0 <= one.at_s <= manifest.duration_s for one in manifest.chimes),
            "its chimes do not lie within the track",
        ),
        (
            any(len(text) > _MOST_LETTERS for text in texts),
            "it holds texts that are too long to be spoken",
        ),
        (any(map(NOT_TEXT.search, texts)), "it holds control characters"),
        (
            any(len(one) > _LONGEST_ENVELOPE for one in manifest.envelopes.values()),
            "it has cues that are too long to be spoken",
        ),
    ):
        if wrong:
            return sentence
    most = manifest.duration_s / _LEAST_S + 1
    for what, found in spans.items():
        if len(getattr(manifest, what)) > most:
            return f"it has more {what} than there is time for"
        wrong_order = _disorder(what, found(), manifest.duration_s)
        if wrong_order:
            return wrong_order
    return None


def _texts(manifest: Manifest) -> Iterator[str]:
    yield from (manifest.title, manifest.voice, manifest.level, manifest.bed)
    yield from (one.title for one in manifest.chapters)
    yield from (text for one in manifest.windows for text in (one.exercise, one.side or ""))
    yield from (text for one in manifest.cues for text in (one.text, one.exercise or ""))
    yield from (text for one in manifest.dropped for text in (one.text, one.reason, one.exercise))
    yield from (one.kind for one in manifest.chimes)
    yield from manifest.envelopes


def _disorder(what: str, spans: Iterable[tuple[float, float]], duration_s: float) -> str | None:
    latest_s = 0.0
    for start_s, end_s in spans:
        if start_s < 0 or end_s <= start_s or end_s > duration_s + _SLACK_S:
            return f"its {what} do not lie within the track"
        if start_s < latest_s - _SLACK_S:
            return f"its {what} overlap"
        latest_s = end_s
    return None
