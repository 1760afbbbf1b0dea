"""Write the pages of a site from its tracks.

Nothing here reads or writes a file but its templates. A file's name has a hash of its content,
unless other sites link to it. So a page never shows another version's sound, and an interrupted
run leaves whole pages behind.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import segno

from stretchaudio.language import language
from stretchaudio.routine.model import Routine
from stretchaudio.script.model import COUNTED
from stretchaudio.track.captions import Line, LineKind, transcript, webvtt, window_name
from stretchaudio.track.chapters import TrackChapter, chapters_json, chapters_of
from stretchaudio.track.handout import HandoutRow, handout_rows
from stretchaudio.track.manifest import Manifest
from stretchaudio.util.templates import render_template

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
_SCRIPTS = ("style.css", "player.js", "library.js", "offline.js")
_COLOUR, _PAPER = "#2b6152", "#faf6ef"
HASH_LETTERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """The facts that all pages have in common."""

    title: str
    """The site's name."""
    summary: str
    """One sentence about it."""
    base_url: str | None
    """Its address, with a slash at its end; None when it is not known."""
    icon_192: bytes
    """A PNG of 192 x 192 pixels."""
    icon_512: bytes
    """A PNG of 512 x 512 pixels."""


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
    """Names and bytes of its cover, captions and chapters, from `session_assets`."""
    published: str
    """When it was first published, as an ISO date and time."""
    changed: str
    """When its track changed last, as an ISO date and time."""
    key: str
    """The key of all that its track was made from."""

    @property
    def summary(self) -> str:
        """One sentence about it, or an empty text."""
        return self.routine.summary if self.routine else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPage:
    """A session, with all that its page derives from it."""

    session: SessionInfo
    url: str
    """The address of its page, from the site's root."""
    cover: str
    """The address of its picture, from the site's root."""
    language_name: str
    direction: str
    """The direction in which its language is written: `ltr` or `rtl`."""
    positions: tuple[str, ...]
    """The positions of its exercises, in order, each once."""
    qr_svg: str | None
    """The page's address as a QR code; None when the site's address is not known."""
    chapters: tuple[TrackChapter, ...]
    lines: tuple[Line, ...]
    """Cues and the windows they belong to, in order."""
    exercises: tuple[HandoutRow, ...]


def site_files(site: SiteInfo, sessions: Sequence[SessionInfo]) -> dict[str, bytes]:
    """Write every file of a site but its tracks and its feed.

    Args:
        site: The parts that all pages have in common.
        sessions: In the order they are listed.

    Returns:
        The files by their paths from the root, in the order they are to be written.
    """
    scripts = {name: (STATIC / name).read_bytes() for name in _SCRIPTS}
    names = {name: hashed(name, data, dot=".") for name, data in scripts.items()}
    shell = {names[name]: data for name, data in scripts.items()} | {
        "icon-192.png": site.icon_192,
        "icon-512.png": site.icon_512,
        "manifest.webmanifest": _web_manifest(site),
    }
    common = {
        "title": site.title,
        "summary": site.summary,
        "base_url": site.base_url,
        "feed_url": f"{site.base_url}feed.xml" if site.base_url else None,
        **{name.partition(".")[0]: names[name] for name in _SCRIPTS},
    }
    assets = {
        f"sessions/{session.id}/{name}": data
        for session in sessions
        for name, data in session.assets.values()
    }
    shown = [_session_page(session, site.base_url) for session in sessions]
    pages = {page.url: _render("session.html.j2", common, "../../", page=page) for page in shown}
    index = {"index.html": _render("index.html.j2", common, "./", pages=shown)}
    tracks = (track_path(session.id, session.audio) for session in sessions)
    shell_paths = ["index.html", *shell]
    worker = render_template(
        TEMPLATES / "worker.js.j2",
        shell=shell_paths,
        media=sorted([*assets, *pages, *tracks]),
        version=_digest(b"\0".join([*shell.values(), *index.values()])),
    )
    return {**shell, **assets, **pages, **index, "worker.js": worker.encode()}


def _render(template: str, site: Mapping[str, str | None], root: str, **context: Any) -> bytes:
    return render_template(TEMPLATES / template, site=site, root=root, **context).encode()


def track_path(session_id: str, name: str) -> str:
    """Tell where a session's track is, from the site's root."""
    return f"sessions/{session_id}/{name}"


def session_paths(session: SessionInfo) -> Mapping[str, str]:
    """Tell where a session's cover, captions, chapters and page are, from the site's root."""
    files = {what: f"sessions/{session.id}/{name}" for what, (name, _) in session.assets.items()}
    return files | {"page": _page_path(session.id)}


def hashed(name: str, data: bytes, *, dot: str = "-") -> str:
    """Put a hash of a file's content into its name."""
    stem, _, ending = name.partition(".")
    return f"{stem}{dot}{_digest(data)}.{ending}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:HASH_LETTERS]


def session_assets(manifest: Manifest, cover: bytes) -> dict[str, tuple[str, bytes]]:
    """Write the files that a session's page needs besides the track.

    Args:
        manifest: The manifest inside the track.
        cover: A JPEG.

    Returns:
        Name and bytes of each: `cover`, `captions` and `chapters`.
    """
    captions = webvtt(manifest).encode()
    chapters = json.dumps(chapters_json(manifest), ensure_ascii=False).encode()
    return {
        "cover": (hashed("cover.jpg", cover), cover),
        "captions": (hashed("captions.vtt", captions), captions),
        "chapters": (hashed("chapters.json", chapters), chapters),
    }


def _page_path(session_id: str) -> str:
    return f"sessions/{session_id}/index.html"


def _session_page(session: SessionInfo, base_url: str | None) -> SessionPage:
    manifest = session.manifest
    words = language(manifest.language)
    paths = session_paths(session)
    return SessionPage(
        session=session,
        url=paths["page"],
        cover=paths["cover"],
        language_name=words.name,
        direction=words.direction,
        positions=_positions(session.routine),
        qr_svg=_qr(f"{base_url}{paths['page']}") if base_url else None,
        chapters=chapters_of(manifest),
        lines=_lines(manifest),
        exercises=handout_rows(manifest),
    )


def _positions(routine: Routine | None) -> tuple[str, ...]:
    exercises = routine.exercises if routine else ()
    return tuple(dict.fromkeys(one.position for one in exercises if one.position))


def _lines(manifest: Manifest) -> tuple[Line, ...]:
    """List cues, and windows that the page names: it shows how much of a window is left."""
    named = {line.text for line in transcript(manifest) if line.kind is LineKind.WINDOW}
    lines = [
        Line(start_s=cue.start_s, end_s=cue.end_s, text=cue.text, kind=LineKind.CUE)
        for cue in manifest.cues
    ]
    for window in manifest.windows:
        text = window_name(window, manifest.language)
        if window.kind not in COUNTED or text in named:
            end_s = window.start_s + window.length_s
            lines.append(Line(start_s=window.start_s, end_s=end_s, text=text, kind=LineKind.WINDOW))
    return tuple(sorted(lines, key=lambda line: (line.start_s, line.end_s, line.kind, line.text)))


def _qr(url: str) -> str:
    return str(
        segno.make(url, micro=False).svg_inline(scale=5, border=2, light="#fff", omitsize=True)
    )


def _web_manifest(site: SiteInfo) -> bytes:
    found = {
        "name": site.title,
        "short_name": site.title[:12],
        "description": site.summary,
        "start_url": "./index.html",
        "scope": "./",
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _COLOUR,
        "icons": [
            {"src": f"icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png"}
            for size in (192, 512)
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()
