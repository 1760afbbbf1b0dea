"""Routines and finished tracks to a site: what changed is built, files are replaced one by one, and what is gone goes.

An interrupted run leaves the old site whole: tracks and pictures get names of their own, pages take their place when all that
they show is there, the list of sessions after its pages; only then are files removed that nothing shows any more.
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
    copied,
    locked,
    state_of_files,
)
from stretchaudio.site.pages import SessionInfo, SiteInfo, beside, site_files, track_path
from stretchaudio.track.cover import COVER_FORMAT, Drawing, cover, drawing_of, icon, is_cover
from stretchaudio.track.reader import NOT_TEXT, read_embedded
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
"""Where the pieces of the ring on the site's own picture begin and end."""
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?")
_NOT_NAMES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
"""What Windows does not let a folder be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRequest:
    """What a site is to be."""

    routines: tuple[Routine, ...] = ()
    """Built where they have changed."""
    tracks: tuple[Path, ...] = ()
    """Finished ones, taken as they are."""
    base_url: str | None = None
    """Where it will be found; None for what it was the last time, empty for nowhere: then there is no feed."""
    title: str | None = None
    """Its name; None for what it was the last time."""
    summary: str | None = None
    """One sentence about it; likewise."""


@dataclass(slots=True, kw_only=True)
class PublishResult:
    """What was done."""

    built: list[str] = field(default_factory=list)
    """The sessions that are new or changed."""
    kept: list[str] = field(default_factory=list)
    """Those that are not."""
    removed: list[str] = field(default_factory=list)
    """Those that are gone."""
    feed: bool = False
    """Whether there is a feed."""


def publish(
    site: Path,
    wanted: SiteRequest,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    pools: WorkerPools | None = None,
) -> PublishResult:
    """Write a site, or bring one up to date.

    Args:
        site: Its folder; made when it is not there.
        wanted: What it is to be; sessions that are not named go.
        options: How tracks are built.
        progress: Kept up to date while speech is made.
        pools: Helpers that several runs share; None for helpers of its own.

    Raises:
        UsageError: If the folder holds something else or is being written, an address cannot be used, or two sessions have
            one name.
        StretchaudioError: What building or reading a track raises; the site stays as it was.
    """
    with resolved(options, pools) as settings:
        return publish_site(site, wanted, settings, progress)


def publish_site(
    site: Path, wanted: SiteRequest, settings: Settings, progress: Progress | None = None
) -> PublishResult:
    """Write a site with settings that have been resolved; the rest is that of `publish`."""
    _check(wanted)
    sources = _sources(wanted)
    with locked(site, settings.cache.folder / "locks") as folder:
        state = folder.state()
        sessions = [
            _session(name, sources[name], state.sessions.get(name), folder, settings, progress)
            for name in sorted(sources)
        ]
        state = replace(
            state,
            title=state.title if wanted.title is None else wanted.title,
            summary=state.summary if wanted.summary is None else wanted.summary,
            base_url=state.base_url if wanted.base_url is None else _with_slash(wanted.base_url),
        )
        known = _write_pages(folder, sessions, state, settings.cache)
    same = {
        name
        for name in known
        if name in state.sessions and state.sessions[name].track == known[name].track
    }
    return PublishResult(
        built=sorted(known.keys() - same),
        kept=sorted(same),
        removed=sorted(state.sessions.keys() - known.keys()),
        feed=state.base_url is not None,
    )


def _write_pages(
    folder: SiteFolder, sessions: Sequence[SessionInfo], state: SiteState, cache: Cache
) -> Mapping[str, PublishedSession]:
    """Replace all files but the tracks, and remove what nothing shows any more."""
    files = _files(sessions, state, cache)  # all of them, before the first is written
    for name, data in files.items():
        folder.write(name, data)
    known = {one.id: _known(one) for one in sessions}
    folder.save_state(
        replace(state, sessions=known, files=tuple(sorted(folder.written | set(state.files))))
    )
    folder.remove_orphans(state.files)
    folder.save_state(replace(state, sessions=known, files=tuple(sorted(folder.written))))
    return known


def _check(wanted: SiteRequest) -> None:
    for what, text in (("title", wanted.title), ("summary", wanted.summary)):
        if text is not None and (NOT_TEXT.search(text) or len(text) > LONGEST_TEXT):
            raise UsageError(
                f"That cannot be the {what} of a site.",
                hint=f"Write a line of at most {LONGEST_TEXT} letters.",
            )
    url = wanted.base_url
    if url and (not _URL.fullmatch(url) or len(url) > LONGEST_TEXT or not _has_port(url)):
        hint = "Write it as https://example.org/stretching/, other letters than a to z as %C3%BC or xn--."
        raise UsageError(f"{url[:LONGEST_TEXT]} cannot be the address of a site.", hint=hint)


def _with_slash(url: str) -> str | None:
    """An address as others are appended to it; None for no address."""
    return f"{url.rstrip('/')}/" if url else None


def _has_port(url: str) -> bool:
    """Whether an address names no port, or one that can be."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _sources(wanted: SiteRequest) -> Mapping[str, Routine | Path]:
    """What is published, by the name it has in addresses."""
    found: dict[str, Routine | Path] = {_site_id(one.id): one for one in wanted.routines}
    for track in wanted.tracks:
        if found.setdefault(_site_id(track.stem), track) != track:
            raise UsageError(
                f"{track} would have the name of another session on the site.",
                hint="Rename the file.",
            )
    if len(found) < len(wanted.routines) + len(wanted.tracks):
        raise UsageError(
            "Two routines would have the same name on the site.", hint="Rename one of them."
        )
    if not found:
        raise UsageError("A site needs a session.", hint="Name routines or tracks, or --all.")
    return found


