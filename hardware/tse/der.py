"""The few DER encodings (ITU-T X.690) that log messages are made of, written and read."""

from __future__ import annotations

from hardware.errors import Garbled

LENGTH_BYTES_MAX = 4

INTEGER, OCTET_STRING, OBJECT_IDENTIFIER, UTC_TIME, GENERALIZED_TIME, SEQUENCE = (
    0x02,
    0x04,
    0x06,
    0x17,
    0x18,
    0x30,
)


def element(tag: int, content: bytes) -> bytes:
    """Tag, length and content; the length in as few bytes as it takes (X.690, 10.1)."""
    count = len(content)
    if count < 0x80:
        return bytes((tag, count)) + content
    length = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def context(number: int, content: bytes) -> bytes:
    """An implicitly tagged primitive element: [number]."""
    return element(0x80 | number, content)


def integer_content(value: int) -> bytes:
    """Two's complement in as few bytes as it takes; `value` is not negative (X.690, 8.3)."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def integer(value: int) -> bytes:
    return element(INTEGER, integer_content(value))


def object_identifier(dotted: str) -> bytes:
    """ "0.4.0.127" and so on (X.690, 8.19)."""
    first, second, *others = (int(part) for part in dotted.split("."))
    return element(OBJECT_IDENTIFIER, b"".join(_base_128(part) for part in (40 * first + second, *others)))


def _base_128(value: int) -> bytes:
    """Seven bits a byte, all but the last with the top bit set."""
    found = bytes((value & 0x7F,))
    while value := value >> 7:
        found = bytes((0x80 | value & 0x7F,)) + found
    return found


def read_element(data: bytes, offset: int = 0) -> tuple[int, bytes, int]:
    """The element at `offset`: (tag, content, offset behind it).

    Raises Garbled with the offset where it is cut off, or its length is not written as DER writes it.
    """
    if len(data) < offset + 2:
        raise Garbled("a DER element is cut off", len(data))
    start, length = offset + 2, data[offset + 1]
    if length & 0x80:
        count = length & 0x7F
        start += count
        length = int.from_bytes(data[offset + 2 : start], "big")
        if not 1 <= count <= LENGTH_BYTES_MAX or len(data) < start or length.bit_length() <= 8 * (count - 1):
            raise Garbled("a DER length is not written as it should be", offset + 1)
        if length < 0x80:
            raise Garbled("a DER length is longer than it need be", offset + 1)
    if len(data) < start + length:
        raise Garbled("a DER element is cut off", len(data))
    return data[offset], data[start : start + length], start + length


def read_elements(data: bytes) -> list[tuple[int, bytes]]:
    """All elements, one behind the other: (tag, content) each. Raises Garbled."""
    found, offset = [], 0
    while offset < len(data):
        tag, content, offset = read_element(data, offset)
        found.append((tag, content))
    return found
