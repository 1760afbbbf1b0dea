"""Bring a site up to date: build changed sessions, replace files atomically, delete orphans.

An interrupted run leaves the old site whole: tracks and pictures get new names, pages are replaced
when all that they show is there, and the list of sessions after its pages. Only then are files
removed that no page shows any more.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from stretchaudio.cache import Cache, WarmCache, key_of
from stretchaudio.errors import (
    BrokenTrackError,
    FileError,
    RoutineError,
    UsageError,
    did_you_mean,
)
from stretchaudio.language import language, languages
from stretchaudio.routine.library import Library, exercise_folders
from stretchaudio.routine.model import Routine
from stretchaudio.routine.parse import parse_routine
from stretchaudio.session.build import build_track
from stretchaudio.session.inputs import files_state
from stretchaudio.session.options import Options, Settings, resolved
from stretchaudio.session.pools import WorkerPools
from stretchaudio.site.feed import FeedInfo, feed, feed_names, feed_style
from stretchaudio.site.folder import (
    DAMAGED_TIP,
    STATE_NAME,
    PublishedSession,
    SiteFolder,
    SiteState,
    copy_track,
    locked,
)
from stretchaudio.site.model import SessionInfo, SiteInfo, session_assets, session_paths, track_path
from stretchaudio.site.pages import site_files
from stretchaudio.site.pictures import session_artwork, session_cover, site_cover, site_icons
from stretchaudio.site.podcast import Podcast, check_email, parse_category, read_cover
from stretchaudio.site.shell import TEMPLATES
from stretchaudio.track.reader import NOT_TEXT, read_embedded
from stretchaudio.track.verify import verify
from stretchaudio.util.atomic import portable_name
from stretchaudio.util.progress import Progress
from stretchaudio.util.qr import qr_file
from stretchaudio.util.templates import render_template
from stretchaudio.util.units import shell_command
from stretchaudio.util.versions import version

__all__ = ["STATE_NAME", "PublishResult", "SiteRequest", "publish", "unpublish"]

SITE_FORMAT = 1
LONGEST_TEXT = 500
"""Letters of a site's title, summary and address."""
DRAWN_COVER = "cover.jpg"
EPISODES_APART = timedelta(hours=1)
"""Apps list episodes by date; those that are published together would stand in any order."""
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?")
_PAGE = re.compile(r"sessions/[^/]+/index\.html")
_SECRET_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRequest:
    """What is asked of a site. None stands for the same as the last time."""

    routines: tuple[Routine, ...] = ()
    """Routines to add or bring up to date, built where they have changed."""
    tracks: tuple[Path, ...] = ()
    """Finished tracks, taken as they are."""
    prune: bool = False
    """True to remove the sessions that are not named."""
    unlisted: bool = False
    """True to list those that are named nowhere, under an address that nobody guesses."""
    base_url: str | None = None
    """The site's address; empty for no address, which means no feed."""
    title: str | None = None
    summary: str | None = None
    """One sentence about the site."""
    language: str | None = None
    """The language of the list; empty for that of most sessions."""
    author: str | None = None
    """Who makes the podcast."""
    email: str | None = None
    """Where directories send the code that proves whose podcast it is."""
    category: str | None = None
    """One of Apple's categories or subcategories."""
    cover: Path | None = None
    """A picture for the podcast."""


@dataclass(slots=True, kw_only=True)
class PublishResult:
    """The sessions of a site, by the change that publishing made."""

    built: list[str] = field(default_factory=list)
    """Sessions that are new or changed."""
    kept: list[str] = field(default_factory=list)
    """Sessions that are unchanged."""
    removed: list[str] = field(default_factory=list)
    """Sessions that are gone."""
    unlisted: list[str] = field(default_factory=list)
    """Sessions that were asked for and are listed nowhere."""
    base_url: str | None = None
    """The site's address; without one it has no feed."""


