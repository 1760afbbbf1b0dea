"""Bring a site up to date: build changed sessions, replace files atomically, delete orphans.

An interrupted run leaves the old site whole: tracks and pictures get new names, pages are replaced
when all that they show is there, and the list of sessions after its pages. Only then are files
removed that no page shows any more.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from stretchaudio.cache import Cache, CacheArea, key_of
from stretchaudio.errors import BrokenTrackError, FileError, RoutineError, UsageError
from stretchaudio.language import languages
from stretchaudio.mix.sources import music_state
from stretchaudio.routine.library import Library, exercise_folders
from stretchaudio.routine.model import Routine
from stretchaudio.routine.parse import parse_routine
from stretchaudio.session.build import build_track
from stretchaudio.session.options import Options, Settings, resolved
from stretchaudio.session.pools import WorkerPools
from stretchaudio.site.feed import COVER_NAME, FeedInfo, feed
from stretchaudio.site.folder import (
    DAMAGED_TIP,
    STATE_NAME,
    PublishedSession,
    SiteFolder,
    SiteState,
    copy_track,
    folder_state,
    locked,
)
from stretchaudio.site.pages import SessionInfo, SiteInfo, session_assets, site_files, track_path
from stretchaudio.track.cover import COVER_FORMAT, Drawing, cover, drawing_of, icon, is_cover
from stretchaudio.track.reader import NOT_TEXT, Embedded, read_embedded
from stretchaudio.track.verify import verify
from stretchaudio.util.progress import Progress
from stretchaudio.util.units import shell_command

__all__ = ["STATE_NAME", "PublishResult", "SiteRequest", "publish"]

TITLE = "Stretching sessions"
SUMMARY = "Put one on, close your eyes, and do what it says."
SITE_FORMAT = 1
LONGEST_TEXT = 500
"""Letters of a site's title, summary and address."""
_RING = (0.0, 0.13, 0.3, 0.42, 0.6, 0.72, 0.88, 1.0)
"""Where the pieces of the ring on the site's own picture begin and end, as parts of a turn."""
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?")
_NOT_NAMES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
"""Names that Windows keeps for devices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRequest:
    """The content a site is to have. None stands for the same as the last time."""

    routines: tuple[Routine, ...] = ()
    """Routines, built where they have changed."""
    tracks: tuple[Path, ...] = ()
    """Finished tracks, taken as they are."""
    base_url: str | None = None
    """The site's address; empty for no address, which means no feed."""
    title: str | None = None
    summary: str | None = None
    """One sentence about the site."""


@dataclass(slots=True, kw_only=True)
class PublishResult:
    """The sessions of a site, by the change that publishing made."""

    built: list[str] = field(default_factory=list)
    """Sessions that are new or changed."""
    kept: list[str] = field(default_factory=list)
    """Sessions that are unchanged."""
    removed: list[str] = field(default_factory=list)
    """Sessions that are gone."""
    feed: bool = False
    """True when the site has a feed."""


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
        request: Its content; sessions that are not named are removed.
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
    site: Path, request: SiteRequest, settings: Settings, progress: Progress | None = None
) -> PublishResult:
    """Publish with settings that have been resolved; otherwise like `publish`."""
    _check(request)
    sources = _sources(request)
    with locked(site, settings.cache.folder / "locks") as folder:
        old = folder.state()
        sessions = [
            _session(name, source, old.sessions.get(name), folder, settings, progress)
            for name, source in sorted(sources.items())
        ]
        state = _updated(old, request)
        published = _write_pages(folder, sessions, state, settings.cache)
    kept = {
        name
        for name, session in published.items()
        if name in old.sessions and old.sessions[name].track == session.track
    }
    return PublishResult(
        built=sorted(published.keys() - kept),
        kept=sorted(kept),
        removed=sorted(old.sessions.keys() - published.keys()),
        feed=state.base_url is not None,
    )


def _updated(state: SiteState, request: SiteRequest) -> SiteState:
    """Take over what a request names; the rest stays as it was the last time."""
    return replace(
        state,
        title=state.title if request.title is None else request.title,
        summary=state.summary if request.summary is None else request.summary,
        base_url=state.base_url if request.base_url is None else _with_slash(request.base_url),
    )


def _write_pages(
    folder: SiteFolder, sessions: Sequence[SessionInfo], state: SiteState, cache: Cache
) -> Mapping[str, PublishedSession]:
    """Replace all files but the tracks, and remove those that no page shows any more."""
    # All files are made before the first is written.
    for name, data in _files(sessions, state, cache).items():
        folder.write(name, data)
    published = {session.id: _published(session) for session in sessions}
    # Until orphans are removed they are still listed, so that the run after an interrupted one
    # removes them.
    listed = sorted(folder.written | set(state.files))
    folder.save_state(replace(state, sessions=published, files=tuple(listed)))
    folder.remove_orphans(state.files)
    folder.save_state(replace(state, sessions=published, files=tuple(sorted(folder.written))))
    return published


