"""Look up Piper's voices, and what is downloaded for each.

The list is `voices.json` of the repository rhasspy/piper-voices: for each voice its files with
`size_bytes` and `md5_digest`.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from stretchaudio.errors import UsageError, VoiceError, did_you_mean
from stretchaudio.speech.engine import ListedVoice
from stretchaudio.speech.engines.download import (
    CONNECT_S,
    PIECE_BYTES,
    READ_S,
    Offer,
    VoiceFile,
    cause_of,
)
from stretchaudio.speech.engines.piper import CONFIG, MODEL, downloaded, folder, language_of

SOURCE = "https://huggingface.co/rhasspy/piper-voices/resolve/main"
# `STRETCHAUDIO_PIPER_VOICES` can name another place with the same files, such as a mirror.
CARD = "MODEL_CARD"
"""Piper's name for the file that tells where a voice comes from and under which licence."""
_LIST_LIMIT = 20 << 20


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
                url=f"{_source()}/{path}",
                target=folder() / target,
                size_bytes=int(details["size_bytes"]),
                digest=str(details["md5_digest"]),
                algorithm="md5",
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
            f"The list of Piper's voices cannot be downloaded ({cause_of(error)}).",
            hint="Try again with a network.",
        ) from None
    if not isinstance(listed, dict):
        raise VoiceError("The list of Piper's voices is not a list of voices.")
    return listed


def _limited(answer: Any, limit: int) -> Iterator[bytes]:
    size = 0
    for piece in answer.iter_content(PIECE_BYTES):
        size += len(piece)
        if size > limit:
            raise ValueError("it is too large")
        yield piece
