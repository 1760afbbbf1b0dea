"""Serve a site on the local network, with the parts of files that players ask for.

Nothing can be written through it, and nobody outside the network it listens on can reach it: not
by a page that gives this machine's address to a name of its own (DNS rebinding), either.
"""

import mimetypes
import socket
from asyncio import BaseTransport, TimerHandle
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from stretchaudio.errors import UsageError
from stretchaudio.site.folder import STATE_NAME

LOOPBACK = "127.0.0.1"
MOST_CONNECTIONS = 256
"""Connections at a time; one more is closed at once."""
REQUEST_S = 20.0
"""Time that a connection has for its next request."""
MOST_HEADER_BYTES = 16 * 1024
_ANY = {"0.0.0.0", "::"}  # noqa: S104 - what a user may ask for
_TYPES = {".webmanifest": "application/manifest+json", ".vtt": "text/vtt", ".js": "text/javascript"}


def site_app(site: Path, host: str = LOOPBACK) -> Starlette:
    """Make a site a web application.

    Args:
        site: Its folder; links out of it are not followed.
        host: The name or address that it listens on.
    """
    for ending, kind in _TYPES.items():
        mimetypes.add_type(kind, ending)
    app = Starlette()
    own = socket.gethostname()
    names = {name.lower() for name in ("localhost", own, f"{own}.local", host)}
    app.mount("/", _Site(names, directory=site, html=True))
    return app


class _Site(StaticFiles):
    """The site's files, without its state, hidden and unfinished ones.

    Args:
        names: The names under which it may be asked for.
        others: The arguments of `StaticFiles`.
    """

    def __init__(self, names: set[str], **others: Any) -> None:
        super().__init__(**others)
        self._names = names

    async def get_response(self, path: str, scope: Scope) -> Response:
        if not _is_own(Headers(scope=scope).get("host", ""), self._names):
            raise HTTPException(421, "Ask for this site by the address that serve printed.")
        if path == STATE_NAME or any(
            part.startswith(".") and part != "." for part in Path(path).parts
        ):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _is_own(host: str, names: set[str]) -> bool:
    """Tell whether a Host header names this machine; an address does, as no other name can."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name in names:
            return True
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


class _BoundedConnection(H11Protocol):
    """A connection that ends when its next request does not come, or does not come to its end."""

    _limit: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        if len(self.connections) > MOST_CONNECTIONS:
            self.transport.abort()
        self._set_limit()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._limit is not None:
            self._limit.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._set_limit()

    def _set_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
        self._limit = self.loop.call_later(REQUEST_S, self._end_unless_answering)

    def _end_unless_answering(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


def listening(host: str, port: int) -> socket.socket:
    """Open a socket for a server, bound to its address.

    Args:
        host: A name or address of this machine.
        port: 0 for any that is free.

    Raises:
        UsageError: If it is taken, or not an address of this machine.
    """
    found = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        found = socket.socket(family, kind, protocol)
        # On Windows, reusing would let two servers have one port.
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        found.setsockopt(socket.SOL_SOCKET, exclusive or socket.SO_REUSEADDR, 1)
        found.bind(address)
    except OSError as error:
        if found is not None:
            found.close()
        cause = error.strerror or error
        raise UsageError(
            f"Cannot listen on {host}, port {port}: {cause}.",
            hint="Choose another --port or --host.",
        ) from None
    return found


def address_of(host: str, port: int) -> str:
    """Write the address under which other devices find a server."""
    shown = _own_address() if host in _ANY else host
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def _own_address() -> str:
    """Find this machine's address in the local network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that RFC 5737 keeps for examples
            return str(probe.getsockname()[0])
        except OSError:
            return LOOPBACK


def site_server(site: Path, host: str = LOOPBACK) -> uvicorn.Server:
    """Make a server whose `run` serves a site on sockets from `listening`.

    Args:
        site: Its folder.
        host: The name or address that it listens on.
    """
    settings = uvicorn.Config(
        site_app(site, host),
        http=_BoundedConnection,
        ws="none",
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        backlog=MOST_CONNECTIONS,
        log_level="error",  # what strangers send is no news
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
    )
    return uvicorn.Server(settings)
