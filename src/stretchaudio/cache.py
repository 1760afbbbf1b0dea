"""Keep bytes under a key of all they were made from, checked when read.

Builds that run at once share a cache: entries are written under another name and renamed. What
was spoken may be shared by machines as well, in a bucket behind the folder.
"""

import contextlib
import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from stretchaudio.errors import FileError
from stretchaudio.util.atomic import create_temp, remove_stale, replace
from stretchaudio.util.bucket import Bucket, is_bucket, open_bucket


class CacheArea(StrEnum):
    """The kinds of entries; each has a folder of the cache."""

    SPEECH = "speech"
    """Speech as engines gave it, which may have cost a network request."""
    CLIPS = "clips"
    """Clips derived from it."""
    BLOCKS = "blocks"
    """Blocks of tracks with music or chimes."""
    MUSIC = "music"
    """Measurements of a listener's own music."""
    COVERS = "covers"
    """Pictures of sessions and sites."""


_Thing = TypeVar("_Thing")
_SHARED = frozenset({CacheArea.SPEECH, CacheArea.CLIPS})
"""What a bucket holds: the rest is made quickly, or is of one listener."""
_MAGIC = b"stretchaudio-cache/1\n"


def default_folder() -> Path:
    """Choose the cache's folder.

    It is `$STRETCHAUDIO_CACHE`, else `audio_cache` in the working folder if there is one, else the
    user's cache folder.
    """
    asked = os.environ.get("STRETCHAUDIO_CACHE")
    if asked:
        return Path(asked)
    here = Path("audio_cache")
    if here.is_dir():
        return here
    return user_folder()


def user_folder() -> Path:
    """Name the user's cache folder, wherever the program runs."""
    from platformdirs import user_cache_path

    return user_cache_path("stretchaudio", appauthor=False)


def key_of(*parts: object) -> str:
    """Make a key of everything that an entry is made from; each part is a JSON value."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def open_cache(place: Path | str | None) -> "Cache":
    """Open the cache in a folder, or the usual one in front of a bucket.

    Args:
        place: A folder, or the address of a bucket; None for the usual folder.

    Raises:
        UsageError: If the bucket cannot be opened.
    """
    if place and is_bucket(place):
        return Cache(default_folder(), open_bucket(str(place)))
    return Cache(Path(place or default_folder()))


class Cache:
    """A folder of entries.

    Args:
        folder: Made when first written to.
        bucket: Has what other machines have spoken, and gets what this one speaks.
    """

    def __init__(self, folder: Path, bucket: Bucket | None = None) -> None:
        self.folder = folder
        self.bucket = bucket

    def get(self, area: CacheArea, key: str) -> bytes | None:
        """Read an entry's bytes; None when there is none or it is damaged.

        Raises:
            FileError: If it is there and cannot be read.
        """
        try:
            data = self._path(area, key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            data = b""
        except OSError as error:
            raise FileError.from_os_error(error, f"read the cache in {self.folder}") from None
        payload = _unwrapped(data)
        return self._get_shared(area, key) if payload is None else payload

    def _get_shared(self, area: CacheArea, key: str) -> bytes | None:
        """Read an entry of the bucket, and keep it here."""
        if self.bucket is None or area not in _SHARED:
            return None
        payload = _unwrapped(self.bucket.read(_name(area, key)) or b"")
        if payload is not None:
            self._keep(area, key, payload)
        return payload

    def load(self, area: CacheArea, key: str, unpack: Callable[[bytes], _Thing]) -> _Thing | None:
        """Read an entry and unpack it; None when there is none or it is damaged.

        Raises:
            FileError: If it is there and cannot be read.
        """
        data = self.get(area, key)
        return None if data is None else unpack(data)

    @contextlib.contextmanager
    def new_file(self, path: Path) -> Iterator[Path]:
        """Name a file that the block writes; it becomes `path` when all went well.

        Raises:
            FileError: If the cache cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with create_temp(self._temp_folder(), path.name[:8]) as part:
                yield part
                replace(part, path)
        except OSError as error:
            told = FileError.from_os_error(error, f"write to the cache in {self.folder}")
            hint = "Name another place with --cache-dir, or with STRETCHAUDIO_CACHE."
            raise FileError(told.message, hint=hint) from None

    @contextlib.contextmanager
    def claimed(self, area: CacheArea, key: str) -> Iterator[None]:
        """Make others wait who claim the same entry, for as long as the block makes it.

        Others that share its first letters wait as well, since locks stay as empty files.
        Where there can be no locks nobody waits.
        """
        from filelock import FileLock

        with contextlib.ExitStack() as held:
            # NotImplementedError: the file system has no locks.
            with contextlib.suppress(OSError, NotImplementedError):
                folder = self.folder / "locks"
                folder.mkdir(parents=True, exist_ok=True)
                held.enter_context(FileLock(folder / f"{area}-{key[:3]}"))
            yield

    def touch(self, area: CacheArea, key: str) -> bool:
        """Mark an entry as used; False if there is none. Does not verify its checksum."""
        try:
            os.utime(self._path(area, key))
        except FileNotFoundError:
            return False
        except OSError:  # it is there, and somebody else's
            return True
        return True

    def trim(self, area: CacheArea, most_bytes: int) -> None:
        """Remove an area's least recently used entries until the others take `most_bytes`."""
        found = []
        for path in (self.folder / area).glob("??/*"):
            with contextlib.suppress(OSError):  # another build may trim at the same time
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
        surplus = sum(size for _, size, _ in found) - most_bytes
        for _, size, path in sorted(found):
            if surplus <= 0:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            surplus -= size

    def put(self, area: CacheArea, key: str, payload: bytes) -> bytes:
        """Keep an entry, and return what holds; no reader ever sees half of it.

        In a bucket an entry that another machine made meanwhile holds, unless it is damaged.

        Raises:
            FileError: If it cannot be written.
        """
        if self.bucket is not None and area in _SHARED:
            name = _name(area, key)
            if self.bucket.create(name, _wrapped(payload)) is None:
                other = _unwrapped(self.bucket.read(name) or b"")
                if other is None:
                    self.bucket.write(name, _wrapped(payload))
                else:
                    payload = other
        self._keep(area, key, payload)
        return payload

    def _keep(self, area: CacheArea, key: str, payload: bytes) -> None:
        with self.new_file(self._path(area, key)) as part:
            part.write_bytes(_wrapped(payload))

    def get_or_create(self, area: CacheArea, key: str, create: Callable[[], bytes]) -> bytes:
        """Read an entry's bytes; create and keep them when there are none.

        Raises:
            FileError: If it cannot be read or written.
        """
        found = self.get(area, key)
        if found is None:
            found = self.put(area, key, create())
        return found

    def remove_stale(self) -> None:
        """Remove what builds that were killed left behind."""
        remove_stale(self.folder / "tmp")

    def _temp_folder(self) -> Path:
        folder = self.folder / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _path(self, area: CacheArea, key: str) -> Path:
        return self.folder / _name(area, key)