def publish(
    site: Path,
    request: SiteRequest,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    pools: WorkerPools | None = None,
) -> PublishResult:
    """Write a site, or bring one up to date.

    Args:
        site: Its folder; made when it does not exist.
        request: What is added or changed; sessions that are not named stay, unless pruned.
        options: How tracks are built.
        progress: Kept up to date while speech is made.
        pools: Helpers that several runs share; None for helpers of its own.

    Raises:
        UsageError: If the folder holds something else or is being written, an address cannot be
            used, or two sessions have one name.
        StretchaudioError: What building or reading a track raises; the site stays as it was.
    """
    with resolved(options, pools) as settings:
        return publish_site(site, request, settings, progress)


def publish_site(
    site: Path,
    request: SiteRequest,
    settings: Settings,
    progress: Progress | None = None,
    announce: Callable[[Sequence[str]], None] | None = None,
) -> PublishResult:
    """Publish with settings that have been resolved; otherwise like `publish`.

    Args:
        site: Its folder.
        request: What is added or changed.
        settings: How tracks are built.
        progress: Kept up to date while speech is made.
        announce: Told the sessions that will be removed, before anything is done.
    """
    _check(request)
    # Sessions share clips.
    settings = replace(settings, cache=WarmCache(settings.cache.folder, settings.cache.bucket))
    cover = read_cover(request.cover) if request.cover else None
    with locked(site, settings.cache.folder / "locks") as folder:
        old = folder.state()
        sources = _sources(request, old)
        removed = sorted(old.sessions.keys() - sources.keys()) if request.prune else []
        if removed and announce:
            announce(removed)
        sessions = [
            _session(name, source, old, folder, settings, progress, listed=not request.unlisted)
            for name, source in sorted(sources.items())
        ]
        others = old.sessions.keys() - sources.keys() - set(removed)
        sessions += [_stored(name, old.sessions[name], folder, settings) for name in sorted(others)]
        state = _updated(old, request, cover)
        published = _write_pages(folder, sessions, state, settings.cache, cover)
    result = _result(old, published, state)
    result.unlisted = sorted(sources) if request.unlisted else []
    return result


def unpublish(site: Path, names: Sequence[str], settings: Settings) -> PublishResult:
    """Remove sessions from a site.

    Args:
        site: Its folder.
        names: The sessions, as their addresses name them; those that are not listed also without
            the part that nobody guesses.
        settings: Where the cache is.

    Raises:
        UsageError: If the site has no session of a name.
        FileError: If a file cannot be read or written.
    """
    with locked(site, settings.cache.folder / "locks") as folder:
        old = folder.state()
        gone = {found for name in names for found in _named(name, old)}
        stays = sorted(old.sessions.keys() - gone)
        sessions = [_stored(name, old.sessions[name], folder, settings) for name in stays]
        published = _write_pages(folder, sessions, old, settings.cache, None)
    return _result(old, published, old)


def _named(name: str, state: SiteState) -> Sequence[str]:
    """Find the sessions of a name."""
    wanted = Path(name).stem if name.endswith((".yaml", ".yml", ".mp3")) else name
    wanted = wanted if wanted in state.sessions else site_id(wanted)
    found = [one for one in state.sessions if one == wanted or _is_secret_of(one, wanted, state)]
    if not found:
        hint = did_you_mean(name, state.sessions).strip() or "Its sessions are: "
        hint += "" if hint.endswith("?") else f"{', '.join(sorted(state.sessions)) or 'none'}."
        raise UsageError(f"The site has no session '{name}'.", hint=hint)
    return found


def _is_secret_of(session_id: str, name: str, state: SiteState) -> bool:
    """Tell whether a session that is not listed is that of a name."""
    unlisted = not state.sessions[session_id].listed
    pattern = rf"{re.escape(name)}-[0-9a-f]{{{2 * _SECRET_BYTES}}}"
    return unlisted and bool(re.fullmatch(pattern, session_id))


def _result(
    old: SiteState, published: Mapping[str, PublishedSession], state: SiteState
) -> PublishResult:
    kept = {
        name
        for name, session in published.items()
        if name in old.sessions and old.sessions[name].track == session.track
    }
    return PublishResult(
        built=sorted(published.keys() - kept),
        kept=sorted(kept),
        removed=sorted(old.sessions.keys() - published.keys()),
        base_url=state.base_url,
    )


