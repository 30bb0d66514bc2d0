"""Bytes to paper: the part of ESC/POS that receipts use, read as a printer reads it.

A small interpreter without I/O, for the emulator and for tests. What it does
not know it refuses (Garbled), so that nothing we send goes unproven.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hardware.errors import Garbled
from hardware.escpos.ticket import Align

ROWS_MAX = 5000
QR_STORE_BYTES_MAX = 7092
"""Epson's own limit for the symbol data of function 180."""
RASTER_HEAD_BYTES = 8
RASTER_BYTES_MAX = 128
"""The width of a picture; the widest paper has 72 bytes of dots."""
RASTER_DOTS_MAX = 2400
PYTHON_PAGES = {
    0: "cp437",
    2: "cp850",
    13: "cp857",
    14: "cp737",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
}
_ALIGNMENTS = {0: Align.LEFT, 1: Align.CENTER, 2: Align.RIGHT}


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture in dots: rows of `width_bytes`, eight dots a byte, the leftmost in its highest bit."""

    width_bytes: int
    dots: bytes

    @property
    def height(self) -> int:
        return len(self.dots) // self.width_bytes

    def dark(self, x: int, y: int) -> bool:
        return bool(self.dots[y * self.width_bytes + x // 8] >> 7 - x % 8 & 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line as it stands on the paper; instead of text a QR code's data or a picture."""

    text: str = ""
    bold: bool = False
    double: bool = False
    align: Align = Align.LEFT
    qr: str | None = None
    picture: Raster | None = None

    @property
    def is_text(self) -> bool:
        return self.qr is None and self.picture is None


@dataclass(frozen=True, slots=True)
class Paper:
    """What fell out of the printer at one cut."""

    rows: tuple[Row, ...]
    columns: int

    @property
    def lines(self) -> tuple[Row, ...]:
        """The rows of text."""
        return tuple(row for row in self.rows if row.is_text)

    @property
    def qr_codes(self) -> tuple[str, ...]:
        """What the QR codes say."""
        return tuple(row.qr for row in self.rows if row.qr is not None)

    @property
    def text(self) -> str:
        """Plain text, aligned with spaces; a QR code as its data in brackets."""
        return "\n".join(_plain(row, self.columns) for row in self.rows)


