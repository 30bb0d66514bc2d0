"""Tickets to ESC/POS bytes, by python-escpos; and the few bytes with which a printer answers.

Source: Epson, ESC/POS Application Programming Guide / Command Reference:
ESC @, ESC t, GS ( k, GS v 0, GS V, ESC p, DLE EOT n (real-time status), GS r n (status in print order),
GS a n (automatic status back).
"""

from __future__ import annotations

import functools
import logging
import os
import re
import shutil
import unicodedata
from typing import Any

import segno

from hardware.errors import Garbled
from hardware.escpos.ticket import Align, Line, QrCode, Rule, Ticket

HOME_PAGE = "CP858"
"""Western European with the euro sign: German receipts never leave it."""
CODE_PAGES = {"CP857": 13, "CP737": 14, "CP1252": 16, "CP866": 17, "CP852": 18, HOME_PAGE: 19}
"""Code pages by their ESC t number, the same on nearly every printer: Turkish, Greek, Windows, Cyrillic,
Central European, Western European. Anything else prints as "?"."""

ASK_OFFLINE = b"\x10\x04\x02"
ASK_PAPER = b"\x10\x04\x04"
ASK_DONE = b"\x1dr\x01"
"""Unlike DLE EOT, GS r is answered in its turn: when the answer comes, all before it is printed."""

GS_V_0 = b"\x1dv0\0"
TELL_CHANGES = b"\x1da\x0e"
"""Automatic status back: on-line or off, errors, the roll."""
TOLD_BYTES = 4

_FIXED_MASK, _FIXED_BITS = 0x93, 0x12
_COVER_OPEN, _PAPER_STOP, _ERROR = 0x04, 0x20, 0x40
_PAPER_END = 0x60
_DONE_MASK, _DONE_PAPER_END = 0x90, 0x0C
_TOLD_FIXED, _TOLD_OFFLINE, _TOLD_COVER, _TOLD_PAPER_END = 0x10, 0x08, 0x20, 0x0C
_PICKLES = "ESCPOS_CAPABILITIES_PICKLE_DIR"
"""Where python-escpos keeps its parsed printer profiles, if somebody says so."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u3400-\u9fff]")


def encode(ticket: Ticket, *, raster: bool = False) -> bytes:
    """The whole ticket as bytes for the printer, beginning with a reset. Never raises for any text.

    `raster` sends QR codes as pictures, for printers that do not draw them.
    """
    printer = _new_printer()
    printer.hw("INIT")
    for part in ticket.parts:
        match part:
            case Line():
                _line(printer, part)
            case Rule():
                _line(printer, Line("-" * ticket.width))
            case QrCode():
                printer.set(align="center")
                _code(printer, part, raster)
            case _:
                printer.cut()
    output: bytes = printer.output
    return output


def kick(pin: int = 2) -> bytes:
    """The pulse that opens the drawer on pin 2 or 5 of the printer's socket. Raises ValueError."""
    if pin not in (2, 5):
        raise ValueError(f"a drawer is on pin 2 or 5, not {pin}")
    printer = _new_printer()
    printer.cashdraw(pin)
    output: bytes = printer.output
    return output


class AnswerBuffer:
    """What a printer says, apart: answers of one byte, and what it tells unasked in four."""

    def __init__(self) -> None:
        self._told = b""

    def feed(self, data: bytes) -> tuple[list[int], list[str]]:
        """Its answers, and of what it told by itself why it cannot print, "" where it can. Raises Garbled."""
        answers: list[int] = []
        reasons: list[str] = []
        for byte in data:
            if self._told:
                self._told += bytes([byte])
                if byte & _DONE_MASK:
                    self._told = b""
                    raise Garbled("The printer broke off what it told by itself")
                if len(self._told) == TOLD_BYTES:
                    reasons.append(_told_reason(self._told))
                    self._told = b""
            elif byte & _FIXED_MASK == _TOLD_FIXED:
                self._told = bytes([byte])
            else:
                answers.append(byte)
        return answers, reasons


def _told_reason(told: bytes) -> str:
    if told[0] & _TOLD_COVER:
        return "The printer's cover is open"
    if told[2] & _TOLD_PAPER_END == _TOLD_PAPER_END:
        return "The printer is out of paper"
    return "The printer reports an error" if told[0] & _TOLD_OFFLINE else ""


def printable(text: str) -> str:
    """Composed characters only, and nothing that a printer would take for a command."""
    return _UNPRINTABLE.sub("?", unicodedata.normalize("NFC", text))


def offline_reason(answer: int) -> str | None:
    """Why the printer cannot print, from its answer to `ASK_OFFLINE`; None when it can. Raises Garbled."""
    _check_fixed_bits(answer)
    if answer & _COVER_OPEN:
        return "The printer's cover is open"
    if answer & _PAPER_STOP:
        return "The printer is out of paper"
    return "The printer reports an error" if answer & _ERROR else None


def paper_is_out(answer: int) -> bool:
    """Whether the answer to `ASK_PAPER` says that the roll is empty. Raises Garbled."""
    _check_fixed_bits(answer)
    return bool(answer & _PAPER_END)


def paper_ran_out(answer: int) -> bool:
    """Whether the answer to `ASK_DONE` says that paper ended while printing. Raises Garbled."""
    if answer & _DONE_MASK:
        raise Garbled("The printer answered with something that is no status")
    return answer & _DONE_PAPER_END == _DONE_PAPER_END


def _check_fixed_bits(answer: int) -> None:
    if answer & _FIXED_MASK != _FIXED_BITS:
        raise Garbled("The printer answered with something that is no status")


def _code(printer: Any, code: QrCode, raster: bool) -> None:
    if raster:
        printer._raw(_picture(code))  # the library's own needs a profile of the paper, or it complains aloud
    else:
        printer.qr(code.data, size=code.dots, native=True)


def _picture(code: QrCode) -> bytes:
    """The code as dots, with the quiet zone of four modules that it needs (ISO/IEC 18004, 7.3.7): GS v 0."""
    rows = [
        sum(dark << place for place, dark in enumerate(reversed(list(row))))
        for row in segno.make_qr(code.data).matrix_iter(scale=code.dots, border=4)
    ]
    width_bytes = (len(rows) + 7) // 8
    spare = 8 * width_bytes - len(rows)
    size = width_bytes.to_bytes(2, "little") + len(rows).to_bytes(2, "little")
    return GS_V_0 + size + b"".join((row << spare).to_bytes(width_bytes, "big") for row in rows)


def _line(printer: Any, line: Line) -> None:
    printer.set(
        align=str(line.align if line.text else Align.LEFT),
        bold=line.bold,
        normal_textsize=not line.double,
        double_width=line.double,
        double_height=line.double,
    )
    printer.textln(printable(line.text))


def _new_printer() -> Any:
    """A python-escpos printer that only collects bytes."""
    dummy, encoder_class = load()
    encoder = encoder_class(CODE_PAGES)
    encoder.used_encodings.add(HOME_PAGE)  # preferred over lower numbers
    return dummy(magic_encode_args={"encoder": encoder})


@functools.lru_cache(maxsize=1)
def load() -> tuple[Any, Any]:
    """Import python-escpos, once: half a second, so a driver does it before the first receipt.

    On import the library calls logging.basicConfig() and leaves a temporary
    directory behind; both are cleared away.
    """
    root = logging.getLogger()
    handlers = list(root.handlers)
    from escpos import capabilities
    from escpos.magicencode import Encoder
    from escpos.printer import Dummy

    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
    if _PICKLES not in os.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return Dummy, Encoder
