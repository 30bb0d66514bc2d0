"""Tag reports to `TagRead`, by ourselves: the one message that comes by the thousand.

Source: EPCglobal LLRP 1.0.1, sections 14.1.1 (RO_ACCESS_REPORT), 14.2.3 (TagReportData), 16.2.7 (encoding);
the parameters of LLRP 1.1 that a reader may add; Impinj's extensions (vendor 25882) for finer RSSI, phase and
Doppler. What a report says beyond that is skipped, as the standard asks of who does not know an extension.
"""

from __future__ import annotations

from struct import Struct

from hardware.errors import Garbled
from hardware.readings import TagRead

RO_ACCESS_REPORT = 61
HEADER_BYTES = 10

TAG_REPORT_DATA, EPC_DATA, CUSTOM = 240, 241, 1023
ANTENNA, FIRST_SEEN, LAST_SEEN, PEAK_RSSI, SEEN_COUNT, EPC_96 = 0x81, 0x82, 0x84, 0x86, 0x88, 0x8D
"""First bytes of those TV parameters that we read; all others have their length in `TV_BYTES` only."""
TV_BYTES = {
    0x80 | kind: 1 + value_bytes
    for value_bytes, kinds in {
        1: (6,),
        2: (1, 7, 8, 10, 11, 12, 14, 15, 17, 19, 20),
        4: (9, 16, 18),
        8: (2, 3, 4, 5),
        12: (13,),
    }.items()
    for kind in kinds
}
"""A TV parameter does not carry its length: who does not know it cannot tell where the next one begins."""

IMPINJ = 25882
IMPINJ_PHASE, IMPINJ_RSSI, IMPINJ_DOPPLER = 56, 57, 68
PHASE_STEPS = 4096
"""A full turn, in the steps of ImpinjRFPhaseAngle."""

_TLV = Struct(">HH").unpack_from
_U64 = Struct(">Q").unpack_from
_CUSTOM = Struct(">IIh").unpack_from
_CUSTOM_BYTES_MIN = 4 + 4 + 4 + 2


def tag_reads(message: bytes, offset: int = 0) -> list[TagRead]:
    """What one whole RO_ACCESS_REPORT says was seen, in its order.

    RSSI in dBm, times in microseconds since 1970 by the reader's clock, phase in degrees, Doppler in Hz.
    Raises Garbled; `offset` is where the message stands in the stream.
    """
    reads = []
    at, end = HEADER_BYTES, len(message)
    while at < end:
        kind, length = _parameter(message, at, end, offset)
        if kind == TAG_REPORT_DATA:
            reads.append(_tag_read(message, at + 4, at + length, offset))
        at += length
    return reads


def _parameter(message: bytes, at: int, end: int, offset: int) -> tuple[int, int]:
    """Type and length of the TLV parameter at `at`; it ends at `end` or before."""
    if end - at < 4 or message[at] & 0x80:
        raise Garbled("The RFID reader sent a report that is cut short or out of step", offset + at)
    kind, length = _TLV(message, at)
    if not 4 <= length <= end - at:
        raise Garbled("The RFID reader sent a parameter of impossible length", offset + at + 2)
    return kind & 0x3FF, length


def _tag_read(message: bytes, at: int, end: int, offset: int) -> TagRead:
    """One TagReportData: its parameters stand in [at, end)."""
    start, epc, antenna = at, b"", 0
    rssi_dbm: float | None = None
    fine_rssi_dbm: float | None = None
    seen_us = last_seen_us = seen_count = phase_deg = doppler_hz = None
    while at < end:
        first = message[at]
        if first & 0x80:
            length = TV_BYTES.get(first, 0)
            if not 0 < length <= end - at:
                raise Garbled("The RFID reader sent a parameter that is cut short or unknown", offset + at)
            if first == EPC_96:
                epc = message[at + 1 : at + 13]
            elif first == ANTENNA:
                antenna = message[at + 1] << 8 | message[at + 2]
            elif first == PEAK_RSSI:
                level = message[at + 1]
                rssi_dbm = float(level - 256 if level > 127 else level)
            elif first == FIRST_SEEN:
                (seen_us,) = _U64(message, at + 1)
            elif first == LAST_SEEN:
                (last_seen_us,) = _U64(message, at + 1)
            elif first == SEEN_COUNT:
                seen_count = message[at + 1] << 8 | message[at + 2]
        else:
            kind, length = _parameter(message, at, end, offset)
            if kind == EPC_DATA:
                epc = _epc_data(message, at, length, offset)
            elif kind == CUSTOM and length >= _CUSTOM_BYTES_MIN:
                vendor, subtype, value = _CUSTOM(message, at + 4)
                if vendor == IMPINJ:
                    if subtype == IMPINJ_RSSI:
                        fine_rssi_dbm = value / 100
                    elif subtype == IMPINJ_PHASE:
                        phase_deg = (value & 0xFFFF) * 360 / PHASE_STEPS
                    elif subtype == IMPINJ_DOPPLER:
                        doppler_hz = value / 16
        at += length
    if not epc:
        raise Garbled("The RFID reader reported a tag without an EPC", offset + start)
    if fine_rssi_dbm is not None:
        rssi_dbm = fine_rssi_dbm
    return TagRead(epc, antenna, rssi_dbm, seen_us, last_seen_us, seen_count, phase_deg, doppler_hz)


def _epc_data(message: bytes, at: int, length: int, offset: int) -> bytes:
    """EPCData (16.2.7.3.1): a number of bits, then as many bytes as they need."""
    bits = message[at + 4] << 8 | message[at + 5] if length >= 6 else -1
    if length != 6 + (bits + 7) // 8:
        raise Garbled("The RFID reader sent an EPC whose length does not fit", offset + at)
    return message[at + 6 : at + length]
