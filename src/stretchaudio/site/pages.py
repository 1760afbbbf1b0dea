"""Tracks to the pages of a site: which files it has, and what each shows. Nothing here reads or writes a file but its templates.

A file's name has a hash of what is in it, unless others link to it. So a page never shows another version's sound, and
whoever interrupts the writing leaves whole pages behind.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import segno

from stretchaudio.language import language
from stretchaudio.routine.model import Routine
from stretchaudio.script.model import COUNTED
from stretchaudio.track.captions import transcript, webvtt, window_name
from stretchaudio.track.chapters import chapters_json, chapters_of
from stretchaudio.track.handout import handout_rows
from stretchaudio.track.manifest import Manifest, WindowEntry
from stretchaudio.util.templates import render_template
from stretchaudio.util.units import format_clock

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
_SCRIPTS = ("style.css", "player.js", "library.js", "offline.js")
_COLOUR, _PAPER = "#2b6152", "#faf6ef"
HASH_LETTERS = 10
_MOST_NAME = 80
"""Letters of a title in the name of a download."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """What all pages have in common."""

    title: str
    """The site's name."""
    summary: str
    """One sentence about it."""
    base_url: str | None
    """Where it will be found, with a slash at its end; None when that is not known."""
    icon_192: bytes
    """A PNG."""
    icon_512: bytes
    """A PNG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInfo:
    """What is known of a session that is published."""

    id: str
    """Its name in addresses."""
    manifest: Manifest
    """What its track holds."""
    routine: Routine | None
    """What it was built from."""
    audio: str
    """The track's file name."""
    size_bytes: int
    """The track's size."""
    beside: Mapping[str, tuple[str, bytes]]
    """The name and the bytes of its cover, captions and chapters, from `beside`."""
    published: str
    """When it was first published, as an ISO date and time."""
    changed: str
    """When its track changed last."""
    key: str
    """What its track was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A session as the list shows it."""

    id: str
    title: str
    summary: str
    language: str
    language_name: str
    direction: str
    duration_s: float
    duration_text: str
    focus: tuple[str, ...]
    equipment: tuple[str, ...]
    positions: tuple[str, ...]
    level_text: str
    voice: str
    bed: str
    url: str
    """Of its page, from the site's root."""
    cover: str
    """The same of its picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPage(Card):
    """A session as its page shows it; addresses of files are relative to the page."""

    audio: str
    audio_type: str
    size_text: str
    download_name: str
    captions: str
    chapters_json: str
    source: str | None
    licence: str | None
    published: str
    qr_svg: str | None
    windows: tuple[WindowEntry, ...]
    chapters: tuple[Mapping[str, Any], ...]
    lines: tuple[Mapping[str, Any], ...]
    exercises: tuple[Mapping[str, str], ...]


def site_files(site: SiteInfo, sessions: Sequence[SessionInfo]) -> dict[str, bytes]:
    """Every file of a site but its tracks and its feed, by its path from the root, in the order they are to be written.

    Args:
        site: What all pages have in common.
        sessions: In the order they are listed.
    """
    scripts = {name: (STATIC / name).read_bytes() for name in _SCRIPTS}
    names = {name: hashed(name, data, dot=".") for name, data in scripts.items()}
    shell: dict[str, bytes] = {names[name]: data for name, data in scripts.items()}
    shell |= {
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
    attached: dict[str, bytes] = {}
    pages: dict[str, bytes] = {}
    cards = []
    for session in sessions:
        files, shown = _session(session, site.base_url)
        attached |= files
        cards.append(shown)
        pages[shown.url] = render_template(
            TEMPLATES / "session.html.j2", site=common, session=shown, root="../../"
        ).encode()
    index = {
        "index.html": render_template(
            TEMPLATES / "index.html.j2", site=common, sessions=cards, root="./"
        ).encode()
    }
    media = [*attached, *pages, *(track_path(session.id, session.audio) for session in sessions)]
    listed = ["index.html", *shell]
    version = hashlib.sha256(b"\0".join([*shell.values(), *index.values()])).hexdigest()[
        :HASH_LETTERS
    ]
    worker = render_template(
        TEMPLATES / "worker.js.j2", shell=listed, media=sorted(media), version=version
    ).encode()
    return {**shell, **attached, **pages, **index, "worker.js": worker}


def track_path(session_id: str, name: str) -> str:
    """Where a session's track is, from the site's root."""
    return f"sessions/{session_id}/{name}"


def session_paths(session: SessionInfo) -> Mapping[str, str]:
    """Where what goes with a session is, from the site's root: cover, captions, chapters, page."""
    files = {what: f"sessions/{session.id}/{name}" for what, (name, _) in session.beside.items()}
    return files | {"page": _page_path(session.id)}


