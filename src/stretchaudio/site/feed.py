"""A podcast feed: RSS 2.0 with Apple's tags, and those of the podcast namespace for chapters and transcripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from stretchaudio.site.pages import SessionInfo, SiteInfo, session_paths, track_path
from stretchaudio.util.units import format_clock

COVER_NAME = "cover.jpg"
_NAMESPACE = "https://podcastindex.org/namespace/1.0"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_CHAPTERS_TYPE = "application/json+chapters"
_AUTHOR = "stretchaudio"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedInfo:
    """What a feed has besides the site's facts."""

    site_id: UUID
    """Stays the same for the life of a site; the identities of its episodes come from it."""
    base_url: str
    """With a slash at its end."""
    language: str
    """Of most sessions."""


class _FeedTags(BaseExtension):  # type: ignore[misc]
    """What feedgen does not write, or writes as apps wanted it once."""

    def extend_ns(self) -> dict[str, str]:
        return {"podcast": _NAMESPACE, "itunes": _ITUNES}

    def extend_rss(self, feed: Any) -> Any:
        etree.SubElement(feed[0], f"{{{_ITUNES}}}explicit").text = "false"
        return feed


class _EntryTags(BaseEntryExtension):  # type: ignore[misc]
    """Links to an episode's chapters and captions."""

    def __init__(self) -> None:
        self.links: list[tuple[str, str, str, str]] = []

    def extend_rss(self, entry: Any) -> Any:
        for name, url, kind, code in self.links:
            element = etree.SubElement(entry, f"{{{_NAMESPACE}}}{name}")
            element.set("url", url)
            element.set("type", kind)
            if code:
                element.set("language", code)
        return entry


def feed(site: SiteInfo, facts: FeedInfo, sessions: Sequence[SessionInfo]) -> bytes:
    """Write the feed of a site.

    Args:
        site: Its title and summary.
        facts: Its address and identity.
        sessions: The newest first.
    """
    made = FeedGenerator()
    made.load_extension("podcast")
    made.register_extension("extra", _FeedTags, _EntryTags, atom=False)
    made.title(site.title)
    made.description(site.summary)
    made.language(facts.language)
    made.generator("stretchaudio")
    made.link(href=f"{facts.base_url}feed.xml", rel="self")
    made.link(href=facts.base_url, rel="alternate")
    made.lastBuildDate(max(datetime.fromisoformat(session.changed) for session in sessions))
    made.podcast.itunes_author(_AUTHOR)
    made.podcast.itunes_category("Health & Fitness", "Fitness")
    made.podcast.itunes_image(f"{facts.base_url}{COVER_NAME}")
    for session in sessions:
        _add(made, facts, session)
    return bytes(made.rss_str(pretty=True))


def _add(made: Any, facts: FeedInfo, session: SessionInfo) -> None:
    paths = {what: f"{facts.base_url}{path}" for what, path in session_paths(session).items()}
    code = session.manifest.language
    entry = made.add_entry(order="append")
    entry.title(session.manifest.title)
    entry.description(
        (session.routine.summary if session.routine else "") or session.manifest.title
    )
    entry.link(href=paths["page"])
    entry.guid(str(uuid5(facts.site_id, session.id)), permalink=False)
    entry.published(datetime.fromisoformat(session.published))
    entry.enclosure(
        f"{facts.base_url}{track_path(session.id, session.audio)}",
        str(session.size_bytes),
        "audio/mpeg",
    )
    entry.podcast.itunes_duration(format_clock(session.manifest.duration_s))
    entry.podcast.itunes_image(paths["cover"])
    entry.extra.links.append(("chapters", paths["chapters"], _CHAPTERS_TYPE, ""))
    entry.extra.links.append(("transcript", paths["captions"], "text/vtt", code))
