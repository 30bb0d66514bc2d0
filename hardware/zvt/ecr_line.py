"""The emulated terminal's end of one line: waits for acknowledgements, and may die at a given byte."""

from __future__ import annotations

import contextlib
import os
import socket
from collections import deque
from collections.abc import Callable
from typing import Protocol

from hardware.errors import Garbled, Unreachable
from hardware.zvt.codec import decode
from hardware.zvt.framing import ApduBuffer
from hardware.zvt.message import Message
from hardware.zvt.orders import Registration
from hardware.zvt.reports import Positive
from hardware.zvt.serial_framing import DLE, STX
from hardware.zvt.serial_link import SerialLink

OUTBOX_MAX = 64
"""Messages that wait for an ECR to acknowledge; one that never does loses its line."""
Answered = Callable[[Message], None]


class End(Protocol):
    """Where bytes go in and out, without waiting."""

    def fileno(self) -> int: ...

    def receive(self) -> bytes:
        """What came, b"" when the other side is gone. Raises BlockingIOError, OSError."""

    def send(self, data: bytes) -> None:
        """Raises OSError."""

    def hung_up(self) -> bool:
        """True when the other side has closed or broken the line."""

    def close(self) -> None: ...


class SocketEnd:
    """A TCP connection."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.setblocking(False)

    def fileno(self) -> int:
        return self._end.fileno()

    def receive(self) -> bytes:
        return self._end.recv(4096)

    def send(self, data: bytes) -> None:
        self._end.sendall(data)

    def hung_up(self) -> bool:
        try:
            return self._end.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._end.shutdown(socket.SHUT_RDWR)
        self._end.close()


class PtyEnd:
    """The terminal's side of a pty. Nobody hangs up on a serial line: one only falls silent."""

    def __init__(self, master: int, close: Callable[[], None]) -> None:
        self._master = master
        self._close = close
        os.set_blocking(master, False)

    def fileno(self) -> int:
        return self._master

    def receive(self) -> bytes:
        return os.read(self._master, 4096)

    def send(self, data: bytes) -> None:
        if os.write(self._master, data) != len(data):
            raise OSError("nobody reads the serial line")

    def hung_up(self) -> bool:
        return False

    def close(self) -> None:
        self._close()


class EcrLine:
    """One ECR's line. A terminal says one thing at a time and waits until it was acknowledged."""

    def __init__(self, end: End, link: SerialLink | None = None) -> None:
        """`link` frames what goes over a serial line; without one, APDUs go over as they are."""
        self.end = end
        self.closed = False
        self.deaf = False
        """True: hears and says nothing any more, though the line stands."""
        self.burnt_out = False
        """True when the line died at the byte it was to die at."""
        self._link = link
        self._inbox = ApduBuffer()
        self._outbox: deque[tuple[bytes, Answered | None]] = deque()
        self._unacknowledged = False
        self._when_answered: Answered | None = None
        self._bytes_left: int | None = None
        self._armed: tuple[int, frozenset[bytes]] | None = None

    def arm(self, byte_count: int, orders: frozenset[bytes]) -> None:
        """Die once that many bytes, from the next of these orders on, went over the line."""
        if self._bytes_left is None:
            self._armed = (byte_count, orders)

    def defuse_after_order(self) -> bool:
        """Count no further when all was said and acknowledged. Returns True when it was counting."""
        if self._bytes_left is None or self._outbox or self._unacknowledged:
            return False
        if self._link is not None and not self._link.settled:
            return False
        self._bytes_left = None
        return True

    def start_over(self) -> None:
        """Another ECR is on the line: what waits to be said was not for it."""
        self._outbox.clear()
        self._unacknowledged = False
        self._when_answered = None
        if self._link is not None:
            self._link.start_over()

    def due_s(self) -> float | None:
        """Seconds until `tick` has something to do."""
        return None if self._link is None or self.deaf else self._link.due_s()

    def tick(self) -> None:
        """Time has passed: on a serial line, something may have to be said again."""
        if self._link is not None and not self.deaf and not self.closed:
            try:
                self._link.tick()
                self._flush()
            except (Unreachable, Garbled):
                self.close()

    def hear(self) -> list[Message]:
        """Messages that came. Raises Garbled for what is no ZVT."""
        try:
            data = self.end.receive()
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.close()
        if self.deaf and self._link is not None:
            # Nobody hangs up on a serial line: here it is the next registration that makes a new one.
            self.deaf = self._find(data, Registration.CONTROL) < 0
        if not data or self.deaf:
            return []
        self._inbox.feed(self._unframed(self._burn_from_order(data)))
        messages: list[Message] = []
        while (apdu := self._inbox.next_apdu()) is not None:
            messages.append(decode(apdu))
        return messages

    def _unframed(self, data: bytes) -> bytes:
        if self._link is None:
            return data
        try:
            self._link.feed(data)
            self._flush()
        except Unreachable:
            self.close()
        return self._link.heard()

    def _burn_from_order(self, data: bytes) -> bytes:
        """Begin to count where the order begins; what came in the same breath before it is free."""
        start = 0
        if self._armed is not None and not self._inbox.pending:
            starts = [at for control in self._armed[1] if (at := self._find(data, control)) >= 0]
            if starts:
                start = min(starts)
                self._bytes_left, self._armed = self._armed[0], None
        return data[:start] + self._burn(data[start:])

    def _find(self, data: bytes, control: bytes) -> int:
        """Where an order begins in what just came, -1 for nowhere."""
        if self._link is not None:
            return data.find(bytes([DLE, STX]) + control)
        at = 0
        while at + 2 < len(data) and data[at : at + 2] != control:
            at += 3 + data[at + 2]
        return at if data[at : at + 2] == control else -1

    def _burn(self, data: bytes) -> bytes:
        """What of `data` still goes over the line."""
        if self._bytes_left is None:
            return data
        passed = data[: self._bytes_left]
        self._bytes_left -= len(passed)
        if self._bytes_left == 0:
            self.burnt_out = True
        return passed

    def acknowledged(self, answer: Message) -> None:
        """The ECR has received the last message; say the next."""
        self._unacknowledged = False
        answered, self._when_answered = self._when_answered, None
        if answered is not None:
            answered(answer)
        self._say_on()

    def answer(self, *messages: bytes, then: Answered | None = None) -> None:
        """Say these in order. Acknowledgements leave at once, all else waits its turn.

        `then` hears what the ECR answers to the last one.
        """
        for index, message in enumerate(messages, start=1):
            if message[0] in (Positive.CONTROL[0], 0x84):
                self.say(message)
            elif len(self._outbox) < OUTBOX_MAX:
                self._outbox.append((message, then if index == len(messages) else None))
            else:
                self.close()
        self._say_on()

    def _say_on(self) -> None:
        if self._outbox and not self._unacknowledged and not self.closed:
            self._unacknowledged = True
            message, self._when_answered = self._outbox.popleft()
            self.say(message)

    def say(self, message: bytes) -> None:
        """Put a message on the line, as far as it lives; an ECR that takes nothing any more loses it."""
        if self.closed:
            return
        if self._link is None:
            self._put(message)
            return
        try:
            self._link.say(message)
            self._flush()
        except Unreachable:
            self.close()

    def _flush(self) -> None:
        if self._link is not None and (data := self._link.outgoing()):
            self._put(data)

    def _put(self, data: bytes) -> None:
        if self.closed:
            return
        try:
            self.end.send(self._burn(data))
        except OSError:
            self.close()
        if self.burnt_out:
            self.close()

    def close(self) -> None:
        """Hang up."""
        if not self.closed:
            self.closed = True
            self.end.close()
