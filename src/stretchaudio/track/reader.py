"""Read what travels inside a track that somebody sent, without trusting it.

Sizes are bounded before anything is read, other frames are passed over, compressed frames are
refused, and the manifest is checked before it is used.
"""

import math
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from stretchaudio.audio.clip import FRAME_MS
from stretchaudio.errors import FileError
from stretchaudio.language import languages
from stretchaudio.routine.values import MAX_SESSION_MS
from stretchaudio.script.model import CueKind, WindowKind
from stretchaudio.track.manifest import FORMAT, SIGNS_LETTERS, Manifest
from stretchaudio.track.tags import MANIFEST_NAME, ROUTINE_NAME
from stretchaudio.util.located_yaml import MAX_FILE_BYTES

MOST_MANIFEST_BYTES = 40 * 1024 * 1024
MOST_TAG_BYTES = 64 * 1024 * 1024
MOST_TRACK_BYTES = 2 * 1024**3
# A chapter for every set of a session of 12 hours, and the rest.
MOST_TAG_FRAMES = 150_000
# The program writes no larger covers; those of others are passed over.
_MOST_COVER_BYTES = 256 * 1024
_MOST_NAMES_BYTES = 4096
"""Bytes in a frame before an attached file: its name, type and description."""
_HEADER_BYTES = 10
_FOREIGN = (
    "Tracks that stretchaudio has built carry one; "
    "a program that converted this one may have lost it."
)
NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SIGNS = re.compile(r"(?:[A-Za-z0-9+/]{4})*+")
_LONGEST_S = 2 * MAX_SESSION_MS / 1000
_MOST_DB = 200.0
_MOST_COUNT = 1_000_000
_MOST_SAMPLE_RATE_HZ = 1_000_000
_MOST_LETTERS = 2_000
_LONGEST_ENVELOPE = 300_000 // FRAME_MS
"""Frames of the longest cue that a voice may speak."""
_LEAST_S = 0.02
"""About the shortest length of a window or a cue."""
# Times in a manifest are rounded to frames.
_SLACK_S = 0.024
_MOST_BYTES = {MANIFEST_NAME: MOST_MANIFEST_BYTES, ROUTINE_NAME: MAX_FILE_BYTES}
"""The largest size of each attached file."""
_PACKED = {3: 0xC0, 4: 0x0C}
"""Flags of a frame that is compressed or encrypted, by the tag's version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """All that a track carries besides its sound."""

    manifest: Manifest
    manifest_json: bytes
    """The manifest as it stands in the file."""
    routine: str | None
    """The YAML the track was built from; not checked."""
    cover: bytes | None
    """The first picture; not checked."""


def read_embedded(path: Path) -> Embedded:
    """Read what travels inside a track.

    Raises:
        FileError: If it cannot be read, was not built by this program, or carries something that
            is damaged or makes no sense.
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
    """Refuse to read anything but a file of a track's size: a device or a pipe would never end.

    Raises:
        FileError: If it is not a file, or larger than any track.
        OSError: If it does not exist.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{path} is not a file.", hint="Name a track (.mp3).")
    if found.st_size > MOST_TRACK_BYTES:
        raise FileError(f"{path} is larger than any track.")


def _attached(file: IO[bytes], path: Path) -> tuple[dict[str, bytes], bytes | None]:
    """Read manifest and routine, by their names, and the cover; the first of each."""
    found: dict[str, bytes] = {}
    cover: bytes | None = None
    for frame, size in _frames(file, path):
        if frame == "APIC":
            if cover is None and size <= _MOST_COVER_BYTES:
                cover = _picture(file.read(size))
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
    """Find the attached files and pictures of an ID3v2.3 or 2.4 tag.

    Yields:
        Name and size of each frame, with the file standing at its content.
    """
    header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or header[:3] != b"ID3" or header[3] not in _PACKED:
        raise FileError(f"{path} is not a track that stretchaudio has built.")
    version, flags = header[3], header[5]
    at, end = _HEADER_BYTES, _HEADER_BYTES + syncsafe_int(header[6:])
    # The program writes no tag that is unsynchronised or has an extended header.
    if end > MOST_TAG_BYTES or flags & 0xC0:
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
    """Read a size in an ID3v2 header, which has seven bits a byte."""
    return sum((byte & 0x7F) << shift for byte, shift in zip(data, (21, 14, 7, 0), strict=True))


def _object(body: bytes) -> tuple[str, int]:
    """Parse the start of an attached file's frame.

    Returns:
        The file's name, empty when it makes no sense, and the number of bytes before its content.
    """
    encoding, rest = body[:1], body[1:]
    _mime, _, rest = rest.partition(b"\0")
    name, rest = _string(rest, encoding)
    _description, rest = _string(rest, encoding)
    return name, len(body) - len(rest)


def _string(data: bytes, encoding: bytes) -> tuple[str, bytes]:
    """Split data behind a text that ends with a zero; decode the text."""
    if encoding in {b"\1", b"\2"}:
        end = data.find(b"\0\0")
        while end % 2 and end > 0:  # between two letters
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
    contradiction = next(_contradictions(manifest), None)
    if contradiction:
        raise FileError(f"The manifest in {path} makes no sense: {contradiction}.")
    return manifest


def _contradictions(manifest: Manifest) -> Iterator[str]:
    """Tell what cannot be true of any track, in half sentences."""
    yield from _wrong_facts(manifest)
    yield from _wrong_entries(manifest)
    yield from _wrong_texts(manifest)
    most = manifest.duration_s / _LEAST_S + 1
    for name, entries, spans in _spans(manifest):
        if entries > most:
            yield f"it has more {name} than there is time for"
        yield from _wrong_order(name, spans, manifest.duration_s)


def _spans(manifest: Manifest) -> Iterator[tuple[str, int, Iterator[tuple[float, float]]]]:
    """List what fills a track: name, number of entries, and start and end of each in seconds."""
    chapters, windows, cues = manifest.chapters, manifest.windows, manifest.cues
    yield "chapters", len(chapters), ((one.start_s, one.end_s) for one in chapters)
    yield "windows", len(windows), ((one.start_s, one.start_s + one.length_s) for one in windows)
    yield "cues", len(cues), ((one.start_s, one.end_s) for one in cues)


def _wrong_facts(manifest: Manifest) -> Iterator[str]:
    if manifest.format != FORMAT:
        yield f"its format is not {FORMAT}"
    if manifest.language not in languages():
        yield "its language is unknown"
    levels = (manifest.integrated_lufs, manifest.true_peak_dbtp)
    times = chain(
        (time_s for _, _, spans in _spans(manifest) for span in spans for time_s in span),
        (chime.at_s for chime in manifest.chimes),
    )
    numbers = chain((manifest.duration_s, manifest.minutes or 0.0), levels, times)
    if not all(map(math.isfinite, numbers)):
        yield "it contains NaN or infinity"
    if not 0 < manifest.duration_s <= _LONGEST_S:
        yield "no track has that length"
    if any(abs(level) > _MOST_DB for level in levels):
        yield "no sound has that level"
    if not 0 < manifest.sample_rate_hz < _MOST_SAMPLE_RATE_HZ:
        yield "no sound has that sample rate"


def _wrong_entries(manifest: Manifest) -> Iterator[str]:
    counted = (number for one in manifest.windows for number in (one.set or 0, one.rep or 0))
    if not all(0 <= number <= _MOST_COUNT for number in counted):
        yield "it has sets or reps that nobody counts"
    window_kinds = {one.kind for one in manifest.windows}
    cue_kinds = {one.kind for one in manifest.cues}
    cue_kinds |= {one.kind for one in manifest.dropped if one.kind}
    if not (window_kinds <= set(WindowKind) and cue_kinds <= set(CueKind)):
        yield "it has windows or cues of an unknown kind"
    if any(not 0 <= one.at_s <= manifest.duration_s for one in manifest.chimes):
        yield "its chimes do not lie within the track"


def _wrong_texts(manifest: Manifest) -> Iterator[str]:
    texts = set(_texts(manifest))
    if any(len(text) > _MOST_LETTERS for text in texts):
        yield "it holds texts that are too long to be spoken"
    if any(map(NOT_TEXT.search, texts)):
        yield "it holds control characters"
    if any(len(one) > _LONGEST_ENVELOPE for one in manifest.envelopes.values()):
        yield "it has cues that are too long to be spoken"
    frames = sum(map(len, manifest.trace))
    if frames and abs(frames * FRAME_MS / 1000 - manifest.duration_s) > _SLACK_S:
        yield "its trace is not as long as the track"
    if manifest.signs and not _are_signs(manifest.signs, frames * SIGNS_LETTERS):
        yield "its signs are not those of the track"


def _are_signs(minutes: Iterable[str], letters: int) -> bool:
    minutes = tuple(minutes)
    return sum(map(len, minutes)) == letters and all(map(_SIGNS.fullmatch, minutes))


def _texts(manifest: Manifest) -> Iterator[str]:
    yield from (manifest.title, manifest.voice, manifest.level, manifest.bed)
    yield from (one.title for one in manifest.chapters)
    yield from (text for one in manifest.windows for text in (one.exercise, one.side or ""))
    yield from (text for one in manifest.cues for text in (one.text, one.exercise or ""))
    yield from (text for one in manifest.dropped for text in (one.text, one.reason, one.exercise))
    yield from (one.kind for one in manifest.chimes)
    yield from manifest.envelopes


def _wrong_order(
    name: str, spans: Iterable[tuple[float, float]], duration_s: float
) -> Iterator[str]:
    latest_s = 0.0
    for start_s, end_s in spans:
        if start_s < 0 or end_s <= start_s or end_s > duration_s + _SLACK_S:
            yield f"its {name} do not lie within the track"
        if start_s < latest_s - _SLACK_S:
            yield f"its {name} overlap"
        latest_s = end_s
