"""Serving pages: waitress with its threads, until somebody says stop."""

from __future__ import annotations

import logging
import signal
import socket
from typing import Any

from waitress.server import create_server

THREADS = 8
CONNECTIONS_MAX = 500
BODY_BYTES_MAX = 16 * 1024 * 1024
IDLE_S_MAX = 75


class AddressTaken(Exception):
    """Another program listens there already; `str()` says so in a sentence."""


def listening(host: str, port: int, waiting_max: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one. Raises AddressTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=waiting_max)
    except OSError as error:
        raise AddressTaken(f"{host}:{port} cannot be used: {error.strerror}") from None


class PageServer:
    """A WSGI application on an address; port 0 takes a free one. Raises AddressTaken."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        self._server = create_server(
            app,
            sockets=[listening(host, port, CONNECTIONS_MAX)],
            threads=THREADS,
            connection_limit=CONNECTIONS_MAX,
            max_request_body_size=BODY_BYTES_MAX,
            channel_timeout=IDLE_S_MAX,
            ident="Emma",
            clear_untrusted_proxy_headers=True,
        )
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)

    @property
    def port(self) -> int:
        return int(self._server.effective_port)

    def run(self) -> None:
        """Serve until Ctrl-C or SIGTERM."""
        signal.signal(signal.SIGTERM, _as_interrupt)
        self._server.run()

    def close(self) -> None:
        self._server.close()


def _as_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
