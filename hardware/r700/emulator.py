"""An Impinj reader that is not there: a real HTTP server with the paths that our driver asks, and tags."""

from __future__ import annotations

import json
import socket
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from hardware.loopback import LOOPBACK, Outlet
from hardware.r700.codec import encode
from hardware.readings import TagRead
from hardware.tag_field import ANTENNAS, TagField

ROUND_S = 0.1
BODY_BYTES_MAX = 4096
BABBLE_BYTES = 64
API = "/api/v1"


class R700Emulator(TagField):
    """`start()` gives the driver's address. All acts may be called from any thread, connected or not."""

    def __init__(self, *, round_s: float = ROUND_S, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self._round_s = round_s
        self._hushed = threading.Event()
        self._babbling = threading.Event()
        self._running = threading.Event()
        self._keepalive_s = 0.0
        self._outlet = Outlet(self._serve, "r700-emulator")

    def start(self) -> str:
        """Listen on a free port and give the address, `http://127.0.0.1:<port>`."""
        return f"http://{LOOPBACK}:{self._outlet.plug()}"

    def stop(self) -> None:
        """End for good."""
        self._running.clear()
        self._outlet.stop()

    def unplug(self) -> None:
        """Power off: connections drop, new ones are refused, and no inventory runs."""
        self._running.clear()
        self._hushed.clear()
        self._outlet.unplug()

    def plug(self) -> None:
        """Power on at the same address, healthy again; the tags still lie there."""
        self._hushed.clear()
        self._babbling.clear()
        self._outlet.plug()

    def hush(self) -> None:
        """Say nothing more while TCP stays open: a hung firmware. Power-cycle to heal."""
        self._hushed.set()

    def babble(self) -> None:
        """Send a line that is no JSON, once."""
        self._babbling.set()

    def _serve(self, line: socket.socket) -> None:
        _Exchange(line, (LOOPBACK, 0), self)  # type: ignore[arg-type]  # it asks nothing of a server

    # What the HTTP side asks of the reader

    @property
    def powered(self) -> bool:
        return self._outlet.plugged

    def heed(self) -> None:
        """Come back at once, or not before the power was off where the firmware hangs."""
        while self._hushed.is_set():
            time.sleep(self._round_s)

    def configure(self, wish: dict[str, Any]) -> None:
        self._keepalive_s = float(wish.get("keepAliveIntervalSeconds", 0))

    def run(self, running: bool) -> bool:
        """Start or stop the inventory; False if it was so already."""
        changed = self._running.is_set() != running
        if running:
            self._running.set()
        else:
            self._running.clear()
        return changed

    def said(self) -> bytes:
        """What the stream says next, after the round's time; b"" when nothing is due."""
        due_s = time.monotonic() + (self._keepalive_s or self._round_s)
        while True:
            time.sleep(self._round_s)
            self.heed()
            if self._babbling.is_set():
                self._babbling.clear()
                return b"{" + self.noise(BABBLE_BYTES).replace(b"\n", b"") + b"\r\n"
            seen = self.round(range(1, ANTENNAS + 1)) if self._running.is_set() else []
            if seen:
                now_us = time.time_ns() // 1000
                return b"".join(
                    encode(TagRead(one.tag.epc, one.tag.antenna, round(one.level_dbm, 2), now_us))
                    for one in seen
                )
            if time.monotonic() >= due_s:
                return b"\r\n" if self._keepalive_s else b""


class _Exchange(BaseHTTPRequestHandler):
    """One connection of a client; `server` is the reader."""

    protocol_version = "HTTP/1.1"

    @property
    def reader(self) -> R700Emulator:
        assert isinstance(self.server, R700Emulator)
        return self.server

    def do_PUT(self) -> None:
        wish = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), BODY_BYTES_MAX)))
        if self.path == f"{API}/http-stream":
            self.reader.configure(wish)
            self._answer(HTTPStatus.NO_CONTENT)
        else:
            self._answer(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        self.rfile.read(min(int(self.headers.get("Content-Length", 0)), BODY_BYTES_MAX))
        if self.path == f"{API}/profiles/inventory/presets/default/start":
            self._answer(HTTPStatus.NO_CONTENT if self.reader.run(True) else HTTPStatus.CONFLICT)
        elif self.path == f"{API}/profiles/stop":
            self._answer(HTTPStatus.NO_CONTENT if self.reader.run(False) else HTTPStatus.CONFLICT)
        else:
            self._answer(HTTPStatus.NOT_FOUND)

    def do_GET(self) -> None:
        if self.path != f"{API}/data/stream":
            self._answer(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while self.reader.powered:
            data = self.reader.said()
            if data:
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _answer(self, status: HTTPStatus) -> None:
        self.reader.heed()
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads an emulator's access log."""
