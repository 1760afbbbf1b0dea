"""Write the podcast feed of a site.

RSS 2.0 with Apple's tags, and those of the podcast namespace for chapters and transcripts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID, uuid5

from stretchaudio.site.pages import TEMPLATES, SessionInfo, SiteInfo, session_paths, track_path
from stretchaudio.track.reader import NOT_TEXT
from stretchaudio.util.templates import render_template

COVER_NAME = "cover.jpg"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInfo:
    """The facts of a feed that its site does not have."""

    site_id: UUID
    """Stays the same for the life of a site; the identities of its episodes come from it."""
    base_url: str
    """The site's address, with a slash at its end."""
    language: str
    """The language of most sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Episode:
    session: SessionInfo
    guid: UUID
    published: str
    """The date of its first publication, as RSS writes dates."""
    urls: Mapping[str, str]
    """The addresses of its page, track, cover, captions and chapters."""


def feed(site: SiteInfo, info: FeedInfo, sessions: Sequence[SessionInfo]) -> bytes:
    """Write the feed of a site.

    Args:
        site: Its title and summary.
        info: Its address, identity and language.
        sessions: The newest first.
    """
    changed = max(datetime.fromisoformat(session.changed) for session in sessions)
    text = render_template(
        TEMPLATES / "feed.xml.j2",
        site=site,
        feed=info,
        cover_url=f"{info.base_url}{COVER_NAME}",
        changed=format_datetime(changed),
        episodes=[_episode(info, session) for session in sessions],
    )
    # A routine's texts may have characters such as U+FFFE, which XML cannot hold.
    return NOT_TEXT.sub("", text).encode()


def _episode(info: FeedInfo, session: SessionInfo) -> _Episode:
    paths = {**session_paths(session), "track": track_path(session.id, session.audio)}
    return _Episode(
        session=session,
        guid=uuid5(info.site_id, session.id),
        published=format_datetime(datetime.fromisoformat(session.published)),
        urls={what: f"{info.base_url}{path}" for what, path in paths.items()},
    )
