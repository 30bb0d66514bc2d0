"""An RFID reader behind an MQTT broker: its topics heard, and its silence told from the broker's health.

The reader is set up on its own page: to publish to the broker, to start reading by itself, and to send a
heartbeat every second. A broker that is well says nothing about the reader; only the reader's words do.
No reader was at hand: events are as published, and proven against our own emulator and a real mosquitto only.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hardware.errors import Busy, DeviceFault, Unreachable
from hardware.json_reads import LINE_BYTES_MAX
from hardware.read_queue import QueuedReader
from hardware.readings import TagRead
from hardware.zebra import codec

CONNECT_S_MAX = 3.0
OPEN_S_MAX = 5.0
"""From connecting to the reader's first word."""
SILENCE_S_MAX = 4.0
"""Neither tag nor heartbeat for this long: the reader is gone, broker or not (FAULTS 21 asks for 5 s)."""
BROKER_KEEPALIVE_S = 5
LOOK_S = 0.1
PORT = 1883

log = logging.getLogger(__name__)


class ZebraReader(QueuedReader):
    """One reader at `mqtt://broker[:port]`. Blocking; `close()` may come from another thread."""

    def __init__(
        self,
        address: str,
        *,
        topic: str = "zebra/#",
        user: str = "",
        password_file: str = "",
        silence_s: float = SILENCE_S_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`topic` covers what this reader publishes, tags and management events, and no other reader's.

        ValueError for an address that is none, or a file that cannot be read.
        """
        place = urlsplit(address)
        if place.scheme != "mqtt" or not place.hostname:
            raise ValueError(f"this RFID reader is reached by mqtt://broker:port, not {address!r}")
        self._host, self._port = place.hostname, place.port or PORT
        self._topic = topic
        self._user = user
        try:
            self._password = Path(password_file).read_text("utf-8").strip() if password_file else None
        except OSError as fault:
            raise ValueError(f"the RFID reader's file cannot be read: {fault.filename}") from fault
        super().__init__(silence_s, clock)
        self._first_word = threading.Event()
        self._client: mqtt.Client | None = None
        self._connection = 0

    def open(self) -> None:
        """Join the broker and wait for the reader's first word.

        Raises Unreachable (no broker, or a reader that says nothing), Busy (the broker refuses us), Garbled.
        """
        self.close()
        self._first_word.clear()
        self._connection = self._queue.start()
        self._client = client = self._new_client()
        small = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        small.MaximumPacketSize = LINE_BYTES_MAX  # the broker drops what is larger
        try:
            client.connect(self._host, self._port, keepalive=BROKER_KEEPALIVE_S, properties=small)
        except (OSError, ValueError) as fault:
            self.close()
            raise Unreachable(f"no MQTT broker at {self._host}:{self._port}") from fault
        client.loop_start()
        try:
            self._await_first_word()
        except DeviceFault:
            self.close()
            raise

    def close(self) -> None:
        """Leave the broker. A waiting `read()` ends with Unreachable."""
        client, self._client = self._client, None
        self._queue.close()
        if client is not None:
            client.disconnect()
            client.loop_stop()

    def read(self, timeout_s: float) -> list[TagRead]:
        """Everything seen since the last call, oldest first; waits up to `timeout_s` for the first.

        Empty when nothing came. Raises Unreachable (broker gone, reader silent for `silence_s`) or Garbled;
        after that, `open()` again.
        """
        reads = self._queue.take(timeout_s)
        if not reads and self._clock() - self._queue.heard_s > self._silence_s:
            self._give_up(Unreachable("The RFID reader has fallen silent"), self._connection)
        return reads

    def _await_first_word(self) -> None:
        ends_s = self._clock() + OPEN_S_MAX
        while not self._first_word.wait(LOOK_S):
            self._queue.take(0)  # raises what kept us from the broker
            if self._clock() > ends_s:
                raise Unreachable(f"The broker is there, but no RFID reader speaks under {self._topic}")

    def _give_up(self, fault: DeviceFault, connection: int) -> None:
        if self._queue.fail(connection, fault):
            log.info("rfid reader lost broker=%s:%d fault=%s", self._host, self._port, type(fault).__name__)

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            userdata=self._connection,
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S_MAX
        if self._user:
            client.username_pw_set(self._user, self._password)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: mqtt.Client, connection: int, _: Any, code: Any, __: Any) -> None:
        if code.is_failure:
            self._give_up(Busy(f"The MQTT broker refuses us ({code})"), connection)
        else:
            client.subscribe(self._topic)

    def _on_disconnect(self, _: mqtt.Client, connection: int, __: Any, code: Any, ___: Any) -> None:
        self._give_up(Unreachable(f"The MQTT broker is gone ({code})"), connection)

    def _on_message(self, _: mqtt.Client, connection: int, message: mqtt.MQTTMessage) -> None:
        if message.retain:
            return  # said long ago, perhaps by a reader that is gone
        try:
            reads = codec.decode(bytes(message.payload))
        except DeviceFault as fault:
            self._give_up(fault, connection)
            return
        self._queue.hear(connection, reads)
        self._first_word.set()
