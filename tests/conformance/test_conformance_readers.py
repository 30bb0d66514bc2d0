"""What every RFID reader, barcode scanner and camera must do for whoever reads from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hardware.errors import DeviceFault
from hardware.readings import Frame, Scan, TagRead
from tests.conformance.conftest import Tried

TAG = bytes.fromhex("3034257BF7194E4000001A85")
CODE, AIM = "4006381333931", "]E0"
SOON_S_MAX = 15.0
BY_HAND_S_MAX = 60.0


@pytest.fixture
def opened(tried: Tried) -> Tried:
    tried.device.open()
    return tried


def shown(opened: Tried, code: str) -> Scan:
    """What is read while somebody holds a code before it: some scanners wait for the reader's thanks."""
    hands = threading.Thread(target=opened.hands.show, args=(code, AIM))
    hands.start()
    scan: Scan = first(opened, lambda: opened.device.read(1.0), bool)
    hands.join()
    return scan


def first(opened: Tried, hear: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """The first thing heard that is `good`."""
    ends_s = time.monotonic() + (BY_HAND_S_MAX if opened.hands is None else SOON_S_MAX)
    while time.monotonic() < ends_s:
        heard = hear()
        if good(heard):
            return heard
    pytest.fail("nothing of the kind was heard")


@pytest.mark.of_kind("rfid")
def test_a_tag_is_read_with_its_epc_and_where(opened: Tried) -> None:
    opened.please("lay a tag before the first antenna")
    if opened.hands is not None:
        opened.hands.lay(TAG)
    reads = first(opened, lambda: opened.device.read(0.5), bool)
    assert all(isinstance(read, TagRead) and read.epc and read.antenna >= 1 for read in reads)
    if opened.hands is not None:
        assert {read.epc for read in reads} == {TAG}


@pytest.mark.of_kind("rfid")
def test_a_tag_that_was_lifted_is_not_read_any_more(opened: Tried) -> None:
    if opened.hands is not None:
        opened.hands.lay(TAG)
    first(opened, lambda: opened.device.read(0.5), bool)
    opened.please("take the tag away")
    if opened.hands is not None:
        opened.hands.lift(TAG)
    first(opened, lambda: opened.device.read(0.5), lambda reads: not reads)


@pytest.mark.of_kind("rfid")
def test_an_empty_field_is_a_sign_of_life_too(opened: Tried) -> None:
    opened.please("let no tag lie before it")
    before_s = opened.device.heard_s
    first(opened, lambda: (opened.device.read(0.2), opened.device.heard_s)[1], lambda s: s > before_s)
    assert opened.device.dropped == 0


@pytest.mark.of_kind("scanner")
def test_a_code_is_handed_out_once(opened: Tried) -> None:
    opened.please("hold a barcode before it, once")
    if opened.hands is not None:
        assert shown(opened, CODE) == Scan(CODE, AIM)
    else:
        assert isinstance(first(opened, lambda: opened.device.read(1.0), bool), Scan)
    assert opened.device.read(0.5) is None


@pytest.mark.of_kind("scanner")
def test_codes_in_a_row_come_in_their_order(opened: Tried) -> None:
    opened.emulated()
    codes = ["4006381333931", "96385074", "012345678905"]
    assert [shown(opened, code).text for code in codes] == codes


@pytest.mark.of_kind("scanner")
def test_no_code_is_no_fault_and_takes_no_longer_than_it_may(opened: Tried) -> None:
    began_s = time.monotonic()
    assert opened.device.read(0.2) is None
    assert time.monotonic() - began_s < SOON_S_MAX


@pytest.mark.of_kind("scanner")
def test_garbage_is_a_fault_or_nothing_and_never_a_code(opened: Tried) -> None:
    hands = opened.emulated()
    if not hasattr(hands, "send"):
        pytest.skip("this one's wire carries keys, and a key is never garbage")
    hands.send(b"\xff\xfe\x00\r\n")
    try:
        assert opened.device.read(0.5) is None
    except DeviceFault:
        opened.device.open()
    assert shown(opened, CODE).text == CODE


@pytest.mark.of_kind("camera")
def test_a_camera_hands_out_its_newest_picture(opened: Tried) -> None:
    seen = first(opened, lambda: opened.device.frame(1.0), bool)
    assert isinstance(seen, Frame)
    assert seen.image.dtype == np.uint8
    assert seen.image.ndim == 3
    opened.please("hold something before it")
    if opened.hands is not None:
        opened.hands.show_code(CODE)
    before = seen.image.astype(int)
    first(
        opened,
        lambda: opened.device.frame(1.0),
        lambda frame: frame is not None and np.abs(frame.image.astype(int) - before).mean() > 1.0,
    )
