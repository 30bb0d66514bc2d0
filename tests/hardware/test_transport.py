"""Lines to devices: deadlines, breaking, closing from another thread, replaying."""

from __future__ import annotations

import os
import pty
import socket
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.errors import Busy, Unreachable
from hardware.transport import (
    READ_BYTES_MAX,
    Address,
    ReplayWire,
    Wire,
    open_serial,
    open_wire,
    parse_address,
    parse_recording,
)


@pytest.fixture
def line() -> Iterator[tuple[Wire, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        wire = open_wire(f"tcp://127.0.0.1:{server.getsockname()[1]}", 1.0)
        peer, _ = server.accept()
    yield wire, peer
    wire.close()
    peer.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://127.0.0.1:20007", Address(host="127.0.0.1", port=20007)),
        ("serial:///dev/ttyUSB0?baud=115200", Address(path="/dev/ttyUSB0", baud=115200)),
        ("serial:///dev/ttyUSB0", Address(path="/dev/ttyUSB0", baud=9600)),
        ("/tmp/a/pty", Address(path="/tmp/a/pty")),
    ],
)
def test_addresses_are_read(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tcp://host",
        "udp://h:1",
        "serial://dev/x",
        "serial:///x?bits=7",
        "serial:///x?baud=0",
        "tcp://h:1/x",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        parse_address(text)


def test_a_read_wakes_when_bytes_arrive_and_ends_when_time_is_up(line: tuple[Wire, socket.socket]) -> None:
    wire, peer = line
    assert wire.read(0.01) == b""
    peer.sendall(b"abc")
    began = time.monotonic()
    assert wire.read(5.0) == b"abc"
    assert time.monotonic() - began < 1.0


def test_a_read_is_bounded(line: tuple[Wire, socket.socket]) -> None:
    wire, peer = line
    peer.sendall(bytes(3 * READ_BYTES_MAX))
    total = 0
    while total < 3 * READ_BYTES_MAX:
        data = wire.read(1.0)
        assert 0 < len(data) <= READ_BYTES_MAX
        total += len(data)


def test_a_line_that_takes_nothing_is_unreachable_in_time(line: tuple[Wire, socket.socket]) -> None:
    wire, _ = line
    with pytest.raises(Unreachable):
        wire.write(bytes(64 * 1024 * 1024), 0.2)


def test_a_long_write_arrives_whole(line: tuple[Wire, socket.socket]) -> None:
    wire, peer = line
    sent = os.urandom(300_000)
    got = bytearray()

    def drain() -> None:
        while len(got) < len(sent):
            got.extend(peer.recv(65536))

    reader = threading.Thread(target=drain)
    reader.start()
    wire.write(sent, 5.0)
    reader.join(5.0)
    assert bytes(got) == sent


def test_a_broken_line_is_unreachable(line: tuple[Wire, socket.socket]) -> None:
    wire, peer = line
    peer.close()
    with pytest.raises(Unreachable):
        wire.read(1.0)


def test_closing_from_another_thread_wakes_the_reader(line: tuple[Wire, socket.socket]) -> None:
    wire, _ = line
    ended: list[BaseException] = []

    def wait() -> None:
        try:
            wire.read(30.0)
        except Unreachable as fault:
            ended.append(fault)

    reader = threading.Thread(target=wait)
    reader.start()
    time.sleep(0.05)
    wire.close()
    reader.join(2.0)
    assert ended
    wire.close()
    with pytest.raises(Unreachable):
        wire.read(0.0)


def test_nobody_at_the_address_is_unreachable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable):
        open_wire(f"tcp://127.0.0.1:{port}", 1.0)
    with pytest.raises(Unreachable):
        open_wire(str(tmp_path / "no-such-line"), 1.0)
    with pytest.raises(Unreachable):
        open_serial(__file__)


def test_a_pty_is_a_serial_line_for_one() -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    wire = open_wire(f"serial://{path}?baud=115200", 1.0)
    with pytest.raises(Busy):
        open_wire(path, 1.0)
    os.write(master, b"4711\r\n")
    assert wire.read(1.0) == b"4711\r\n"
    wire.write(b"ok", 1.0)
    assert os.read(master, 10) == b"ok"
    os.close(slave)
    os.close(master)
    began = time.monotonic()
    with pytest.raises(Unreachable):
        wire.read(5.0)
    assert time.monotonic() - began < 1.0
    wire.close()


def test_a_recording_plays_back() -> None:
    wire = ReplayWire(parse_recording("# a remark\n> 06 00\n< 80 00 00  # yes\n! gone\n"))
    assert wire.read(1.0) == b""
    wire.write(b"\x06\x00", 1.0)
    assert wire.read(1.0) == b"\x80\x00\x00"
    with pytest.raises(Unreachable):
        wire.read(1.0)
    assert wire.finished
    with pytest.raises(AssertionError):
        wire.write(b"\x06", 1.0)


def test_a_recording_notices_other_words() -> None:
    wire = ReplayWire(parse_recording("> 06 00"))
    with pytest.raises(AssertionError, match="06 00 here, not 06 01"):
        wire.write(b"\x06\x01", 1.0)
    with pytest.raises(ValueError, match="line 1"):
        parse_recording("what")
