"""A web server in a thread of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from stretchaudio.site.server import listening


@contextmanager
def running(server: uvicorn.Server) -> Iterator[int]:
    """Run a server and give its port on the loopback; end it afterwards."""
    with listening("127.0.0.1", 0) as bound:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield bound.getsockname()[1]
        server.should_exit = server.force_exit = True
        thread.join()