@dataclass(frozen=True, slots=True)
class StatusAsked:
    """The client wants to know: `kind` "now" is DLE EOT `number`, "in turn" is GS r `number`."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Listening:
    """The client wants to hear of changes by itself (GS a), or no more."""

    on: bool


@dataclass(frozen=True, slots=True)
class Kick:
    """The drawer on this pin gets its pulse (ESC p)."""

    pin: int


Told = Paper | StatusAsked | Listening | Kick


class PaperReader:
    """Takes bytes in any pieces; gives papers and status questions in the order they came."""

    def __init__(self, columns: int = 42) -> None:
        self._columns = columns
        self._held = b""
        self._offset = 0
        self._rows: list[Row] = []
        self._out: list[Told] = []
        self._store = b""
        self._reset()

    def feed(self, data: bytes) -> list[Told]:
        """Interpret what is complete. Raises Garbled with the offset in the stream; then start anew."""
        self._held += data
        self._out = []
        position = 0
        while position < len(self._held):
            taken = self._one(self._held[position:])
            if not taken:
                break
            position += taken
            self._offset += taken
        self._held = self._held[position:]
        return self._out

    def tear_off(self) -> Paper | None:
        """What hangs out of the printer uncut, as if torn by hand; None when nothing does."""
        self._end_line()
        rows, self._rows = self._rows, []
        while rows and rows[-1].is_text and not rows[-1].text:
            rows.pop()
        return Paper(tuple(rows), self._columns) if rows else None

    def _reset(self) -> None:
        self._style = Row()
        self._page = 0
        self._line: Row | None = None

    def _one(self, data: bytes) -> int:
        """Handle the first command or character; the number of bytes taken, 0 when more must come."""
        first = data[0]
        if first in _LEADS:
            return self._command(data)
        if first == 0x0A:
            self._new_row()
        elif first == 0x0D:
            pass  # carriage return: line feed follows or nothing happens
        elif first < 0x20 or first == 0x7F:
            raise Garbled(f"Unknown printer command {first:#04x}", self._offset)
        else:
            self._print(self._character(first))
        return 1

    def _character(self, byte: int) -> str:
        try:
            return bytes([byte]).decode(PYTHON_PAGES[self._page])
        except UnicodeDecodeError as fault:
            page = PYTHON_PAGES[self._page]
            raise Garbled(f"Byte {byte:#04x} is not in code page {page}", self._offset) from fault

    def _command(self, data: bytes) -> int:
        if len(data) < 2:
            return 0
        command = COMMANDS.get(data[:2])
        if command is None:
            raise Garbled(f"Unknown printer command {data[:2].hex()}", self._offset)
        length, act = command
        if data[:2] == b"\x1d(":
            return self._function(data)
        if data[:2] == b"\x1dv":
            return self._raster(data)
        if data[:2] == b"\x1dV" and len(data) > 2 and data[2] in (65, 66):
            length = 4  # cut with a feed
        if len(data) < length:
            return 0
        act(self, data[2:length])
        return length

    def _function(self, data: bytes) -> int:
        """GS ( k pL pH cn fn ...: the two-dimensional codes."""
        if len(data) < 5:
            return 0
        length = 5 + data[3] + 256 * data[4]
        if data[2:3] != b"k" or length > 8 + QR_STORE_BYTES_MAX or length < 7:
            raise Garbled("Unknown or oversized two-dimensional code function", self._offset)
        if len(data) < length:
            return 0
        kind, function, rest = data[5], data[6], data[7:length]
        if kind != 49:
            raise Garbled(f"Two-dimensional code {kind} is not a QR code", self._offset)
        if function == 80:
            self._store = rest[1:]
        elif function == 81:
            self._print_code()
        elif function not in (65, 67, 69):
            raise Garbled(f"Unknown QR code function {function}", self._offset)
        return length

    def _raster(self, data: bytes) -> int:
        """GS v 0 m xL xH yL yH and the dots."""
        if len(data) < RASTER_HEAD_BYTES:
            return 0
        width_bytes, height = data[4] + 256 * data[5], data[6] + 256 * data[7]
        if (
            data[2:4] != b"0\0"
            or not 0 < width_bytes <= RASTER_BYTES_MAX
            or not 0 < height <= RASTER_DOTS_MAX
        ):
            raise Garbled("Unknown or oversized picture", self._offset)
        length = RASTER_HEAD_BYTES + width_bytes * height
        if len(data) < length:
            return 0
        self._end_line()
        picture = Raster(width_bytes, data[RASTER_HEAD_BYTES:length])
        self._add(Row(align=self._style.align, picture=picture))
        return length

    def _print_code(self) -> None:
        self._end_line()
        try:
            data = self._store.decode()
        except UnicodeDecodeError as fault:
            raise Garbled("The QR code holds no text", self._offset) from fault
        if data:
            self._add(Row(align=self._style.align, qr=data))

    def _print(self, character: str) -> None:
        line = self._line or replace(self._style, text="")
        width = 2 if line.double else 1
        if (len(line.text) + 1) * width > self._columns:
            self._add(line)
            line = replace(self._style, text="")
        self._line = replace(line, text=line.text + character)

    def _new_row(self) -> None:
        self._add(self._line or replace(self._style, text=""))
        self._line = None

    def _end_line(self) -> None:
        if self._line is not None:
            self._new_row()

    def _add(self, row: Row) -> None:
        if len(self._rows) >= ROWS_MAX:
            raise Garbled(f"More than {ROWS_MAX} lines without a cut", self._offset)
        self._rows.append(row)

    def _bold(self, arguments: bytes) -> None:
        self._style = replace(self._style, bold=bool(arguments[0] & 1))

    def _mode(self, arguments: bytes) -> None:
        mode = arguments[0]
        self._style = replace(self._style, bold=bool(mode & 0x08), double=bool(mode & 0x30))

    def _size(self, arguments: bytes) -> None:
        self._style = replace(self._style, double=bool(arguments[0]))

    def _align(self, arguments: bytes) -> None:
        if arguments[0] % 48 not in _ALIGNMENTS:
            raise Garbled(f"Unknown alignment {arguments[0]}", self._offset)
        self._style = replace(self._style, align=_ALIGNMENTS[arguments[0] % 48])

    def _choose_page(self, arguments: bytes) -> None:
        if arguments[0] not in PYTHON_PAGES:
            raise Garbled(f"Unknown code page {arguments[0]}", self._offset)
        self._page = arguments[0]

    def _feed(self, arguments: bytes) -> None:
        self._end_line()
        for _ in range(arguments[0]):
            self._new_row()

    def _cut(self, arguments: bytes) -> None:
        if arguments[0] not in (0, 1, 48, 49, 65, 66):
            raise Garbled(f"Unknown kind of cut {arguments[0]}", self._offset)
        paper = self.tear_off()
        if paper is not None:
            self._out.append(paper)

    def _start_over(self, arguments: bytes) -> None:
        self._reset()

    def _ask_now(self, arguments: bytes) -> None:
        if not 1 <= arguments[0] <= 4:
            raise Garbled("Unknown real-time request", self._offset)
        self._out.append(StatusAsked("now", arguments[0]))

    def _ask_in_turn(self, arguments: bytes) -> None:
        if arguments[0] not in (1, 2, 49, 50):
            raise Garbled("Unknown status request", self._offset)
        self._out.append(StatusAsked("in turn", arguments[0] % 48))

    def _listen(self, arguments: bytes) -> None:
        self._out.append(Listening(bool(arguments[0])))

    def _kick(self, arguments: bytes) -> None:
        if arguments[0] not in (0, 1, 48, 49):
            raise Garbled("Unknown drawer", self._offset)
        self._out.append(Kick(arguments[0] % 48))

    def _ignore(self, arguments: bytes) -> None:
        """Looks only: font, underline, density, spacing."""


_LEADS = (0x1B, 0x1D, 0x10)
COMMANDS: dict[bytes, tuple[int, Callable[[PaperReader, bytes], None]]] = {
    b"\x1b@": (2, PaperReader._start_over),
    b"\x1b!": (3, PaperReader._mode),
    b"\x1bE": (3, PaperReader._bold),
    b"\x1ba": (3, PaperReader._align),
    b"\x1bt": (3, PaperReader._choose_page),
    b"\x1bd": (3, PaperReader._feed),
    b"\x1bM": (3, PaperReader._ignore),
    b"\x1b-": (3, PaperReader._ignore),
    b"\x1b{": (3, PaperReader._ignore),
    b"\x1bJ": (3, PaperReader._ignore),
    b"\x1b2": (2, PaperReader._ignore),
    b"\x1b3": (3, PaperReader._ignore),
    b"\x1bp": (5, PaperReader._kick),
    b"\x1d!": (3, PaperReader._size),
    b"\x1dB": (3, PaperReader._ignore),
    b"\x1db": (3, PaperReader._ignore),
    b"\x1dV": (3, PaperReader._cut),
    b"\x1dr": (3, PaperReader._ask_in_turn),
    b"\x1d(": (5, PaperReader._ignore),
    b"\x1dv": (8, PaperReader._ignore),
    b"\x1da": (3, PaperReader._listen),
    b"\x10\x04": (3, PaperReader._ask_now),
}
"""Lead bytes: total length and what happens. Lengths from the Command Reference."""


def _plain(row: Row, columns: int) -> str:
    text = f"[{row.qr}]" if row.qr is not None else "[picture]" if row.picture is not None else row.text
    room = columns // 2 if row.double else columns
    if row.align is Align.CENTER:
        return text.center(room).rstrip()
    return text.rjust(room) if row.align is Align.RIGHT else text