def _name(area: CacheArea, key: str) -> str:
    return f"{area}/{key[:2]}/{key}"


def _wrapped(payload: bytes) -> bytes:
    """Write an entry with the hash by which it is checked."""
    return _MAGIC + hashlib.sha256(payload).digest() + payload


def _unwrapped(data: bytes) -> bytes | None:
    """Read an entry; None if it is not whole."""
    start = len(_MAGIC) + hashlib.sha256().digest_size
    payload = data[start:]
    whole = data[:start] == _MAGIC + hashlib.sha256(payload).digest()
    return payload if whole else None


class WarmCache(Cache):
    """A cache that keeps in memory what it has unpacked, for a process that makes many sessions.

    Args:
        folder: As for `Cache`.
        bucket: As for `Cache`.
        most_bytes: How much of what was unpacked is kept, the least recently used is given up.
    """

    def __init__(
        self, folder: Path, bucket: Bucket | None = None, most_bytes: int = 32 << 20
    ) -> None:
        super().__init__(folder, bucket)
        self._left_bytes = most_bytes
        self._lock = Lock()
        self._kept: OrderedDict[tuple[CacheArea, str], tuple[Any, int]] = OrderedDict()

    def load(self, area: CacheArea, key: str, unpack: Callable[[bytes], _Thing]) -> _Thing | None:
        """Read an entry and unpack it, unless that was done before."""
        with self._lock:
            if (area, key) in self._kept:
                self._kept.move_to_end((area, key))
                found: _Thing = self._kept[area, key][0]
                return found
        data = self.get(area, key)
        if data is None:
            return None
        thing = unpack(data)
        with self._lock:
            self._kept[area, key] = (thing, len(data))
            self._left_bytes -= len(data)
            while self._left_bytes < 0:
                self._left_bytes += self._kept.popitem(last=False)[1][1]
        return thing
