"""A receipt printer over TCP, USB or a serial line: asked, printed on, asked whether it is done."""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.errors import Busy, DeviceFault, Unreachable
from hardware.escpos import codec
from hardware.escpos.codec import AnswerBuffer
from hardware.escpos.ticket import Ticket
from hardware.transport import Wire, open_wire, parse_address

CONNECT_S_MAX = 3.0
STATUS_S_MAX = 2.0
SEND_S_MAX = 5.0
PRINT_S_MAX = 15.0
"""From the last byte sent to the printer's word that the ticket is out; a long receipt takes five seconds."""
STALE_READS_MAX = 16
"""Reads spent on throwing away what the printer said unasked."""


CODES = ("native", "raster")


class EscposPrinter:
    """One printer. Blocking, called from one thread; `close()` may come from another.

    `confirm=False` is for printers that do not know GS r: `print` then returns
    when the bytes are sent, and paper that ends in mid-ticket goes unnoticed. `qr="raster"` is for those that
    cannot draw a QR code, `tells=False` for those that do not know GS a, `drawer_pin` 5 for a second drawer.
    """

    def __init__(
        self,
        address: str,
        *,
        confirm: bool = True,
        tells: bool = True,
        qr: str = "native",
        drawer_pin: int = 2,
        print_s: float = PRINT_S_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`address`: tcp://host:9100, usb:///dev/usb/lp0 or serial:///dev/...; ValueError when it is none."""
        parse_address(address)
        if qr not in CODES:
            raise ValueError(f"a QR code is printed {' or '.join(CODES)}, not {qr!r}")
        self._kick = codec.kick(drawer_pin)
        self._raster = qr == "raster"
        self._tells = tells
        self._answers = AnswerBuffer()
        self._address = address
        self._confirm = confirm
        self._print_s = print_s
        self._clock = clock
        self._line: Wire | None = None
        self._closed = True

    def open(self) -> None:
        """Connect and learn how the printer is. Raises Unreachable, Garbled, or Busy with the reason."""
        self.close()
        codec.load()
        self._closed = False
        try:
            self._connect()
            self._ask_state()
        except Busy:
            raise  # it is there, and says why not: the line stays
        except DeviceFault:
            self.close()
            raise

    def close(self) -> None:
        """Hang up. A `print()` in another thread ends with Unreachable."""
        self._closed = True
        self._drop()

    def check(self) -> None:
        """Ask whether it could print now.

        Raises Busy with a sentence (out of paper, cover open), Unreachable, Garbled.
        """
        if self._closed:
            raise Unreachable("The printer is not open")
        try:
            self._ask_state()
        except Unreachable:
            # Printers hang up on idle lines, and nothing was printed yet: one new call is safe.
            if self._closed:
                raise
            self._connect()
            self._ask_state()

    def print(self, ticket: Ticket) -> None:
        """Print, and return when the paper is out.

        Raises Busy before anything is printed (out of paper, cover open) or when
        paper ended in mid-ticket: print it again then. Unreachable when the line
        broke or the printer fell silent, Garbled when it answered nonsense.
        """
        data = codec.encode(ticket, raster=self._raster)
        self.check()
        self._write(data, SEND_S_MAX)
        if self._confirm and codec.paper_ran_out(self._ask(codec.ASK_DONE, self._print_s)):
            raise Busy("The printer ran out of paper in mid-ticket")

    def kick(self) -> None:
        """Open the drawer. Raises Unreachable; nobody can tell whether one is there."""
        if self._closed:
            raise Unreachable("The printer is not open")
        if self._line is None:
            self._connect()
        self._write(self._kick, STATUS_S_MAX)

    def listen(self) -> None:
        """Hear what it tells by itself, without waiting: paper is missed as soon as it ends.

        Raises Busy with a sentence, Unreachable, Garbled.
        """
        line = self._line
        if line is None:
            return  # a printer that hung up while idle; the next question calls it again
        try:
            heard = line.read(0.0)
        except Unreachable:
            self._drop()
            return
        _, reasons = self._answers.feed(heard)
        if reasons and reasons[-1]:
            raise Busy(reasons[-1])

    def _ask_state(self) -> None:
        self._throw_away_stale()
        reason = codec.offline_reason(self._ask(codec.ASK_OFFLINE, STATUS_S_MAX))
        if codec.paper_is_out(self._ask(codec.ASK_PAPER, STATUS_S_MAX)):
            reason = "The printer is out of paper"
        if reason is not None:
            raise Busy(reason)

    def _connect(self) -> None:
        self._drop()
        line = open_wire(self._address, CONNECT_S_MAX)
        self._line = line
        self._answers = AnswerBuffer()
        if self._closed:
            self._drop()
        elif self._tells:
            self._write(codec.TELL_CHANGES, STATUS_S_MAX)

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _wire(self) -> Wire:
        line = self._line
        if line is None:
            raise Unreachable("The printer is not open")
        return line

    def _write(self, data: bytes, within_s: float) -> None:
        try:
            self._wire().write(data, within_s)
        except Unreachable:
            self._drop()
            raise

    def _ask(self, question: bytes, within_s: float) -> int:
        self._write(question, STATUS_S_MAX)
        ends = self._clock() + within_s
        while (left_s := ends - self._clock()) > 0:
            answers, _ = self._answers.feed(self._wire().read(left_s))
            if answers:
                return answers[0]
        self._drop()
        raise Unreachable("The printer does not answer")

    def _throw_away_stale(self) -> None:
        for _ in range(STALE_READS_MAX):
            if not (stale := self._wire().read(0.0)):
                return
            self._answers.feed(stale)
