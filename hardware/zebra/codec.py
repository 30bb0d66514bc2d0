"""Events of Zebra's IoT Connector to `TagRead` and back, without I/O.

Source: Zebra IoT Connector, tag data events and management events: an MQTT message is one event or, with
batching, a list of them. A tag's event has the EPC as `idHex`; every other one (heartbeat, GPI, antenna) is
but a sign of life. Levels are dBm; times ISO 8601 with an offset as +0000.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from hardware.errors import Garbled
from hardware.json_reads import epc_bytes, read_json
from hardware.readings import TagRead


class _Tag(msgspec.Struct, rename="camel"):
    id_hex: str
    antenna: int = 0
    peak_rssi: float | None = None
    reads: int | None = None


class _Event(msgspec.Struct):
    type: str = ""
    timestamp: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


_EVENTS = msgspec.json.Decoder(list[_Event] | _Event)
_TAG = msgspec.json.Decoder(_Tag)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def decode(message: bytes) -> list[TagRead]:
    """The tags of one message; empty for a sign of life. Raises Garbled."""
    found = read_json(_EVENTS, message, 0)
    events = found if isinstance(found, list) else [found]
    return [_tag_read(event) for event in events if b'"idHex"' in bytes(event.data)]


def encode(read: TagRead) -> bytes:
    """The message that a reader sends for `read`."""
    tag = _Tag(read.epc.hex(), read.antenna, read.rssi_dbm, read.seen_count)
    at = _EPOCH + dt.timedelta(microseconds=read.seen_us or 0)
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f+0000") if read.seen_us is not None else ""
    return msgspec.json.encode(_Event("SIMPLE", stamp, msgspec.Raw(msgspec.json.encode(tag))))


def heartbeat() -> bytes:
    """A management event that says only that the reader lives."""
    return msgspec.json.encode(_Event("heartbeat", "", msgspec.Raw(b"{}")))


def _tag_read(event: _Event) -> TagRead:
    tag = read_json(_TAG, bytes(event.data), 0)
    return TagRead(
        epc_bytes(tag.id_hex, 0),
        tag.antenna,
        tag.peak_rssi,
        _microseconds(event.timestamp),
        seen_count=tag.reads,
    )


def _microseconds(stamp: str) -> int | None:
    if not stamp:
        return None
    try:
        at = dt.datetime.fromisoformat(stamp)
    except ValueError as fault:
        raise Garbled("The RFID reader sent a time that is none", 0) from fault
    if at.tzinfo is None:
        at = at.replace(tzinfo=dt.UTC)
    return (at - _EPOCH) // dt.timedelta(microseconds=1)
