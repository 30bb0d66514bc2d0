"""What every driver must do, whatever it drives: open, close, be lost and found, and raise only faults."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from hardware import registry
from hardware.errors import DeviceFault, Unreachable
from hardware.grades import read_grades
from hardware.readings import Lamps
from tests.conformance.conftest import Tried, drivers, kind_of

BEATS: dict[str, Callable[[Any], object]] = {
    "camera": lambda camera: camera.frame(0.2),
    "display": lambda display: display.show("", ""),
    "gate": lambda gate: gate.check(),
    "lanebox": lambda lane_box: lane_box.check(),
    "on_file": lambda provider: provider.check(),
    "printer": lambda printer: printer.check(),
    "rfid": lambda reader: reader.read(0.2),
    "scale": lambda scale: scale.check(),
    "scanner": lambda scanner: scanner.read(0.2),
    "terminal": lambda terminal: terminal.status(),
    "tower": lambda tower: tower.show(Lamps()),
    "transfer": lambda provider: provider.check(),
    "tse": lambda tse: tse.check(),
}
"""One small thing that a device of each kind does, again and again."""
EVERY = pytest.mark.of_kind(*BEATS)
NOTICED_S_MAX = 10.0


def beat(tried: Tried) -> object:
    return BEATS[kind_of(tried.name)](tried.device)


def fails(act: Callable[[], object]) -> bool:
    """Whether it raises a fault of a device, and nothing else."""
    try:
        act()
    except DeviceFault:
        return True
    return False


def until(condition: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + NOTICED_S_MAX
    while not condition():
        assert time.monotonic() < ends_s


def test_no_driver_goes_untried() -> None:
    assert [name for name in drivers() if kind_of(name) not in BEATS] == []
    assert {grade.driver for grade in read_grades()} <= set(drivers())


@EVERY
def test_it_opens_works_closes_twice_and_opens_again(tried: Tried) -> None:
    for _ in range(2):
        tried.device.open()
        beat(tried)
        tried.device.close()
        tried.device.close()


@EVERY
def test_closed_it_is_unreachable(tried: Tried) -> None:
    with pytest.raises(Unreachable):
        beat(tried)
    tried.device.open()
    tried.device.close()
    with pytest.raises(Unreachable):
        beat(tried)


@EVERY
def test_an_address_that_is_none_is_refused_in_words(tried: Tried) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        registry.driver(tried.name)("nonsense://").open()


@EVERY
def test_unplugged_it_is_missed_and_it_is_found_at_the_same_address(tried: Tried) -> None:
    hands = tried.emulated()
    tried.device.open()
    beat(tried)
    hands.unplug()
    until(lambda: fails(lambda: beat(tried)))
    assert fails(tried.device.open)
    hands.plug()
    until(lambda: not fails(tried.device.open) and not fails(lambda: beat(tried)))


@EVERY
def test_where_nobody_is_it_says_so_in_time(tried: Tried) -> None:
    tried.emulated().unplug()
    began_s = time.monotonic()
    with pytest.raises(DeviceFault) as raised:
        tried.device.open()
    assert time.monotonic() - began_s < NOTICED_S_MAX
    assert str(raised.value)[-1] not in ".\n", "one sentence, to be put beside others"
