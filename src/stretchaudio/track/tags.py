"""Write the tag of a track: ID3v2.3, which old players read and new ones like."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from stretchaudio.errors import FileError
from stretchaudio.language import language
from stretchaudio.track.captions import lyrics, lyrics_text
from stretchaudio.track.chapters import chapters_of
from stretchaudio.track.manifest import Manifest
from stretchaudio.util.versions import version

ARTIST = "stretchaudio"
ALBUM = "Stretching sessions"
GENRE = "Fitness"
MANIFEST_NAME = "manifest.json"
ROUTINE_NAME = "routine.yaml"
ROUTINE_DESCRIPTION = "stretchaudio-routine/1"
# A table of contents counts its entries in one byte.
_MOST_CHILDREN = 255
_HEADER_BYTES = 10
_NO_OFFSET = 0xFFFFFFFF


def _this_year() -> int:
    return datetime.now(UTC).year


def _encoder() -> str:
    return f"stretchaudio {version('stretchaudio')}, lameenc {version('lameenc')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagInfo:
    """The facts of a tag that are not in the manifest."""

    artist: str = ARTIST
    album: str = ALBUM
    year: int = field(default_factory=_this_year)
    """The year in which the track was made."""
    encoder: str = field(default_factory=_encoder)
    """The programs that made it, with their versions."""
    summary: str = ""
    """One sentence about it."""
    source: str | None = None
    """Where its prescription comes from."""
    licence: str | None = None
    """The licence under which it may be passed on."""
    routine: str = ""
    """The YAML it was built from, which travels inside."""
    cover: bytes = b""
    """A JPEG."""


def build_tag(manifest: Manifest, about: TagInfo) -> bytes:
    """Write the tag of a track.

    Args:
        manifest: The manifest, which travels inside.
        about: The other facts.

    Returns:
        The bytes that a file begins with.
    """
    from mutagen import id3

    frames = (
        _texts(id3, manifest, about),
        _lyrics(id3, manifest),
        _chapters(id3, manifest),
        _attached(id3, manifest, about),
    )
    body = b"".join(_frame_bytes(id3, frame) for frame in chain.from_iterable(frames))
    return _header(len(body)) + body


def _frame_bytes(id3: Any, frame: Any) -> bytes:
    """Write one frame."""
    # mutagen sorts the frames of a whole tag by size, but players list chapters as they stand.
    tags = id3.ID3()
    tags.add(frame)
    target = io.BytesIO()
    tags.save(target, v2_version=3, v1=0, padding=lambda _info: 0)
    return target.getvalue()[_HEADER_BYTES:]


def _header(size: int) -> bytes:
    """Write the header of an ID3v2.3 tag; its size has seven bits a byte."""
    if size >= 1 << 28:
        raise FileError(
            "This session is too long: what describes it does not fit into a tag.",
            hint="Make two tracks of it.",
        )
    return b"ID3\x03\x00\x00" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _texts(id3: Any, manifest: Manifest, about: TagInfo) -> Iterator[Any]:
    utf16 = id3.Encoding.UTF16
    code = language(manifest.language).iso_639_2
    yield id3.TIT2(encoding=utf16, text=manifest.title)
    yield id3.TPE1(encoding=utf16, text=about.artist)
    yield id3.TALB(encoding=utf16, text=about.album)
    yield id3.TCON(encoding=utf16, text=GENRE)
    yield id3.TYER(encoding=utf16, text=str(about.year))
    yield id3.TLEN(encoding=utf16, text=str(round(manifest.duration_s * 1000)))
    yield id3.TLAN(encoding=utf16, text=code)
    yield id3.TSSE(encoding=utf16, text=about.encoder)
    facts = ", ".join(filter(None, (f"Voice {manifest.voice}", manifest.level_text)))
    yield id3.COMM(encoding=utf16, lang=code, desc="", text=f"{about.summary}\n{facts}".strip())
    if about.licence:
        # The format wants a year first.
        yield id3.TCOP(encoding=utf16, text=f"{about.year} {about.licence}")
        yield id3.TXXX(encoding=utf16, desc="LICENSE", text=about.licence)
    if about.source:
        yield id3.TXXX(encoding=utf16, desc="SOURCE", text=about.source)


def _lyrics(id3: Any, manifest: Manifest) -> Iterator[Any]:
    """Write the transcript, as a whole and by time."""
    utf16 = id3.Encoding.UTF16
    code = language(manifest.language).iso_639_2
    text = lyrics_text(manifest)
    if text:
        yield id3.USLT(encoding=utf16, lang=code, desc="", text=text)
    timed = [(f"{cue.text}\n", round(cue.start_s * 1000)) for cue in lyrics(manifest)]
    if timed:  # format 2: times in ms; type 1: lyrics
        yield id3.SYLT(encoding=utf16, lang=code, format=2, type=1, desc="", text=timed)


def _chapters(id3: Any, manifest: Manifest) -> Iterator[Any]:
    """Write a chapter for each set and side, and tables of contents (ID3v2 chapters 1.0).

    An exercise with several parts is a table of its own and not also a chapter, so that no two
    chapters overlap.
    """
    top: list[str] = []
    for number, chapter in enumerate(chapters_of(manifest), 1):
        leaf_ids = [f"c{number}"]
        if chapter.parts:
            leaf_ids = [f"c{number}.{part}" for part in range(1, len(chapter.parts) + 1)]
        for element_id, leaf in zip(leaf_ids, chapter.leaves(), strict=True):
            yield id3.CHAP(
                element_id=element_id,
                start_time=round(leaf.start_s * 1000),
                end_time=round(leaf.end_s * 1000),
                start_offset=_NO_OFFSET,
                end_offset=_NO_OFFSET,
                sub_frames=[id3.TIT2(encoding=id3.Encoding.UTF16, text=leaf.title)],
            )
        if chapter.parts:
            top.append(f"e{number}")
            yield from _contents(id3, f"e{number}", leaf_ids, title=chapter.title)
        else:
            top += leaf_ids
    yield from _contents(id3, "toc", top, title=None)


def _contents(
    id3: Any, element_id: str, children: Sequence[str], *, title: str | None
) -> Iterator[Any]:
    """Write a table of contents; one that is too long is a table of tables."""
    top_level = 0b10 if title is None else 0
    named = [id3.TIT2(encoding=id3.Encoding.UTF16, text=title)] if title else []
    if len(children) > _MOST_CHILDREN:
        groups = [
            children[at : at + _MOST_CHILDREN] for at in range(0, len(children), _MOST_CHILDREN)
        ]
        children = [f"{element_id}.{number}" for number in range(1, len(groups) + 1)]
        for group_id, group in zip(children, groups, strict=True):
            yield id3.CTOC(
                element_id=group_id, flags=0b01, child_element_ids=list(group), sub_frames=[]
            )
    yield id3.CTOC(
        element_id=element_id,
        flags=top_level | 0b01,
        child_element_ids=list(children),
        sub_frames=named,
    )


def _attached(id3: Any, manifest: Manifest, about: TagInfo) -> Iterator[Any]:
    """Attach the cover, and the files by which the track can be verified and built again."""
    utf16 = id3.Encoding.UTF16
    data = manifest.to_json().encode()
    yield id3.GEOB(
        encoding=utf16,
        mime="application/json",
        filename=MANIFEST_NAME,
        desc=manifest.format,
        data=data,
    )
    if about.routine:
        yield id3.GEOB(
            encoding=utf16,
            mime="application/yaml",
            filename=ROUTINE_NAME,
            desc=ROUTINE_DESCRIPTION,
            data=about.routine.encode(),
        )
    if about.cover:
        yield id3.APIC(
            encoding=id3.Encoding.LATIN1,
            mime="image/jpeg",
            type=id3.PictureType.COVER_FRONT,
            desc="",
            data=about.cover,
        )
