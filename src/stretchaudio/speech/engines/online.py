"""Ask services of the network to speak: in pieces, each checked, and asked for again if broken."""

import io
import re
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator
from functools import cache
from typing import Any

from stretchaudio.audio.loudness import db_to_gain
from stretchaudio.errors import VoiceError
from stretchaudio.speech.engine import Engine

BETWEEN_S = 0.02
"""The least time between the starts of two requests."""
CONNECT_S, READ_S = 4.0, 10.0
ATTEMPTS = 6
LONGEST_WAIT_S = 8.0
FASTEST_CHARACTERS_A_SECOND = 40
"""Sound shorter than this for its text has lost its end."""
_PIECE_TRIM_DBFS = -45.0
JOINT_MS = 60
"""The quiet that is kept where two pieces meet."""
AGAIN_HINT = "Run it again to go on from there."
_BREAKS = (r"(?<=[.!?;:])\s+", r"(?<=,)\s+", r"\s+")
"""Where a long text may be divided, the best places first."""


class TryAgainError(Exception):
    """An answer that may be better the next time.

    Args:
        cause: What was wrong with it.
        wait_s: How long the server asks to wait, in seconds.
    """

    def __init__(self, cause: str, wait_s: float = 0) -> None:
        super().__init__(cause)
        self.wait_s = wait_s


class OnlineEngine(Engine):
    """Speaks by asking a service; a subclass knows how to ask once.

    Args:
        service: Who is asked, as messages call it.
        piece: The most characters it is asked for at a time.
        read_s: How long to wait for each part of an answer; None for the usual time.
    """

    def __init__(self, service: str, piece: int, read_s: float | None = None) -> None:
        self._service = service
        self._read_s = read_s
        self._piece_length = piece
        self._turn = threading.Lock()
        self._closed = threading.Event()

    @abstractmethod
    def ask(self, text: str, connect_s: float, read_s: float) -> bytes:
        """Ask once.

        Args:
            text: What to speak.
            connect_s: How long to wait for a connection.
            read_s: How long to wait for each part of the answer.

        Returns:
            An MP3 file that may still be broken.

        Raises:
            TryAgainError: If it is worth asking again.
            VoiceError: If it is not.
        """

    def speak(self, text: str) -> bytes:
        """Ask for a text, in pieces when it is long, each until the answer is whole.

        Raises:
            VoiceError: If there is no whole answer after several attempts.
        """
        pieces = [self._piece(piece) for piece in divide(text, self._piece_length)]
        return pieces[0] if len(pieces) == 1 else _join(pieces)

    def is_reachable(self, within_s: float) -> bool:
        """Tell whether a short text is spoken within some seconds, at the first attempt."""
        heard = threading.Event()

        def ask() -> None:
            try:
                self._checked("Hello.", within_s, within_s)
            except (TryAgainError, VoiceError):
                return
            heard.set()

        # Looking up a name has no time limit of its own, so it is left behind after a while.
        probe = threading.Thread(target=ask, daemon=True)
        probe.start()
        probe.join(within_s)
        return heard.is_set()

    def close(self) -> None:
        """Stop asking again."""
        self._closed.set()

    def _piece(self, text: str) -> bytes:
        from tenacity import (
            RetryError,
            Retrying,
            retry_if_exception_type,
            stop_after_attempt,
            stop_when_event_set,
        )

        attempts = Retrying(
            retry=retry_if_exception_type(TryAgainError),
            stop=stop_after_attempt(ATTEMPTS) | stop_when_event_set(self._closed),
            wait=_wait_s,
            sleep=self._pause,
        )
        try:
            sound: bytes = attempts(self._checked, text, CONNECT_S, self._read_s or READ_S)
        except RetryError as error:
            cause = error.last_attempt.exception()
            raise VoiceError(
                f"{self._service} did not speak it after {ATTEMPTS} attempts ({cause}).",
                hint=AGAIN_HINT,
            ) from None
        return sound

    def _pause(self, seconds: float) -> None:
        """Wait, but not when the work is called off meanwhile."""
        self._closed.wait(seconds)

    def _checked(self, text: str, connect_s: float, read_s: float) -> bytes:
        with self._turn:
            time.sleep(BETWEEN_S)
        sound = self.ask(text, connect_s, read_s)
        _check_whole(sound, text)
        return sound