def _updated(state: SiteState, request: SiteRequest, cover: tuple[str, bytes] | None) -> SiteState:
    """Take over what a request names; the rest stays as it was the last time."""
    podcast = Podcast(
        author=state.podcast.author if request.author is None else request.author,
        email=state.podcast.email if request.email is None else check_email(request.email),
        category=state.podcast.category
        if request.category is None
        else parse_category(request.category),
        cover=cover[0] if cover else state.podcast.cover,
    )
    return replace(
        state,
        title=state.title if request.title is None else request.title,
        summary=state.summary if request.summary is None else request.summary,
        base_url=state.base_url if request.base_url is None else _with_slash(request.base_url),
        language=state.language if request.language is None else request.language or None,
        podcast=podcast,
    )


def _write_pages(
    folder: SiteFolder,
    sessions: Sequence[SessionInfo],
    state: SiteState,
    cache: Cache,
    cover: tuple[str, bytes] | None,
) -> Mapping[str, PublishedSession]:
    """Replace all files but the tracks, and remove those that no page shows any more."""
    # All files are made before the first is written.
    sessions = sorted(_dated(sessions), key=lambda session: session.id)
    files = _files(sessions, state, cache)
    if cover is not None:
        files = {cover[0]: cover[1]} | files
    elif state.podcast.cover is not None:
        folder.retain(state.podcast.cover)
    for name in _in_order(files, folder):
        folder.write(name, files[name])
    published = {session.id: _published(session) for session in sessions}
    # Until orphans are removed they are still listed, so that the run after an interrupted one
    # removes them.
    listed = sorted(folder.written | set(state.files))
    folder.save_state(replace(state, sessions=published, files=tuple(listed)))
    folder.remove_orphans(state.files)
    folder.save_state(replace(state, sessions=published, files=tuple(sorted(folder.written))))
    return published


def _in_order(files: Mapping[str, bytes], folder: SiteFolder) -> Sequence[str]:
    """Put new sessions' pages before those that were there, which may link to them."""
    pages = [name for name in files if _PAGE.fullmatch(name)]
    first = list(files).index(pages[0]) if pages else 0
    pages.sort(key=lambda name: folder.path(name).is_file())
    others = [name for name in files if not _PAGE.fullmatch(name)]
    return [*others[:first], *pages, *others[first:]]


def _dated(sessions: Sequence[SessionInfo]) -> Sequence[SessionInfo]:
    """Date those that are new: in order, an hour apart, and never in the future."""
    now = datetime.now(UTC).replace(microsecond=0)
    new = [session for session in sessions if not session.published]
    latest = max(
        (datetime.fromisoformat(one.published) for one in sessions if one.published), default=None
    )
    apart = EPISODES_APART
    if latest is not None and new:
        # Behind those that were there, even when they have just been published.
        apart = min(apart, max(now - latest, timedelta()) / len(new))
    dates = {
        session.id: now - apart * (len(new) - 1 - number) for number, session in enumerate(new)
    }
    return [
        replace(session, published=dates[session.id].isoformat(timespec="seconds"))
        if session.id in dates
        else session
        for session in sessions
    ]


def _check(request: SiteRequest) -> None:
    """Refuse a text, a language or an address that a site cannot have."""
    texts = (("title", request.title), ("summary", request.summary), ("author", request.author))
    for name, text in texts:
        if text is not None and (NOT_TEXT.search(text) or len(text) > LONGEST_TEXT):
            raise UsageError(
                f"That cannot be the {name} of a site.",
                hint=f"Write a line of at most {LONGEST_TEXT} letters.",
            )
    if request.language and request.language not in languages():
        hint = f"Choose one of: {', '.join(languages())}."
        raise UsageError(f"There are no pages in the language '{request.language}'.", hint=hint)
    url = request.base_url
    if url and (not _URL.fullmatch(url) or len(url) > LONGEST_TEXT or not _has_valid_port(url)):
        raise UsageError(
            f"{url[:LONGEST_TEXT]} cannot be the address of a site.",
            hint="Write it as https://example.org/stretching/, "
            "other letters than a to z as %C3%BC or xn--.",
        )


def _with_slash(url: str) -> str | None:
    """End an address with a slash, so that others can be appended; None for no address."""
    return f"{url.rstrip('/')}/" if url else None


