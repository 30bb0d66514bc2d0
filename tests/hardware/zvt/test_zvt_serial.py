"""ZVT over a serial line: frames, their check, acknowledgements, repeats; and a terminal on a real pty."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import Garbled, OutcomeUnknown, Unreachable
from hardware.readings import LastPayment
from hardware.zvt.driver import ZvtTerminal
from hardware.zvt.emulator import Charge, TerminalEmulator
from hardware.zvt.serial_framing import ACK, FRAME_BYTES_MAX, NAK, SerialBuffer, Sign, crc, wrap
from hardware.zvt.serial_link import (
    ACK_S_MAX,
    BROKEN_FRAMES_MAX,
    CHARACTER_S_MAX,
    REPEATS_MAX,
    SerialLink,
    SerialWire,
)

ORDER = bytes.fromhex("06010704000000001010")
YES = bytes.fromhex("800000")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def nobody(_: int) -> None:
    """A shop without a screen."""


def items(data: bytes) -> list[bytes | Sign]:
    buffer, found = SerialBuffer(), []
    buffer.feed(data)
    while (item := buffer.next()) is not None:
        found.append(item)
    return found


def test_the_check_is_that_of_the_standard() -> None:
    assert crc(b"123456789") == 0x2189  # CRC-16/KERMIT: 0x8408, initial value 0
    assert wrap(YES) == bytes.fromhex("10028000001003f51f")
    assert wrap(ORDER)[10:14] == b"\x10\x10\x10\x10"


@given(st.binary(max_size=300), st.binary(max_size=300))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_frames_come_back_whatever_is_in_them(one: bytes, other: bytes) -> None:
    assert items(wrap(one) + bytes([ACK]) + wrap(other) + bytes([NAK])) == [one, Sign.ACK, other, Sign.NAK]


def test_every_beginning_of_a_frame_waits_for_the_rest() -> None:
    data = wrap(ORDER)
    for size in range(len(data)):
        assert items(data[:size]) == []


def test_no_flipped_bit_goes_unnoticed() -> None:
    data = wrap(ORDER)
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        found: list[bytes | Sign] = []
        with contextlib.suppress(Garbled):
            found = items(bytes(flipped))
        assert not [item for item in found if isinstance(item, bytes)]


@given(st.lists(st.binary(max_size=60), max_size=20))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_after_any_noise_a_whole_frame_is_heard_within_three_tries(pieces: list[bytes]) -> None:
    clock = Clock()
    link = SerialLink(clock)
    try:
        for piece in pieces:
            link.feed(piece)
            link.heard()
            clock.now += CHARACTER_S_MAX
            link.tick()
        for _ in range(3):
            link.feed(wrap(ORDER))
            clock.now += CHARACTER_S_MAX
            link.tick()
    except Garbled:
        return
    assert ORDER in link.heard()


def test_a_frame_that_is_too_long_is_refused_and_forgotten() -> None:
    buffer = SerialBuffer()
    buffer.feed(b"\x10\x02" + bytes(FRAME_BYTES_MAX - 2))
    assert buffer.next() is None
    with pytest.raises(Garbled):
        buffer.feed(b"\x00")
    assert buffer.pending == 0


def test_a_frame_is_repeated_so_often_and_not_more() -> None:
    clock = Clock()
    link = SerialLink(clock)
    link.say(ORDER)
    sent = [link.outgoing()]
    for _ in range(REPEATS_MAX):
        assert link.due_s() == ACK_S_MAX
        clock.now += ACK_S_MAX
        link.tick()
        sent.append(link.outgoing())
    assert sent == [wrap(ORDER)] * (REPEATS_MAX + 1)
    clock.now += ACK_S_MAX
    with pytest.raises(Unreachable):
        link.tick()


def test_a_nak_asks_for_the_same_again_and_an_ack_ends_it() -> None:
    link = SerialLink(Clock())
    link.say(ORDER)
    link.say(YES)
    assert link.outgoing() == wrap(ORDER)
    link.feed(bytes([NAK]))
    assert link.outgoing() == wrap(ORDER)
    link.feed(bytes([ACK]))
    assert link.outgoing() == wrap(YES)
    assert not link.settled
    link.feed(bytes([ACK]))
    assert link.settled
    assert link.due_s() is None


def test_an_order_whose_ack_was_lost_is_carried_out_once() -> None:
    link = SerialLink(Clock())
    link.feed(wrap(ORDER))
    link.feed(wrap(ORDER))
    assert link.heard() == ORDER
    assert link.outgoing() == bytes([ACK, ACK])
    link.say(YES)  # the answer, too, is lost: nobody acknowledged it
    link.feed(wrap(ORDER))
    assert link.heard() == b""
    link.feed(bytes([ACK]))
    link.feed(wrap(ORDER))
    assert link.heard() == ORDER  # a second order of the same amount, as the next customer's


def test_a_new_frame_says_that_ours_arrived() -> None:
    clock = Clock()
    link = SerialLink(clock)
    link.say(ORDER)
    link.outgoing()
    link.feed(wrap(YES))
    assert link.settled
    clock.now += ACK_S_MAX
    link.tick()
    assert link.outgoing() == bytes([ACK])


def test_half_a_frame_is_refused_in_time_and_broken_ones_have_an_end() -> None:
    clock = Clock()
    link = SerialLink(clock)
    for _ in range(BROKEN_FRAMES_MAX):
        link.feed(wrap(ORDER)[:-1])
        assert link.due_s() == pytest.approx(CHARACTER_S_MAX)
        clock.now += CHARACTER_S_MAX + 0.001
        link.tick()
        assert link.outgoing() == bytes([NAK])
    link.feed(wrap(ORDER)[:-1])
    clock.now += CHARACTER_S_MAX + 0.001
    with pytest.raises(Garbled):
        link.tick()


class Deaf:
    """A line on which nobody is."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.heard = b""

    def read(self, within_s: float) -> bytes:
        self.clock.now += max(within_s, 0.001)
        return b""

    def write(self, data: bytes, within_s: float) -> None:
        self.heard += data

    def close(self) -> None:
        self.heard = b""


