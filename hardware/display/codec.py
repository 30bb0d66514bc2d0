"""What a customer display shows, as bytes and back, without I/O.

Source: Epson, DM-D110 specification, chapter 5 "Commands", and ESC/POS DM Application Programming Guide:
ESC @, ESC t, US MD1, US $, CLR. Most displays of other makers have a mode that takes the same.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from hardware.errors import Garbled

ROWS, COLUMNS = 2, 20
INITIALIZE, OVERWRITE, CLEAR = b"\x1b@", b"\x1f\x01", b"\x0c"
SELECT_PAGE, MOVE_TO = b"\x1bt", b"\x1f$"
PAGE, PAGE_NUMBER = "cp858", 19
"""Western European with the euro sign, on Epson's page 19; the driver's option for displays that differ."""
PYTHON_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}
_FIRST_PRINTABLE = 0x20


@dataclass(frozen=True, slots=True)
class Shows:
    """The two lines, each of exactly `COLUMNS` characters."""

    top: str
    bottom: str


def shows(top: str = "", bottom: str = "") -> Shows:
    """Two lines as they fit: cut off, or filled up with spaces."""
    return Shows(*(unicodedata.normalize("NFC", line)[:COLUMNS].ljust(COLUMNS) for line in (top, bottom)))


def start(page: int = PAGE_NUMBER) -> bytes:
    """What a display is told first. Raises ValueError for a page that no display has."""
    if page not in PYTHON_PAGES:
        raise ValueError(f"code pages are {', '.join(map(str, PYTHON_PAGES))}, not {page}")
    return INITIALIZE + OVERWRITE + SELECT_PAGE + bytes([page]) + CLEAR


def encode(shown: Shows, page: int = PAGE_NUMBER) -> bytes:
    """Both lines, each from its first place on: it never flickers, and never depends on what stood there."""
    lines = (shown.top, shown.bottom)
    return b"".join(MOVE_TO + bytes([1, row]) + _text(line, page) for row, line in enumerate(lines, start=1))


def _text(line: str, page: int) -> bytes:
    """Never a byte that would be a command."""
    plain = "".join(char if char.isprintable() else " " for char in line)
    return plain.encode(PYTHON_PAGES[page], errors="replace")


class Glass:
    """What stands on a display: bytes in any pieces, read as the display reads them."""

    def __init__(self) -> None:
        self._held = b""
        self._offset = 0
        self._reset()

    @property
    def shows(self) -> Shows:
        """The two lines as they stand there."""
        return Shows(*("".join(row) for row in self._rows))

    def feed(self, data: bytes) -> None:
        """Show it. Raises Garbled with the offset in the stream for what no display of ours is told."""
        self._held += data
        while self._held and (used := self._take()):
            self._held = self._held[used:]
            self._offset += used

    def _reset(self) -> None:
        self._rows = [[" "] * COLUMNS for _ in range(ROWS)]
        self._place = (0, 0)
        self._page = PYTHON_PAGES[0]

    def _take(self) -> int:
        """Carry out the command or character that stands first; how long it was, 0 if it is not whole."""
        held = self._held
        if held[0] >= _FIRST_PRINTABLE:
            self._put(held[:1].decode(self._page, errors="replace"))
            return 1
        if held[:1] == CLEAR:
            self._rows = [[" "] * COLUMNS for _ in range(ROWS)]
            self._place = (0, 0)
            return 1
        if len(held) < 2:
            return self._wait_or_refuse(held)
        match held[:2]:
            case b"\x1b@":
                self._reset()
                return 2
            case b"\x1f\x01":
                return 2
            case b"\x1bt":
                return self._select_page(held)
            case b"\x1f$":
                return self._move(held)
        raise Garbled("A customer display does not know this command", self._offset)

    def _wait_or_refuse(self, held: bytes) -> int:
        if held in (b"\x1b", b"\x1f"):
            return 0
        raise Garbled("A customer display does not know this command", self._offset)

    def _select_page(self, held: bytes) -> int:
        if len(held) < 3:
            return 0
        if held[2] not in PYTHON_PAGES:
            raise Garbled("A customer display has no such code page", self._offset + 2)
        self._page = PYTHON_PAGES[held[2]]
        return 3

    def _move(self, held: bytes) -> int:
        if len(held) < 4:
            return 0
        if not (1 <= held[2] <= COLUMNS and 1 <= held[3] <= ROWS):
            raise Garbled("A customer display has no such place", self._offset + 2)
        self._place = (held[3] - 1, held[2] - 1)
        return 4

    def _put(self, char: str) -> None:
        """In overwrite mode the cursor goes on, from the end of one line to the beginning of the other."""
        row, column = self._place
        self._rows[row][column] = char
        behind = row * COLUMNS + column + 1
        self._place = divmod(behind % (ROWS * COLUMNS), COLUMNS)
