"""ZVT's TLV containers (BMP 06; PA00P015, chapter "TLV-container"): tags within tags, as in BER.

A tag whose first byte has bit 20 holds further tags. Unknown tags are kept as they are; the few in which
cards stand are blotted out (see `masks`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hardware.errors import Garbled
from hardware.zvt.masks import blotted, hidden

DEPTH_MAX = 8
TAG_BYTES_MAX = 4
TLV_BYTES_MAX = 0xFFFF
CHARSET = "cp437"

TEXT_LINE, TEXT_LINES, END_OF_TEXT, RECEIPT_KIND = 0x07, 0x25, 0x09, 0x1F07
"""Print Text Block: a line, its container, a byte behind the last one, and whose receipt it is."""
SHOWN_TEXT, DIAGNOSIS_KIND, ERROR_TEXT = 0x24, 0x1B, 0x1F17
"""Text for the display, as lines; what kind of diagnosis; the terminal's own words for a system error."""
CARD_TAGS = frozenset({0x4C, 0x56, 0x57, 0x5A, 0x1F14, 0x5F20, 0x5F24, 0x9F1F, 0x9F20, 0x9F6B})
"""The chip's number, track 1, track 2, card number, its identification, holder, expiry, more track data."""
TEXT_TAGS = frozenset({TEXT_LINE, ERROR_TEXT, 0x45, 0x46, 0x47})


@dataclass(frozen=True, slots=True)
class Tlv:
    """One tag: its content as bytes, or the tags that it holds."""

    tag: int
    content: bytes | tuple[Tlv, ...] = field(repr=False)


def parse_tlv(data: bytes, at: int = 0, depth: int = 1) -> tuple[Tlv, ...]:
    """The tags in `data`, which begins at byte `at` of its message. Raises Garbled if it does not add up."""
    tags: list[Tlv] = []
    position = 0
    while position < len(data):
        start = position
        tag, position = _tag(data, position, at)
        position, size = read_length(data, position, at)
        if position + size > len(data):
            raise Garbled("the terminal's TLV ends too early", at + start)
        content = data[position : position + size]
        if data[start] & 0x20:
            if depth >= DEPTH_MAX:
                raise Garbled("the terminal's TLV is too deep", at + start)
            tags.append(Tlv(tag, parse_tlv(content, at + position, depth + 1)))
        else:
            tags.append(Tlv(tag, _without_card(tag, content)))
        position += size
    return tuple(tags)


def build_tlv(tags: tuple[Tlv, ...]) -> bytes:
    """The bytes of these tags, lengths as short as they can be. Raises ValueError above 65535 bytes."""
    parts: list[bytes] = []
    for item in tags:
        content = item.content if isinstance(item.content, bytes) else build_tlv(item.content)
        parts.append(item.tag.to_bytes(_tag_size(item.tag)) + tlv_length(len(content)) + content)
    return b"".join(parts)


def walk(tags: tuple[Tlv, ...]) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of every tag that holds bytes, in order, at whatever depth."""
    for item in tags:
        if isinstance(item.content, bytes):
            yield item.tag, item.content
        else:
            yield from walk(item.content)


def read_length(data: bytes, position: int, at: int) -> tuple[int, int]:
    """Where the content starts, and its size: a byte below 80, 81 and one, or 82 and two. Raises Garbled."""
    first = data[position] if position < len(data) else 0x80
    more = {0x81: 1, 0x82: 2}.get(first, 0)
    if (first >= 0x80 and not more) or position + 1 + more > len(data):
        raise Garbled("the terminal's TLV has no length", at + position)
    if not more:
        return position + 1, first
    return position + 1 + more, int.from_bytes(data[position + 1 : position + 1 + more])


def tlv_length(size: int) -> bytes:
    """A length of one to three bytes. Raises ValueError above `TLV_BYTES_MAX`."""
    if size > TLV_BYTES_MAX:
        raise ValueError(f"a TLV holds at most {TLV_BYTES_MAX} bytes")
    if size < 0x80:
        return bytes([size])
    return bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2)


def _tag(data: bytes, position: int, at: int) -> tuple[int, int]:
    """The tag, and where its length stands. A tag goes on while its low bits, then its high ones, say so."""
    end = position + 1
    if data[position] & 0x1F == 0x1F:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data) or end - position > TAG_BYTES_MAX:
        raise Garbled("the terminal's TLV has half a tag", at + min(end, len(data)))
    return int.from_bytes(data[position:end]), end


def _tag_size(tag: int) -> int:
    return max(1, (tag.bit_length() + 7) // 8)


def _without_card(tag: int, content: bytes) -> bytes:
    if tag in CARD_TAGS:
        return hidden(content)
    if tag in TEXT_TAGS:
        return blotted(content.decode(CHARSET)).encode(CHARSET)
    return content
