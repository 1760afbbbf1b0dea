"""Write the podcast feeds of a site, one a language.

RSS 2.0 with Apple's tags, and those of the podcast namespace. Apple wants one language a show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID, uuid5

from stretchaudio.language import language
from stretchaudio.site.model import SessionInfo, SiteInfo, session_paths, track_path
from stretchaudio.site.podcast import Podcast
from stretchaudio.site.shell import TEMPLATES, page_style
from stretchaudio.track.handout import HandoutRow, handout_rows
from stretchaudio.track.reader import NOT_TEXT
from stretchaudio.util.templates import render_template


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInfo:
    """The facts of a feed that its site does not have."""

    site_id: UUID
    """Stays the same for the life of a site; the identities of its episodes come from it."""
    name: str
    """Its file's name."""
    language: str
    """The language of its episodes."""
    podcast: Podcast
    """What directories ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Episode:
    session: SessionInfo
    guid: UUID
    published: str
    """The date of its first publication, as RSS writes dates."""
    urls: Mapping[str, str]
    """The addresses of its page, track, cover, captions and chapters."""
    rows: tuple[HandoutRow, ...]
    """Its exercises, for the show notes."""


def feed_names(spoken: Sequence[str], site_language: str) -> dict[str, str]:
    """Name the feeds of a site by language: `feed.xml` in its own, `feed-de.xml` in others.

    Args:
        spoken: The language of each session.
        site_language: The language of the list.
    """
    codes = sorted(set(spoken), key=lambda code: (-spoken.count(code), code))
    main = site_language if site_language in codes else next(iter(codes), None)
    return {code: "feed.xml" if code == main else f"feed-{code}.xml" for code in codes}


def feed(site: SiteInfo, info: FeedInfo, sessions: Sequence[SessionInfo]) -> bytes:
    """Write a feed of a site.

    Args:
        site: Its title, summary and address.
        info: The other facts of the feed.
        sessions: The newest first.
    """
    changed = max(datetime.fromisoformat(session.changed) for session in sessions)
    words = language(info.language)
    many = len(site.feeds) > 1
    text = render_template(
        TEMPLATES / "feed.xml.j2",
        site=site,
        feed=info,
        title=f"{site.title} ({words.page['own_name']})" if many else site.title,
        author=info.podcast.author or site.title,
        guid=uuid5(info.site_id, f"feed {info.language}"),
        licence=_licence(sessions),
        changed=format_datetime(changed),
        episodes=[_episode(site, info, session) for session in sessions],
        t=words.page,
    )
    # A routine's texts may have characters such as U+FFFE, which XML cannot hold.
    return NOT_TEXT.sub("", text).encode()


def feed_style(site: SiteInfo) -> bytes:
    """Write the style sheet with which a browser shows a feed as a page."""
    words = language(site.language).page
    path = TEMPLATES / "feed.xsl.j2"
    return render_template(path, site=site, style=page_style("feed").text, t=words).encode()


def _licence(sessions: Sequence[SessionInfo]) -> str | None:
    """Tell the licence of a podcast: the one that all its episodes have."""
    found = {session.routine.licence if session.routine else None for session in sessions}
    return found.pop() if len(found) == 1 else None


def _episode(site: SiteInfo, info: FeedInfo, session: SessionInfo) -> _Episode:
    paths = {**session_paths(session), "track": track_path(session.id, session.audio)}
    return _Episode(
        session=session,
        guid=uuid5(info.site_id, session.id),
        published=format_datetime(datetime.fromisoformat(session.published)),
        urls={what: f"{site.base_url}{path}" for what, path in paths.items()},
        rows=handout_rows(session.manifest, session.routine),
    )
