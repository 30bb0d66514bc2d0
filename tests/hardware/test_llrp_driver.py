"""The reader's driver and emulator on a real socket: tags come and go, and no fault goes unnoticed."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from llrpkit.emulator import EmulatedTag, LLRPEmulator
from llrpkit.reader import Reader

from hardware import loopback, read_queue
from hardware.errors import Busy, DeviceFault, Garbled, Unreachable
from hardware.llrp import driver as driver_module
from hardware.llrp.driver import LlrpReader
from hardware.llrp.emulator import ReaderEmulator
from hardware.readings import TagRead
from hardware.tag_field import TAGS_MAX, LaidTag
from hardware.transport import parse_address

SHIRT = bytes.fromhex("30740242201d3ec000000001")
JEANS = bytes.fromhex("30740242201d3ec000000002")


@pytest.fixture
def field() -> Iterator[ReaderEmulator]:
    emulator = ReaderEmulator(round_s=0.02)
    yield emulator
    emulator.stop()


@pytest.fixture
def reader(field: ReaderEmulator) -> Iterator[LlrpReader]:
    device = LlrpReader(field.start(), keepalive_ms=100, silence_s=0.8)
    device.open()
    yield device
    device.close()


def collect(reader: LlrpReader, seconds: float) -> list[TagRead]:
    end, reads = time.monotonic() + seconds, list[TagRead]()
    while time.monotonic() < end:
        reads += reader.read(0.05)
    return reads


def wait_for_fault(reader: LlrpReader, limit_s: float) -> DeviceFault:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        try:
            reader.read(limit_s)
        except DeviceFault as fault:
            return fault
    pytest.fail("the driver noticed nothing")


def test_a_laid_tag_is_read_with_antenna_and_level(field: ReaderEmulator, reader: LlrpReader) -> None:
    field.lay(SHIRT, antenna=2)
    read = reader.read(1.0)[0]
    assert (read.epc, read.antenna) == (SHIRT, 2)
    assert read.rssi_dbm is not None
    assert -66 <= read.rssi_dbm <= -46
    assert read.seen_us is not None
    assert abs(read.seen_us / 1e6 - time.time()) < 5


def test_levels_scatter_around_the_usual_one(field: ReaderEmulator, reader: LlrpReader) -> None:
    field.lay(SHIRT)
    levels = [read.rssi_dbm for read in collect(reader, 0.6)]
    assert len(levels) > 10
    assert len(set(levels)) > 1
    assert -58 < sum(level or 0 for level in levels) / len(levels) < -54


def test_a_lifted_tag_falls_silent(field: ReaderEmulator, reader: LlrpReader) -> None:
    field.lay(SHIRT)
    field.lay(JEANS)
    assert {read.epc for read in collect(reader, 0.2)} == {SHIRT, JEANS}
    field.lift(SHIRT)
    collect(reader, 0.1)
    assert {read.epc for read in collect(reader, 0.2)} == {JEANS}
    field.lift_all()
    collect(reader, 0.1)
    assert collect(reader, 0.2) == []


def test_a_tag_laid_again_moves(field: ReaderEmulator) -> None:
    field.lay(SHIRT, 1)
    field.lay(JEANS, 1)
    field.lay(SHIRT, 3)
    assert field.tags() == [LaidTag(JEANS, 1), LaidTag(SHIRT, 3)]


@pytest.mark.parametrize(("epc", "antenna"), [(b"", 1), (bytes(63), 1), (SHIRT, 0), (SHIRT, 5)])
def test_impossible_tags_cannot_be_laid(field: ReaderEmulator, epc: bytes, antenna: int) -> None:
    with pytest.raises(ValueError, match="no tag of"):
        field.lay(epc, antenna)


def test_a_full_field_takes_no_more(field: ReaderEmulator) -> None:
    for number in range(TAGS_MAX):
        field.lay(number.to_bytes(12, "big"))
    with pytest.raises(ValueError, match="full"):
        field.lay(SHIRT)
    field.lay(bytes(12), antenna=2)  # moving one is still allowed


def test_a_basket_of_120_tags_is_read_whole(field: ReaderEmulator, reader: LlrpReader) -> None:
    for number in range(120):
        field.lay(number.to_bytes(12, "big"))
    assert len({read.epc for read in collect(reader, 0.6)}) == 120


def test_only_the_asked_antennas_read(field: ReaderEmulator) -> None:
    field.lay(SHIRT, 1)
    field.lay(JEANS, 4)
    reader = LlrpReader(field.start(), antennas=(4,), power_dbm=20.0)
    reader.open()
    try:
        assert {read.epc for read in collect(reader, 0.2)} == {JEANS}
    finally:
        reader.close()


def test_nothing_on_the_tray_is_an_empty_answer_in_time(reader: LlrpReader) -> None:
    start = time.monotonic()
    assert reader.read(0.1) == []
    assert 0.05 < time.monotonic() - start < 0.5


def test_a_quiet_but_living_reader_is_not_given_up(reader: LlrpReader) -> None:
    assert collect(reader, 1.8) == []  # more than twice the silence allowed


def test_silence_with_tcp_open_is_noticed(field: ReaderEmulator, reader: LlrpReader) -> None:
    field.lay(SHIRT)
    assert reader.read(1.0)
    field.hush()
    start = time.monotonic()
    assert isinstance(wait_for_fault(reader, 2.0), Unreachable)
    assert time.monotonic() - start < 1.5


def test_silence_is_noticed_within_five_seconds_by_default() -> None:
    assert driver_module.SILENCE_S_MAX < 5.0
    with pytest.raises(ValueError, match="no room"):
        LlrpReader("tcp://127.0.0.1:1", keepalive_ms=3000)


def test_a_hung_reader_cannot_be_opened_until_power_cycled(field: ReaderEmulator, reader: LlrpReader) -> None:
    field.hush()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver_module, "OPEN_S_MAX", 0.3)
        with pytest.raises(Unreachable):
            reader.open()
    field.unplug()
    field.plug()
    field.lay(SHIRT)
    reader.open()
    assert reader.read(1.0)


def test_garbage_is_garbled_and_the_next_open_heals(field: ReaderEmulator, reader: LlrpReader) -> None:
    field.lay(SHIRT)
    field.babble()
    assert isinstance(wait_for_fault(reader, 2.0), Garbled)
    with pytest.raises(Garbled):
        reader.read(0.1)  # still broken until opened again
    reader.open()
    assert reader.read(1.0)[0].epc == SHIRT


def test_a_pulled_plug_is_unreachable_and_comes_back_at_its_address(
    field: ReaderEmulator, reader: LlrpReader
) -> None:
    field.lay(SHIRT)
    address = field.start()
    field.unplug()
    assert isinstance(wait_for_fault(reader, 2.0), Unreachable)
    with pytest.raises(Unreachable):
        reader.open()
    field.plug()
    assert field.start() == address
    reader.open()
    assert reader.read(1.0)[0].epc == SHIRT


def test_a_bug_in_the_listener_is_raised_and_never_looks_like_an_empty_tray(
    field: ReaderEmulator, reader: LlrpReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashed: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda what: crashed.append(what.exc_type))
    monkeypatch.setattr(read_queue.ReadQueue, "hear", lambda *_: 1 // 0)
    assert isinstance(wait_for_fault(reader, 2.0), Unreachable)
    assert crashed == [ZeroDivisionError]


def test_the_second_client_is_told_busy(field: ReaderEmulator, reader: LlrpReader) -> None:
    second = LlrpReader(field.start())
    with pytest.raises(Busy, match="somebody else"):
        second.open()
    field.lay(SHIRT)
    assert reader.read(1.0)  # the first one is served on


def test_close_from_another_thread_ends_a_waiting_read(reader: LlrpReader) -> None:
    threading.Timer(0.1, reader.close).start()
    start = time.monotonic()
    with pytest.raises(Unreachable, match="not open"):
        reader.read(5.0)
    assert time.monotonic() - start < 2.0


def test_unfetched_reads_are_bounded_oldest_dropped_and_counted(
    field: ReaderEmulator, reader: LlrpReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_queue, "READS_MAX", 5)
    for number in range(20):
        field.lay(number.to_bytes(12, "big"))
    time.sleep(0.3)
    assert len(reader.read(0)) <= 5
    assert reader.dropped > 0


def test_bytes_that_never_become_a_message_are_no_sign_of_life() -> None:
    """A peer that greets with one byte at a time must not keep the driver waiting."""

    def trickle(line: socket.socket) -> None:
        for byte in b"\x04\x3e\x00\x00\xff\xff" + bytes(500):
            line.sendall(bytes([byte]))
            time.sleep(0.02)

    outlet = loopback.Outlet(trickle, "trickle")
    reader = LlrpReader(f"tcp://127.0.0.1:{outlet.plug()}", silence_s=2.0)
    start = time.monotonic()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(driver_module, "OPEN_S_MAX", 0.4)
            with pytest.raises(Unreachable, match="silent"):
                reader.open()
    finally:
        outlet.stop()
    assert time.monotonic() - start < 3.0


def test_llrpkits_own_client_reads_our_emulator(field: ReaderEmulator) -> None:
    place = parse_address(field.start())
    field.lay(SHIRT)
    field.lay(b"\x01\x02\x03\x04", antenna=2)

    async def ask() -> set[tuple[bytes, int | None]]:
        async with Reader(place.host, place.port) as client:
            await client.set_keepalive(50)
            return {(tag.epc, tag.antenna) async for tag in client.inventory(duration=0.3)}

    assert asyncio.run(ask()) == {(SHIRT, 1), (b"\x01\x02\x03\x04", 2)}


def test_our_driver_reads_llrpkits_emulator() -> None:
    async def serve() -> set[bytes]:
        async with LLRPEmulator(tags=[EmulatedTag(SHIRT, (1, 2)), EmulatedTag(JEANS, (3,))]) as peer:
            reader = LlrpReader(f"tcp://127.0.0.1:{peer.port}", power_dbm=25.0)
            await asyncio.to_thread(reader.open)
            reads = await asyncio.to_thread(collect, reader, 0.3)
            await asyncio.to_thread(reader.close)
            return {read.epc for read in reads}

    assert asyncio.run(serve()) == {SHIRT, JEANS}


def test_the_driver_leaves_llrpkits_command_line_alone() -> None:
    code = "import sys, hardware.llrp.driver; assert not {'typer', 'rich', 'aiohttp'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.parametrize("address", ["tcp://nowhere", "127.0.0.1", ""])
def test_a_bad_address_is_named(address: str) -> None:
    with pytest.raises(ValueError, match=r"tcp://host:port|device address"):
        LlrpReader(address)
