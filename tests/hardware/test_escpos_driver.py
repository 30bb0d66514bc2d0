"""The printer's driver and emulator on a real socket: paper comes out, or a sentence says why not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from hardware.errors import Busy, Garbled, Unreachable
from hardware.escpos import driver as driver_module
from hardware.escpos.driver import EscposPrinter
from hardware.escpos.emulator import PAPERS_MAX, PrinterEmulator, paper_svg
from hardware.escpos.paper import Paper, Row
from hardware.escpos.ticket import Align, Cut, Line, QrCode, Ticket
from hardware.loopback import Outlet

HELLO = Ticket((Line("Grüße"), QrCode("https://example.org/r/1"), Cut()))


@pytest.fixture
def paper_end() -> Iterator[PrinterEmulator]:
    emulator = PrinterEmulator()
    yield emulator
    emulator.stop()


@pytest.fixture
def printer(paper_end: PrinterEmulator) -> Iterator[EscposPrinter]:
    device = EscposPrinter(paper_end.start(), print_s=2.0)
    device.open()
    yield device
    device.close()


def texts(emulator: PrinterEmulator) -> list[str]:
    return [paper.lines[0].text for paper in emulator.papers]


def test_when_print_returns_the_paper_is_there(paper_end: PrinterEmulator, printer: EscposPrinter) -> None:
    printer.print(HELLO)
    (paper,) = paper_end.papers
    assert paper.text.splitlines()[0] == "Grüße"
    assert paper.qr_codes == ("https://example.org/r/1",)


def test_without_paper_nothing_is_printed_and_a_sentence_says_so(
    paper_end: PrinterEmulator, printer: EscposPrinter
) -> None:
    paper_end.paper_out()
    with pytest.raises(Busy, match="out of paper"):
        printer.print(HELLO)
    assert paper_end.papers == []
    paper_end.paper_in()
    printer.print(HELLO)
    assert len(paper_end.papers) == 1


def test_paper_that_ends_in_mid_ticket_is_told(paper_end: PrinterEmulator, printer: EscposPrinter) -> None:
    paper_end.paper_out(after_tickets=1)
    printer.print(HELLO)
    with pytest.raises(Busy, match="mid-ticket"):
        printer.print(HELLO)
    assert len(paper_end.papers) == 1


def test_opening_without_paper_says_so_and_keeps_the_line(paper_end: PrinterEmulator) -> None:
    device = EscposPrinter(paper_end.start())
    paper_end.paper_out()
    with pytest.raises(Busy, match="out of paper"):
        device.open()
    paper_end.paper_in()
    device.check()
    device.print(HELLO)
    device.close()


def test_a_pulled_plug_is_unreachable_and_comes_back(
    paper_end: PrinterEmulator, printer: EscposPrinter
) -> None:
    paper_end.unplug()
    with pytest.raises(Unreachable):
        printer.print(HELLO)
    paper_end.plug()
    printer.print(HELLO)  # nothing was sent before, so the driver calls again by itself
    assert texts(paper_end) == ["Grüße"]


def test_a_line_dropped_while_idle_costs_no_ticket(
    paper_end: PrinterEmulator, printer: EscposPrinter
) -> None:
    paper_end.unplug()
    paper_end.plug()
    printer.print(HELLO)
    assert texts(paper_end) == ["Grüße"]


def test_a_line_dropped_while_idle_is_no_printer_lost(
    paper_end: PrinterEmulator, printer: EscposPrinter
) -> None:
    paper_end.unplug()
    with pytest.raises(Unreachable):
        printer.check()
    paper_end.plug()
    printer.check()


def test_a_silent_printer_is_unreachable_in_time(
    paper_end: PrinterEmulator, printer: EscposPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_module, "STATUS_S_MAX", 0.2)
    paper_end.hush()
    start = time.monotonic()
    with pytest.raises(Unreachable, match="does not answer"):
        printer.print(HELLO)
    assert time.monotonic() - start < 2.0


def test_a_closed_printer_prints_nothing(printer: EscposPrinter) -> None:
    printer.close()
    with pytest.raises(Unreachable, match="not open"):
        printer.print(HELLO)


def test_close_from_another_thread_ends_a_waiting_print(
    paper_end: PrinterEmulator, printer: EscposPrinter
) -> None:
    paper_end.hush()
    threading.Timer(0.2, printer.close).start()
    start = time.monotonic()
    with pytest.raises(Unreachable):
        printer.print(HELLO)
    assert time.monotonic() - start < 1.5


QUESTION = b"\x10\x04"


def scripted(*answers: bytes) -> Outlet:
    """A peer that answers each question (DLE EOT) with the next of `answers`, and is told other things."""

    def serve(line: socket.socket) -> None:
        left, heard = list(answers), b""
        while piece := line.recv(4096):
            heard += piece
            while left and QUESTION in heard:
                heard = heard.partition(QUESTION)[2]
                line.sendall(left.pop(0))

    return Outlet(serve, "scripted-printer")


@pytest.mark.parametrize("answers", [(b"\xff",), (b"\x12", b"H"), (b"\x12", b"\x00")])
def test_an_answer_that_is_no_status_is_garbled(answers: tuple[bytes, ...]) -> None:
    peer = scripted(*answers)
    device = EscposPrinter(f"tcp://127.0.0.1:{peer.plug()}")
    try:
        with pytest.raises(Garbled):
            device.open()
    finally:
        device.close()
        peer.stop()


def test_an_open_cover_is_told() -> None:
    peer = scripted(b"\x16", b"\x12")
    device = EscposPrinter(f"tcp://127.0.0.1:{peer.plug()}")
    try:
        with pytest.raises(Busy, match="cover is open"):
            device.open()
    finally:
        device.close()
        peer.stop()


def test_garbage_to_the_emulator_is_counted_and_the_next_client_is_served(
    paper_end: PrinterEmulator, printer: EscposPrinter
) -> None:
    port = int(paper_end.start().rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(b"\x1b\xff\xff")
        assert line.recv(10) == b""
    assert paper_end.garbled == 1
    printer.print(HELLO)
    assert len(paper_end.papers) == 1


def test_uncut_paper_is_torn_off_when_the_client_leaves(paper_end: PrinterEmulator) -> None:
    port = int(paper_end.start().rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(b"\x1b@no cut\n")
        line.shutdown(socket.SHUT_WR)
        assert line.recv(10) == b""
    assert texts(paper_end) == ["no cut"]


def test_old_papers_are_let_go(paper_end: PrinterEmulator, printer: EscposPrinter) -> None:
    for number in range(PAPERS_MAX + 2):
        printer.print(Ticket((Line(str(number)), Cut())))
    assert texts(paper_end) == [str(number) for number in range(2, PAPERS_MAX + 2)]


def test_a_bad_address_is_refused() -> None:
    with pytest.raises(ValueError, match="address"):
        EscposPrinter("http://printer")


def test_the_paper_as_a_picture_is_well_formed_and_escaped() -> None:
    rows = (
        Row("Tante <Emma> & Söhne", bold=True, double=True, align=Align.CENTER),
        Row("right", align=Align.RIGHT),
        Row(),
        Row(qr='"><script>'),
    )
    picture = paper_svg(Paper(rows, 42))
    root = ElementTree.fromstring(picture)  # our own text
    found = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert found == ["Tante <Emma> & Söhne", "right"]
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 1
    assert "style=" not in picture
    assert "<script" not in picture
