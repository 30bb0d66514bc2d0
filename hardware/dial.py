"""Calling a device by TCP: an address of ours becomes a connected socket, within a deadline."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import urlsplit

from hardware.errors import Unreachable


def host_and_port(address: str, default_port: int | None = None) -> tuple[str, int]:
    """Split `tcp://host:port` (or any other scheme) into host and port.

    Raises ValueError, naming the address, when a part is missing or no number.
    """
    parts = urlsplit(address)
    port = parts.port or default_port
    if not parts.hostname or port is None:
        raise ValueError(f"device address {address!r} is not of the form tcp://host:port")
    return parts.hostname, port


def dial(host: str, port: int, deadline_s: float) -> socket.socket:
    """Connect; small messages go out at once (no Nagle). Raises Unreachable when nobody answers in time."""
    try:
        line = socket.create_connection((host, port), timeout=deadline_s)
    except OSError as fault:
        raise Unreachable(f"No device answers at {host}:{port}") from fault
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def hang_up(line: socket.socket) -> None:
    """Close so that a thread blocked in recv() on this socket wakes up too."""
    with contextlib.suppress(OSError):  # the other side may have been faster
        line.shutdown(socket.SHUT_RDWR)
    line.close()
