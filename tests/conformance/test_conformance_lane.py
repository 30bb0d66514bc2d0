"""What stands around a lane: its box, its light tower, its gate, its customer display."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import pytest

from hardware.errors import Busy, DeviceFault, Unreachable
from hardware.readings import NOT_BAGGED, Bagged, Lamp, Lamps
from tests.conformance.conftest import Tried, kind_of

SILENT = ("lanebox", "tower", "gate")
"""Kinds that answer: a display never does."""
BY_HAND_S_MAX = 60.0
SOON_S_MAX = 15.0
SILENCE_S_MAX = 2.5


@pytest.fixture
def opened(tried: Tried) -> Tried:
    tried.device.open()
    return tried


def until(opened: Tried, condition: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + (BY_HAND_S_MAX if opened.hands is None else SOON_S_MAX)
    while not condition():
        assert time.monotonic() < ends_s
        time.sleep(0.02)


def weighs(opened: Tried, about_g: int) -> None:
    def settled() -> bool:
        seen: Bagged = opened.device.look()
        return seen.weight_g is not None and abs(seen.weight_g - about_g) <= max(10, about_g // 10)

    until(opened, settled)


@pytest.mark.of_kind("lanebox")
def test_what_lies_in_the_bag_is_told_once_it_lies_still(opened: Tried) -> None:
    for weight_g in (500, 1500, 0):
        opened.please(f"let about {weight_g} g lie in the bagging area")
        if opened.hands is not None:
            opened.hands.load(weight_g)
            assert opened.device.look() == Bagged(None, False, "motion")
        weighs(opened, weight_g)


@pytest.mark.of_kind("lanebox")
def test_what_is_no_weight_has_a_reason_that_everybody_knows(opened: Tried) -> None:
    for weight_g in (-5_000, 40_000, 0):
        opened.emulated().load(weight_g)
        for _ in range(3):
            seen = opened.device.look()
            assert (seen.weight_g is None) == bool(seen.reason)
            assert seen.reason in {"", *NOT_BAGGED}


@pytest.mark.of_kind("lanebox")
def test_a_load_cell_that_came_off_is_told_in_words(opened: Tried) -> None:
    opened.emulated().break_cell()
    assert opened.device.look().reason == "cell"
    with pytest.raises(Busy, match="load cell"):
        opened.device.check()


@pytest.mark.of_kind("lanebox")
def test_the_key_is_seen_in_both_positions(opened: Tried) -> None:
    for on in (True, False):
        opened.please(f"turn the key {'on' if on else 'off'}")
        if opened.hands is not None:
            opened.hands.turn_key(on)
        until(opened, lambda on=on: opened.device.look().key_on is on)


@pytest.mark.of_kind("lanebox", "tower")
def test_lamps_burn_as_they_are_told(opened: Tried) -> None:
    for red, yellow, green in itertools.product((Lamp.OFF, Lamp.ON), repeat=3):
        lamps = Lamps(red, yellow, green)
        opened.device.show(lamps)
        if opened.hands is not None:
            assert opened.hands.lamps == lamps
    opened.device.show(Lamps(yellow=Lamp.BLINKING))
    if opened.hands is not None:
        assert opened.hands.lamps.yellow is not Lamp.OFF


@pytest.mark.of_kind("gate")
def test_a_gate_opens_shuts_and_is_shut_whenever_somebody_begins(opened: Tried) -> None:
    opened.device.let_pass()
    if opened.hands is not None:
        assert opened.hands.is_open
    opened.device.shut()
    if opened.hands is not None:
        assert not opened.hands.is_open
    opened.device.let_pass()
    opened.device.close()
    opened.device.open()
    if opened.hands is not None:
        assert not opened.hands.is_open


@pytest.mark.of_kind("display")
def test_a_display_shows_two_lines_with_umlauts_and_euro(opened: Tried) -> None:
    opened.device.show("Äpfel grün, süß ß", "2 x 1,99 €")
    if opened.hands is not None:
        until(opened, lambda: opened.hands.shows.top == f"{'Äpfel grün, süß ß':<20}")
        assert opened.hands.shows.bottom == f"{'2 x 1,99 €':<20}"
        assert opened.hands.garbled == 0


@pytest.mark.of_kind("display")
def test_no_text_is_a_command_to_a_display(opened: Tried) -> None:
    opened.device.show("\x1b@\x0c\x1f$\x01\x01 ESC and all", "漢字 too")
    if opened.hands is not None:
        until(opened, lambda: "ESC and all" in opened.hands.shows.top)
        assert opened.hands.shows.bottom.startswith("?? too")
        assert opened.hands.garbled == 0


@pytest.mark.of_kind(*SILENT)
def test_silence_is_a_fault_in_time(opened: Tried) -> None:
    opened.emulated().hush()
    began_s = time.monotonic()
    with pytest.raises(Unreachable):
        opened.device.check()
    assert time.monotonic() - began_s < SILENCE_S_MAX


@pytest.mark.of_kind(*SILENT)
def test_no_flipped_bit_becomes_another_answer(opened: Tried) -> None:
    hands = opened.emulated()
    for bit in range(0, 8 * 24, 13):
        hands.flip(bit)
        try:
            opened.device.check()
            if kind_of(opened.name) == "lanebox":
                assert opened.device.look() == Bagged(0, False)
        except DeviceFault:
            opened.device.open()