def _has_valid_port(url: str) -> bool:
    """Tell whether an address names no port or a possible one."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _sources(request: SiteRequest, state: SiteState) -> Mapping[str, Routine | Path]:
    """Name the sessions that are asked for as their addresses do."""
    sources: dict[str, Routine | Path] = {
        site_id(routine.id): routine for routine in request.routines
    }
    for track in request.tracks:
        if sources.setdefault(site_id(track.stem), track) != track:
            raise UsageError(
                f"{track} would have the name of another session on the site.",
                hint="Rename the file.",
            )
    if len(sources) < len(request.routines) + len(request.tracks):
        raise UsageError(
            "Two routines would have the same name on the site.", hint="Rename one of them."
        )
    if not sources and (request.prune or request.unlisted or not state.sessions):
        raise UsageError("A site needs a session.", hint="Name routines or tracks, or --all.")
    if request.unlisted:
        return {_secret_id(name, state): source for name, source in sources.items()}
    return sources


def _secret_id(name: str, state: SiteState) -> str:
    """Give a session the address it has already, or a new one that nobody guesses."""
    found = (one for one in state.sessions if _is_secret_of(one, name, state))
    return next(found, f"{name}-{secrets.token_hex(_SECRET_BYTES)}")


def site_id(name: str) -> str:
    """Turn a name into one that every address and every system can have."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain_id = "-".join(re.findall(r"[a-z0-9]+", plain))
    if not plain_id:
        return hashlib.sha256(name.encode()).hexdigest()[:10]
    return portable_name(plain_id)


def _session(  # noqa: PLR0917 - one place calls it
    session_id: str,
    source: Routine | Path,
    state: SiteState,
    folder: SiteFolder,
    settings: Settings,
    progress: Progress | None,
    *,
    listed: bool,
) -> SessionInfo:
    """Put a session's track into the site unless it is there."""
    key = _key(source, settings)
    before = state.sessions.get(session_id)
    if (
        before
        and before.key == key
        and folder.has(track_path(session_id, before.track), before.size)
    ):
        name = before.track
    else:
        name = _new_track(session_id, source, folder, settings, progress)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    changed = _date(before.changed) if before and before.track == name else now
    size = folder.path(track_path(session_id, name)).stat().st_size
    session = PublishedSession(
        key=key,
        track=name,
        size=size,
        published=_date(before.published) if before else "",
        changed=changed,
        listed=listed,
    )
    return _read_session(session_id, session, folder, settings)


def _stored(
    session_id: str, session: PublishedSession, folder: SiteFolder, settings: Settings
) -> SessionInfo:
    """Read a session that stays as it is.

    Raises:
        FileError: If its track is gone or changed.
    """
    if not folder.has(track_path(session_id, session.track), session.size):
        raise FileError(
            f"The track of '{session_id}' in the site is missing or changed.",
            hint=f"Publish it again, or remove it: "
            f"{shell_command('unpublish', folder.site, session_id)}",
        )
    published, changed = _date(session.published), _date(session.changed)
    session = replace(session, published=published, changed=changed)
    return _read_session(session_id, session, folder, settings)


def _read_session(
    session_id: str, session: PublishedSession, folder: SiteFolder, settings: Settings
) -> SessionInfo:
    """Read from a session's track what its page shows."""
    path = track_path(session_id, session.track)
    folder.retain(path)
    embedded = read_embedded(folder.path(path))
    routine = _routine(embedded.routine, session_id)
    cover = session_cover(embedded, routine)
    artwork = session_artwork(cover, settings.cache)
    return SessionInfo(
        id=session_id,
        manifest=embedded.manifest,
        routine=routine,
        audio=session.track,
        size_bytes=session.size,
        assets=session_assets(embedded.manifest, cover, artwork),
        published=session.published,
        changed=session.changed,
        key=session.key,
        listed=session.listed,
    )


