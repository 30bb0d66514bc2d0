"""Tickets to ESC/POS bytes, by python-escpos; and the few bytes with which a printer answers.

Source: Epson, ESC/POS Application Programming Guide / Command Reference:
ESC @, ESC t, GS ( k, GS V, DLE EOT n (real-time status), GS r n (status in print order).
"""

from __future__ import annotations

import functools
import logging
import os
import re
import shutil
import unicodedata
from typing import Any

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

_FIXED_MASK, _FIXED_BITS = 0x93, 0x12
_COVER_OPEN, _PAPER_STOP, _ERROR = 0x04, 0x20, 0x40
_PAPER_END = 0x60
_DONE_MASK, _DONE_PAPER_END = 0x90, 0x0C
_PICKLES = "ESCPOS_CAPABILITIES_PICKLE_DIR"
"""Where python-escpos keeps its parsed printer profiles, if somebody says so."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u3400-\u9fff]")


def encode(ticket: Ticket) -> bytes:
    """The whole ticket as bytes for the printer, beginning with a reset. Never raises for any text."""
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
                printer.qr(part.data, size=part.dots, native=True)
            case _:
                printer.cut()
    output: bytes = printer.output
    return output


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
