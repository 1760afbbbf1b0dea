"""Google's voice, through gTTS: asked for in pieces, checked piece by piece, asked again when the answer is no good."""

import binascii
import io
import re
import threading
import time
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from stretchaudio.errors import UsageError, VoiceError, perhaps
from stretchaudio.language import Language
from stretchaudio.speech.engine import Voice

AT_ONCE = 6
"""Requests under way at the same time."""
BETWEEN_S = 0.02
"""The least between the starts of two requests."""
CONNECT_S, READ_S = 4.0, 10.0
ATTEMPTS = 6
LONGEST_WAIT_S = 8.0
PIECE = 100
"""Characters; Google cuts longer texts wherever it likes."""
FASTEST_CHARACTERS_A_SECOND = 40
"""Sound shorter than this for its text has lost its end."""
TRIM_DBFS = -45.0
JOINT_MS = 60
"""What is kept of the quiet where two pieces meet."""
ACCENTS = {
    "en": ("com", "en"), "en-us": ("com", "en"), "en-uk": ("co.uk", "en"), "en-gb": ("co.uk", "en"), "en-au": ("com.au", "en"),
    "en-ca": ("ca", "en"), "en-in": ("co.in", "en"), "en-ie": ("ie", "en"), "en-za": ("co.za", "en"), "en-ng": ("com.ng", "en"),
    "fr": ("fr", "fr"), "fr-fr": ("fr", "fr"), "fr-ca": ("ca", "fr-CA"), "de": ("de", "de"), "it": ("it", "it"),
    "es": ("es", "es"), "es-es": ("es", "es"), "es-mx": ("com.mx", "es"), "es-us": ("com", "es"), "hi": ("co.in", "hi"),
    "pt": ("com.br", "pt"), "pt-br": ("com.br", "pt"), "pt-pt": ("pt", "pt-PT"),
}  # fmt: skip
"""Voices by name: the domain that is asked, which decides the accent and is pasted into an address, and gTTS's language."""
_TIP = "Run it again to go on from there, or use --voice espeak."
_SENSE = (r"(?<=[.!?;:])\s+", r"(?<=,)\s+", r"\s+")
"""Where a long text may be divided, the best places first."""


class _TryAgainError(Exception):
    """An answer that may be better the next time.

    Args:
        cause: What was wrong with it.
        wait_s: How long the server asks to wait, in seconds.
    """

    def __init__(self, cause: str, wait_s: float = 0) -> None:
        super().__init__(cause)
        self.wait_s = wait_s


def choose(name: str, language: Language) -> Voice:
    """The voice of a name such as `en-uk`, or the language's own for an empty name.

    Raises:
        UsageError: If there is no such voice.
    """
    wanted = (name or language.voices.get("gtts") or language.code).lower()
    if wanted not in ACCENTS:
        raise UsageError(f"Google has no voice '{wanted}' here.{perhaps(wanted, ACCENTS)}", tip=f"Known: {', '.join(ACCENTS)}.")
    return Voice(engine="gtts", name=wanted, rate=0, pitch=0)


def open_engine(voice: Voice, jobs: int) -> "Google":
    """An engine for a voice that `choose` returned; how many cues it asks for at once is its own choice."""
    del jobs
    return Google(voice)


class Google:
    """Speaks by asking Google.

    Args:
        voice: Who speaks.
    """

    at_once = AT_ONCE
    online = True

    def __init__(self, voice: Voice) -> None:
        self.version = f"gTTS {version('gTTS')}"
        self._tld, self._language = ACCENTS[voice.name]
        self._turn = threading.Lock()
        self._closed = threading.Event()

    def speak(self, text: str) -> bytes:
        """Ask for a text, in pieces when it is long, each until the answer is whole.

        Raises:
            VoiceError: If there is no whole answer after several attempts.
        """
        pieces = [self._piece(piece) for piece in divide(text)]
        return pieces[0] if len(pieces) == 1 else _join(pieces)

    def answers(self, within_s: float) -> bool:
        """Whether a short text is spoken within some seconds, at the first attempt."""
        try:
            self._ask("Hello.", (within_s, within_s))
        except (_TryAgainError, VoiceError):
            return False
        return True

    def close(self) -> None:
        """Stop asking again."""
        self._closed.set()

    def _piece(self, text: str) -> bytes:
        from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_attempt, stop_when_event_set

        attempts = Retrying(
            retry=retry_if_exception_type(_TryAgainError),
            stop=stop_after_attempt(ATTEMPTS) | stop_when_event_set(self._closed),
            wait=_wait_s,
            sleep=self._pause,
        )
        try:
            sound: bytes = attempts(self._ask, text, (CONNECT_S, READ_S))
        except RetryError as error:
            cause = error.last_attempt.exception()
            raise VoiceError(f"Google did not speak it after {ATTEMPTS} attempts ({cause}).", tip=_TIP) from None
        return sound

    def _pause(self, seconds: float) -> None:
        """Wait, but not when the work is called off meanwhile."""
        self._closed.wait(seconds)

    def _ask(self, text: str, timeouts_s: tuple[float, float]) -> bytes:
        """Ask once, and check the answer."""
        import requests
        from gtts import gTTS
        from gtts.tts import gTTSError

        with self._turn:
            time.sleep(BETWEEN_S)
        try:
            client = gTTS(text, tld=self._tld, lang=self._language, lang_check=False, pre_processor_funcs=[], timeout=timeouts_s)
            parts = list(client.stream())
        except gTTSError as error:
            raise _refused(error) from None
        except (requests.RequestException, binascii.Error, UnicodeError) as error:
            raise _TryAgainError(type(error).__name__) from None
        except AssertionError:
            raise VoiceError("Google finds nothing to speak in it.") from None
        sound = b"".join(parts)
        _check_whole(sound, text)
        return sound


