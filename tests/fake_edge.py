"""A stand-in for the service behind Edge's voices: an HTTPS proxy, for the real client."""

import base64
import hashlib
import html
import re
import ssl
import struct
import time

from fake_google import STATUSES, FakeGoogle, _read_head, mp3

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""
_TEXT, _BINARY = 1, 2


class FakeEdge(FakeGoogle):
    """Speaks the service's protocol over a web socket.

    Its faults are those of `FakeGoogle`, as far as they can happen here.
    """

    def _reply(self, tls: ssl.SSLSocket) -> None:
        head, _ = _read_head(tls)
        with self._lock:
            fault = self.fault(self.rng)
        if fault in STATUSES:
            tls.sendall(f"HTTP/1.1 {STATUSES[fault]}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        key = re.search(rb"sec-websocket-key: (\S+)", head, re.IGNORECASE)[1]  # type: ignore[index]
        accept = base64.b64encode(
            hashlib.sha1(key + _MAGIC, usedforsecurity=False).digest()
        ).decode()
        upgrade = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        )
        tls.sendall(f"{upgrade}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        _receive(tls)  # what kind of sound is wanted
        spoken = re.search(r"<prosody [^>]*>(.*)</prosody>", _receive(tls).decode(), re.DOTALL)
        text = html.unescape(spoken[1]) if spoken else ""
        with self._lock:
            self.asked[text] += 1
        time.sleep(self.latency_s)
        self._speak(tls, text, fault)

    def _speak(self, tls: ssl.SSLSocket, text: str, fault: str) -> None:
        if fault == "hang":
            self._closed.wait(30)
            return
        sound = mp3(text)
        if fault == "half sound":
            sound = sound[: len(sound) // 8 // 192 * 192]
        if fault == "half frame":
            sound = sound[:-77]
        if fault == "garbage":
            sound = bytes(range(256)) * 8
        _send(tls, _TEXT, b"X-RequestId:1\r\nPath:turn.start\r\n\r\n{}")
        for start in range(0, len(sound) if fault != "empty" else 0, 720):
            header = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
            _send(
                tls, _BINARY, struct.pack(">H", len(header)) + header + sound[start : start + 720]
            )
        if fault != "cut":
            _send(tls, _TEXT, b"X-RequestId:1\r\nPath:turn.end\r\n\r\n{}")


def _send(tls: ssl.SSLSocket, kind: int, payload: bytes) -> None:
    """One unmasked frame (RFC 6455, section 5.2)."""
    length = bytes([len(payload)]) if len(payload) < 126 else struct.pack(">BH", 126, len(payload))
    tls.sendall(bytes([0x80 | kind]) + length + payload)


def _receive(tls: ssl.SSLSocket) -> bytes:
    """The payload of one masked frame."""
    _, length = _exactly(tls, 2)
    size = length & 0x7F
    if size == 126:
        (size,) = struct.unpack(">H", _exactly(tls, 2))
    mask = _exactly(tls, 4)
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(_exactly(tls, size)))


def _exactly(tls: ssl.SSLSocket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        received = tls.recv(size - len(data))
        if not received:
            raise ValueError("closed")
        data += received
    return data
