"""A stand-in for a speech server on the loopback, for the real HTTP client unpatched."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fake_google import mp3

KEY = "a-secret"
STATUSES = {"429": 429, "500": 500, "400": 400, "401": 401, "redirect": 307}
FAULTS = ("429", "500", "empty", "page", "message", "garbage", "half sound", "half frame", "cut")
"""The faults that are worth asking again for, besides `hang`."""


class FakeSpeechServer(ThreadingHTTPServer):
    """Speaks OpenAI's protocol until it is closed: each text is a tone of its own.

    Args:
        fault: Called with a random number generator; names the fault of the next answer, if any.
    """

    daemon_threads = True

    def __init__(self, fault: Callable[[random.Random], str] = lambda _: "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = fault
        self.rng = random.Random(1)
        self.asked: Counter[str] = Counter()
        self.requests: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.lock = threading.Lock()
        self.closed = threading.Event()
        self.busy = self.busiest = 0
        """Requests under way, now and at the most; not those that hang."""
        self.address = f"http://127.0.0.1:{self.server_address[1]}/v1"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.closed.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that have left."""


class _Handler(BaseHTTPRequestHandler):
    server: FakeSpeechServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.asked[asked["input"]] += 1
            self.server.requests.append({"path": self.path, **asked})
            self.server.keys.add(self.headers.get("Authorization", ""))
            fault = self.server.fault(self.server.rng)
            self.server.busy += fault != "hang"
            self.server.busiest = max(self.server.busiest, self.server.busy)
        if fault == "hang":
            self.server.closed.wait(30)
            return
        try:
            self._answer(asked["input"], fault)
        finally:
            with self.server.lock:
                self.server.busy -= 1

    def _answer(self, text: str, fault: str) -> None:
        time.sleep(0.02)
        body, kind = _body(fault, text)
        self.send_response(STATUSES.get(fault, 200))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) + 5000 * (fault == "cut")))
        if fault == "429":
            self.send_header("Retry-After", "1")
        if fault == "redirect":
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _body(fault: str, text: str) -> tuple[bytes, str]:
    whole = mp3(text)
    message = json.dumps({"error": {"message": "There is no such voice.\x1b[31m"}}).encode()
    if fault in STATUSES or fault == "message":
        return message, "application/json"
    bodies = {
        "empty": b"",
        "garbage": random.Random(text).randbytes(4000),
        "half sound": whole[: len(whole) // 8 // 192 * 192],
        "half frame": whole[: len(whole) - 77],
    }
    if fault == "page":
        return b"<html>Log in to the network</html>", "text/html; charset=utf-8"
    return bodies.get(fault, whole), "audio/mpeg"
