"""One end of a serial ZVT line, without I/O: frames are acknowledged, repeated, and never heard twice.

Each side sends a frame and waits for ACK. A NAK, or none within `ACK_S_MAX` (T2), means once more, at most
`REPEATS_MAX` times. Half a frame whose rest does not come within `CHARACTER_S_MAX` (T1) is answered with NAK.

When an ACK is lost the same frame comes again, and an order for money must not be carried out twice. ZVT
takes turns above this layer. So a frame equal to the one before, while the other side has acknowledged
nothing of ours since, is that one again: it is acknowledged and dropped. And a new frame says that ours
arrived, ACK or not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from hardware.errors import Garbled, Unreachable
from hardware.transport import Wire
from hardware.zvt.serial_framing import ACK, NAK, SerialBuffer, Sign, wrap

CHARACTER_S_MAX = 0.2
ACK_S_MAX = 5.0
REPEATS_MAX = 2
BROKEN_FRAMES_MAX = 5
"""So many broken frames in a row are no accident."""
WAITING_FRAMES_MAX = 16


class SerialLink:
    """Feed it what was read, write what `outgoing` hands out, take whole APDUs with `heard`.

    `clock` is in seconds. Everything raises Unreachable when the other side does not
    acknowledge, and Garbled when it sends nothing but broken frames.
    """

    def __init__(self, clock: Callable[[], float], ack_s: float = ACK_S_MAX) -> None:
        self._clock = clock
        self._ack_s = ack_s
        self._inbox = SerialBuffer()
        self._heard = bytearray()
        self._out = bytearray()
        self._waiting: deque[bytes] = deque()
        self._unacknowledged: bytes | None = None
        self._tries = 0
        self._sent_at = 0.0
        self._fed_at = 0.0
        self._broken = 0
        self._last_heard: bytes | None = None

    @property
    def settled(self) -> bool:
        """True when all that was said has been acknowledged."""
        return self._unacknowledged is None and not self._waiting

    def say(self, apdu: bytes) -> None:
        """Send an APDU as soon as those before it were acknowledged."""
        if len(self._waiting) >= WAITING_FRAMES_MAX:
            raise Unreachable("the serial line takes nothing")
        self._waiting.append(apdu)
        self._send_on()

    def start_over(self) -> None:
        """Forget what was still to be said: somebody else is on the line now."""
        self._waiting.clear()
        self._unacknowledged = None

    def feed(self, data: bytes) -> None:
        """Bytes came."""
        self._fed_at = self._clock()
        try:
            self._inbox.feed(data)
        except Garbled as fault:
            self._refuse(fault)
        while True:
            try:
                item = self._inbox.next()
            except Garbled as fault:
                self._refuse(fault)
                continue
            if item is None:
                return
            self._take(item)

    def tick(self) -> None:
        """Time has passed: repeat, or give up what is half there."""
        now = self._clock()
        if self._inbox.pending and now - self._fed_at >= CHARACTER_S_MAX:
            self._inbox.clear()
            self._refuse(Garbled("half a serial frame came", 0))
        if self._unacknowledged is not None and now - self._sent_at >= self._ack_s:
            self._repeat()

    def due_s(self) -> float | None:
        """Seconds until `tick` has something to do; None when it has nothing."""
        now, dues = self._clock(), []
        if self._inbox.pending:
            dues.append(self._fed_at + CHARACTER_S_MAX)
        if self._unacknowledged is not None:
            dues.append(self._sent_at + self._ack_s)
        return max(0.0, min(dues) - now) if dues else None

    def outgoing(self) -> bytes:
        """Bytes to write now."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def heard(self) -> bytes:
        """Whole APDUs, one behind the other."""
        data = bytes(self._heard)
        self._heard.clear()
        return data

    def _take(self, item: bytes | Sign) -> None:
        if item is Sign.ACK:
            self._arrived()
        elif item is Sign.NAK:
            self._repeat()
        elif isinstance(item, bytes):
            self._broken = 0
            self._out.append(ACK)
            if item != self._last_heard:
                self._heard += item
                self._arrived()
            self._last_heard = item

    def _arrived(self) -> None:
        """What we said last was heard."""
        if self._unacknowledged is not None:
            self._unacknowledged, self._last_heard = None, None
        self._send_on()

    def _refuse(self, fault: Garbled) -> None:
        self._broken += 1
        if self._broken > BROKEN_FRAMES_MAX:
            raise fault
        self._out.append(NAK)

    def _repeat(self) -> None:
        if self._unacknowledged is None:
            return
        if self._tries > REPEATS_MAX:
            raise Unreachable("nobody acknowledges on the serial line")
        self._send(self._unacknowledged)

    def _send_on(self) -> None:
        if self._unacknowledged is None and self._waiting:
            self._tries = 0
            self._unacknowledged = self._waiting.popleft()
            self._send(self._unacknowledged)

    def _send(self, apdu: bytes) -> None:
        self._tries += 1
        self._sent_at = self._clock()
        self._out += wrap(apdu)


class SerialWire:
    """A serial line as a wire for whole APDUs: what `hardware.transport.Wire` promises, over a raw one."""

    def __init__(self, raw: Wire, clock: Callable[[], float], ack_s: float = ACK_S_MAX) -> None:
        self._raw = raw
        self._clock = clock
        self._link = SerialLink(clock, ack_s)

    def read(self, within_s: float) -> bytes:
        """Whole APDUs as soon as there is one, or b"" when `within_s` seconds have passed."""
        ends = self._clock() + within_s
        while not (data := self._link.heard()):
            left_s = ends - self._clock()
            self._step(max(0.0, left_s))
            if left_s <= 0:
                return self._link.heard()
        return data

    def write(self, data: bytes, within_s: float) -> None:
        """Send one APDU and wait until it is acknowledged. Raises Unreachable when it is not."""
        ends = self._clock() + within_s
        self._link.say(data)
        while not self._link.settled:
            if self._clock() >= ends:
                raise Unreachable("nobody acknowledges on the serial line")
            self._step(ends - self._clock())

    def close(self) -> None:
        self._raw.close()

    def _step(self, within_s: float) -> None:
        self._flush(within_s)
        due_s = self._link.due_s()
        data = self._raw.read(within_s if due_s is None else min(within_s, due_s))
        if data:
            self._link.feed(data)
        self._link.tick()
        self._flush(within_s)

    def _flush(self, within_s: float) -> None:
        data = self._link.outgoing()
        if data:
            self._raw.write(data, max(within_s, CHARACTER_S_MAX))
