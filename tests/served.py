"""An application on a real server, on a free port of the loopback, that leaves no end open when it closes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress.server import create_server

CLOSES_S_MAX = 60.0


@contextmanager
def served(application: Any) -> Iterator[int]:
    """The port. The server's own thread hangs up on everybody, so that nobody closes what it looks at."""
    server: Any = create_server(application, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, name="served", daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.trigger.pull_trigger(lambda: [end.close() for end in list(server._map.values())])
        thread.join(CLOSES_S_MAX)
        server.task_dispatcher.shutdown()