def divide(text: str) -> list[str]:
    """A text as pieces that are short enough to ask for, divided where it makes the most sense."""
    pieces = [text]
    for pattern in _SENSE:
        pieces = [part for piece in pieces for part in _gather(piece, pattern)]
    return [part for piece in pieces for part in _sliced(piece)]


def _gather(text: str, pattern: str) -> Iterator[str]:
    """Divide a long text at a pattern, into as few pieces as fit."""
    if len(text) <= PIECE:
        yield text
        return
    piece = ""
    for part in re.split(pattern, text):
        if piece and len(piece) + 1 + len(part) > PIECE:
            yield piece
            piece = part
        else:
            piece = f"{piece} {part}".strip()
    yield piece


def _sliced(text: str) -> Iterator[str]:
    """A word that is too long by itself, in slices."""
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE]


def _refused(error: Any) -> Exception:
    """What a refusal means: try again later, or never."""
    response = error.rsp
    if response is None:
        return _TryAgainError("no connection")
    if response.status_code == 200:
        return _TryAgainError("an answer without sound")
    if response.status_code == 429 or response.status_code >= 500:
        return _TryAgainError(f"status {response.status_code}", _retry_after_s(response.headers.get("Retry-After", "")))
    return VoiceError(f"Google refuses to speak it (status {response.status_code}).", tip=_TIP)


def _retry_after_s(header: str) -> float:
    return min(float(header), 4 * LONGEST_WAIT_S) if header.strip().isdecimal() else 0


def _wait_s(state: Any) -> float:
    """Growing waits, and never less than the server asks for."""
    asked_s = getattr(state.outcome.exception(), "wait_s", 0)
    return float(max(asked_s, min(LONGEST_WAIT_S, 0.25 * 2 ** (state.attempt_number - 1))))


def _check_whole(sound: bytes, text: str) -> None:
    """See that an answer is an MP3 that ends where a frame ends, and long enough for its text."""
    if not sound:
        raise _TryAgainError("an empty answer")
    import soundfile

    try:
        samples, rate_hz = soundfile.read(io.BytesIO(sound), dtype="float32")
    except (soundfile.SoundFileError, RuntimeError):
        raise _TryAgainError("an answer that is not sound") from None
    if len(samples) / rate_hz < len(text) / FASTEST_CHARACTERS_A_SECOND or not _ends_with_a_frame(sound):
        raise _TryAgainError("an answer that was cut off")
    if float(abs(samples).max(initial=0)) < 1e-3:
        raise _TryAgainError("a silent answer")


@cache
def _frame_table() -> dict[tuple[int, int], tuple[int, tuple[int, ...]]]:
    """By version and rate bits of a layer III header: bytes a frame has for each kbit/s times the rate, and the bitrates."""
    mpeg1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    mpeg2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    rates = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
    return {
        (kind, index): (rate, mpeg1 if kind == 3 else mpeg2) for kind, listed in rates.items() for index, rate in enumerate(listed)
    }


def _ends_with_a_frame(sound: bytes) -> bool:
    """Walk an MP3 frame by frame and see whether the last is whole."""
    at = 0
    if sound[:3] == b"ID3" and len(sound) > 10:
        at = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(sound[6:10], (21, 14, 7, 0), strict=True))
    while at + 4 <= len(sound):
        if sound[at] != 0xFF or sound[at + 1] & 0xE6 != 0xE2:
            return sound[at : at + 3] == b"TAG"
        kind, index = sound[at + 1] >> 3 & 3, sound[at + 2] >> 2 & 3
        rate, bitrates = _frame_table().get((kind, index), (0, ()))
        bitrate = sound[at + 2] >> 4
        if not rate or not 0 < bitrate < len(bitrates):
            return False
        at += (144 if kind == 3 else 72) * bitrates[bitrate] * 1000 // rate + (sound[at + 2] >> 1 & 1)
    return at == len(sound)


def _join(pieces: list[bytes]) -> bytes:
    """Put pieces together without the quiet that each has of its own."""
    import numpy as np
    import soundfile

    joined = []
    for at, piece in enumerate(pieces):
        samples, rate_hz = soundfile.read(io.BytesIO(piece), dtype="float32")
        loud = np.flatnonzero(np.abs(samples) > 10 ** (TRIM_DBFS / 20))
        margin = rate_hz * JOINT_MS // 2000
        start = 0 if at == 0 or not len(loud) else max(0, loud[0] - margin)
        end = len(samples) if at == len(pieces) - 1 or not len(loud) else loud[-1] + margin
        joined.append(samples[start:end])
    target = io.BytesIO()
    soundfile.write(target, np.concatenate(joined), rate_hz, format="FLAC")
    return target.getvalue()
