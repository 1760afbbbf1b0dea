"""A stand-in for Google on the loopback: an HTTPS proxy, for the real client unpatched."""

import base64
import json
import random
import re
import socket
import ssl
import threading
import time
import urllib.parse
import zlib
from collections import Counter
from collections.abc import Callable
from functools import cache

import lameenc
import numpy as np
import trustme

RATE_HZ = 24_000
SLOW_S = 0.7


def pitch_hz(text: str) -> float:
    """Each text is a tone of its own, so that a wrong cue can be told from the right one."""
    return 200 + zlib.crc32(text.encode()) % 2400


@cache
def mp3(text: str) -> bytes:
    """Speak: a tone as long as the text takes, with quiet around it, in 24 kHz mono as Google's."""
    tone = (
        np.sin(
            2
            * np.pi
            * pitch_hz(text)
            * np.arange(round(RATE_HZ * (0.3 + 0.06 * len(text))))
            / RATE_HZ
        )
        * 0.3
    )
    quiet = np.zeros(RATE_HZ // 5)
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(RATE_HZ)
    encoder.set_bit_rate(64)
    samples = (np.concatenate([quiet, tone, quiet]) * 32767).astype("<i2").tobytes()
    return bytes(encoder.encode(samples)) + bytes(encoder.flush())


def reply(sound: bytes) -> bytes:
    """An answer of the batchexecute protocol."""
    inner = json.dumps([base64.b64encode(sound).decode()], separators=(",", ":"))
    line = json.dumps(
        [["wrb.fr", "jQ1olc", inner, None, None, None, "generic"]], separators=(",", ":")
    )
    return f")]}}'\n\n{len(line)}\n{line}\n".encode()


def faulty_body(fault: str, text: str) -> bytes:
    """What is sent in place of a good answer."""
    whole = mp3(text)
    bodies = {
        "empty": b"",
        "portal": b"<html>Log in to the network</html>",
        "no sound": b')]}\'\n\n[["wrb.fr","jQ1olc",null,null,null,[3],"generic"]]\n',
        "garbage": reply(random.Random(text).randbytes(4000)),
        "bad base64": reply(whole).replace(b"A", b"*", 3),
        "half sound": reply(whole[: len(whole) // 8 // 192 * 192]),
        "half frame": reply(whole[: len(whole) - 77]),
    }
    return bodies.get(fault, reply(whole))


STATUSES = {
    "429": "429 Too Many Requests\r\nRetry-After: 1",
    "500": "500 Internal Server Error",
    "403": "403 Forbidden",
    "redirect": "302 Found\r\nLocation: https://portal.example/login",
}


@cache
def authority() -> trustme.CA:
    """Made once, and known to no client that is not told of it."""
    return trustme.CA()


@cache
def certificate() -> trustme.LeafCert:
    """What the stand-ins show."""
    return authority().issue_cert("translate.google.com", "speech.platform.bing.com")


class FakeGoogle:
    """Serves until it is closed.

    Args:
        latency_s: How long each answer takes.
        fault: Called with a random number generator; names the fault of the next answer, if any.
    """

    def __init__(
        self, *, latency_s: float = 0, fault: Callable[[random.Random], str] = lambda _: ""
    ) -> None:
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate().configure_cert(self._tls)
        self.latency_s = latency_s
        self.fault = fault
        self.rng = random.Random(1)
        self.asked: Counter[str] = Counter()
        self.busy = self.busiest = 0
        """Requests under way, now and at the most."""
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(20)
                _read_head(connection)
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with self._tls.wrap_socket(connection, server_side=True) as tls:
                    self._reply(tls)
        except (OSError, ValueError):
            return

    def _reply(self, tls: ssl.SSLSocket) -> None:
        head, body = _read_head(tls)
        if head.startswith(b"GET"):  # it was led here
            _send(tls, "portal", "", self._closed)
            return
        size = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])  # type: ignore[index]
        while len(body) < size:
            body += tls.recv(65536)
        text = json.loads(json.loads(urllib.parse.parse_qs(body.decode())["f.req"][0])[0][0][1])[0]
        with self._lock:
            self.asked[text] += 1
            self.busy += 1
            self.busiest = max(self.busiest, self.busy)
            fault = self.fault(self.rng)
        try:
            time.sleep(self.latency_s + SLOW_S * (fault == "slow"))
            _send(tls, fault, text, self._closed)
        finally:
            with self._lock:
                self.busy -= 1


def _read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(65536)
        if not received:
            raise ValueError("closed")
        data += received
    head, _, body = data.partition(b"\r\n\r\n")
    return head, body


def _send(tls: ssl.SSLSocket, fault: str, text: str, closed: threading.Event) -> None:
    if fault == "hang":
        closed.wait(30)
        return
    body = faulty_body(fault, text)
    length = len(body) + (5000 if fault == "cut" else 0)
    status = STATUSES.get(fault, "200 OK")
    tls.sendall(
        f"HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode()
        + body
    )


def loudest_hz(samples: np.ndarray) -> float:
    """The pitch of a tone."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / RATE_HZ)[np.argmax(spectrum)])
