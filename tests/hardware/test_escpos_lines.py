"""The printer on other lines than a socket: told of its paper unasked; drawer, codes as dots, PNG."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import Busy, Garbled, Unreachable
from hardware.escpos import codec
from hardware.escpos.codec import AnswerBuffer
from hardware.escpos.driver import EscposPrinter
from hardware.escpos.emulator import PrinterEmulator, paper_png
from hardware.escpos.paper import Kick, PaperReader
from hardware.escpos.ticket import Cut, Line, QrCode, Ticket

ADDRESS = "https://emma.example/r/1"
TICKET = Ticket((Line("Grüße"), QrCode(ADDRESS), Cut()))
WAIT_S_MAX = 15.0


@pytest.fixture(params=["tcp", "serial", "usb"])
def wired(request: pytest.FixtureRequest) -> Iterator[tuple[EscposPrinter, PrinterEmulator]]:
    """A printer on each line that there is; a USB printer's device file is a line like a pty."""
    emulator = PrinterEmulator(line=request.param != "tcp")
    address = emulator.start()
    if request.param != "tcp":
        address = f"{request.param}://{address}"
    printer = EscposPrinter(address, print_s=2.0)
    printer.open()
    yield printer, emulator
    printer.close()
    emulator.stop()


def raises_soon(kind: type[Exception], act: Callable[[], object]) -> Exception:
    ends_s = time.monotonic() + WAIT_S_MAX
    while time.monotonic() < ends_s:
        try:
            act()
        except kind as fault:
            return fault
        time.sleep(0.01)
    pytest.fail(f"no {kind.__name__}")


def test_it_prints_on_every_line(wired: tuple[EscposPrinter, PrinterEmulator]) -> None:
    printer, emulator = wired
    printer.print(TICKET)
    (paper,) = emulator.papers
    assert paper.text.splitlines()[0] == "Grüße"


def test_paper_that_ends_is_told_unasked_and_only_then(wired: tuple[EscposPrinter, PrinterEmulator]) -> None:
    printer, emulator = wired
    printer.listen()
    emulator.paper_out()
    assert "out of paper" in str(raises_soon(Busy, printer.listen))
    emulator.paper_in()
    printer.check()
    printer.listen()


def test_what_is_told_unasked_is_no_answer_to_a_question(
    wired: tuple[EscposPrinter, PrinterEmulator],
) -> None:
    printer, emulator = wired
    for _ in range(10):
        emulator.paper_out()
        emulator.paper_in()
        printer.check()
    printer.print(TICKET)
    assert len(emulator.papers) == 1


def test_a_drawer_opens_as_often_as_it_is_kicked(wired: tuple[EscposPrinter, PrinterEmulator]) -> None:
    printer, emulator = wired
    printer.kick()
    printer.kick()
    printer.check()
    assert emulator.kicks == 2
    printer.close()
    with pytest.raises(Unreachable):
        printer.kick()


@pytest.mark.parametrize("unplug", [False, True])
def test_a_usb_printer_is_one_program_s_and_is_missed(unplug: bool) -> None:
    emulator = PrinterEmulator(line=True)
    printer = EscposPrinter(f"usb://{emulator.start()}")
    printer.open()
    if unplug:
        emulator.unplug()
        raises_soon(Unreachable, printer.check)
        with pytest.raises(Unreachable):
            printer.open()
    printer.close()
    emulator.stop()


@pytest.mark.parametrize("qr", ["native", "raster"])
def test_a_code_can_be_read_off_the_paper_s_picture(qr: str) -> None:
    emulator = PrinterEmulator()
    printer = EscposPrinter(emulator.start(), qr=qr)
    printer.open()
    printer.print(TICKET)
    printer.close()
    emulator.stop()
    (paper,) = emulator.papers
    assert (paper.qr_codes == (ADDRESS,)) is (qr == "native")
    image = cv2.imdecode(np.frombuffer(paper_png(paper), np.uint8), cv2.IMREAD_COLOR)
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [ADDRESS]


def test_settings_that_are_none_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="native or raster"):
        EscposPrinter("tcp://127.0.0.1:9100", qr="photo")
    with pytest.raises(ValueError, match="pin"):
        EscposPrinter("tcp://127.0.0.1:9100", drawer_pin=3)


def test_the_drawer_s_pulse_is_epson_s() -> None:
    """ESC p m t1 t2; m is 0 for pin 2, 1 for pin 5."""
    for pin, number in ((2, 0), (5, 1)):
        assert codec.kick(pin)[:3] == bytes([0x1B, 0x70, number])
        assert PaperReader().feed(codec.kick(pin)) == [Kick(number)]


WELL, NO_PAPER, COVER = bytes([0x10, 0, 0, 0]), bytes([0x18, 0, 0x0C, 0]), bytes([0x30, 0, 0, 0])


@given(
    st.lists(st.sampled_from([WELL, NO_PAPER, COVER, b"\x12", b"\x32", b"\x00"]), max_size=12),
    st.integers(1, 5),
)
def test_answers_and_what_is_told_come_apart_from_any_pieces(said: list[bytes], piece: int) -> None:
    stream = b"".join(said)
    buffer, answers, reasons = AnswerBuffer(), list[int](), list[str]()
    for place in range(0, len(stream), piece):
        answered, told = buffer.feed(stream[place : place + piece])
        answers += answered
        reasons += told
    assert bytes(answers) == b"".join(one for one in said if len(one) == 1)
    assert [bool(reason) for reason in reasons] == [one != WELL for one in said if len(one) == 4]


@given(st.lists(st.binary(max_size=20), max_size=8))
def test_any_bytes_are_answers_or_garbled(pieces: list[bytes]) -> None:
    buffer = AnswerBuffer()
    for piece in pieces:
        try:
            buffer.feed(piece)
        except Garbled:
            continue
        assert len(buffer._told) < codec.TOLD_BYTES


@given(st.integers(0, 4000), st.integers(0, 4000), st.binary(max_size=64))
def test_a_picture_of_any_size_is_paper_or_garbled(width: int, height: int, dots: bytes) -> None:
    reader = PaperReader()
    head = b"\x1dv0\x00" + width.to_bytes(2, "little") + height.to_bytes(2, "little")
    try:
        reader.feed(head + dots)
    except Garbled:
        return
    assert len(reader._held) <= len(head) + len(dots)
