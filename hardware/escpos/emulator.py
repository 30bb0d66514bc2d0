"""A receipt printer that is not there: takes ESC/POS on a real socket or a pty and shows the paper."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable
from itertools import accumulate
from xml.sax.saxutils import escape

import segno

from hardware.cable import Cable
from hardware.errors import Garbled
from hardware.escpos.paper import Kick, Listening, Paper, PaperReader, Raster, Row, StatusAsked
from hardware.escpos.ticket import Align
from hardware.loopback import Outlet

PAPERS_MAX = 50
"""Papers kept for looking at; the oldest goes first."""
RECV_BYTES = 4096
PNG_DPI = 144.0
COLUMN_DOTS, ROW_DOTS, MARGIN_DOTS, MODULE_DOTS = 9, 20, 24, 4

_WELL = 0x12
_ANSWERS_OUT = {1: _WELL | 0x08, 2: _WELL | 0x20, 3: _WELL, 4: _WELL | 0x6C}
"""DLE EOT n with the roll empty: off-line; stopped for paper; no error; end and near-end sensors."""
_IN_TURN_OUT = 0x0F
_TOLD_WELL, _TOLD_OUT = bytes([0x10, 0, 0, 0]), bytes([0x18, 0, 0x0F, 0])
"""Automatic status back: on-line, and off-line with the roll empty."""


class PrinterEmulator:
    """`start()` gives the driver's address. All acts may be called from any thread.

    `line=True` puts it on a pty instead of a socket: a serial line, or a USB printer's device file.
    """

    def __init__(self, *, columns: int = 42, line: bool = False) -> None:
        self._columns = columns
        self._cable = Cable("printer", None, self._hear) if line else None
        self._reader = PaperReader(columns)
        self._listeners: list[Callable[[bytes], object]] = []
        self.kicks = 0
        """How often the drawer was opened."""
        self._lock = threading.Lock()
        self._papers: deque[Paper] = deque(maxlen=PAPERS_MAX)
        self._garbled = 0
        self._has_paper = True
        self._sheets_left: int | None = None
        self._hushed = False
        self._outlet = Outlet(self._serve, "escpos-emulator")

    def start(self) -> str:
        """Listen on a free port and give the address, `tcp://127.0.0.1:<port>`; on a line, its path."""
        return self._cable.start() if self._cable else f"tcp://127.0.0.1:{self._outlet.plug()}"

    def stop(self) -> None:
        """End for good."""
        if self._cable:
            self._cable.stop()
        self._outlet.stop()

    def unplug(self) -> None:
        """Power off: connections drop, new ones are refused."""
        if self._cable:
            self._cable.unplug()
        self._outlet.unplug()
        self._listeners.clear()

    def plug(self) -> None:
        """Power on at the same address."""
        self._hushed = False
        if self._cable:
            self._reader = PaperReader(self._columns)
            self._cable.plug()
        else:
            self._outlet.plug()

    def hush(self) -> None:
        """Take everything and answer nothing while TCP stays open. Power-cycle to heal."""
        self._hushed = True

    def paper_out(self, after_tickets: int = 0) -> None:
        """Let the roll end now, or in the middle of the ticket that comes after so many more."""
        with self._lock:
            self._sheets_left = after_tickets or None
            self._has_paper = after_tickets > 0
        self._tell()

    def paper_in(self) -> None:
        """Put in a new roll."""
        with self._lock:
            self._has_paper, self._sheets_left = True, None
        self._tell()

    @property
    def has_paper(self) -> bool:
        """Whether there is a roll in it."""
        with self._lock:
            return self._has_paper

    @property
    def papers(self) -> list[Paper]:
        """What was printed, oldest first, at most `PAPERS_MAX`."""
        with self._lock:
            return list(self._papers)

    @property
    def garbled(self) -> int:
        """How many times a client sent what no printer understands."""
        with self._lock:
            return self._garbled

    def _serve(self, line: socket.socket) -> None:
        reader = PaperReader(self._columns)
        while data := line.recv(RECV_BYTES):
            if not self._take(reader, data, line.sendall):
                break
        if line.sendall in self._listeners:
            self._listeners.remove(line.sendall)
        torn = reader.tear_off()
        if torn is not None:
            self._print(torn)

    def _hear(self, data: bytes) -> None:
        assert self._cable is not None
        if not self._take(self._reader, data, self._cable.say):
            self._reader = PaperReader(self._columns)

    def _take(self, reader: PaperReader, data: bytes, say: Callable[[bytes], object]) -> bool:
        """Do what the bytes say; False for what no printer understands."""
        if self._hushed:
            return True
        try:
            events = reader.feed(data)
        except Garbled:
            with self._lock:
                self._garbled += 1
            return False
        for event in events:
            match event:
                case Paper():
                    self._print(event)
                case StatusAsked():
                    say(bytes([self._status(event)]))
                case Kick():
                    self.kicks += 1
                case Listening(on):
                    self._listeners = [one for one in self._listeners if one != say] + [say] * on
                    self._tell()
        return True

    def _tell(self) -> None:
        """Say how the roll is to everybody who wants to hear of it."""
        with self._lock:
            told = _TOLD_WELL if self._has_paper else _TOLD_OUT
        if not self._hushed:
            for say in list(self._listeners):
                with contextlib.suppress(OSError):
                    say(told)

    def _print(self, paper: Paper) -> None:
        with self._lock:
            if self._sheets_left == 0:
                self._has_paper = False
            if self._has_paper:
                self._papers.append(paper)
            if self._sheets_left:
                self._sheets_left -= 1

    def _status(self, asked: StatusAsked) -> int:
        with self._lock:
            out = not self._has_paper
        if asked.kind == "now":
            return _ANSWERS_OUT[asked.number] if out else _WELL
        return _IN_TURN_OUT if out and asked.number == 1 else 0


def paper_svg(paper: Paper) -> str:
    """The paper as an SVG picture: no style attributes, no scripts, every text escaped."""
    width = paper.columns * COLUMN_DOTS + 2 * MARGIN_DOTS
    drawn = [_row_svg(row, width) for row in paper.rows]
    tops = list(accumulate((height for _, height in drawn), initial=MARGIN_DOTS))
    rows = "".join(
        f'<g transform="translate(0 {top})">{body}</g>' for (body, _), top in zip(drawn, tops, strict=False)
    )
    height = tops[-1] + MARGIN_DOTS
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img"><rect width="{width}" height="{height}" fill="#fdfcf7"/>'
        f'<g fill="#222" font-family="monospace" font-size="15">{rows}</g></svg>'
    )


def _row_svg(row: Row, width: int) -> tuple[str, int]:
    if row.qr is not None:
        return _code_svg(row.qr, width)
    if row.picture is not None:
        return _picture_svg(row.picture, width)
    scale = 2 if row.double else 1
    length = len(row.text) * COLUMN_DOTS * scale
    left = {
        Align.LEFT: MARGIN_DOTS,
        Align.CENTER: (width - length) // 2,
        Align.RIGHT: width - MARGIN_DOTS - length,
    }
    if not row.text.strip():
        return "", ROW_DOTS * scale
    bold = ' font-weight="bold"' if row.bold else ""
    text = (
        f'<text x="{left[row.align]}" y="{15 * scale}" font-size="{15 * scale}" textLength="{length}" '
        f'lengthAdjust="spacingAndGlyphs" xml:space="preserve"{bold}>{escape(row.text)}</text>'
    )
    return text, ROW_DOTS * scale


def _picture_svg(picture: Raster, width: int) -> tuple[str, int]:
    """Two dots of the printer are one of the drawing's, as with text."""
    left = width - 4 * picture.width_bytes
    squares = "".join(
        f"M{left + x} {y + 2}h1v1h-1z"
        for y in range(picture.height)
        for x in range(8 * picture.width_bytes)
        if picture.dark(x, y)
    )
    return f'<path transform="scale(0.5)" d="{squares}"/>', picture.height // 2 + 4


def paper_png(paper: Paper) -> bytes:
    """The paper as a PNG picture, drawn by typst from the SVG."""
    import typst  # large, and only tests and curious people want this

    page = '#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")'
    svg = paper_svg(paper).replace('"monospace"', '"DejaVu Sans Mono"')  # the one that typst brings along
    drawn = typst.compile(page.encode(), format="png", ppi=PNG_DPI, sys_inputs={"svg": svg})
    assert isinstance(drawn, bytes)
    return drawn


def _code_svg(data: str, width: int) -> tuple[str, int]:
    matrix = segno.make_qr(data).matrix
    left = (width - len(matrix) * MODULE_DOTS) // 2
    squares = "".join(
        f"M{left + x * MODULE_DOTS} {(y + 2) * MODULE_DOTS}h{MODULE_DOTS}v{MODULE_DOTS}h-{MODULE_DOTS}z"
        for y, line in enumerate(matrix)
        for x, dark in enumerate(line)
        if dark
    )
    return f'<path d="{squares}"/>', (len(matrix) + 4) * MODULE_DOTS
