"""The scanner's side of the talk that matters to us: which packets make a scan, and what to answer. No I/O.

    scanner                               host
    DECODE_DATA, continued ->          <- ACK            the first part is kept
    DECODE_DATA            ->          <- ACK            a scan
    the same, retransmitted ->         <- ACK            our ACK was lost: it is the scan we have already
    garbage                ->          <- NAK, resend    at most RESENDS_MAX times in a row
    anything else          ->                            not for us

Source: Zebra, Simple Serial Interface Programmer's Guide (72E-40451), "SSI transactions".
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.errors import Garbled
from hardware.readings import Scan
from hardware.scanner.codec import CODE_BYTES_MAX
from hardware.scanner.ssi.codec import (
    ACK,
    CONTINUED,
    DECODE_DATA,
    FROM_SCANNER,
    NAK,
    RESEND,
    RETRANSMITTED,
    Packet,
    scan_of,
)

RESENDS_MAX = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from a packet: an answer, and perhaps a scan."""

    answer: Packet | None = None
    scan: Scan | None = None


class Session:
    """One connection's state: parts of a long code, and the last packet that was acknowledged."""

    def __init__(self) -> None:
        self._parts = b""
        self._last: tuple[int, bytes] | None = None
        self._resends = 0

    def take(self, packet: Packet) -> Turn:
        """Handle one sound packet. Raises Garbled for a code that is none, or has no end."""
        if packet.opcode != DECODE_DATA or packet.source != FROM_SCANNER:
            return Turn()
        self._resends = 0
        this = (packet.status & CONTINUED, packet.data)
        again = bool(packet.status & RETRANSMITTED) and this == self._last
        self._last = this
        if again:
            return Turn(Packet(ACK))
        self._parts += packet.data[1:] if self._parts else packet.data
        if len(self._parts) > CODE_BYTES_MAX + 1:
            self._parts = b""
            raise Garbled("the scanner sent a code without an end", CODE_BYTES_MAX)
        if packet.status & CONTINUED:
            return Turn(Packet(ACK))
        whole, self._parts = self._parts, b""
        return Turn(Packet(ACK), scan_of(whole))

    def take_garbage(self) -> Turn:
        """Ask for it once more; a scanner that cannot make itself understood is left alone after a while."""
        self._resends += 1
        if self._resends > RESENDS_MAX:
            return Turn()
        return Turn(Packet(NAK, bytes([RESEND])))
