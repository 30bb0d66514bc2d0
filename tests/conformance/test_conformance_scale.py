"""What every scale driver must do; with a real scale the tests say what to lay on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from hardware.errors import Busy, DeviceFault, Unreachable
from hardware.readings import NO_WEIGHT, NoWeight, Weight
from tests.conformance.conftest import Tried

pytestmark = pytest.mark.of_kind("scale")
SETTLE_S_MAX = 3.0
BY_HAND_S_MAX = 60.0
UNIT_PRICE_MINOR = 299


class Bench:
    """A driver, and somebody who lays things on its scale: the emulator, or you."""

    def __init__(self, tried: Tried) -> None:
        self.tried = tried
        self.scale = tried.device
        self.emulator = tried.hands

    def lay(self, weight_g: int) -> None:
        self.tried.please(f"let about {weight_g} g lie on the scale")
        if self.emulator is not None:
            self.emulator.load(weight_g)

    def until(self, good: Callable[[Weight | NoWeight], bool]) -> Weight | NoWeight:
        ends_s = time.monotonic() + (SETTLE_S_MAX if self.emulator is not None else BY_HAND_S_MAX)
        while True:
            seen: Weight | NoWeight = self.scale.weigh(UNIT_PRICE_MINOR, 0)
            if good(seen) or time.monotonic() > ends_s:
                return seen


@pytest.fixture
def bench(tried: Tried) -> Bench:
    tried.device.open()
    return Bench(tried)


def emulated(bench: Bench) -> Any:
    return bench.tried.emulated()


def test_an_empty_scale_says_so(bench: Bench) -> None:
    bench.lay(0)
    assert bench.until(lambda seen: seen == NoWeight("empty")) == NoWeight("empty")


def test_a_load_is_in_motion_or_not_there_before_it_is_a_weight(bench: Bench) -> None:
    bench.lay(500)
    seen = bench.until(lambda seen: isinstance(seen, Weight))
    assert isinstance(seen, Weight)
    assert seen.weight_g > 0
    if seen.price_minor is not None:
        assert seen.unit_price_minor == UNIT_PRICE_MINOR
        assert seen.price_minor == (seen.weight_g * UNIT_PRICE_MINOR + 500) // 1000


def test_what_is_no_weight_has_a_reason_that_everybody_knows(bench: Bench) -> None:
    for load_g in (500, 0, -300, 20_000, 0):
        emulated(bench).load(load_g)
        for _ in range(3):
            seen = bench.scale.weigh(UNIT_PRICE_MINOR, 0)
            assert isinstance(seen, Weight) or seen.reason in NO_WEIGHT


def test_a_tare_is_taken_off_and_given_back(bench: Bench) -> None:
    emulated(bench).load(500)
    bench.until(lambda seen: isinstance(seen, Weight))
    with_tare, without = bench.scale.weigh(UNIT_PRICE_MINOR, 20), bench.scale.weigh(UNIT_PRICE_MINOR, 0)
    assert (with_tare.weight_g, without.weight_g) == (480, 500)


def test_it_answers_a_check(bench: Bench) -> None:
    bench.scale.check()


def test_a_second_program_is_kept_off_the_line(bench: Bench) -> None:
    address = emulated(bench).start()
    other = type(bench.scale)(address)
    with pytest.raises(Busy):
        other.open()


def test_closed_it_is_unreachable_and_can_be_opened_again(bench: Bench) -> None:
    bench.scale.close()
    with pytest.raises(Unreachable):
        bench.scale.weigh(UNIT_PRICE_MINOR, 0)
    bench.scale.open()
    bench.scale.check()


def test_unplugged_it_is_a_fault_within_two_seconds_and_comes_back_at_the_same_address(bench: Bench) -> None:
    emulator = emulated(bench)
    for _ in range(2):
        emulator.unplug()
        began_s = time.monotonic()
        with pytest.raises(Unreachable):
            bench.scale.check()
        with pytest.raises(Unreachable):
            bench.scale.open()
        assert time.monotonic() - began_s < 2.0
        emulator.plug()
        bench.scale.open()
        bench.scale.check()


def test_silence_is_a_fault_within_two_seconds(bench: Bench) -> None:
    emulated(bench).hush()
    began_s = time.monotonic()
    with pytest.raises(Unreachable):
        bench.scale.check()
    assert time.monotonic() - began_s < 2.0


def test_no_flipped_bit_becomes_another_weight(bench: Bench) -> None:
    emulator = emulated(bench)
    emulator.load(745)
    bench.until(lambda seen: isinstance(seen, Weight))
    for bit in range(0, 24 * 8, 5):
        emulator.flip(bit)
        try:
            seen = bench.scale.weigh(UNIT_PRICE_MINOR, 0)
        except DeviceFault:
            bench.scale.open()
            continue
        if (
            isinstance(seen, Weight) and seen.weight_g != 745
        ):  # then the price gives it away, to whoever sells
            assert seen.price_minor not in (None, (seen.weight_g * UNIT_PRICE_MINOR + 500) // 1000)


def test_an_address_that_is_none_is_refused_at_once(bench: Bench) -> None:
    with pytest.raises(ValueError):
        type(bench.scale)("tcp://nowhere")
