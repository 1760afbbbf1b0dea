"""Routines and finished tracks to a site: what changed is built, files are replaced one by one, and what is gone goes.

An interrupted run leaves the old site whole: tracks and pictures get names of their own, pages take their place when all that
they show is there, the list of sessions after its pages; only then are files removed that nothing shows any more.
"""

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from stretchaudio.cache import COVERS, Cache, key_of
from stretchaudio.config import config
from stretchaudio.errors import FileError, RoutineError, UsageError
from stretchaudio.files import open_part
from stretchaudio.language import languages
from stretchaudio.mix.bed import music_state
from stretchaudio.options import Options, cache_of, mix_of
from stretchaudio.routine.library import Library, exercise_folders
from stretchaudio.routine.model import Routine
from stretchaudio.routine.read import parse_routine
from stretchaudio.session import build_session
from stretchaudio.share.feed import COVER_NAME, FeedFacts, feed
from stretchaudio.share.site import SessionFacts, SiteFacts, beside, hashed, site_files
from stretchaudio.speech.speak import Progress
from stretchaudio.track.cover import COVER_FORMAT, Drawing, cover, drawing_of, icon
from stretchaudio.track.read import read_attached

TITLE = "Stretching sessions"
SUMMARY = "Put one on, close your eyes, and do what it says."
STATE_NAME = "stretchaudio-site.json"
SITE_FORMAT = 1
MOST_STATE_BYTES = 64 * 1024 * 1024
_BUILDING = ".stretchaudio-building.mp3"
_RING = (0.0, 0.13, 0.3, 0.42, 0.6, 0.72, 0.88, 1.0)
"""Where the pieces of the ring on the site's own picture begin and end."""
_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_OUR_FILES = re.compile(r"index\.html|(cover|captions|chapters)-[0-9a-f]{10}\.\w+|[a-z0-9-]+-[0-9a-f]{10}\.mp3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a site is to be."""

    routines: tuple[Routine, ...] = ()
    """Built where they have changed."""
    tracks: tuple[Path, ...] = ()
    """Finished ones, taken as they are."""
    base_url: str | None = None
    """Where it will be found; None when that is not known, and then there is no feed."""
    title: str = TITLE
    """Its name."""
    summary: str = SUMMARY
    """One sentence about it."""


@dataclass(slots=True, kw_only=True)
class Published:
    """What was done."""

    built: list[str] = field(default_factory=list)
    """The sessions that are new or changed."""
    kept: list[str] = field(default_factory=list)
    """Those that are not."""
    removed: list[str] = field(default_factory=list)
    """Those that are gone."""
    feed: bool = False
    """Whether there is a feed."""


def publish(site: Path, wanted: Wanted, options: Options | None = None, *, progress: Progress | None = None) -> Published:
    """Write a site, or bring one up to date.

    Args:
        site: Its folder; made when it is not there.
        wanted: What it is to be; sessions that are not named go.
        options: How tracks are built.
        progress: Kept up to date while speech is made.

    Raises:
        UsageError: If the folder holds something else, an address cannot be used, or two sessions have one name.
        StretchaudioError: What building or reading a track raises; the site stays as it was.
    """
    options = options or Options()
    base_url = _base_url(wanted.base_url)
    state = _State.of(site)
    done = Published(feed=base_url is not None)
    sources: dict[str, Routine | Path] = {_site_id(one.id): one for one in wanted.routines}
    sources |= {_site_id(one.stem): one for one in wanted.tracks}
    if len(sources) < len(wanted.routines) + len(wanted.tracks):
        raise UsageError("Two sessions would have the same name on the site.", tip="Rename one of them.")
    if not sources:
        raise UsageError("A site needs a session.", tip="Name routines or tracks, or --all.")
    try:
        writer = _Writer(site)
        one = partial(_session, state=state, writer=writer, done=done, options=options, progress=progress)
        sessions = [one(session_id, sources[session_id]) for session_id in sorted(sources)]
        cache = cache_of(options)
        facts = SiteFacts(
            title=wanted.title, summary=wanted.summary, base_url=base_url, icon_192=_icon(cache, 192), icon_512=_icon(cache, 512)
        )
        for path, data in site_files(facts, sessions).items():
            writer.write(path, data)
        if base_url is not None:
            writer.write(COVER_NAME, _site_cover(wanted.title, cache))
            newest = sorted(sessions, key=lambda one: (one.published, one.id), reverse=True)
            about = FeedFacts(site_id=state.site_id, base_url=base_url, language=_language(sessions))
            writer.write("feed.xml", feed(facts, about, newest))
        done.removed += sorted(set(state.sessions) - set(sources))
        new = state.after(sessions, writer.written)
        writer.write(STATE_NAME, new)
        writer.sweep(state.files)
    except OSError as error:
        raise FileError.of(error, f"write the site in {site}") from None
    return done


def _session(
    session_id: str,
    source: Routine | Path,
    *,
    state: "_State",
    writer: "_Writer",
    done: Published,
    options: Options,
    progress: Progress | None,
) -> SessionFacts:
    """Have a session's track in its place, and read from it what its page shows."""
    key = _key(source, options)
    known = state.sessions.get(session_id, {})
    name = str(known.get("track", ""))
    place = f"sessions/{session_id}/{name}"
    if known.get("key") == key and writer.has(place, known.get("size")):
        done.kept.append(session_id)
    else:
        name = _new_track(session_id, source, writer, options, progress)
        place = f"sessions/{session_id}/{name}"
        (done.kept if name == known.get("track") else done.built).append(session_id)
    writer.keep(place)
    attached = read_attached(writer.path(place))
    return SessionFacts(
        id=session_id,
        manifest=attached.manifest,
        routine=_routine(attached.routine, session_id),
        audio=name,
        size_bytes=writer.path(place).stat().st_size,
        beside=beside(attached.manifest, attached.cover or cover(drawing_of(attached.manifest))),
        published=str(known.get("published") or datetime.now(UTC).isoformat(timespec="seconds")),
        key=key,
    )


def _key(source: Routine | Path, options: Options) -> str:
    """All that a session's track depends on, as far as it can be known without building it."""
    if isinstance(source, Path):
        try:
            state = source.stat()
        except OSError as error:
            raise FileError.of(error, f"read {source}") from None
        return key_of("track", str(source.resolve()), state.st_size, state.st_mtime_ns)
    music = music_state(mix_of(options).bed)
    return key_of(SITE_FORMAT, version("stretchaudio"), source.id, source.text, repr(options), repr(config()), music)


def _new_track(session_id: str, source: Routine | Path, writer: "_Writer", options: Options, progress: Progress | None) -> str:
    """Build a track or copy one; its name."""
    building = writer.path(_BUILDING)
    try:
        if isinstance(source, Path):
            read_attached(source)  # before it is copied
            building.write_bytes(source.read_bytes())
        else:
            build_session(source, building, options, progress=progress)
        data = building.read_bytes()
        name = hashed(f"{session_id}.mp3", data)
        target = writer.path(f"sessions/{session_id}/{name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(building, target)
    finally:
        building.unlink(missing_ok=True)
    return name


def _routine(text: str | None, session_id: str) -> Routine | None:
    """What a track was built from; None when it cannot be read here."""
    try:
        return (text and parse_routine(text, file=session_id, library=Library(exercise_folders()), languages=languages())) or None
    except RoutineError:
        return None


def _site_id(name: str) -> str:
    """A name that every address can have."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = "-".join(re.findall(r"[a-z0-9]+", plain))
    return found or hashlib.sha256(name.encode()).hexdigest()[:10]


def _base_url(url: str | None) -> str | None:
    if url is None:
        return None
    if not _URL.fullmatch(url):
        raise UsageError(f"{url} cannot be the address of a site.", tip="Write it as https://example.org/stretching/.")
    return url.rstrip("/") + "/"


def _language(sessions: Sequence[SessionFacts]) -> str:
    spoken = [one.manifest.language for one in sessions]
    return max(sorted(set(spoken)), key=spoken.count)


def _drawing(title: str) -> Drawing:
    return Drawing(title=title, note="", exercises=tuple(pairwise(_RING)), windows=())


def _site_cover(title: str, cache: Cache) -> bytes:
    return cache.made(COVERS, key_of(COVER_FORMAT, "site", title), partial(cover, _drawing(title)))


def _icon(cache: Cache, size: int) -> bytes:
    return cache.made(COVERS, key_of(COVER_FORMAT, "icon", size), partial(icon, _drawing(""), size))


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What is known of a site from the time before."""

    site_id: UUID
    sessions: Mapping[str, Mapping[str, Any]]
    files: frozenset[str]

    @classmethod
    def of(cls, site: Path) -> "_State":
        """Read it; a folder that holds something else is left alone."""
        path = site / STATE_NAME
        try:
            if site.exists() and not site.is_dir():
                raise UsageError(f"{site} is not a folder.", tip="Name a folder for the site.")
            if not path.exists():
                others = [one.name for one in site.iterdir() if one.name != _BUILDING] if site.is_dir() else []
                if others and not _begun(site):
                    raise UsageError(f"{site} holds other things, and no site.", tip="Name a new or an empty folder.")
                return cls(site_id=uuid4(), sessions={}, files=frozenset())
            text = path.read_text(encoding="utf-8") if path.stat().st_size <= MOST_STATE_BYTES else ""
            data = json.loads(text)
            return cls(site_id=UUID(data["site_id"]), sessions=dict(data["sessions"]), files=frozenset(map(str, data["files"])))
        except OSError as error:
            raise FileError.of(error, f"read the site in {site}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise FileError(f"{path} is damaged.", tip="Delete the site's folder, and publish it again.") from None

    def after(self, sessions: Iterable[SessionFacts], files: Iterable[str]) -> bytes:
        """What is to be known the next time."""
        found = {
            one.id: {"key": one.key, "track": one.audio, "size": one.size_bytes, "published": one.published} for one in sessions
        }
        data = {"format": SITE_FORMAT, "site_id": str(self.site_id), "sessions": found, "files": sorted(files)}
        return json.dumps(data, indent=1).encode()


def _begun(site: Path) -> bool:
    """Whether a folder holds nothing but what an interrupted first run left."""
    names = {one.name for one in site.iterdir()}
    return names <= {"sessions", _BUILDING} and all(
        _OUR_FILES.fullmatch(file.name) for file in site.glob("sessions/*/*") if file.is_file()
    )


class _Writer:
    """Writes a site's files, each whole or not at all, and only those that have changed."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.written: set[str] = set()
        """All files of the site, changed or not."""
        site.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Where a file is."""
        return self.site / name

    def has(self, name: str, size: Any) -> bool:
        """Whether a file is there as it was left."""
        path = self.path(name)
        return path.is_file() and path.stat().st_size == size

    def keep(self, name: str) -> None:
        """A file that is there already belongs to the site."""
        self.written.add(name)

    def write(self, name: str, data: bytes) -> None:
        """Give a file its content."""
        self.written.add(name)
        path = self.path(name)
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = open_part(path.parent, f".{path.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)

    def sweep(self, before: Iterable[str]) -> None:
        """Remove what belonged to the site before and does not any more, and what interrupted runs left."""
        left = {str(path.relative_to(self.site).as_posix()) for path in self.site.glob("sessions/*/*") if _is_ours(path)}
        for name in sorted({*before, *left} - self.written):
            if not name.startswith("/") and ".." not in Path(name).parts:
                self.path(name).unlink(missing_ok=True)
        for folder in self.site.glob("sessions/*"):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _is_ours(path: Path) -> bool:
    return path.is_file() and bool(_OUR_FILES.fullmatch(path.name) or path.suffix == ".part")
