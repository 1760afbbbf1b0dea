"""Keep the folder of a site.

Its files are replaced one by one, so that the site is whole at any time.
"""

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from stretchaudio.errors import FileError, UsageError
from stretchaudio.site.model import HASH_LETTERS
from stretchaudio.site.podcast import Podcast
from stretchaudio.track.reader import refuse_no_track
from stretchaudio.util.atomic import SUFFIX, create_temp, remove_stale, replace, sweep_file

STATE_NAME = "stretchaudio-site.json"
MOST_STATE_BYTES = 64 * 1024 * 1024
DAMAGED_TIP = (
    "Publish into a new folder, or delete sessions/ and this file there, and publish again."
)
_HASH = f"[0-9a-f]{{{HASH_LETTERS}}}"
# Names that the program gives; any other file in the folder is the user's own.
_IN_SESSIONS = re.compile(
    rf"index\.html|qr\.svg|(cover|artwork\d+|captions|chapters)-{_HASH}\.\w+"
    rf"|[a-z0-9-]+-{_HASH}\.mp3"
)
_IN_ROOT = re.compile(
    rf"(style|plain|index|session|player|library|offline)\.{_HASH}\.(css|js)|cover\.(jpg|png)"
    rf"|feed(-[a-z]+)?\.(xml|xsl)|figure-[a-z0-9-]+-{_HASH}\.svg"
)
_PART = re.compile(rf"\..+-[0-9a-f]{{16}}{re.escape(SUFFIX)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSession:
    """A session as the site remembers it from one run to the next."""

    key: str
    """The key of all that its track was made from."""
    track: str
    """The track's file name."""
    size: int
    """The track's size in bytes."""
    published: str
    """When it was first published, as an ISO date and time."""
    changed: str
    """When its track changed last, as an ISO date and time."""
    listed: bool = True
    """False for a session that only those find who have its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteState:
    """All that a site remembers from one run to the next."""

    site_id: UUID = field(default_factory=uuid4)
    """Stays the same for the life of the site."""
    sessions: Mapping[str, PublishedSession] = field(default_factory=dict)
    """Its sessions, by id."""
    files: tuple[str, ...] = ()
    """All files that belong to it."""
    base_url: str | None = None
    """Its address; None when it has none."""
    title: str | None = None
    """Its title; None for the usual one."""
    summary: str | None = None
    """One sentence about it; None for the usual one."""
    language: str | None = None
    """The language of the list; None for that of most sessions."""
    podcast: Podcast = field(default_factory=Podcast)
    """What podcast directories ask for."""


class SiteFolder:
    """The folder of a site.

    Get it from `locked`, so that no two runs write it at once.

    Args:
        site: The folder.
    """

    def __init__(self, site: Path) -> None:
        self.site = site
        self.written: set[str] = set()
        """Names of all files of the site, changed or not."""

    def state(self) -> SiteState:
        """Read the state of the site; an empty or missing folder becomes a new site.

        Raises:
            UsageError: If the folder holds something else.
            FileError: If it cannot be read or written, or its state is damaged.
        """
        path = self.site / STATE_NAME
        if self.site.exists() and not self.site.is_dir():
            raise UsageError(f"{self.site} is not a folder.", hint="Name a folder for the site.")
        if path.is_file():
            self._sweep_parts()
            return self._read(path)
        # A first run may have been killed before the folder was a site.
        remove_stale(self.site, f".{STATE_NAME}-")
        if self.site.is_dir() and any(self.site.iterdir()):
            raise UsageError(
                f"{self.site} holds other things, and no {STATE_NAME}.",
                hint="Name a new or an empty folder, or a site.",
            )
        state = SiteState()
        self.save_state(state)  # a first run that is interrupted can then be taken up
        return state

    def _sweep_parts(self) -> None:
        """Remove the unfinished files of runs that were killed."""
        for folder in (self.site, *self.site.glob("sessions/*")):
            if folder.is_dir() and not folder.is_symlink():
                for path in list(folder.iterdir()):
                    if _PART.fullmatch(path.name):
                        sweep_file(path)

    def _read(self, path: Path) -> SiteState:
        from pydantic import TypeAdapter, ValidationError

        try:
            text = path.read_bytes() if path.stat().st_size <= MOST_STATE_BYTES else b""
            state: SiteState = TypeAdapter(SiteState).validate_json(text)
        except (ValidationError, RecursionError):
            raise FileError(f"{path} is damaged.", hint=DAMAGED_TIP) from None
        return state

    def save_state(self, state: SiteState) -> None:
        """Write the state of the site into its folder."""
        from pydantic import TypeAdapter

        self.write(STATE_NAME, TypeAdapter(SiteState).dump_json(state, indent=1))

    def path(self, name: str) -> Path:
        """Tell where a file of the site is."""
        return self.site / name

    def has(self, name: str, size: int) -> bool:
        """Tell whether a file is there and has a size."""
        path = self.path(name)
        return self._is_inside(name) and path.is_file() and path.stat().st_size == size

    def retain(self, name: str) -> None:
        """Count a file that is there already as one of the site."""
        self.written.add(name)

    def write(self, name: str, data: bytes) -> None:
        """Write a file of the site, unless it has that content already."""
        self.written.add(name)
        path = self.path(name)
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return
        with self._new(path) as part:
            part.write_bytes(data)

    @contextmanager
    def new_track(self) -> Iterator[Path]:
        """Give a temporary file for a track; if it is still there afterwards it is removed."""
        self.site.mkdir(parents=True, exist_ok=True)
        with create_temp(self.site, ".track-") as part:
            yield part

    def store_track(self, part: Path, session_id: str) -> str:
        """Move a finished track into its place; return its name."""
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:HASH_LETTERS]
        name = f"{session_id}-{digest}.mp3"
        target = self.path(f"sessions/{session_id}/{name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        replace(part, target)
        return name

    @contextmanager
    def _new(self, path: Path) -> Iterator[Path]:
        path.parent.mkdir(parents=True, exist_ok=True)
        with create_temp(path.parent, f".{path.name}-") as part:
            yield part
            replace(part, path)

    def remove_orphans(self, before: Iterable[str]) -> None:
        """Remove files of the site that no page shows any more, and those of interrupted runs.

        Args:
            before: The files that belonged to the site before this run.
        """
        for name in sorted({*before, *self._own_files()} - self.written):
            if self._is_inside(name) and self.path(name).is_file():
                self.path(name).unlink(missing_ok=True)
        for folder in self.site.glob("sessions/*"):
            if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
                folder.rmdir()

    def _own_files(self) -> Iterator[str]:
        """List the files that have names such as the program gives."""
        for path in (*self.site.glob("sessions/*/*"), *self.site.glob("*")):
            own = _IN_ROOT if path.parent == self.site else _IN_SESSIONS
            if own.fullmatch(path.name):
                yield path.relative_to(self.site).as_posix()

    def _is_inside(self, name: str) -> bool:
        """Tell whether a name from the state stays in the folder, without links."""
        try:
            root, target = self.site.resolve(), self.path(name).resolve()
            return target != root and target.is_relative_to(root) and target == root / name
        except (OSError, ValueError):
            return False


@contextmanager
def locked(site: Path, folder: Path) -> Iterator[SiteFolder]:
    """Open a site's folder for this run alone.

    Args:
        site: The folder.
        folder: The folder of locks.

    Raises:
        UsageError: If another run is writing the site.
        FileError: If a file cannot be read or written.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(str(site.resolve()).encode()).hexdigest()
        with FileLock(folder / f"{name}.lock", timeout=0):
            existed = site.exists()
            try:
                yield SiteFolder(site)
            except BaseException:
                _remove_empty_site(site, existed=existed)
                raise
    except Timeout:
        raise UsageError(
            f"{site} is being written by another run.", hint="Wait until that has ended."
        ) from None
    except OSError as error:
        raise FileError.from_os_error(error, f"write the site in {site}") from None


def _remove_empty_site(site: Path, *, existed: bool) -> None:
    """Remove the state of a site that has nothing in it yet, and the folder if it is new."""
    if site.is_dir() and {path.name for path in site.iterdir()} <= {STATE_NAME}:
        (site / STATE_NAME).unlink(missing_ok=True)
        if not existed:
            site.rmdir()


def copy_track(source: Path, part: Path) -> None:
    """Copy a track without holding it in memory.

    Raises:
        FileError: If it cannot be read or written, is not a file, or is larger than any track.
    """
    try:
        refuse_no_track(source)
        with source.open("rb") as file, part.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
    except OSError as error:
        raise FileError.from_os_error(error, f"copy {source}") from None