def divide(text: str, longest: int) -> list[str]:
    """Divide a text into pieces that are short enough, where it makes the most sense."""
    pieces = [text]
    for pattern in _BREAKS:
        pieces = [part for piece in pieces for part in _gather(piece, pattern, longest)]
    return [part for piece in pieces for part in _sliced(piece, longest)]


def _gather(text: str, pattern: str, longest: int) -> Iterator[str]:
    """Divide a long text at a pattern, into as few pieces as fit."""
    if len(text) <= longest:
        yield text
        return
    piece = ""
    for part in re.split(pattern, text):
        if piece and len(piece) + 1 + len(part) > longest:
            yield piece
            piece = part
        else:
            piece = f"{piece} {part}".strip()
    yield piece


def _sliced(text: str, longest: int) -> Iterator[str]:
    """Slice a word that is too long by itself."""
    for start in range(0, len(text), longest):
        yield text[start : start + longest]


def asked_wait_s(header: str) -> float:
    """Read the seconds of a Retry-After header, within reason; a date counts as none."""
    return min(float(header), 4 * LONGEST_WAIT_S) if header.strip().isdecimal() else 0


def _wait_s(state: Any) -> float:
    """Wait longer with each attempt, and never less than the server asks for."""
    asked_s = getattr(state.outcome.exception(), "wait_s", 0)
    return float(max(asked_s, min(LONGEST_WAIT_S, 0.25 * 2 ** (state.attempt_number - 1))))


def _check_whole(sound: bytes, text: str) -> None:
    """Check that an answer is an MP3 that ends where a frame ends, and long enough for its text.

    Raises:
        TryAgainError: If it is not.
    """
    if not sound:
        raise TryAgainError("an empty answer")
    import soundfile

    try:
        samples, rate_hz = soundfile.read(io.BytesIO(sound), dtype="float32")
    except (soundfile.SoundFileError, RuntimeError):
        raise TryAgainError("an answer that is not sound") from None
    is_short = len(samples) / rate_hz < len(text) / FASTEST_CHARACTERS_A_SECOND
    if is_short or not _ends_with_a_frame(sound):
        raise TryAgainError("an answer that was cut off")
    if float(abs(samples).max(initial=0)) < 1e-3:
        raise TryAgainError("a silent answer")


@cache
def _frame_table() -> dict[tuple[int, int], tuple[int, tuple[int, ...]]]:
    """List sample rates and bitrates by the version and rate bits of a layer III header."""
    mpeg1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    mpeg2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    rates = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
    return {
        (kind, index): (rate, mpeg1 if kind == 3 else mpeg2)
        for kind, listed in rates.items()
        for index, rate in enumerate(listed)
    }


def _ends_with_a_frame(sound: bytes) -> bool:
    """Walk through an MP3 frame by frame and tell whether the last is whole."""
    at = 0
    if sound[:3] == b"ID3" and len(sound) > 10:
        shifts = zip(sound[6:10], (21, 14, 7, 0), strict=True)
        at = 10 + sum((byte & 0x7F) << shift for byte, shift in shifts)
    while at + 4 <= len(sound):
        if sound[at] != 0xFF or sound[at + 1] & 0xE6 != 0xE2:
            return sound[at : at + 3] == b"TAG"
        kind, index = sound[at + 1] >> 3 & 3, sound[at + 2] >> 2 & 3
        rate, bitrates = _frame_table().get((kind, index), (0, ()))
        bitrate = sound[at + 2] >> 4
        if not rate or not 0 < bitrate < len(bitrates):
            return False
        padding = sound[at + 2] >> 1 & 1
        at += (144 if kind == 3 else 72) * bitrates[bitrate] * 1000 // rate + padding
    return at == len(sound)


def _join(pieces: list[bytes]) -> bytes:
    """Join pieces without the quiet that each has of its own, as FLAC."""
    import numpy as np
    import soundfile

    joined = []
    for at, piece in enumerate(pieces):
        samples, rate_hz = soundfile.read(io.BytesIO(piece), dtype="float32")
        loud = np.flatnonzero(np.abs(samples) > db_to_gain(_PIECE_TRIM_DBFS))
        margin = rate_hz * JOINT_MS // 2000
        start = 0 if at == 0 or not len(loud) else max(0, loud[0] - margin)
        end = len(samples) if at == len(pieces) - 1 or not len(loud) else loud[-1] + margin
        joined.append(samples[start:end])
    target = io.BytesIO()
    soundfile.write(target, np.concatenate(joined), rate_hz, format="FLAC")
    return target.getvalue()
