"""The scanner's driver against the emulator, on a real pty."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.errors import Busy, Garbled, Unreachable
from hardware.readings import Scan
from hardware.scanner.driver import SerialScanner
from hardware.scanner.emulator import ScannerEmulator


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[ScannerEmulator]:
    with ScannerEmulator(tmp_path / "dev") as emulator:
        yield emulator


@pytest.fixture
def scanner(emulator: ScannerEmulator) -> Iterator[SerialScanner]:
    scanner = SerialScanner(emulator.address)
    scanner.open()
    yield scanner
    scanner.close()


def test_codes_arrive_in_order(emulator: ScannerEmulator, scanner: SerialScanner) -> None:
    assert scanner.read(0.01) is None
    for number in range(20):
        assert emulator.show(f"95200000{number:05}", "]E0")
    assert [scanner.read(1.0) for _ in range(20)] == [Scan(f"95200000{n:05}", "]E0") for n in range(20)]


def test_a_waiting_read_wakes_at_once(emulator: ScannerEmulator, scanner: SerialScanner) -> None:
    waits_ms: list[float] = []
    for _ in range(20):
        shown = threading.Timer(0.01, emulator.show, ("4711",))
        shown.start()
        assert scanner.read(5.0) == Scan("4711")
        shown.join()
        began = time.perf_counter()
        emulator.show("4711")
        assert scanner.read(5.0) == Scan("4711")
        waits_ms.append((time.perf_counter() - began) * 1000)
    assert sorted(waits_ms)[10] < 20


def test_a_long_code_survives_a_small_line(emulator: ScannerEmulator, scanner: SerialScanner) -> None:
    text = "7" * 7000
    shown = threading.Thread(target=emulator.show, args=(text, "]Q1"))
    shown.start()
    assert scanner.read(5.0) == Scan(text, "]Q1")
    shown.join()


def test_garbage_is_said_once_and_the_next_code_is_read(
    emulator: ScannerEmulator, scanner: SerialScanner
) -> None:
    emulator.send(b"\x00\xff\x13 static\r\n")
    emulator.show("4711")
    with pytest.raises(Garbled):
        scanner.read(1.0)
    assert scanner.read(1.0) == Scan("4711")


def test_unplugged_is_noticed_within_a_second_and_the_address_stays(emulator: ScannerEmulator) -> None:
    address = emulator.address
    scanner = SerialScanner(address)
    scanner.open()
    for round_ in range(3):
        emulator.send(b"half a co")
        threading.Timer(0.02, emulator.unplug).start()
        began = time.monotonic()
        with pytest.raises(Unreachable):
            scanner.read(10.0)
        assert time.monotonic() - began < 1.0
        assert not emulator.show("lost")
        with pytest.raises(Unreachable):
            scanner.read(0.1)
        with pytest.raises(Unreachable):
            scanner.open()
        emulator.plug()
        assert emulator.address == address
        scanner.open()
        emulator.show(f"again {round_}")
        assert scanner.read(1.0) == Scan(f"again {round_}")
    scanner.close()


def test_closing_from_another_thread_ends_the_read(emulator: ScannerEmulator, scanner: SerialScanner) -> None:
    threading.Timer(0.05, scanner.close).start()
    with pytest.raises(Unreachable):
        scanner.read(10.0)


def test_one_scanner_for_one_driver(emulator: ScannerEmulator, scanner: SerialScanner) -> None:
    with pytest.raises(Busy):
        SerialScanner(emulator.address).open()


def test_framing_as_settings_have_it(tmp_path: Path) -> None:
    with ScannerEmulator(tmp_path, name="framed", prefix=b"\x02", suffix=b"\x03", aim=False) as emulator:
        scanner = SerialScanner(emulator.address, prefix="\x02", suffix="\x03", aim=False)
        scanner.open()
        emulator.show("4711")
        assert scanner.read(1.0) == Scan("4711")
        scanner.close()


def test_a_bad_address_is_refused_before_anything_happens() -> None:
    with pytest.raises(ValueError, match="address"):
        SerialScanner("serial://")


def test_without_a_directory_the_emulator_brings_its_own() -> None:
    emulator = ScannerEmulator()
    assert not emulator.plugged
    address = Path(emulator.start())
    assert address.is_symlink()
    assert emulator.plugged
    emulator.stop()
    assert not address.parent.exists()
