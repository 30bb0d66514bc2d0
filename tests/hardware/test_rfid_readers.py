"""What every RFID reader's driver owes the tray, whatever it speaks, tried on its emulator."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hardware import read_queue
from hardware.errors import Busy, DeviceFault, Garbled, Unreachable
from hardware.llrp.driver import LlrpReader
from hardware.llrp.emulator import ReaderEmulator
from hardware.m100 import driver as m100_driver
from hardware.m100.driver import M100Reader
from hardware.m100.emulator import M100Emulator
from hardware.r700.driver import R700Reader
from hardware.r700.emulator import R700Emulator
from hardware.readings import TagRead
from hardware.zebra import driver as zebra_driver
from hardware.zebra.driver import ZebraReader
from hardware.zebra.emulator import ZebraEmulator

SHIRT = bytes.fromhex("30740242201d3ec000000001")
JEANS = bytes.fromhex("30740242201d3ec000000002")
SILENCE_S = 1.6
NOTICED_S_MAX = 3.0
PROGRAMS = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


@dataclass(frozen=True)
class Kind:
    """One kind of reader: its emulator and its driver, patient for less long than in a shop."""

    name: str
    emulator: Callable[[], Any]
    driver: Callable[[str], Any]
    antenna: int = 2
    needs: str = ""
    """A program without which this kind cannot be emulated."""
    waits_in_kernel: bool = False
    """What nobody fetches is bounded, dropped and not counted by the kernel."""


KINDS = (
    Kind(
        "llrp",
        lambda: ReaderEmulator(round_s=0.02),
        lambda address: LlrpReader(address, keepalive_ms=200, silence_s=SILENCE_S),
    ),
    Kind(
        "r700",
        lambda: R700Emulator(round_s=0.02),
        lambda address: R700Reader(address, silence_s=SILENCE_S),
    ),
    Kind(
        "zebra",
        lambda: ZebraEmulator(round_s=0.02),
        lambda address: ZebraReader(address, silence_s=SILENCE_S),
        needs="mosquitto",
    ),
    Kind(
        "m100",
        lambda: M100Emulator(round_s=0.02),
        lambda address: M100Reader(address, silence_s=SILENCE_S),
        antenna=1,
        waits_in_kernel=True,
    ),
)


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zebra_driver, "OPEN_S_MAX", SILENCE_S)
    monkeypatch.setattr(m100_driver, "ANSWER_S_MAX", SILENCE_S)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    if kind.needs and shutil.which(kind.needs, path=PROGRAMS) is None:
        pytest.skip(f"{kind.needs} is not installed on this machine")
    return kind


@pytest.fixture
def field(kind: Kind) -> Iterator[Any]:
    emulator = kind.emulator()
    yield emulator
    emulator.stop()


@pytest.fixture
def reader(kind: Kind, field: Any) -> Iterator[Any]:
    device = kind.driver(field.start())
    device.open()
    yield device
    device.close()


def collect(reader: Any, seconds: float) -> list[TagRead]:
    end, reads = time.monotonic() + seconds, list[TagRead]()
    while time.monotonic() < end:
        reads += reader.read(0.05)
    return reads


def fault_of(reader: Any) -> DeviceFault:
    """The fault it meets, which must come in time."""
    end = time.monotonic() + NOTICED_S_MAX
    while time.monotonic() < end:
        try:
            reader.read(0.1)
        except DeviceFault as fault:
            return fault
    pytest.fail("the driver noticed nothing")


def reopen(reader: Any) -> None:
    """As its agent does: again and again until it is there."""
    end = time.monotonic() + 5 * NOTICED_S_MAX
    while True:
        try:
            reader.open()
            return
        except DeviceFault:
            assert time.monotonic() < end, "it never came back"
            time.sleep(0.05)


def test_a_laid_tag_is_read_with_antenna_and_level(kind: Kind, field: Any, reader: Any) -> None:
    field.lay(SHIRT, antenna=kind.antenna)
    read = reader.read(2.0)[0]
    assert (read.epc, read.antenna) == (SHIRT, kind.antenna)
    assert -66 <= read.rssi_dbm <= -46
    assert read.seen_us is None or abs(read.seen_us / 1e6 - time.time()) < 5


def test_a_lifted_tag_falls_silent_and_epcs_of_other_lengths_are_read(field: Any, reader: Any) -> None:
    field.lay(SHIRT)
    field.lay(JEANS + b"\x01\x02\x03\x04")
    assert {read.epc for read in collect(reader, 0.5)} == {SHIRT, JEANS + b"\x01\x02\x03\x04"}
    field.lift(SHIRT)
    collect(reader, 0.2)
    assert {read.epc for read in collect(reader, 0.3)} == {JEANS + b"\x01\x02\x03\x04"}


def test_nothing_on_the_tray_is_an_empty_answer_in_time(reader: Any) -> None:
    start = time.monotonic()
    assert reader.read(0.1) == []
    assert 0.05 < time.monotonic() - start < 1.0


def test_a_quiet_but_living_reader_is_heard_and_not_given_up(reader: Any) -> None:
    first_s = reader.heard_s
    assert collect(reader, 2 * SILENCE_S) == []
    assert reader.heard_s > first_s


def test_silence_with_the_line_open_is_noticed(field: Any, reader: Any) -> None:
    field.lay(SHIRT)
    assert reader.read(2.0)
    field.hush()
    assert isinstance(fault_of(reader), Unreachable)
    field.unplug()
    field.plug()
    reopen(reader)
    assert reader.read(2.0)[0].epc == SHIRT


def test_garbage_is_garbled_and_the_next_open_heals(field: Any, reader: Any) -> None:
    field.lay(SHIRT)
    field.babble()
    assert isinstance(fault_of(reader), Garbled)
    reopen(reader)
    assert reader.read(2.0)[0].epc == SHIRT


def test_a_pulled_plug_is_unreachable_and_comes_back_at_its_address(field: Any, reader: Any) -> None:
    field.lay(SHIRT)
    address = field.start()
    field.unplug()
    assert isinstance(fault_of(reader), Unreachable)
    with pytest.raises((Unreachable, Busy)):
        reader.open()
    field.plug()
    assert field.start() == address
    reopen(reader)
    assert reader.read(2.0)[0].epc == SHIRT


def test_close_from_another_thread_ends_a_waiting_read(reader: Any) -> None:
    threading.Timer(0.1, reader.close).start()
    start = time.monotonic()
    with pytest.raises(Unreachable):
        reader.read(5.0)
    assert time.monotonic() - start < 2.0


def test_unfetched_reads_are_bounded_and_the_oldest_go(
    kind: Kind, field: Any, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind.waits_in_kernel:
        pytest.skip(f"{kind.name} has no queue of its own: the kernel bounds the line")
    monkeypatch.setattr(read_queue, "READS_MAX", 5)
    for number in range(20):
        field.lay(number.to_bytes(12, "big"))
    time.sleep(0.5)
    assert len(reader.read(0)) <= 5
    assert reader.dropped > 0


def test_open_and_close_again_and_again_leaves_no_threads(field: Any, reader: Any) -> None:
    before = threading.active_count()
    for _ in range(5):
        reopen(reader)
        reader.close()
    reopen(reader)
    end = time.monotonic() + NOTICED_S_MAX
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.02)
    assert threading.active_count() <= before