def test_a_wire_on_which_nobody_is_says_so_in_time() -> None:
    clock = Clock()
    raw = Deaf(clock)
    wire = SerialWire(raw, clock, ack_s=1.0)
    assert wire.read(2.0) == b""
    with pytest.raises(Unreachable):
        wire.write(ORDER, 60.0)
    assert raw.heard == wrap(ORDER) * (REPEATS_MAX + 1)
    assert clock.now < 10.0
    impatient = SerialWire(raw, clock)
    with pytest.raises(Unreachable):
        impatient.write(ORDER, 0.5)


@pytest.fixture
def emulator() -> Iterator[TerminalEmulator]:
    with TerminalEmulator(serial=True, auto=True, ack_s=0.3) as emulator:
        yield emulator


@pytest.fixture
def terminal(emulator: TerminalEmulator) -> Iterator[ZvtTerminal]:
    terminal = ZvtTerminal(emulator.address, open_s=2.0, answer_s=2.0, enquiry_s=3.0, ack_s=0.3)
    terminal.open()
    yield terminal
    terminal.close()


def test_the_same_dialogue_over_a_serial_line(emulator: TerminalEmulator, terminal: ZvtTerminal) -> None:
    assert terminal.last_payment() is None
    for amount_minor in (1010, 1616, 99):  # with DLE among the digits
        assert terminal.pay(amount_minor, nobody, 5.0).approved
    assert [charge.amount_minor for charge in emulator.charges] == [1010, 1616, 99]
    assert terminal.reverse(2, 5.0).approved
    assert [charge.receipt_number for charge in emulator.held] == [1, 3]


def test_a_till_that_died_and_comes_back_is_heard_on_the_same_line(emulator: TerminalEmulator) -> None:
    emulator.auto = False
    first = ZvtTerminal(emulator.address, answer_s=1.0, enquiry_s=2.0, ack_s=0.3)
    first.open()
    with pytest.raises(OutcomeUnknown):
        first.pay(500, lambda _: first.close(), 5.0)
    again = ZvtTerminal(emulator.address, answer_s=1.0, enquiry_s=2.0, ack_s=0.3)
    again.open()
    emulator.next_card("approve")
    assert again.pay(500, nobody, 5.0).receipt_number == 1
    again.close()


def test_a_serial_line_that_dies_at_any_byte_never_makes_us_guess(
    emulator: TerminalEmulator, terminal: ZvtTerminal
) -> None:
    outlived, seen = 0, set[str]()
    for byte_count in range(0, 600, 4):
        _open_again(terminal)
        known, booked = terminal.last_receipt_number, len(emulator.charges)
        emulator.die_at(byte_count)
        try:
            outcome = "approved" if terminal.pay(1000 + byte_count, nobody, 2.0).approved else "declined"
        except OutcomeUnknown:
            outcome = "unknown"
        seen.add(outcome)
        _open_again(terminal)
        new = emulator.charges[booked:]
        last = terminal.last_payment()
        found = last == LastPayment(1000 + byte_count, known + 1, True)
        assert found == (new == [Charge(1000 + byte_count, known + 1)])
        assert outcome == "unknown" or (outcome == "approved") == bool(new)
        outlived += outcome == "approved"
        if outlived == 3:
            break
    assert byte_count < 599
    assert seen == {"unknown", "approved"}


def _open_again(terminal: ZvtTerminal) -> None:
    for _ in range(100):
        try:
            terminal.open()
        except (Unreachable, Garbled):
            time.sleep(0.01)
            continue
        return
    raise AssertionError("the terminal never came back")
