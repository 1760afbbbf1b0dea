"""Define a site and its sessions as pages and feeds get them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from stretchaudio.routine.model import Routine
from stretchaudio.track.captions import webvtt
from stretchaudio.track.chapters import chapters_json
from stretchaudio.track.manifest import Manifest

HASH_LETTERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """The facts that all pages have in common."""

    title: str
    """The site's name."""
    summary: str
    """One sentence about it."""
    language: str
    """The language of the list."""
    base_url: str | None
    """Its address, with a slash at its end; None when it is not known."""
    feeds: Mapping[str, str]
    """The names of its feeds, by language; empty without an address."""
    icons: Mapping[str, bytes]
    """PNGs by their names."""
    cover: str
    """The name of its own picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """A published session."""

    id: str
    """Its name in addresses."""
    manifest: Manifest
    """The manifest inside its track."""
    routine: Routine | None
    """The routine inside its track; None when there is none that can be read."""
    audio: str
    """The track's file name."""
    size_bytes: int
    """The track's size."""
    assets: Mapping[str, tuple[str, bytes]]
    """Names and bytes of its pictures, captions and chapters, from `session_assets`."""
    published: str
    """When it was first published, as an ISO date and time."""
    changed: str
    """When its track changed last, as an ISO date and time."""
    key: str
    """The key of all that its track was made from."""
    listed: bool = True
    """False for a session that only those find who have its address."""

    @property
    def summary(self) -> str:
        """One sentence about it, or an empty text."""
        return self.routine.summary if self.routine else ""


def track_path(session_id: str, name: str) -> str:
    """Tell where a session's track is, from the site's root."""
    return f"sessions/{session_id}/{name}"


def session_paths(session: SessionInfo) -> Mapping[str, str]:
    """Tell where a session's pictures, captions, chapters and page are, from the site's root."""
    files = {what: f"sessions/{session.id}/{name}" for what, (name, _) in session.assets.items()}
    return files | {"page": f"sessions/{session.id}/index.html"}


def session_assets(
    manifest: Manifest, cover: bytes, artwork: Mapping[int, bytes]
) -> dict[str, tuple[str, bytes]]:
    """Write the files that a session's page needs besides the track.

    Args:
        manifest: The manifest inside the track.
        cover: A JPEG.
        artwork: The same in small, by their sides in pixels.

    Returns:
        Name and bytes of each: `cover`, `captions`, `chapters`, and `artwork96` and so on.
    """
    captions = webvtt(manifest).encode()
    chapters = json.dumps(chapters_json(manifest), ensure_ascii=False).encode()
    return {
        "cover": (hashed("cover.jpg", cover), cover),
        "captions": (hashed("captions.vtt", captions), captions),
        "chapters": (hashed("chapters.json", chapters), chapters),
        **{
            f"artwork{side}": (hashed(f"artwork{side}.jpg", data), data)
            for side, data in artwork.items()
        },
    }


def hashed(name: str, data: bytes, *, dot: str = "-") -> str:
    """Put a hash of a file's content into its name."""
    stem, _, ending = name.partition(".")
    return f"{stem}{dot}{digest(data)}.{ending}"


def digest(data: bytes) -> str:
    """Hash a file's content for its name."""
    return hashlib.sha256(data).hexdigest()[:HASH_LETTERS]