def _site_id(name: str) -> str:
    """A name that every address and every system can have."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = (
        "-".join(re.findall(r"[a-z0-9]+", plain)) or hashlib.sha256(name.encode()).hexdigest()[:10]
    )
    return f"{found}-1" if _NOT_NAMES.fullmatch(found) else found


def _session(  # noqa: PLR0917 - one place calls it
    session_id: str,
    source: Routine | Path,
    known: PublishedSession | None,
    folder: SiteFolder,
    settings: Settings,
    progress: Progress | None,
) -> SessionInfo:
    """Have a session's track in its place, and read from it what its page shows."""
    key = _key(source, settings)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if (
        known is not None
        and known.key == key
        and folder.has(track_path(session_id, known.track), known.size)
    ):
        name = known.track
    else:
        name = _new_track(session_id, source, folder, settings, progress)
    place = track_path(session_id, name)
    folder.retain(place)
    attached = read_embedded(folder.path(place))
    picture = (
        attached.cover
        if attached.cover and is_cover(attached.cover)
        else cover(drawing_of(attached.manifest))
    )
    return SessionInfo(
        id=session_id,
        manifest=attached.manifest,
        routine=_routine(attached.routine, session_id),
        audio=name,
        size_bytes=folder.path(place).stat().st_size,
        beside=beside(attached.manifest, picture),
        published=_date(known.published) if known else now,
        changed=_date(known.changed) if known and known.track == name else now,
        key=key,
    )


def _date(text: str) -> str:
    """A date and time as it was kept.

    Raises:
        FileError: If it is none.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")
    except ValueError:
        raise FileError(
            f"The {STATE_NAME} of the site is damaged: '{text[:40]}' is no date.", hint=DAMAGED_TIP
        ) from None


def _key(source: Routine | Path, settings: Settings) -> str:
    """All that a session's track depends on, as far as it can be known without building it."""
    if isinstance(source, Path):
        try:
            state = source.stat()
        except OSError as error:
            raise FileError.from_os_error(error, f"read {source}") from None
        return key_of("track", str(source.resolve()), state.st_size, state.st_mtime_ns)
    engine, _, name = settings.voice.partition(":")
    recordings = state_of_files(Path(name).expanduser()) if engine == "recordings" else ()
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
    """Build a track or copy one; its name."""
    with folder.new_track() as part:
        if isinstance(source, Path):
            copied(source, part)
            _refuse_broken(part, source)
        else:
            build_track(source, part, settings, progress=progress)
        return folder.store_track(part, session_id)


def _refuse_broken(part: Path, source: Path) -> None:
    """See that a track somebody made is what its manifest says, before others get it."""
    try:
        _, checks = verify(part)
    except FileError as error:  # it tells of the copy, whose name nobody knows
        raise FileError(error.message.replace(str(part), str(source)), hint=error.hint) from None
    wrong = [check.name for check in checks if not check.ok]
    if wrong:
        hint = f"Look at it: {shell_command('verify', source)}"
        raise BrokenTrackError(f"{source} failed verification: {', '.join(wrong)}.", hint=hint)


def _routine(text: str | None, session_id: str) -> Routine | None:
    """What a track was built from; None when it cannot be read here."""
    if text is None:
        return None
    try:
        return parse_routine(
            text, file=session_id, library=Library(exercise_folders()), languages=languages()
        )
    except RoutineError:
        return None


def _known(session: SessionInfo) -> PublishedSession:
    return PublishedSession(
        key=session.key,
        track=session.audio,
        size=session.size_bytes,
        published=session.published,
        changed=session.changed,
    )


def _files(sessions: Sequence[SessionInfo], state: SiteState, cache: Cache) -> Mapping[str, bytes]:
    """Every file of the site but its tracks, in the order they are to be written."""
    title = state.title or TITLE
    facts = SiteInfo(
        title=title,
        summary=state.summary or SUMMARY,
        base_url=state.base_url,
        icon_192=_icon(cache, 192),
        icon_512=_icon(cache, 512),
    )
    files = site_files(facts, sessions)
    if state.base_url is not None:
        spoken = [one.manifest.language for one in sessions]
        most = max(sorted(set(spoken)), key=spoken.count)
        newest = sorted(sessions, key=lambda one: (one.published, one.id), reverse=True)
        about = FeedInfo(site_id=state.site_id, base_url=state.base_url, language=most)
        files |= {COVER_NAME: _site_cover(title, cache), "feed.xml": feed(facts, about, newest)}
    return files


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
