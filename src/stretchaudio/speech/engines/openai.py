"""Speak by asking a speech server: any that speaks OpenAI's `POST /v1/audio/speech`.

Kokoro-FastAPI, speaches, LocalAI and some clouds do. The form of a request is that of OpenAI's API
reference ("Create speech"). Who is asked, and with which key, stands in the config file or in the
environment; nothing else can name a server.
"""

import ipaddress
import json
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from stretchaudio.config import SpeechServer, config_file
from stretchaudio.errors import UsageError, VoiceError
from stretchaudio.language import Language
from stretchaudio.speech.engine import EngineModule, Voice
from stretchaudio.speech.engines.online import (
    AGAIN_HINT,
    OnlineEngine,
    TryAgainError,
    asked_wait_s,
)

PACE = 0.92
"""The part of a voice's own pace that it speaks at."""
# Its own is that of somebody who reads aloud; a coach takes more time.
PIECE = 1000
"""The most characters it is asked for at a time; OpenAI's limit is 4096."""
READ_S = 60.0
"""How long to wait for each part of an answer: a server at home may have no graphics card."""
_LARGEST_BYTES = 32 << 20
_LONGEST_REASON = 200
_WORTH_ASKING_AGAIN = frozenset({408, 409, 425, 429})


class SpeechServers(EngineModule):
    """Offers the voices of the server that the user has named.

    Args:
        server: Where it is, and the key to it.
    """

    SUPPORTS = frozenset({"speed"})
    ONLINE = True
    LICENCE = "the server's terms"

    def __init__(self, server: SpeechServer) -> None:
        self._server = server

    def unavailable_reason(self) -> str:
        """Ask for an address that texts may be sent to."""
        if not self._server.address:
            return f"Name your server under 'speech_server' in {config_file()}; see docs/voices.md."
        return _address_problem(self._server)

    def voices(self, language: Language) -> tuple[str, ...]:
        """List none: there is no one way to ask a server for its voices."""
        del language
        return ()

    def resolve_voice(self, name: str, language: Language) -> str:
        """Accept the name of a model and a voice, such as `kokoro/af_heart`.

        Raises:
            UsageError: If it is not both.
        """
        del language
        model, _, voice = name.rpartition("/")
        if not model or not voice:
            raise UsageError(
                f"'{name}' is not a model and a voice of a speech server.",
                hint="Write --voice openai:MODEL/VOICE, such as openai:kokoro/af_heart.",
            )
        return name

    def open_engine(self, voice: Voice, jobs: int) -> "OpenAI":
        """Open the voice; it sets by itself how many texts it asks for at once."""
        del jobs
        return OpenAI(voice, self._server)


class OpenAI(OnlineEngine):
    """Speaks by asking the server.

    Args:
        voice: Who speaks: a model and a voice.
        server: Where it is, and the key to it.
    """

    at_once = 4

    def __init__(self, voice: Voice, server: SpeechServer) -> None:
        super().__init__("The speech server", PIECE, READ_S)
        self._address = server.address.rstrip("/")
        self._key = server.key
        self.version = f"{self._address} pace {PACE}"
        self._model, _, self._voice = voice.name.rpartition("/")
        self._speed = round(PACE * voice.prosody.speed, 3)

    def ask(self, text: str, connect_s: float, read_s: float) -> bytes:
        """Ask once, with `POST /audio/speech`."""
        wanted = {
            "model": self._model,
            "voice": self._voice,
            "input": text,
            "response_format": "mp3",
            "speed": self._speed,
        }
        import requests

        try:
            # A redirection could lead texts and key to somebody else.
            with requests.post(
                f"{self._address}/audio/speech",
                json=wanted,
                auth=self._sign,
                timeout=(connect_s, read_s),
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code != requests.codes.ok:
                    raise _refused(answer)
                return _sound(answer)
        except requests.RequestException as error:
            raise TryAgainError(type(error).__name__) from None

    def _sign(self, request: Any) -> Any:
        """Add the key; without one nothing, not what a .netrc may hold either."""
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def _sound(answer: Any) -> bytes:
    """Read an answer that is said to be sound.

    Raises:
        TryAgainError: If it is a page or a message.
    """
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind.endswith(("json", "xml")):
        raise TryAgainError(f"{kind} in place of sound")
    return _limited(answer)


def _limited(answer: Any) -> bytes:
    data = bytearray()
    for piece in answer.iter_content(1 << 16):
        data += piece
        if len(data) > _LARGEST_BYTES:
            raise TryAgainError("an answer that is far too long")
    return bytes(data)


def _refused(answer: Any) -> Exception:
    """Turn a refusal into an error: try again later, or never."""
    status = answer.status_code
    if status in _WORTH_ASKING_AGAIN or status >= 500:
        wait_s = asked_wait_s(answer.headers.get("Retry-After", ""))
        return TryAgainError(f"status {status}", wait_s)
    if status in {401, 403}:
        hint = f"Set 'speech_key' in {config_file()}, or STRETCHAUDIO_SPEECH_KEY."
        return VoiceError(f"The speech server refuses the key (status {status}).", hint=hint)
    reason = _reason(answer)
    return VoiceError(
        f"The speech server refuses to speak it (status {status}{reason}).", hint=AGAIN_HINT
    )


def _reason(answer: Any) -> str:
    """Quote what a server says of its refusal, where it says it as OpenAI's does."""
    with suppress(ValueError, KeyError, TypeError, TryAgainError):
        message = json.loads(_limited(answer))["error"]["message"]
        return f": {str(message)[:_LONGEST_REASON]}"
    return ""


def _address_problem(server: SpeechServer) -> str:
    """Say why texts may not be sent to an address; empty if they may."""
    try:
        parts = urlsplit(server.address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"https", "http"} or not host or parts.query or parts.fragment:
        return f"'{server.address}' is not an address such as https://example.org/v1."
    if parts.username or parts.password:
        return "Put the key under 'speech_key', not into the address of the speech server."
    if parts.scheme == "https":
        return ""
    if not server.allow_http:
        return "Over http:// texts and key can be read on their way; write allow_http: true."
    if not _is_near(host):
        return f"{host} is not on this machine or in your own network: write https://."
    return ""


def _is_near(host: str) -> bool:
    """Tell whether all addresses of a host are this machine's or those of a private network."""
    try:
        found = socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return False
    addresses = {ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found}
    return all(one.is_loopback or one.is_private for one in addresses)
