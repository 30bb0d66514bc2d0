"""Scanners that type: input events as the kernel lays them out, over a pipe; a real one if named."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import Busy, Garbled, Unreachable
from hardware.readings import Scan
from hardware.scanner.hid.codec import EV_KEY, EV_SYN, EVENT, PLAIN, SHIFTED, SYN_DROPPED, KeyReader, keys_of
from hardware.scanner.hid.driver import EVIOCGRAB, HidScanner
from hardware.scanner.hid.emulator import HidEmulator

TYPED = st.text(st.sampled_from(sorted({*PLAIN.values(), *SHIFTED.values()})), min_size=1, max_size=60)
DROPPED = EVENT.pack(0, 0, EV_SYN, SYN_DROPPED, 0)


def typed(text: str) -> bytes:
    return b"".join(keys_of(text))


def scans(data: bytes, size: int = 4096) -> list[Scan | str]:
    """What comes of the bytes: scans, and "garbled"."""
    reader, found = KeyReader(), []
    for at in range(0, len(data), size):
        reader.feed(data[at : at + size])
        while True:
            try:
                scan = reader.next_scan()
            except Garbled:
                found.append("garbled")
                continue
            if scan is None:
                break
            found.append(scan)
    return found


def test_an_event_is_laid_out_as_in_the_kernel_s_documentation() -> None:
    """A press of the key 1: two longs, then type 1, code 2, value 1 in native order."""
    assert EVENT.pack(1, 2, EV_KEY, 2, 1)[-8:] == b"\x01\x00\x02\x00\x01\x00\x00\x00"
    assert 0x4 << 28 | 4 << 16 | ord("E") << 8 | 0x90 == EVIOCGRAB


def test_codes_with_and_without_aim_identifiers_and_separators() -> None:
    data = (
        typed("9521234102168") + typed("]C101095212341021681710\x1d21A") + typed("https://Emma.example/?a=1")
    )
    assert scans(data) == [
        Scan("9521234102168"),
        Scan("01095212341021681710\x1d21A", "]C1"),
        Scan("https://Emma.example/?a=1"),
    ]


@given(TYPED, st.integers(1, 100))
def test_what_is_typed_is_read_however_it_is_cut(text: str, size: int) -> None:
    read = scans(typed(text), size)
    assert "".join(s.symbology + s.text for s in read if isinstance(s, Scan)) in (text, "")
    assert len(read) == 1


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_noise_is_no_error_but_garbled_and_nothing_grows(chunks: list[bytes]) -> None:
    reader = KeyReader()
    for chunk in chunks:
        reader.feed(chunk)
        with contextlib.suppress(Garbled):
            while reader.next_scan() is not None:
                pass
    assert len(reader._text) <= 7100


def test_keys_that_were_lost_and_keys_that_type_nothing_spoil_that_code_only() -> None:
    f1 = EVENT.pack(0, 0, EV_KEY, 59, 1)
    assert scans(typed("12")[: -4 * EVENT.size] + DROPPED + typed("34") + typed("4711")) == [
        "garbled",
        Scan("4711"),
    ]
    assert scans(f1 + typed("34") + typed("4711")) == ["garbled", Scan("4711")]
    assert scans(typed("7" * 8000) + typed("4711")) == ["garbled", Scan("4711")]


# The driver, on a pipe


class Pipe:
    """A named pipe where a scanner would be; `grabbed` counts who took it."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "event-kbd")
        os.mkfifo(self.path)
        self.keeper = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self.grabbed = 0

    def take(self, fd: int) -> None:
        self.grabbed += 1

    def type(self, text: str) -> None:
        os.write(self.keeper, typed(text))


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    pipe = Pipe(tmp_path)
    yield pipe
    os.close(pipe.keeper)


def test_it_is_grabbed_before_anything_is_read(pipe: Pipe) -> None:
    scanner = HidScanner(pipe.path, take=pipe.take)
    scanner.open()
    assert pipe.grabbed == 1
    assert scanner.read(0.01) is None
    for _ in range(3):
        pipe.type("9521234102168")
    assert [scanner.read(1.0) for _ in range(3)] == [Scan("9521234102168")] * 3
    scanner.close()
    with pytest.raises(Unreachable):
        scanner.read(0.1)


def test_half_a_code_does_not_join_the_next_one(pipe: Pipe) -> None:
    scanner = HidScanner(pipe.path, take=pipe.take)
    scanner.open()
    os.write(pipe.keeper, typed("12")[: -4 * EVENT.size])
    with pytest.raises(Garbled, match="stopped within"):
        scanner.read(5.0)
    pipe.type("4711")
    assert scanner.read(1.0) == Scan("4711")
    scanner.close()


def test_one_that_cannot_be_taken_for_us_alone_is_not_read(pipe: Pipe, tmp_path: Path) -> None:
    def taken(fd: int) -> None:
        raise OSError(errno.EBUSY, "taken")

    with pytest.raises(Busy):
        HidScanner(pipe.path, take=taken).open()
    no_device = tmp_path / "a file"
    no_device.touch()
    with pytest.raises(Unreachable, match="for us alone"):
        HidScanner(str(no_device)).open()  # the kernel says so
    with pytest.raises(Unreachable):
        HidScanner(str(tmp_path / "none")).open()
    with pytest.raises(ValueError, match="path"):
        HidScanner("tcp://127.0.0.1:1")


def test_the_emulator_types_and_its_plug_can_be_pulled() -> None:
    emulator = HidEmulator()
    scanner = HidScanner(emulator.start())
    scanner.open()
    assert emulator.show("9521234102168", "]E0")
    assert scanner.read(1.0) == Scan("9521234102168", "]E0")
    with pytest.raises(ValueError, match="no key"):
        emulator.show("Käse")
    emulator.unplug()
    assert not emulator.show("4711")
    with pytest.raises(Unreachable):
        scanner.read(1.0)
    with pytest.raises(Unreachable):
        scanner.open()
    emulator.plug()
    scanner.open()
    assert emulator.show("4711")
    assert scanner.read(1.0) == Scan("4711")
    scanner.close()
    emulator.stop()


def test_a_real_keyboard_is_grabbed() -> None:
    """`EMMA_HID_SCANNER=/dev/input/by-id/…` names a real one; then scan something within ten seconds."""
    address = os.environ.get("EMMA_HID_SCANNER")
    if not address:
        pytest.skip(
            "no input device to grab here: EMMA_HID_SCANNER names none, and this kernel offers no uinput"
        )
    scanner = HidScanner(address)
    scanner.open()
    assert scanner.read(10.0) is not None
    scanner.close()
