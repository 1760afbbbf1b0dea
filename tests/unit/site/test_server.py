"""The server of a site: what it shows, to whom, and what it bears."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from programs import wait_for
from serving import running
from stretchaudio.site import server
from stretchaudio.site.folder import STATE_NAME
from stretchaudio.site.server import site_server


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text("<!doctype html>The list")
    return folder


@pytest.fixture(scope="module")
def port(site: Path) -> Iterator[int]:
    """Where the site is served."""
    with running(site_server(site)) as number:
        yield number


def _asked(port: int, data: bytes) -> bytes:
    """How the answer to bytes begins; nothing if the connection is closed without one."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as line:
        try:
            line.sendall(data)
            return line.recv(2000)
        except ConnectionError:
            return b""


def _status(port: int, *, host: str = "localhost", path: str = "/", method: str = "GET") -> int:
    request = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\nabc"
    return int(_asked(port, request.encode()).split()[1])


def test_it_answers_only_to_names_of_this_machine(port: int) -> None:
    """A page elsewhere that points its own name at this machine reads nothing."""
    for host in (f"127.0.0.1:{port}", "LOCALHOST", f"[::1]:{port}", socket.gethostname()):
        assert _status(port, host=host) == 200
    for host in ("evil.example", f"127.0.0.1.evil.example:{port}", "localhost.evil.example", ":"):
        assert _status(port, host=host) == 421


@pytest.mark.parametrize("name", [STATE_NAME, ".hidden", ".git/config", "sessions/.x-0.part"])
def test_it_shows_no_state_and_nothing_hidden(port: int, site: Path, name: str) -> None:
    path = site / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    assert _status(port, path=f"/{name}") == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_changes_nothing(port: int, method: str) -> None:
    assert _status(port, method=method, path="/index.html") == 405


def test_a_request_is_bounded(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "REQUEST_S", 0.3)
    assert _asked(port, b"GET / HTTP/1.1\r\nX: " + bytes(40_000)).startswith(b"HTTP/1.1 400 ")
    begin = time.monotonic()
    for unfinished in (b"", b"GET / HTTP/1.1\r\nHost: lo"):
        assert not _asked(port, unfinished)  # it is closed in time
    assert time.monotonic() - begin < 5


def test_connections_are_bounded(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 3)
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
        assert not _asked(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    wait_for(lambda: _asked(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
