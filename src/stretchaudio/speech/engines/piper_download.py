"""Download Piper's voices: resumed when broken off, checked by size and hash, whole or not at all.

The list is `voices.json` of the repository rhasspy/piper-voices: for each voice its files with
`size_bytes` and `md5_digest`.
"""

import contextlib
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from stretchaudio.errors import FileError, StretchaudioError, UsageError, VoiceError, did_you_mean
from stretchaudio.speech.engine import ListedVoice
from stretchaudio.speech.engines.piper import CONFIG, MODEL, downloaded, folder, language_of
from stretchaudio.util.atomic import replace

SOURCE = "https://huggingface.co/rhasspy/piper-voices/resolve/main"
# `STRETCHAUDIO_PIPER_VOICES` can name another place with the same files, such as a mirror.
CARD = "MODEL_CARD"
"""Piper's name for the file that tells where a voice comes from and under which licence."""
CONNECT_S, READ_S = 5.0, 20.0
ATTEMPTS = 5
LONGEST_WAIT_S = 8.0
_PIECE = 1 << 13
"""In bytes; a piece that is cut off is lost."""
_LIST_LIMIT = 20 << 20
ABANDONED_S = 120
"""A file that nobody has written to for this long belongs to a run that was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFile:
    """One file of a voice, as Piper's list describes it."""

    source: str
    """Its path below the source."""
    target: Path
    """The path it is downloaded to."""
    size_bytes: int
    md5: str
    """Its MD5 sum, in hexadecimal."""


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


def find_offer(name: str) -> Offer:
    """Look a voice up in Piper's list.

    Raises:
        UsageError: If there is none of that name.
        VoiceError: If the list cannot be downloaded.
    """
    listed = _list()
    if name not in listed:
        same = sorted(
            other for other in listed if other.partition("-")[0] == name.partition("-")[0]
        )
        hint = "https://rhasspy.github.io/piper-samples has them all to listen to."
        if same:
            hint = f"There is {', '.join(same)}."
        raise UsageError(f"Piper has no voice '{name}'.{did_you_mean(name, listed)}", hint=hint)
    return Offer(name=name, files=tuple(_files(name, listed[name])))


def listed_voices(*, offline: bool) -> Iterator[ListedVoice]:
    """List the voices that are here, and with a network all that can be downloaded.

    Raises:
        VoiceError: If Piper's list cannot be downloaded.
    """
    here = downloaded()
    offered = {} if offline else _list()
    for name in sorted({*here, *offered}):
        is_here = name in here
        files = tuple(_files(name, offered[name])) if name in offered else ()
        yield ListedVoice(
            name=name,
            language=language_of(name),
            licence=_kept_licence(name) if is_here else "in its card",
            size_bytes=Offer(name=name, files=files).size_bytes,
            is_here=is_here,
        )


def _kept_licence(name: str) -> str:
    try:
        return licence((folder() / f"{name}.{CARD}").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""


def fetch(offer: Offer, progress: Callable[[int], None] = lambda _: None) -> Iterator[Path]:
    """Download a voice, file by file; what is there already is not fetched again.

    Args:
        offer: From `find_offer`.
        progress: Told how many bytes of all files are there by now.

    Yields:
        Each file when it is there whole; the card with the licence comes first.

    Raises:
        VoiceError: If a file cannot be downloaded or is not what the list says. What came stays,
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


def licence(card: str) -> str:
    """Quote from a voice's card what it says of its licence."""
    lines = [
        line.strip(" *-\t")
        for line in card.splitlines()
        if "license" in line.lower() or "licence" in line.lower()
    ]
    return "; ".join(line for line in lines if line) or "its card names no licence"


def _files(name: str, entry: Any) -> Iterator[VoiceFile]:
    targets = {
        CARD: f"{name}.{CARD}",
        f"{name}{CONFIG}": f"{name}{CONFIG}",
        f"{name}{MODEL}": f"{name}{MODEL}",
    }
    try:
        by_name = {
            PurePosixPath(path).name: (path, details) for path, details in entry["files"].items()
        }
        for source_name, target in targets.items():
            path, details = by_name[source_name]
            yield VoiceFile(
                source=path,
                target=folder() / target,
                size_bytes=int(details["size_bytes"]),
                md5=str(details["md5_digest"]),
            )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise VoiceError(f"Piper's list says nothing useful of the voice '{name}'.") from None


def _source() -> str:
    return os.environ.get("STRETCHAUDIO_PIPER_VOICES", SOURCE).rstrip("/")


def _list() -> Mapping[str, Any]:
    import requests

    try:
        with requests.get(
            f"{_source()}/voices.json", timeout=(CONNECT_S, READ_S), stream=True
        ) as answer:
            answer.raise_for_status()
            listed = json.loads(b"".join(_limited(answer, _LIST_LIMIT)))
    except (requests.RequestException, ValueError) as error:
        raise VoiceError(
            f"The list of Piper's voices cannot be downloaded ({_cause(error)}).",
            hint="Try again with a network.",
        ) from None
    if not isinstance(listed, dict):
        raise VoiceError("The list of Piper's voices is not a list of voices.")
    return listed


def _limited(answer: Any, limit: int) -> Iterator[bytes]:
    size = 0
    for piece in answer.iter_content(_PIECE):
        size += len(piece)
        if size > limit:
            raise ValueError("it is too large")
        yield piece


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
            f"{file.target.name} cannot be downloaded ({_cause(error)}).",
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
    part = file.target.with_name(f"{file.target.name}.{file.md5[:8]}.part")
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
        f"{_source()}/{file.source}", headers=headers, timeout=(CONNECT_S, READ_S), stream=True
    ) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            part.unlink()
            raise requests.ConnectionError("it was another file before")
        answer.raise_for_status()
        if answer.status_code != requests.codes.partial_content:
            there = 0
        with part.open("ab" if there else "wb") as target:
            for piece in answer.iter_content(_PIECE):
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
        digest = hashlib.file_digest(data, lambda: hashlib.md5(usedforsecurity=False))
        return digest.hexdigest() == file.md5


def _damaged(file: VoiceFile) -> StretchaudioError:
    return VoiceError(
        f"{file.target.name} is not what Piper's list says (another size or hash).",
        hint="Try again later.",
    )


def _cause(error: Exception) -> str:
    response = getattr(error, "response", None)
    return f"status {response.status_code}" if response is not None else type(error).__name__
