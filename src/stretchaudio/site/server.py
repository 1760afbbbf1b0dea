"""Serve a site on the local network, with the parts of files that players ask for."""

import mimetypes
import socket
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from stretchaudio.errors import UsageError
from stretchaudio.site.folder import STATE_NAME

LOOPBACK = "127.0.0.1"
_ANY = {"0.0.0.0", "::"}  # noqa: S104 - what a user may ask for
_TYPES = {".webmanifest": "application/manifest+json", ".vtt": "text/vtt", ".js": "text/javascript"}


def site_app(site: Path) -> Starlette:
    """Make a site a web application.

    Args:
        site: Its folder; links out of it are not followed.
    """
    for ending, kind in _TYPES.items():
        mimetypes.add_type(kind, ending)
    app = Starlette()
    app.mount("/", _Site(directory=site, html=True))
    return app


class _Site(StaticFiles):
    """The site's files, without its state and unfinished ones."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path == STATE_NAME or any(
            part.startswith(".") and part != "." for part in Path(path).parts
        ):
            raise HTTPException(404)
        return await super().get_response(path, scope)


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


def serve(site: Path, bound: socket.socket) -> None:
    """Serve a site until interrupted.

    Args:
        site: Its folder.
        bound: From `listening`.
    """
    settings = uvicorn.Config(site_app(site), log_level="warning", access_log=False, lifespan="off")
    uvicorn.Server(settings).run(sockets=[bound])
