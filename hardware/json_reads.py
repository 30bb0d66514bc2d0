"""What RFID readers that speak JSON have in common: lines out of a stream, and careful reading of one."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from hardware.errors import Garbled

LINE_BYTES_MAX = 64 * 1024
"""Longest line or message taken from a reader; one tag's is a few hundred bytes."""

_T = TypeVar("_T")


class LineBuffer:
    """Cuts a byte stream at its line feeds. `feed` may be given any pieces, down to single bytes."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._offset = 0

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Each line completed by `data`, with its offset in the stream, without its end; "" for an empty one.

        Raises Garbled for a line longer than `LINE_BYTES_MAX`; after that the stream cannot be trusted.
        """
        self._held += data
        *whole, rest = bytes(self._held).split(b"\n")
        lines = []
        for line in whole:
            lines.append((self._offset, line.rstrip(b"\r")))
            self._offset += len(line) + 1
        self._held = bytearray(rest)
        if max(len(rest), *(len(line) for _, line in lines), 0) > LINE_BYTES_MAX:
            raise Garbled("The RFID reader sends a line without an end", self._offset)
        return lines


def read_json(decoder: msgspec.json.Decoder[_T], text: bytes, offset: int) -> _T:
    """One JSON value of the decoder's type. Raises Garbled with `offset`, where it stands in the stream."""
    if len(text) > LINE_BYTES_MAX:
        raise Garbled("The RFID reader sent a message that is too long", offset + LINE_BYTES_MAX)
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise Garbled("The RFID reader sent something that is none of its events", offset) from fault


def epc_bytes(text: str, offset: int) -> bytes:
    """An EPC in hexadecimal. Raises Garbled."""
    try:
        epc = bytes.fromhex(text)
    except ValueError as fault:
        raise Garbled("The RFID reader sent an EPC that is not hexadecimal", offset) from fault
    if not epc:
        raise Garbled("The RFID reader reported a tag without an EPC", offset)
    return epc