def _check(request: SiteRequest) -> None:
    """Refuse a title, a summary or an address that a site cannot have."""
    for name, text in (("title", request.title), ("summary", request.summary)):
        if text is not None and (NOT_TEXT.search(text) or len(text) > LONGEST_TEXT):
            raise UsageError(
                f"That cannot be the {name} of a site.",
                hint=f"Write a line of at most {LONGEST_TEXT} letters.",
            )
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


def _sources(request: SiteRequest) -> Mapping[str, Routine | Path]:
    """Name the sessions of a site as its addresses do."""
    sources: dict[str, Routine | Path] = {
        _site_id(routine.id): routine for routine in request.routines
    }
    for track in request.tracks:
        if sources.setdefault(_site_id(track.stem), track) != track:
            raise UsageError(
                f"{track} would have the name of another session on the site.",
                hint="Rename the file.",
            )
    if len(sources) < len(request.routines) + len(request.tracks):
        raise UsageError(
            "Two routines would have the same name on the site.", hint="Rename one of them."
        )
    if not sources:
        raise UsageError("A site needs a session.", hint="Name routines or tracks, or --all.")
    return sources


def _site_id(name: str) -> str:
    """Turn a name into one that every address and every system can have."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    site_id = "-".join(re.findall(r"[a-z0-9]+", plain))
    if not site_id:
        return hashlib.sha256(name.encode()).hexdigest()[:10]
    return f"{site_id}-1" if _NOT_NAMES.fullmatch(site_id) else site_id


def _session(  # noqa: PLR0917 - one place calls it
    session_id: str,
    source: Routine | Path,
    before: PublishedSession | None,
    folder: SiteFolder,
    settings: Settings,
    progress: Progress | None,
) -> SessionInfo:
    """Put a session's track into the site unless it is there, and read from it what pages show."""
    key = _key(source, settings)
    if (
        before
        and before.key == key
        and folder.has(track_path(session_id, before.track), before.size)
    ):
        name = before.track
    else:
        name = _new_track(session_id, source, folder, settings, progress)
    path = track_path(session_id, name)
    folder.retain(path)
    embedded = read_embedded(folder.path(path))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return SessionInfo(
        id=session_id,
        manifest=embedded.manifest,
        routine=_routine(embedded.routine, session_id),
        audio=name,
        size_bytes=folder.path(path).stat().st_size,
        assets=session_assets(embedded.manifest, _session_cover(embedded)),
        published=_date(before.published) if before else now,
        changed=_date(before.changed) if before and before.track == name else now,
        key=key,
    )


def _session_cover(embedded: Embedded) -> bytes:
    """Take the cover inside a track, or draw one if somebody put another picture in its place."""
    if embedded.cover and is_cover(embedded.cover):
        return embedded.cover
    return cover(drawing_of(embedded.manifest))


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
    engine, _, name = settings.voice.partition(":")
    recordings = folder_state(Path(name).expanduser()) if engine == "recordings" else ()
    music = music_state(settings.mix.bed)
    # What stands in the repr of settings is all that is heard; the cache and the helpers do not.
    return key_of(
        SITE_FORMAT,
        version("stretchaudio"),
        source.id,
        source.text,
        repr(settings),
        music,
        recordings,
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
    )


def _files(sessions: Sequence[SessionInfo], state: SiteState, cache: Cache) -> Mapping[str, bytes]:
    """Make every file of a site but its tracks, in the order they are to be written."""
    title = state.title or TITLE
    info = SiteInfo(
        title=title,
        summary=state.summary or SUMMARY,
        base_url=state.base_url,
        icon_192=_icon(cache, 192),
        icon_512=_icon(cache, 512),
    )
    files = site_files(info, sessions)
    if state.base_url is not None:
        files |= {
            COVER_NAME: _site_cover(title, cache),
            "feed.xml": _feed(info, state.site_id, state.base_url, sessions),
        }
    return files


def _feed(site: SiteInfo, site_id: UUID, base_url: str, sessions: Sequence[SessionInfo]) -> bytes:
    spoken = [session.manifest.language for session in sessions]
    most_frequent = max(sorted(set(spoken)), key=spoken.count)
    newest_first = sorted(sessions, key=lambda one: (one.published, one.id), reverse=True)
    about = FeedInfo(site_id=site_id, base_url=base_url, language=most_frequent)
    return feed(site, about, newest_first)


def _drawing(title: str) -> Drawing:
    return Drawing(title=title, note="", exercises=tuple(pairwise(_RING)), windows=())


def _site_cover(title: str, cache: Cache) -> bytes:
    return cache.get_or_create(
        CacheArea.COVERS, key_of(COVER_FORMAT, "site", title), partial(cover, _drawing(title))
    )


def _icon(cache: Cache, size: int) -> bytes:
    return cache.get_or_create(
        CacheArea.COVERS, key_of(COVER_FORMAT, "icon", size), partial(icon, _drawing(""), size)
    )
