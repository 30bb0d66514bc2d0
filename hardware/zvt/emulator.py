"""A card terminal made of software: speaks ZVT on a real TCP port or serial line and keeps true books.

What it booked (`charges`) is the ground truth that tests compare with what the
shop believes. It waits for a person at the device bench, or approves by itself
(`auto`), and it can fall silent, or lose its line or its power at any byte. One ECR
at a time; another one is told to wait, unless the first has hung up. A terminal may
reverse a payment whose result nobody acknowledged; this one never does, which
is the harder case for a shop.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hardware.errors import Garbled
from hardware.zvt.books import Booking, Charge, ChargeBook
from hardware.zvt.codec import encode
from hardware.zvt.codes import RECEIVER_NOT_READY
from hardware.zvt.ecr_line import EcrLine
from hardware.zvt.message import Message
from hardware.zvt.orders import Authorisation, Refund, Reversal
from hardware.zvt.plugs import PtyPlug, TcpPlug
from hardware.zvt.reports import Negative
from hardware.zvt.serial_link import ACK_S_MAX
from hardware.zvt.terminal import CARDS, Pace, Terminal, known_card

__all__ = ["CARDS", "Charge", "TerminalEmulator"]

TURNED_AWAY_MAX = 4
LOOK_S_MAX = 1.0
MOVE_MONEY: tuple[type[Message], ...] = (Authorisation, Refund, Reversal)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Fuse:
    byte_count: int
    after_booking: bool
    stays_dead: bool
    orders: frozenset[bytes]


class TerminalEmulator:
    """A ZVT terminal on 127.0.0.1. `port` 0 takes a free one and keeps it through unplug and plug.

    With `serial` it is on a pty instead, whose name stays, too; `ack_s` is its T2.

    With `auto` it approves every payment after `think_s` seconds. Otherwise it
    waits `card_wait_s` for a card and says so every `status_every_s`; a slow
    card takes `slow_s`, and a steadfast one `alone_s` after its line has gone.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        serial: bool = False,
        auto: bool = False,
        think_s: float = 0.0,
        slow_s: float = 3.0,
        alone_s: float = 3.0,
        status_every_s: float = 1.0,
        card_wait_s: float = 90.0,
        ack_s: float = ACK_S_MAX,
        first_receipt_number: int = 1,
        clock: Callable[[], float] = time.monotonic,
        calendar: Callable[[], datetime] = _utc_now,
        books: Path | None = None,
    ) -> None:
        """`books` is the file where its charges outlive it; without one it forgets them with the process."""
        pace = Pace(think_s, slow_s, status_every_s, card_wait_s, alone_s)
        self._terminal = Terminal(pace, auto, first_receipt_number, clock, calendar, ChargeBook(books))
        self._socket: TcpPlug | PtyPlug = PtyPlug(clock, ack_s) if serial else TcpPlug(port, TURNED_AWAY_MAX)
        self._fuse: _Fuse | None = None
        self._lock = threading.RLock()
        self._turned_away: list[EcrLine] = []
        self._wake_pair: tuple[socket.socket, socket.socket] | None = None
        self._thread: threading.Thread | None = None
        self._running = False

    def start(self) -> str:
        """Switch it on. Returns the driver's address, such as `tcp://127.0.0.1:<port>`."""
        with self._lock:
            self._socket.open()
            self.plug()
            if self._thread is None:
                self._running = True
                self._wake_pair = socket.socketpair()
                args = (self._wake_pair[0],)
                self._thread = threading.Thread(target=self._run, args=args, name="zvt-emulator", daemon=True)
                self._thread.start()
        return self.address

    def stop(self) -> None:
        """Switch it off. Its books stay readable."""
        self._running = False
        self._wake()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
            self._thread = None
        with self._lock:
            self.unplug()
            self._socket.close()
            for end in self._wake_pair or ():
                end.close()
            self._wake_pair = None

    def __enter__(self) -> TerminalEmulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Where the driver finds it."""
        return self._socket.address

    @property
    def plugged(self) -> bool:
        """True while the cable is in."""
        return self._socket.plugged

    def plug(self) -> None:
        """Put the cable in: same address as before."""
        with self._lock:
            line = self._socket.plug()
            if line is not None:
                self._terminal.line = line
            self._wake()

    def unplug(self) -> None:
        """Pull the cable. A payment under way is forgotten, unless its card is steadfast; the books stay."""
        with self._lock:
            self._terminal.hang_up()
            for line in self._turned_away:
                line.close()
            self._turned_away.clear()
            self._socket.unplug()
            self._wake()

    @property
    def auto(self) -> bool:
        """True: approves every payment by itself."""
        return self._terminal.auto

    @auto.setter
    def auto(self, auto: bool) -> None:
        self._terminal.auto = auto

    @property
    def occupied(self) -> bool:
        """True: busy with itself, refuses payments for now."""
        return self._terminal.occupied

    @occupied.setter
    def occupied(self, occupied: bool) -> None:
        self._terminal.occupied = occupied

    def next_card(self, card: str) -> None:
        """The next payment meets this card (one of `CARDS`) at once. Raises ValueError for another."""
        with self._lock:
            self._terminal.next_card = known_card(card)

    def insert_card(self, card: str = "approve") -> bool:
        """Insert one of `CARDS`. Returns False when no payment waits for a card; ValueError for no card."""
        with self._lock:
            met = self._terminal.insert(card)
            self._wake()
            return met

    def press_stop(self) -> bool:
        """Press the red key. Returns False when no payment waits for a card."""
        with self._lock:
            stopped = self._terminal.press_stop()
            self._wake()
            return stopped

    def die_at(
        self,
        byte_count: int,
        after_booking: bool = False,
        *,
        stays_dead: bool = False,
        orders: tuple[type[Message], ...] = MOVE_MONEY,
    ) -> None:
        """Lose the line when `byte_count` bytes, both ways, of the next dialogue of these orders passed.

        The count begins with the order's first byte. With `after_booking`
        a payment that was wholly asked for is booked even though the line dies
        before; without, it is forgotten unless it was booked already or its card is steadfast.
        With `stays_dead` the power is gone, too: nobody answers until `plug()`.
        """
        with self._lock:
            controls = frozenset(order.CONTROL for order in orders)
            self._fuse = _Fuse(byte_count, after_booking, stays_dead, controls)

    @property
    def charges(self) -> list[Charge]:
        """What was truly booked, oldest first."""
        with self._lock:
            return self._terminal.books.charges

    @property
    def held(self) -> list[Charge]:
        """What was truly booked and not given back."""
        with self._lock:
            return self._terminal.books.held

    @property
    def bookings(self) -> list[Booking]:
        """All that the books have: payments, refunds, reversals, closed days."""
        with self._lock:
            return list(self._terminal.books.bookings)

    @property
    def display(self) -> tuple[str, ...]:
        """What the ECR has it show."""
        with self._lock:
            return self._terminal.display

    @property
    def waiting_minor(self) -> int | None:
        """The amount for which it waits for a card, None when it waits for none."""
        with self._lock:
            return self._terminal.waiting_minor

    def _run(self, woken: socket.socket) -> None:
        while self._running:
            with self._lock:
                lines = [self._terminal.line, *self._turned_away]
                ears = [woken.fileno(), *self._socket.ears()]
                ears += [line.end.fileno() for line in lines if line is not None and not line.closed]
                dues = [self._terminal.due_s(), *(line.due_s() for line in lines if line is not None)]
            look_s = min([LOOK_S_MAX, *(due_s for due_s in dues if due_s is not None)])
            try:
                ready, _, _ = select.select(ears, [], [], look_s)
            except (OSError, ValueError):  # a cable was pulled, or the line died, while we looked
                with self._lock:
                    self._look_after_line()
                continue
            with self._lock:
                if woken.fileno() in ready:
                    woken.recv(4096)
                self._listen(ready)
                self._accept(ready)
                self._terminal.go_on()
                if self._terminal.line is not None:
                    self._terminal.line.tick()
                self._look_after_line()

    def _wake(self) -> None:
        if self._wake_pair is not None:
            with contextlib.suppress(BlockingIOError):
                self._wake_pair[1].send(b"x", socket.MSG_DONTWAIT)

    def _accept(self, ready: list[int]) -> None:
        newcomer = self._socket.accept(ready)
        if newcomer is None:
            return
        line = self._terminal.line
        if line is None or line.end.hung_up():
            self._terminal.hang_up()
            self._terminal.line = newcomer
        elif len(self._turned_away) < TURNED_AWAY_MAX:
            self._turned_away.append(newcomer)
        else:
            newcomer.close()

    def _listen(self, ready: list[int]) -> None:
        for line in [line for line in self._turned_away if line.end.fileno() in ready]:
            self._turned_away.remove(line)
            self._turn_away(line)
        line_now = self._terminal.line
        if line_now is None or line_now.closed or line_now.end.fileno() not in ready:
            return
        if self._fuse is not None:
            line_now.arm(self._fuse.byte_count, self._fuse.orders)
        try:
            for message in line_now.hear():
                self._terminal.serve(line_now, message)
        except Garbled:
            line_now.close()
        self._look_after_line()

    def _turn_away(self, line: EcrLine) -> None:
        with contextlib.suppress(Garbled):
            if line.hear():
                line.say(encode(Negative(RECEIVER_NOT_READY)))
        line.close()

    def _look_after_line(self) -> None:
        """See whether the line died of what just went over it."""
        line = self._terminal.line
        if (
            line is not None
            and not self._terminal.paying
            and not line.burnt_out
            and line.defuse_after_order()
        ):
            self._fuse = None  # the order outlived it
        if line is None or not (line.closed or line.burnt_out):
            return
        fuse = self._fuse
        if line.burnt_out and fuse is not None:
            if fuse.after_booking:
                self._terminal.book_anyway()
            self._fuse = None
        self._terminal.hang_up()
        if line.burnt_out and fuse is not None and fuse.stays_dead:
            self.unplug()
        elif self._running and (again := self._socket.replug()) is not None:
            self._terminal.line = again