def hashed(name: str, data: bytes, *, dot: str = "-") -> str:
    """A file's name with a hash of what is in it."""
    stem, _, ending = name.partition(".")
    return f"{stem}{dot}{hashlib.sha256(data).hexdigest()[:HASH_LETTERS]}.{ending}"


def beside(manifest: Manifest, cover: bytes) -> dict[str, tuple[str, bytes]]:
    """What goes with a track on a site.

    Args:
        manifest: What the track holds.
        cover: A JPEG.
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


def _session(session: SessionInfo, base_url: str | None) -> tuple[dict[str, bytes], SessionPage]:
    """A session's files beside its track, and what its page shows."""
    manifest, routine = session.manifest, session.routine
    words = language(manifest.language)
    names = {what: name for what, (name, _) in session.beside.items()}
    url = _page_path(session.id)
    shown = SessionPage(
        id=session.id,
        title=manifest.title,
        summary=routine.summary if routine else "",
        language=manifest.language,
        language_name=words.name,
        direction=words.direction,
        duration_s=manifest.duration_s,
        duration_text=format_clock(manifest.duration_s),
        focus=routine.focus if routine else (),
        equipment=routine.equipment if routine else (),
        positions=_positions(routine),
        level_text=manifest.level_text,
        voice=manifest.voice,
        bed=manifest.bed,
        url=url,
        cover=f"sessions/{session.id}/{names['cover']}",
        audio=session.audio,
        audio_type="audio/mpeg",
        size_text=f"{session.size_bytes / 1e6:.1f} MB",
        download_name=f"{manifest.title[:_MOST_NAME]}.mp3",
        captions=names["captions"],
        chapters_json=names["chapters"],
        source=routine.source if routine else None,
        licence=routine.licence if routine else None,
        published=session.published[:10],
        qr_svg=_qr(f"{base_url}{url}") if base_url else None,
        windows=manifest.windows,
        chapters=tuple(_chapters(manifest)),
        lines=tuple(_lines(manifest)),
        exercises=tuple({"name": row.title, "dose": row.dose} for row in handout_rows(manifest)),
    )
    return {f"sessions/{session.id}/{name}": data for name, data in session.beside.values()}, shown


def _positions(routine: Routine | None) -> tuple[str, ...]:
    exercises = routine.exercises if routine else ()
    return tuple(dict.fromkeys(one.position for one in exercises if one.position))


def _chapters(manifest: Manifest) -> Iterable[Mapping[str, Any]]:
    for chapter in chapters_of(manifest):
        yield {
            **_span(chapter.title, chapter.start_s),
            "parts": [_span(part.title, part.start_s) for part in chapter.parts],
        }


def _span(title: str, start_s: float) -> dict[str, Any]:
    return {"title": title, "start_s": start_s, "start_text": format_clock(start_s)}


def _lines(manifest: Manifest) -> Iterable[Mapping[str, Any]]:
    """What is said, and the windows in which it is: the page shows how much of a window is left."""
    named = {line.text for line in transcript(manifest) if line.kind == "window"}
    found = [(cue.start_s, cue.end_s, "cue", cue.text) for cue in manifest.cues]
    for window in manifest.windows:
        text = window_name(window, manifest.language)
        if window.kind not in COUNTED or text in named:
            found.append((window.start_s, window.start_s + window.length_s, "window", text))
    for start_s, end_s, kind, text in sorted(found):
        yield {
            "start_s": start_s,
            "end_s": end_s,
            "start_text": format_clock(start_s),
            "text": text,
            "kind": kind,
        }


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
