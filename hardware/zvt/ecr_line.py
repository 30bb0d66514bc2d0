"""The emulated terminal's end of one connection: waits for acknowledgements, and may die at a given byte."""

from __future__ import annotations

import contextlib
import socket
from collections import deque

from hardware.zvt.codec import Authorisation, Message, Positive, decode
from hardware.zvt.framing import ApduBuffer

OUTBOX_MAX = 64
"""Messages that wait for an ECR to acknowledge; one that never does loses its line."""


class EcrLine:
    """One ECR's connection. A terminal says one thing at a time and waits until it was acknowledged."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self.closed = False
        self.deaf = False
        """True: hears and says nothing any more, though the line stands."""
        self.burnt_out = False
        """True when the line died at the byte it was to die at."""
        self._inbox = ApduBuffer()
        self._outbox: deque[bytes] = deque()
        self._unacknowledged = False
        self._bytes_left: int | None = None
        self._armed: int | None = None
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.setblocking(False)

    def arm(self, fuse: tuple[int, bool] | None) -> None:
        """Die once that many bytes, from the next authorisation on, went over the line."""
        if fuse is not None and self._bytes_left is None:
            self._armed = fuse[0]

    def defuse_after_payment(self) -> bool:
        """Count no further when all was said and acknowledged. Returns True when it was counting."""
        if self._bytes_left is None or self._outbox or self._unacknowledged:
            return False
        self._bytes_left = None
        return True

    def hung_up(self) -> bool:
        """True when the other side has closed or broken the connection."""
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def hear(self) -> list[Message]:
        """Messages that came. Raises Garbled for what is no ZVT."""
        try:
            data = self.socket.recv(4096)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.close()
        if not data or self.deaf:
            return []
        self._inbox.feed(self._burn_from_payment(data))
        messages: list[Message] = []
        while (apdu := self._inbox.next_apdu()) is not None:
            messages.append(decode(apdu))
        return messages

    def _burn_from_payment(self, data: bytes) -> bytes:
        """Begin to count where an authorisation begins; what came in the same breath before it is free."""
        start = 0
        if self._armed is not None and not self._inbox.pending:
            while start + 2 < len(data) and data[start : start + 2] != Authorisation.CONTROL:
                start += 3 + data[start + 2]
            if data[start : start + 2] == Authorisation.CONTROL:
                self._bytes_left, self._armed = self._armed, None
        return data[:start] + self._burn(data[start:])

    def _burn(self, data: bytes) -> bytes:
        """What of `data` still goes over the line."""
        if self._bytes_left is None:
            return data
        passed = data[: self._bytes_left]
        self._bytes_left -= len(passed)
        if self._bytes_left == 0:
            self.burnt_out = True
        return passed

    def acknowledged(self) -> None:
        """The ECR has received the last message; say the next."""
        self._unacknowledged = False
        self._say_on()

    def answer(self, *messages: bytes) -> None:
        """Say these in order. Acknowledgements leave at once, all else waits its turn."""
        for message in messages:
            if message[0] in (Positive.CONTROL[0], 0x84):
                self.say(message)
            elif len(self._outbox) < OUTBOX_MAX:
                self._outbox.append(message)
            else:
                self.close()
        self._say_on()

    def _say_on(self) -> None:
        if self._outbox and not self._unacknowledged and not self.closed:
            self._unacknowledged = True
            self.say(self._outbox.popleft())

    def say(self, message: bytes) -> None:
        """Put bytes on the line, as far as it lives; an ECR that takes nothing any more loses it."""
        if self.closed:
            return
        try:
            self.socket.sendall(self._burn(message))
        except OSError:
            self.close()
        if self.burnt_out:
            self.close()

    def close(self) -> None:
        """Hang up."""
        if not self.closed:
            self.closed = True
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
