"""An RFID reader with Impinj's IoT device interface: its preset started, its stream heard.

A reader whose stream is not read fast enough pauses its inventory. So a thread reads it into a bounded queue.
No reader was at hand: paths and members are as published, and proven against our own emulator only.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from hardware.errors import Busy, DeviceFault, Unreachable
from hardware.json_reads import LineBuffer
from hardware.r700 import codec
from hardware.read_queue import QueuedReader

ASK_S_MAX = 3.0
KEEPALIVE_S = 1
"""A sign of life as often as this, tags or none."""
SILENCE_S_MAX = 4.0
"""Neither tag nor sign of life for this long: the reader is gone, TCP or not (FAULTS 21 asks for 5 s)."""
CLOSE_S_MAX = 1.0

log = logging.getLogger(__name__)


class R700Reader(QueuedReader):
    """One reader at `http[s]://host[:port]`. Blocking; `close()` may come from another thread."""

    def __init__(
        self,
        address: str,
        *,
        preset: str = "default",
        user: str = "root",
        password_file: str = "",
        certificate_file: str = "",
        silence_s: float = SILENCE_S_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`preset` is the inventory set up on the reader's own page: antennas, power, region, members.

        `certificate_file` is the reader's own certificate or its authority's; a new one has signed its own.
        ValueError for an address that is none, or a file that cannot be read.
        """
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"this RFID reader is reached by http:// or https://, not {address!r}")
        self._address = address.rstrip("/")
        self._preset = preset
        super().__init__(silence_s, clock)
        try:
            password = Path(password_file).read_text("utf-8").strip() if password_file else ""
            trusted = ssl.create_default_context(cafile=certificate_file) if certificate_file else True
        except OSError as fault:
            raise ValueError(f"the RFID reader's file cannot be read: {fault.filename}") from fault
        self._options: dict[str, Any] = {
            "base_url": f"{self._address}/api/v1",
            "auth": (user, password) if password else None,
            "verify": trusted,
            "timeout": ASK_S_MAX,
            "trust_env": False,
        }
        self._client: httpx.Client | None = None
        self._stream: httpx.Response | None = None
        self._listener: threading.Thread | None = None

    def open(self) -> None:
        """Start the preset and its stream. Raises Unreachable, Busy (refuses, with its word), Garbled."""
        self.close()
        self._client = httpx.Client(**self._options)
        connection = self._queue.start()
        try:
            self._ask("PUT", "/http-stream", {"keepAliveIntervalSeconds": KEEPALIVE_S})
            self._ask("POST", "/profiles/stop", may_refuse=True)  # what a crashed client left running
            self._ask("POST", f"/profiles/inventory/presets/{self._preset}/start")
            self._stream = self._listen_to(self._client)
        except DeviceFault:
            self.close()
            raise
        self._queue.hear(connection)
        self._listener = threading.Thread(
            target=self._listen, args=(self._stream, connection), name="r700-reader", daemon=True
        )
        self._listener.start()

    def close(self) -> None:
        """Hang up, and stop the inventory where the reader still hears. A waiting `read()` is Unreachable."""
        client, self._client = self._client, None
        stream, self._stream = self._stream, None
        self._queue.close()
        if stream is not None:
            with contextlib.suppress(OSError):  # wakes the listener, which closes it
                stream.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        listener = self._listener
        if listener is not None and listener is not threading.current_thread():
            listener.join(CLOSE_S_MAX)
        if client is not None:
            with contextlib.suppress(httpx.HTTPError):
                client.post("/profiles/stop", timeout=CLOSE_S_MAX)
            client.close()

    def _ask(self, method: str, path: str, body: object = None, *, may_refuse: bool = False) -> None:
        assert self._client is not None
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as fault:
            raise _as_fault(fault, self._address) from fault
        if answer.is_error and not may_refuse:
            raise Busy(f"The RFID reader refuses {path} (HTTP {answer.status_code})")

    def _listen_to(self, client: httpx.Client) -> httpx.Response:
        patience = httpx.Timeout(ASK_S_MAX, read=self._silence_s)
        try:
            stream = client.send(client.build_request("GET", "/data/stream", timeout=patience), stream=True)
        except httpx.HTTPError as fault:
            raise _as_fault(fault, self._address) from fault
        if stream.is_error:
            stream.close()
            raise Busy(f"The RFID reader refuses its stream (HTTP {stream.status_code})")
        return stream

    def _listen(self, stream: httpx.Response, connection: int) -> None:
        fault: DeviceFault = Unreachable("The RFID reader's listener stopped")
        lines = LineBuffer()
        try:
            for data in stream.iter_raw():
                for offset, line in lines.feed(data):
                    read = codec.decode(line, offset)
                    self._queue.hear(connection, [] if read is None else [read])
            fault = Unreachable("The RFID reader ended its stream")
        except DeviceFault as found:
            fault = found
        except (httpx.HTTPError, httpx.StreamError, OSError) as broken:
            fault = _as_fault(broken, self._address)
        finally:
            if self._queue.fail(connection, fault):
                log.info("rfid reader lost reader=%s fault=%s", self._address, type(fault).__name__)
            with contextlib.suppress(httpx.HTTPError, OSError):
                stream.close()


def _as_fault(fault: Exception, address: str) -> DeviceFault:
    if isinstance(fault, httpx.ReadTimeout):
        return Unreachable("The RFID reader has fallen silent")
    if isinstance(fault, httpx.RemoteProtocolError):
        return Unreachable("The RFID reader broke off, or speaks no HTTP")
    return Unreachable(f"nobody answers at {address} ({type(fault).__name__})")
