"""A Zebra reader that is not there, with a broker that is: a real mosquitto, and tags through it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from hardware.loopback import LOOPBACK
from hardware.readings import TagRead
from hardware.tag_field import ANTENNAS, TagField
from hardware.zebra.codec import encode, heartbeat

BROKER = "mosquitto"
ROUND_S = 0.1
HEARTBEAT_S = 0.5
BROKER_S_MAX = 5.0
BABBLE_BYTES = 64
TAGS_TOPIC, EVENTS_TOPIC = "zebra/reader-1/tags", "zebra/reader-1/events"


class ZebraEmulator(TagField):
    """`start()` gives the driver's address: its broker's. All acts may be called from any thread."""

    def __init__(self, *, round_s: float = ROUND_S, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self._round_s = round_s
        self._hushed = threading.Event()
        self._off = threading.Event()
        self._babbling = threading.Event()
        self._broker: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._reader: threading.Thread | None = None

    def start(self) -> str:
        """Start the broker and the reader, and give the broker's address.

        Raises LookupError where there is no mosquitto on this machine.
        """
        if self._broker is None:
            self._port = _free_port()
            self._start_broker()
            self.plug()
        return f"mqtt://{LOOPBACK}:{self._port}"

    def stop(self) -> None:
        """End for good, the broker too."""
        self.unplug()
        self.stop_broker()

    def unplug(self) -> None:
        """Cut the reader's power; the broker goes on."""
        self._off.set()
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.join(BROKER_S_MAX)

    def plug(self) -> None:
        """Give the reader power again, healthy; the tags still lie there."""
        if self._reader is not None:
            return
        for state in (self._off, self._hushed, self._babbling):
            state.clear()
        self._reader = threading.Thread(target=self._live, name="zebra-emulator", daemon=True)
        self._reader.start()

    def hush(self) -> None:
        """Publish nothing more while the line to the broker stays open. Power-cycle to heal."""
        self._hushed.set()

    def babble(self) -> None:
        """Publish bytes that are no JSON, once."""
        self._babbling.set()

    def stop_broker(self) -> None:
        """End the broker: the driver's line and the reader's break."""
        broker, self._broker = self._broker, None
        if broker is not None:
            broker.terminate()
            broker.wait(BROKER_S_MAX)

    def _start_broker(self) -> None:
        program = shutil.which(BROKER) or shutil.which(BROKER, path="/usr/sbin:/usr/local/sbin")
        if program is None:
            raise LookupError(f"the emulated Zebra reader needs {BROKER}, which is not installed")
        self._broker = subprocess.Popen(
            [program, "-p", str(self._port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until_s = time.monotonic() + BROKER_S_MAX
        while True:
            try:
                socket.create_connection((LOOPBACK, self._port), timeout=self._round_s).close()
                return
            except OSError:
                if time.monotonic() > until_s:
                    self.stop_broker()
                    raise LookupError(f"{BROKER} does not start") from None
                time.sleep(self._round_s)

    def _live(self) -> None:
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.connect(LOOPBACK, self._port)
        client.loop_start()
        heartbeat_due_s = 0.0
        while not self._off.wait(self._round_s):
            if self._hushed.is_set():
                continue
            if self._babbling.is_set():
                self._babbling.clear()
                client.publish(TAGS_TOPIC, b"{" + self.noise(BABBLE_BYTES))
            if time.monotonic() >= heartbeat_due_s:
                client.publish(EVENTS_TOPIC, heartbeat())
                heartbeat_due_s = time.monotonic() + HEARTBEAT_S
            now_us = time.time_ns() // 1000
            for seen in self.round(range(1, ANTENNAS + 1)):
                read = TagRead(seen.tag.epc, seen.tag.antenna, round(seen.level_dbm), now_us, seen_count=1)
                client.publish(TAGS_TOPIC, encode(read))
        client.disconnect()
        client.loop_stop()


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as door:
        port: int = door.getsockname()[1]
    return port
