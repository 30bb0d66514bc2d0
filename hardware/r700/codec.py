"""Lines of Impinj's IoT device interface to `TagRead` and back, without I/O.

Source: Impinj IoT Device Interface, `GET /api/v1/data/stream`: an event a line, an empty one as sign of life.
Times are RFC 3339, levels hundredths of a dBm. What an event has is the reader's setting: members may miss.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt

import msgspec

from hardware.errors import Garbled
from hardware.json_reads import epc_bytes, read_json
from hardware.readings import TagRead


class _TagInventory(msgspec.Struct, rename="camel"):
    epc: str = ""
    """Base64 with the letters of RFC 4648, section 5."""
    epc_hex: str = ""
    antenna_port: int = 0
    peak_rssi_cdbm: int | None = None


class _Event(msgspec.Struct, rename="camel"):
    timestamp: dt.datetime | None = None
    tag_inventory_event: _TagInventory | None = None


_EVENT = msgspec.json.Decoder(_Event)


def decode(line: bytes, offset: int = 0) -> TagRead | None:
    """What one line says was seen; None for a sign of life or an event about no tag. Raises Garbled."""
    if not line.strip():
        return None
    event = read_json(_EVENT, line, offset)
    seen = event.tag_inventory_event
    if seen is None:
        return None
    level = seen.peak_rssi_cdbm
    return TagRead(
        epc_bytes(seen.epc_hex or _hex_of(seen.epc, offset), offset),
        seen.antenna_port,
        None if level is None else level / 100,
        _microseconds(event.timestamp),
    )


def encode(read: TagRead) -> bytes:
    """The line that a reader sends for `read`, with its end."""
    seen = _TagInventory(
        epc=base64.urlsafe_b64encode(read.epc).decode("ascii"),
        epc_hex=read.epc.hex().upper(),
        antenna_port=read.antenna,
        peak_rssi_cdbm=None if read.rssi_dbm is None else round(read.rssi_dbm * 100),
    )
    at = None if read.seen_us is None else _EPOCH + dt.timedelta(microseconds=read.seen_us)
    return msgspec.json.encode(_Event(at, seen)) + b"\r\n"


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _microseconds(at: dt.datetime | None) -> int | None:
    if at is None:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=dt.UTC)
    return (at - _EPOCH) // dt.timedelta(microseconds=1)


def _hex_of(text: str, offset: int) -> str:
    try:
        return base64.b64decode(text, altchars=b"-_", validate=True).hex()
    except (binascii.Error, ValueError) as fault:
        raise Garbled("The RFID reader sent an EPC that is not base64", offset) from fault
