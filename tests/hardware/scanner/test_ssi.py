"""SSI: published frames, every prefix, flipped bit and noise, and each scan told once over a bad line."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import Garbled, Unreachable
from hardware.readings import Scan
from hardware.scanner.codec import CODE_BYTES_MAX
from hardware.scanner.ssi import codec
from hardware.scanner.ssi.codec import (
    ACK,
    BAD_CONTEXT,
    CONTINUED,
    DATA_BYTES_MAX,
    DECODE_DATA,
    DENIED,
    FROM_SCANNER,
    NAK,
    PENDING_BYTES_MAX,
    RESEND,
    RETRANSMITTED,
    SCAN_DISABLE,
    SCAN_ENABLE,
    START_DECODE,
    Packet,
    PacketBuffer,
)
from hardware.scanner.ssi.driver import SsiScanner
from hardware.scanner.ssi.emulator import ANSWER_S_MAX, TRIES_MAX, SsiEmulator
from hardware.scanner.ssi.session import RESENDS_MAX, Session

PACKETS = st.builds(
    Packet, st.integers(0, 255), st.binary(max_size=40), st.sampled_from([0, 4]), st.integers(0, 255)
)
EGGS = Scan("9521234102168", "]E0")


@pytest.mark.parametrize(
    ("packet", "frame"),
    [
        (Packet(ACK), "04 d0 04 00 ff 28"),
        (Packet(NAK, bytes([RESEND])), "05 d1 04 00 01 ff 25"),
        (Packet(NAK, bytes([BAD_CONTEXT])), "05 d1 04 00 02 ff 24"),
        (Packet(NAK, bytes([DENIED])), "05 d1 04 00 06 ff 20"),
        (Packet(SCAN_ENABLE), "04 e9 04 00 ff 0f"),
        (Packet(SCAN_DISABLE), "04 ea 04 00 ff 0e"),
        (Packet(START_DECODE), "04 e4 04 00 ff 14"),
    ],
)
def test_frames_that_others_published(packet: Packet, frame: str) -> None:
    assert codec.encode(packet).hex(" ") == frame
    assert codec.decode(bytes.fromhex(frame)) == packet


@given(PACKETS)
def test_what_is_written_reads_back_and_no_prefix_does(packet: Packet) -> None:
    data = codec.encode(packet)
    assert codec.decode(data) == packet
    for end in range(len(data)):
        buffer = PacketBuffer()
        buffer.feed(data[:end])
        assert buffer.next_packet() is None
        with pytest.raises(Garbled) as garbled:
            codec.decode(data[:end])
        assert 0 <= garbled.value.offset <= end


@given(PACKETS)
def test_every_flipped_bit_is_garbled(packet: Packet) -> None:
    data = codec.encode(packet)
    for bit in range(8 * len(data)):
        wrong = bytearray(data)
        wrong[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Garbled):
            codec.decode(bytes(wrong))


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_noise_is_garbled_and_no_buffer_grows(chunks: list[bytes]) -> None:
    buffer = PacketBuffer()
    for chunk in chunks:
        with contextlib.suppress(Garbled):
            buffer.feed(chunk)
            while buffer.next_packet() is not None:
                pass
        assert len(buffer._pending) <= PENDING_BYTES_MAX


@pytest.mark.parametrize(
    "scan", [EGGS, Scan("4711"), Scan("0109521234102168", "]d2"), Scan("https://x", "]Q1")]
)
def test_types_and_aim_identifiers_say_the_symbology(scan: Scan) -> None:
    assert codec.scan_of(codec.data_of(scan)) == scan
    if scan.symbology:
        assert codec.scan_of(b"\x99" + scan.symbology.encode() + scan.text.encode()) == scan


# The session


def scan_packet(data: bytes, status: int = 0) -> Packet:
    return Packet(DECODE_DATA, data, FROM_SCANNER, status)


def test_a_packet_sent_once_more_is_acknowledged_and_not_sold_again() -> None:
    session, data = Session(), codec.data_of(EGGS)
    assert session.take(scan_packet(data)).scan == EGGS
    again = session.take(scan_packet(data, RETRANSMITTED))
    assert (again.answer, again.scan) == (Packet(ACK), None)
    assert session.take(scan_packet(data)).scan == EGGS, "the same code, scanned a second time"


def test_a_packet_sent_once_more_whose_first_try_never_arrived_is_a_scan() -> None:
    assert Session().take(scan_packet(codec.data_of(EGGS), RETRANSMITTED)).scan == EGGS


def test_a_scanner_that_cannot_make_itself_understood_is_left_alone() -> None:
    session = Session()
    answers = [session.take_garbage().answer for _ in range(RESENDS_MAX + 1)]
    assert answers == [Packet(NAK, bytes([RESEND]))] * RESENDS_MAX + [None]


def test_a_code_without_an_end_is_garbled_and_forgotten() -> None:
    session = Session()
    part = scan_packet(b"\x1c" + b"7" * (DATA_BYTES_MAX - 1), CONTINUED)
    for _ in range(CODE_BYTES_MAX // (DATA_BYTES_MAX - 1)):
        assert session.take(part).scan is None
    with pytest.raises(Garbled, match="without an end"):
        session.take(part)
    assert session.take(scan_packet(codec.data_of(EGGS))).scan == EGGS


# Driver and emulator over a pty


@pytest.fixture
def emulator() -> Iterator[SsiEmulator]:
    emulator = SsiEmulator()
    emulator.start()
    yield emulator
    emulator.stop()


@pytest.fixture
def scanner(emulator: SsiEmulator) -> Iterator[SsiScanner]:
    scanner = SsiScanner(emulator.address)
    scanner.open()
    yield scanner
    scanner.close()


def read_all(scanner: SsiScanner, quiet_s: float = 0.8) -> list[Scan]:
    """What arrives until it is quiet, garbled packets passed over."""
    found: list[Scan] = []
    while True:
        try:
            scan = scanner.read(quiet_s)
        except Garbled:
            continue
        if scan is None:
            return found
        found.append(scan)


def shown(emulator: SsiEmulator, *scans: Scan) -> tuple[threading.Thread, list[bool]]:
    taken: list[bool] = []

    def show() -> None:
        taken.extend(emulator.show(scan.text, scan.symbology) for scan in scans)

    thread = threading.Thread(target=show)
    thread.start()
    return thread, taken


LONG = Scan("7" * 900, "]Q1")


def test_scans_arrive_once_in_order_and_are_acknowledged(emulator: SsiEmulator, scanner: SsiScanner) -> None:
    thread, taken = shown(emulator, EGGS, LONG, EGGS)
    assert read_all(scanner) == [EGGS, LONG, EGGS]
    thread.join()
    assert taken == [True] * 3


def test_an_acknowledgement_that_is_lost_does_not_sell_twice(
    emulator: SsiEmulator, scanner: SsiScanner
) -> None:
    emulator.miss_answers(TRIES_MAX - 1)
    thread, taken = shown(emulator, EGGS)
    assert read_all(scanner, quiet_s=TRIES_MAX * ANSWER_S_MAX) == [EGGS]
    thread.join()
    assert taken == [True]


@pytest.mark.parametrize("bit", [0, 3, 12, 40, 77, 150])
def test_a_flipped_bit_is_sent_anew(emulator: SsiEmulator, scanner: SsiScanner, bit: int) -> None:
    emulator.flip(bit)
    thread, taken = shown(emulator, EGGS)
    assert read_all(scanner) == [EGGS]
    thread.join()
    assert taken == [True]


def test_unplugged_it_is_gone_and_back_at_the_same_address(
    emulator: SsiEmulator, scanner: SsiScanner
) -> None:
    emulator.unplug()
    with pytest.raises(Unreachable):
        scanner.read(5.0)
    emulator.plug()
    scanner.open()
    thread, _ = shown(emulator, EGGS)
    assert scanner.read(5.0) == EGGS
    thread.join()
