"""Download voices: resumed when broken off, checked by size and hash, whole or not at all."""

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stretchaudio.errors import FileError, StretchaudioError, VoiceError
from stretchaudio.util.atomic import replace

CONNECT_S, READ_S = 5.0, 20.0
ATTEMPTS = 5
LONGEST_WAIT_S = 8.0
PIECE_BYTES = 1 << 13
"""The size of the pieces that are written; one that is cut off is lost."""
ABANDONED_S = 120
"""A file that nobody has written to for this long belongs to a run that was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFile:
    """One file of a voice."""

    url: str
    """Where it is downloaded from."""
    target: Path
    """The path it is downloaded to."""
    size_bytes: int
    digest: str
    """Its hash, in hexadecimal."""
    algorithm: str
    """The name of the hash's algorithm, such as `sha256`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A voice that can be downloaded."""

    name: str
    """Such as en_US-lessac-medium."""
    files: tuple[VoiceFile, ...]
    """The model last, so that the voice is there only when all of it is."""

    @property
    def size_bytes(self) -> int:
        """The size of all files."""
        return sum(file.size_bytes for file in self.files)


def fetch(offer: Offer, progress: Callable[[int], None] = lambda _: None) -> Iterator[Path]:
    """Download a voice, file by file; what is there already is not fetched again.

    Args:
        offer: What to download.
        progress: Told how many bytes of all files are there by now.

    Yields:
        Each file when it is there whole; in the offer's order.

    Raises:
        VoiceError: If a file cannot be downloaded or is not what the offer says. What came stays,
            and the next time goes on from there.
        FileError: If it cannot be written.
    """
    before = 0
    for file in offer.files:
        try:
            if not _is_whole(file.target, file):
                file.target.parent.mkdir(parents=True, exist_ok=True)
                _fetch(file, lambda size, before=before: progress(before + size))  # type: ignore[misc]
        except OSError as error:
            raise FileError.from_os_error(error, f"write {file.target}") from None
        before += file.size_bytes
        progress(before)
        yield file.target


def _fetch(file: VoiceFile, progress: Callable[[int], None]) -> None:
    """Fetch a file into an unfinished one beside it, in some attempts, and rename that."""
    import requests
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

    part, own = _claim(file)
    again = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
    attempts = Retrying(
        retry=retry_if_exception_type(again),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=0.5, max=LONGEST_WAIT_S),
        reraise=True,
    )
    try:
        attempts(_go_on, file, own, progress)
        if not _is_whole(own, file):
            own.unlink()
            raise _damaged(file)
        replace(own, file.target)
    except requests.RequestException as error:
        kept = own.stat().st_size if own.exists() else 0
        raise VoiceError(
            f"{file.target.name} cannot be downloaded ({cause_of(error)}).",
            hint=f"Run it again to go on: {kept:,} of {file.size_bytes:,} bytes are kept.",
        ) from None
    finally:
        with contextlib.suppress(OSError):
            replace(own, part)


def _claim(file: VoiceFile) -> tuple[Path, Path]:
    """Take over what earlier runs fetched of a file, under a name of this run's own.

    So two runs never write into one file.

    Returns:
        The name it has when nobody works on it, and this run's own.
    """
    part = file.target.with_name(f"{file.target.name}.{file.digest[:8]}.part")
    own = part.with_name(f"{part.name}.{secrets.token_hex(4)}")
    left = [
        path
        for path in part.parent.glob(f"{part.name}.*")
        if path.stat().st_mtime < time.time() - ABANDONED_S
    ]
    for found in (part, *left):
        with contextlib.suppress(OSError):  # another run was quicker
            replace(found, own)
            break
    return part, own


def _go_on(file: VoiceFile, part: Path, progress: Callable[[int], None]) -> None:
    """Fetch the rest of a file that is unfinished."""
    import requests

    there = part.stat().st_size if part.exists() else 0
    if there >= file.size_bytes:
        return
    headers = {"Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    with requests.get(
        file.url, headers=headers, timeout=(CONNECT_S, READ_S), stream=True
    ) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            part.unlink()
            raise requests.ConnectionError("it was another file before")
        answer.raise_for_status()
        if answer.status_code != requests.codes.partial_content:
            there = 0
        with part.open("ab" if there else "wb") as target:
            for piece in answer.iter_content(PIECE_BYTES):
                there += len(piece)
                if there > file.size_bytes:
                    break  # it is not the file that was listed, as its hash will show
                target.write(piece)
                progress(there)
            target.flush()
            os.fsync(target.fileno())
    if there < file.size_bytes:
        raise requests.ConnectionError("it was cut off")


def _is_whole(path: Path, file: VoiceFile) -> bool:
    if not path.is_file() or path.stat().st_size != file.size_bytes:
        return False
    with path.open("rb") as data:
        digest = hashlib.file_digest(
            data, lambda: hashlib.new(file.algorithm, usedforsecurity=False)
        )
        return digest.hexdigest() == file.digest


def _damaged(file: VoiceFile) -> StretchaudioError:
    return VoiceError(
        f"{file.target.name} is not what it should be (another size or hash).",
        hint="Try again later.",
    )


def cause_of(error: Exception) -> str:
    """Name what went wrong with a request."""
    response = getattr(error, "response", None)
    return f"status {response.status_code}" if response is not None else type(error).__name__
