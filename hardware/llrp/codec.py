"""LLRP bytes to messages and back, without I/O. Source: EPCglobal LLRP 1.0.1, sections 9 and 16-17.

The messages themselves are llrpkit's (its protocol layer is generated from the
standard's definitions); here is what a store adds: framing with a limit and one
error word. Tag reports, which come by the thousand, are read in `tag_report`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llrpkit.exceptions import LLRPError
from llrpkit.inventory import build_rospec
from llrpkit.protocol import LLRPMessage, decode_message, enums, messages, params

from hardware.errors import Garbled
from hardware.llrp.tag_report import HEADER_BYTES, RO_ACCESS_REPORT, tag_reads
from hardware.readings import TagRead

MESSAGE_BYTES_MAX = 256 * 1024
"""Longest message taken from a reader; real ones (capabilities) are a few KiB."""
VERSIONS = (1, 2)
"""LLRP 1.0.1 and 1.1; 1.1 readers answer a 1.0.1 client in kind."""
ROSPEC_ID = 1


@dataclass(frozen=True, slots=True)
class TagReports:
    """One RO_ACCESS_REPORT, read."""

    reads: list[TagRead]


Message = LLRPMessage | TagReports


class Framer:
    """Cuts a byte stream into messages. `feed` may be given any pieces, down to single bytes."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._offset = 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages completed by `data`, in order. Raises Garbled with the offset in the stream.

        After Garbled the stream cannot be trusted: framing is lost, so hang up.
        """
        self._held += data
        found: list[Message] = []
        while len(self._held) >= HEADER_BYTES:
            length = self._length()
            if len(self._held) < length:
                break
            found.append(decode(bytes(self._held[:length]), self._offset))
            del self._held[:length]
            self._offset += length
        return found

    def _length(self) -> int:
        first, length = self._held[0], int.from_bytes(self._held[2:6], "big")
        if first >> 5 or (first >> 2) & 7 not in VERSIONS:
            raise Garbled("The RFID reader sent something that is no LLRP message", self._offset)
        if not HEADER_BYTES <= length <= MESSAGE_BYTES_MAX:
            raise Garbled("The RFID reader announced a message of impossible length", self._offset + 2)
        return length


def decode(data: bytes, offset: int = 0) -> Message:
    """Exactly one framed message. Raises Garbled; `offset` is where it stands in the stream."""
    if (data[0] << 8 | data[1]) & 0x3FF == RO_ACCESS_REPORT:
        return TagReports(tag_reads(data, offset))
    try:
        return decode_message(data)
    except (LLRPError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as fault:
        raise Garbled("The RFID reader sent a message that LLRP does not allow", offset) from fault


def keepalive_request(period_ms: int) -> LLRPMessage:
    """SET_READER_CONFIG with a periodic KeepaliveSpec (section 12.2.4)."""
    return messages.SET_READER_CONFIG(
        reset_to_factory_default=False,
        keepalive_spec=params.KeepaliveSpec(
            keepalive_trigger_type=enums.KeepaliveTriggerType.Periodic, periodic_trigger_value=period_ms
        ),
    )


def inventory_request(antennas: Sequence[int], power_index: int | None) -> LLRPMessage:
    """ADD_ROSPEC: read without end on these antennas (none named: all), a report for every tag read.

    Session 1: a tag that has answered keeps still for a moment, so that a full
    tray is read through instead of its loudest tags again and again.
    """
    return messages.ADD_ROSPEC(
        ro_spec=build_rospec(
            ro_spec_id=ROSPEC_ID, antennas=antennas, session=1, transmit_power_index=power_index
        )
    )


def refusal(message: LLRPMessage) -> str | None:
    """Why the reader refuses, by its LLRPStatus (section 14.2.2); None when it agrees."""
    status = getattr(message, "llrp_status", None)
    if not isinstance(status, params.LLRPStatus) or int(status.status_code) == enums.StatusCode.M_Success:
        return None
    return f"status {int(status.status_code)} {status.error_description}".strip()