def _date(text: str) -> str:
    """Check a date and time of the site's state.

    Raises:
        FileError: If it is not a date and time.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")
    except ValueError:
        raise FileError(
            f"The {STATE_NAME} of the site is damaged: '{text[:40]}' is not a date.",
            hint=DAMAGED_TIP,
        ) from None


def _key(source: Routine | Path, settings: Settings) -> str:
    """Hash all that a session's track depends on, as far as it is known before it is built."""
    if isinstance(source, Path):
        try:
            state = source.stat()
        except OSError as error:
            raise FileError.from_os_error(error, f"read {source}") from None
        return key_of("track", str(source.resolve()), state.st_size, state.st_mtime_ns)
    # What stands in the repr of settings is all that is heard; the cache and the helpers do not.
    return key_of(
        SITE_FORMAT,
        version("stretchaudio"),
        source.id,
        source.text,
        repr(settings),
        files_state(source, settings),
    )


def _new_track(
    session_id: str,
    source: Routine | Path,
    folder: SiteFolder,
    settings: Settings,
    progress: Progress | None,
) -> str:
    """Build a track or copy one; return its name."""
    with folder.new_track() as part:
        if isinstance(source, Path):
            copy_track(source, part)
            _refuse_broken(part, source)
        else:
            build_track(source, part, settings, progress=progress)
        return folder.store_track(part, session_id)


def _refuse_broken(part: Path, source: Path) -> None:
    """Verify a track that somebody made, before others get it."""
    try:
        _, checks = verify(part)
    except FileError as error:
        # The message names the copy, which the user does not know.
        raise FileError(error.message.replace(str(part), str(source)), hint=error.hint) from None
    wrong = [check.name for check in checks if not check.ok]
    if wrong:
        hint = f"Look at it: {shell_command('verify', source)}"
        raise BrokenTrackError(f"{source} failed verification: {', '.join(wrong)}.", hint=hint)


def _routine(text: str | None, session_id: str) -> Routine | None:
    """Parse the routine inside a track; None when it cannot be read here."""
    if text is None:
        return None
    try:
        return parse_routine(
            text, file=session_id, library=Library(exercise_folders()), languages=languages()
        )
    except RoutineError:
        return None


def _published(session: SessionInfo) -> PublishedSession:
    return PublishedSession(
        key=session.key,
        track=session.audio,
        size=session.size_bytes,
        published=session.published,
        changed=session.changed,
        listed=session.listed,
    )


def _files(sessions: Sequence[SessionInfo], state: SiteState, cache: Cache) -> dict[str, bytes]:
    """Make every file of a site but its tracks, in the order they are to be written."""
    listed = [session for session in sessions if session.listed]
    spoken = [session.manifest.language for session in listed]
    code = state.language or max(sorted(set(spoken)), key=spoken.count, default="en")
    words = language(code).page
    title = state.title or words["title"]
    site = SiteInfo(
        title=title,
        summary=state.summary or words["summary"],
        language=code,
        base_url=state.base_url,
        feeds=feed_names(spoken, code) if state.base_url else {},
        icons=site_icons(cache),
        cover=state.podcast.cover or DRAWN_COVER,
    )
    files = site_files(site, sessions)
    if state.base_url is None:
        return files
    for session in sessions:
        if not session.listed:
            folder = f"sessions/{session.id}/"
            files[f"{folder}qr.svg"] = qr_file(f"{state.base_url}{folder}")
    if state.podcast.cover is None:
        files[DRAWN_COVER] = site_cover(title, cache)
    return {**files, **_feeds(site, state, listed)}


def _feeds(site: SiteInfo, state: SiteState, listed: Sequence[SessionInfo]) -> Mapping[str, bytes]:
    """Make the feeds, their style sheet and the map of a site."""
    newest_first = sorted(listed, key=lambda one: (one.published, one.id), reverse=True)
    found = {}
    for code, name in site.feeds.items():
        episodes = [session for session in newest_first if session.manifest.language == code]
        info = FeedInfo(site_id=state.site_id, name=name, language=code, podcast=state.podcast)
        found[name] = feed(site, info, episodes)
    pages = [(session_paths(session)["page"], session.changed) for session in listed]
    sitemap = render_template(TEMPLATES / "sitemap.xml.j2", site=site, pages=pages)
    return {**found, "feed.xsl": feed_style(site), "sitemap.xml": sitemap.encode()}
