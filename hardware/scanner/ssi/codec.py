"""SSI packets: length, opcode, source, status, data, and the two's complement of the sum as checksum.

The length counts everything but the checksum, itself included. Sources: Zebra, Simple Serial Interface
Programmer's Guide (72E-40451), "SSI packets" and "DECODE_DATA"; Symbol, SE-923 Integration Guide, table 6-6
(bar code types). AIM identifiers: ISO/IEC 15424.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.errors import Garbled
from hardware.readings import Scan
from hardware.scanner.codec import decode as decode_text

ACK, NAK, DECODE_DATA = 0xD0, 0xD1, 0xF3
SCAN_ENABLE, SCAN_DISABLE, START_DECODE, STOP_DECODE = 0xE9, 0xEA, 0xE4, 0xE5
FROM_SCANNER, FROM_HOST = 0, 4
RETRANSMITTED, CONTINUED = 0x01, 0x02
"""Bits of the status: sent once more since nobody acknowledged it; more of the same follows."""
RESEND, BAD_CONTEXT, DENIED = 1, 2, 6
"""Why a packet was not acknowledged."""
HEAD_BYTES, CHECK_BYTES = 4, 2
LENGTH_MAX = 255
DATA_BYTES_MAX = LENGTH_MAX - HEAD_BYTES
PACKET_BYTES_MAX = LENGTH_MAX + CHECK_BYTES
PENDING_BYTES_MAX = 16 * PACKET_BYTES_MAX

AIM_OF_TYPE = {
    0x01: "]A0",  # Code 39
    0x02: "]F0",  # Codabar
    0x03: "]C0",  # Code 128
    0x06: "]I0",  # Interleaved 2 of 5
    0x07: "]G0",  # Code 93
    0x08: "]E0",  # UPC-A
    0x0A: "]E4",  # EAN-8
    0x0B: "]E0",  # EAN-13
    0x0F: "]C1",  # GS1-128
    0x1B: "]d1",  # Data Matrix
    0x1C: "]Q1",  # QR
    0x30: "]e0",  # GS1 DataBar
    0x31: "]e0",  # GS1 DataBar Limited
    0x32: "]e0",  # GS1 DataBar Expanded
}
TYPE_OF_AIM = {aim: kind for kind, aim in reversed(AIM_OF_TYPE.items())}


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of either side; `data` is at most `DATA_BYTES_MAX` long."""

    opcode: int
    data: bytes = b""
    source: int = FROM_HOST
    status: int = 0


def encode(packet: Packet) -> bytes:
    """The bytes of a packet. Raises ValueError for more data than one packet holds."""
    if len(packet.data) > DATA_BYTES_MAX:
        raise ValueError(f"an SSI packet holds at most {DATA_BYTES_MAX} bytes")
    head = bytes([HEAD_BYTES + len(packet.data), packet.opcode, packet.source, packet.status])
    return head + packet.data + checksum(head + packet.data)


def checksum(content: bytes) -> bytes:
    """Added to the sum of all bytes before it, it gives zero (16 bits)."""
    return (-sum(content) & 0xFFFF).to_bytes(2, "big")


def decode(data: bytes) -> Packet:
    """Read exactly one packet. Raises Garbled naming the byte."""
    if not data or data[0] < HEAD_BYTES:
        raise Garbled("an SSI packet is shorter than its head", 0)
    if len(data) != data[0] + CHECK_BYTES:
        raise Garbled("an SSI packet is not as long as it says", min(len(data), data[0] + CHECK_BYTES))
    content, check = data[: data[0]], data[data[0] :]
    if check != checksum(content):
        raise Garbled("an SSI packet's checksum is wrong", data[0])
    return Packet(content[1], content[HEAD_BYTES:], content[2], content[3])


class PacketBuffer:
    """Bytes in, packets out. After garbage nobody knows where the next packet begins: all is dropped."""

    def __init__(self) -> None:
        self._pending = bytearray()

    @property
    def half(self) -> bool:
        """True while a packet has begun and not ended."""
        return bool(self._pending)

    def clear(self) -> None:
        """Forget half a packet, as after a pause in which its rest did not come."""
        self._pending.clear()

    def feed(self, data: bytes) -> None:
        """Add received bytes. Raises Garbled, and drops all, when more wait than `PENDING_BYTES_MAX`."""
        self._pending += data
        if len(self._pending) > PENDING_BYTES_MAX:
            self.clear()
            raise Garbled("the scanner sends more than anybody reads", PENDING_BYTES_MAX)

    def next_packet(self) -> Packet | None:
        """The next whole packet, None while there is none. Raises Garbled, and drops all that waits."""
        if not self._pending:
            return None
        whole = max(self._pending[0], HEAD_BYTES) + CHECK_BYTES
        if len(self._pending) < whole and self._pending[0] >= HEAD_BYTES:
            return None
        frame = bytes(self._pending[:whole])
        try:
            packet = decode(frame)
        except Garbled:
            self.clear()
            raise
        del self._pending[:whole]
        return packet


def scan_of(data: bytes) -> Scan:
    """What DECODE_DATA means: a byte for the type, then the code, with its AIM identifier or without.

    Raises Garbled for what is no text.
    """
    if not data:
        raise Garbled("the scanner sent a scan without a type", HEAD_BYTES)
    scan = decode_text(data[1:])
    return scan if scan.symbology else Scan(scan.text, AIM_OF_TYPE.get(data[0], ""))


def data_of(scan: Scan) -> bytes:
    """The data of DECODE_DATA for a scan; the AIM identifier is left to the type where one says it."""
    kind = TYPE_OF_AIM.get(scan.symbology)
    text = scan.text.encode("utf-8")
    if kind is None:
        return b"\x00" + scan.symbology.encode("ascii") + text
    return bytes([kind]) + text
