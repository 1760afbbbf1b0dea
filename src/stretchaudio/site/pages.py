"""Write the pages of a site from its tracks.

Nothing here reads or writes a file but its templates. A file's name has a hash of its content,
unless other sites link to it. So a page never shows another version's sound, and an interrupted
run leaves whole pages behind.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from stretchaudio.audio.beds import is_generated
from stretchaudio.language import Language, language, languages
from stretchaudio.routine.body import GROUPS, OTHER_GROUP, Term, body_parts, equipment, names_of
from stretchaudio.routine.body import group_of as body_group_of
from stretchaudio.routine.model import Routine
from stretchaudio.site.model import (
    SessionInfo,
    SiteInfo,
    hashed,
    session_paths,
    track_path,
)
from stretchaudio.site.plan import session_plan
from stretchaudio.site.ring import Arc, hue_class, ring
from stretchaudio.site.shell import Shell, error_page_root, make_shell, render, worker
from stretchaudio.site.transcript import page_lines
from stretchaudio.track.captions import Line
from stretchaudio.track.chapters import TrackChapter, chapters_of
from stretchaudio.track.figures import ShownFigure, shown_figures
from stretchaudio.track.handout import handout_body, level_words
from stretchaudio.util.qr import qr_inline

SMALL_FIGURES = 4
"""Those of a session that the list shows."""
EACH_EXERCISE_S = 900
"""Above this length the timeline shows exercises: bars of windows would be a pixel wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureFile:
    """A figure as a page shows it."""

    path: str
    """The address of its file, from the site's root."""
    shown: ShownFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A session as the list shows it."""

    session: SessionInfo
    url: str
    """The address of its page, from the site's root."""
    track: str
    """The address of its track, from the site's root."""
    cover: str
    """The address of its picture, from the site's root."""
    words: Language
    """The phrase pack of its language."""
    minutes: int
    """Its length as it is shown and compared."""
    parts: tuple[Term, ...]
    """The parts of the body it is for, in the words of the page that shows them."""
    things: tuple[Term, ...]
    """The equipment it needs, in the words of the page that shows them."""
    group: str
    hue: str
    """The class that gives it its hue."""
    ring: tuple[Arc, ...]
    found_by: str
    """The words by which it is found, besides those that are seen."""
    figures: Mapping[str, FigureFile]
    """The figures of its exercises, by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPage:
    """A session, with all that its page derives from it."""

    card: Card
    positions: tuple[str, ...]
    """The positions of its exercises, in order, each once."""
    level: str
    """The level in the words of its language."""
    background: str
    """Its beds, likewise."""
    qr_svg: str | None
    """The page's address as a QR code; None when the site's address is not known."""
    chapters: tuple[TrackChapter, ...]
    lines: tuple[Line, ...]
    """Cues and the windows they belong to, in order."""
    is_long: bool
    """Whether the timeline shows exercises instead of windows."""
    handout: str
    """The page as it is printed, in HTML."""
    data: str
    """What scripts need, as JSON."""
    linked_data: str | None
    """What search engines read, as JSON-LD; None without an address."""
    following: Card | None
    """The session to do next."""
    artwork: tuple[tuple[int, str], ...]
    """Sides and names of the pictures for a lock screen."""


def site_files(site: SiteInfo, sessions: Sequence[SessionInfo]) -> dict[str, bytes]:
    """Write every file of a site but its tracks and its feeds.

    Args:
        site: The parts that all pages have in common.
        sessions: In the order they are listed; those that are not listed among them.

    Returns:
        The files by their paths from the root, in the order they are to be written.
    """
    shell = make_shell(site)
    figures = {
        path: one.shown.picture.document().encode()
        for session in sessions
        for one in _figures(session).values()
        if (path := one.path)
    }
    assets = {
        f"sessions/{session.id}/{name}": data
        for session in sessions
        for name, data in session.assets.values()
    }
    listed = [session for session in sessions if session.listed]
    pages = {
        session_paths(session)["page"]: _session_file(site, shell, session, _after(session, listed))
        for session in sessions
    }
    index = _index_file(site, shell, listed)
    own = [session_paths(session)["page"] for session in listed]
    own += [track_path(session.id, session.audio) for session in listed]
    own += [
        path
        for session in listed
        for what, path in session_paths(session).items()
        if what.startswith("artwork")
    ]
    own += figures
    root = error_page_root(site)
    lost = render("404.html.j2", site, shell, root, language(site.language).page)
    files = {**shell.files, **figures, **assets, **pages, "index.html": index, "404.html": lost}
    return {**files, "worker.js": worker(shell, index, own)}


def _figures(session: SessionInfo) -> Mapping[str, FigureFile]:
    """Find the figures of a session; sessions share the files of those that they share."""
    shown = shown_figures(session.manifest, session.routine)
    return {
        name: FigureFile(
            path=hashed(f"figure-{one.name}.svg", one.picture.document().encode()), shown=one
        )
        for name, one in shown.items()
    }


def _after(session: SessionInfo, listed: Sequence[SessionInfo]) -> SessionInfo | None:
    """Choose the session to do next: the one listed behind it in the same language."""
    same = [one for one in listed if one.manifest.language == session.manifest.language]
    if session not in same or len(same) == 1:
        return None
    return same[(same.index(session) + 1) % len(same)]


def _session_file(
    site: SiteInfo, shell: Shell, session: SessionInfo, following: SessionInfo | None
) -> bytes:
    page = _session_page(site, session, following)
    words = page.card.words.page
    return render("session.html.j2", site, shell, "../../", words, page=page)


def _index_file(site: SiteInfo, shell: Shell, listed: Sequence[SessionInfo]) -> bytes:
    words = language(site.language)
    cards = [_card(session, words) for session in listed]
    order = [*GROUPS, OTHER_GROUP]
    cards.sort(key=lambda card: order.index(card.group))
    by_name = {term.id: term for card in cards for term in card.parts}
    known = [by_name[one] for ids in GROUPS.values() for one in ids if one in by_name]
    spoken = sorted({card.words.code for card in cards})
    return render(
        "index.html.j2",
        site,
        shell,
        "./",
        words.page,
        cards=cards,
        small_figures=SMALL_FIGURES,
        groups=[(group, list(found)) for group, found in groupby(cards, key=lambda one: one.group)],
        parts=[(term, hue_class([term.id]), _labels(term.id, "parts")) for term in known],
        things=sorted({term for card in cards for term in card.things}, key=lambda one: one.label),
        languages=[language(code) for code in spoken],
        counted=words.count(len(cards), "sessions"),
        data=_json({"words": words.page["script"], "singular": words.page["script"]["sessions"]}),
    )


def _labels(term_id: str, kind: str) -> str:
    """Write a term's labels by language, for readers of another language than the page's."""
    return json.dumps(
        {code: language(code).page[kind].get(term_id, term_id) for code in languages()},
        ensure_ascii=False,
    )


def _card(session: SessionInfo, words: Language) -> Card:
    """Describe a session in the words of the page that shows it."""
    manifest, routine = session.manifest, session.routine
    paths = session_paths(session)
    focus = routine.focus if routine else ()
    things = routine.equipment if routine else ()
    return Card(
        session=session,
        url=paths["page"],
        track=track_path(session.id, session.audio),
        cover=paths["cover"],
        words=language(manifest.language),
        minutes=max(1, round(manifest.duration_s / 60)),
        parts=body_parts(focus, words.code),
        things=equipment(things, words.code),
        group=body_group_of(focus),
        hue=hue_class(focus),
        ring=ring(manifest),
        found_by=_found_by(manifest.chapters, routine),
        figures=_figures(session),
    )


def _found_by(chapters: Iterable[Any], routine: Routine | None) -> str:
    """List exercises, and the parts of the body and equipment in every language."""
    names = {chapter.title: None for chapter in chapters}
    terms: set[str] = set()
    if routine:
        names |= {one.id.replace("-", " "): None for one in routine.exercises}
        for term in (*body_parts(routine.focus, "en"), *equipment(routine.equipment, "en")):
            terms |= names_of(term.id)
    return " ".join([*names, *sorted(terms)])


def _session_page(
    site: SiteInfo, session: SessionInfo, following: SessionInfo | None
) -> SessionPage:
    manifest, routine = session.manifest, session.routine
    words = language(manifest.language)
    card = _card(session, words)
    address = f"{site.base_url}{card.url}" if site.base_url else None
    qr_svg = qr_inline(address) if address else None
    chapters = chapters_of(manifest)
    return SessionPage(
        card=card,
        positions=_positions(routine, words),
        level=level_words(manifest),
        background=background(manifest.bed, words),
        qr_svg=qr_svg,
        chapters=chapters,
        lines=page_lines(manifest),
        is_long=manifest.duration_s > EACH_EXERCISE_S,
        handout=handout_body(
            manifest,
            routine,
            qr_svg=qr_svg,
            figures={name: f"../../{one.path}" for name, one in card.figures.items()},
        ),
        data=_json({"words": words.page["script"], **session_plan(manifest, routine)}),
        linked_data=_linked_data(site, session, card) if address else None,
        following=_card(following, words) if following else None,
        artwork=tuple(
            (int(name.removeprefix("artwork")), file)
            for name, (file, _) in session.assets.items()
            if name.startswith("artwork")
        ),
    )


def _positions(routine: Routine | None, words: Language) -> tuple[str, ...]:
    labels = words.page["positions"]
    found = (one.position for one in (routine.exercises if routine else ()) if one.position)
    return tuple(dict.fromkeys(labels.get(one, one) for one in found))


def background(bed: str, words: Language) -> str:
    """Name the beds of a track in the words of a language; music is called as its file is."""
    names = (
        words.page["beds"][one.partition(":")[0]] if is_generated(one) else one
        for one in bed.split(", ")
    )
    return ", ".join(dict.fromkeys(names))


def _linked_data(site: SiteInfo, session: SessionInfo, card: Card) -> str:
    """Describe a session as search engines read it: schema.org's AudioObject."""
    manifest = session.manifest
    return _json(
        {
            "@context": "https://schema.org",
            "@type": "AudioObject",
            "name": manifest.title,
            "description": session.summary,
            "inLanguage": manifest.language,
            "duration": f"PT{round(manifest.duration_s)}S",
            "contentUrl": f"{site.base_url}{card.track}",
            "encodingFormat": "audio/mpeg",
            "contentSize": str(session.size_bytes),
            "thumbnailUrl": f"{site.base_url}{card.cover}",
            "uploadDate": session.published,
        }
    )


def _json(data: Mapping[str, Any]) -> str:
    """Write JSON that no text in it can end the script element around."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
