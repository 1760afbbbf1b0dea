"""Write what all pages of a site share: styles, scripts, icons and the offline worker."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from stretchaudio.site.model import SiteInfo, digest, hashed
from stretchaudio.site.ring import hue_styles
from stretchaudio.track.handout import HANDOUT_STYLE
from stretchaudio.util.templates import render_template

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
_SHARED = ("shared", "diary", "keep")
SCRIPTS: Mapping[str, Sequence[str]] = {
    "index": (*_SHARED, "filters", "index"),
    "session": (
        *_SHARED,
        "stages",
        "player",
        "reading",
        "timeline",
        "mode",
        "longer",
        "device",
        "after",
        "keys",
        "session",
    ),
}
"""The scripts of each page by the files they are put together from, in order."""
STYLES: Mapping[str, Sequence[str]] = {
    "404": ("base",),
    "feed": ("base",),
    "index": ("base", "index", "print"),
    "session": ("base", "session", "mode", "print"),
}
"""The styles of each page, likewise."""
_COLOUR, _PAPER = "#2b6152", "#faf6ef"
_SHORT_NAME_LETTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A style that stands in the page itself, so that the first words wait for nothing else."""

    text: str
    source: str
    """What the page's policy allows it by (Content Security Policy Level 3, 2.3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The files that all pages share."""

    files: Mapping[str, bytes]
    """The files by their names."""
    names: Mapping[str, str]
    """The names of scripts, and of the style for browsers without any, by what they are."""
    styles: Mapping[str, Style]
    """The style of each page."""


def make_shell(site: SiteInfo) -> Shell:
    """Put together the styles and scripts of a site."""
    made = {"plain.css": _read("plain.css").encode()}
    made |= {f"{page}.js": _script(parts) for page, parts in SCRIPTS.items()}
    names = {name: hashed(name, data, dot=".") for name, data in made.items()}
    files = {names[name]: data for name, data in made.items()}
    files |= {**site.icons, "manifest.webmanifest": _web_manifest(site)}
    return Shell(
        files=files,
        names={name.partition(".")[0]: name_ for name, name_ in names.items()},
        styles={page: page_style(page) for page in STYLES},
    )


@cache
def page_style(page: str) -> Style:
    """Put together the style of a page, one of `STYLES`."""
    parts = STYLES[page]
    handout = HANDOUT_STYLE.read_text(encoding="utf-8") if "print" in parts else ""
    text = "\n".join([*(_read(f"{part}.css") for part in parts), hue_styles(), handout])
    sha256 = hashlib.sha256(text.encode()).digest()
    return Style(text=text, source=f"'sha256-{base64.b64encode(sha256).decode()}'")


def _read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def _script(parts: Sequence[str]) -> bytes:
    """Join scripts into one that keeps its names to itself.

    Modules would need a server: browsers load none from a folder on the disk.
    """
    joined = "\n".join(_read(f"{part}.js") for part in parts)
    return f'"use strict";\n{{\n{joined}}}\n'.encode()


def render(
    template: str, site: SiteInfo, shell: Shell, root: str, words: Mapping[str, Any], **context: Any
) -> bytes:
    """Fill in a page's template.

    Args:
        template: Its file name.
        site: The facts all pages have in common.
        shell: The files they share.
        root: The way from the page to the site's root.
        words: The page's own words.
        context: The values it shows.
    """
    path = TEMPLATES / template
    given = {"files": shell.names, "style": shell.styles[template.partition(".")[0]]}
    return render_template(path, site=site, root=root, t=words, **given, **context).encode()


def error_page_root(site: SiteInfo) -> str:
    """Tell where the site's root is for a page that is shown at any address."""
    return urlsplit(site.base_url).path or "/" if site.base_url else "./"


def worker(shell: Shell, index: bytes, media: Sequence[str]) -> bytes:
    """Write the service worker, which answers without a network.

    Args:
        shell: The files that are always kept.
        index: The list of sessions, which is always kept, too.
        media: The addresses of pages and tracks, which are kept by choice.
    """
    paths = ["index.html", *shell.files]
    version = digest(b"\0".join([*shell.files.values(), index]))
    path = TEMPLATES / "worker.js.j2"
    return render_template(path, shell=paths, media=sorted(media), version=version).encode()


def _web_manifest(site: SiteInfo) -> bytes:
    icons = [(name, "any") for name in site.icons if "maskable" not in name]
    icons += [(name, "maskable") for name in site.icons if "maskable" in name]
    sides = {name: name.rpartition("-")[2].removesuffix(".png") for name, _ in icons}
    found = {
        "name": site.title,
        "short_name": _short(site.title),
        "description": site.summary,
        "lang": site.language,
        "start_url": "./index.html",
        "scope": "./",
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _COLOUR,
        "icons": [
            {
                "src": name,
                "sizes": f"{sides[name]}x{sides[name]}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, purpose in icons
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _short(title: str) -> str:
    """Shorten a title at the end of a word where there is one."""
    if len(title) <= _SHORT_NAME_LETTERS:
        return title
    return title[: _SHORT_NAME_LETTERS + 1].rpartition(" ")[0] or title[:_SHORT_NAME_LETTERS]
