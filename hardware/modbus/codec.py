"""What Modbus says about coils, without I/O and without what is around it (`framing.py`).

Source: MODBUS Application Protocol Specification V1.1b3: 6.1 (read coils), 6.5 (write single coil),
7 (exception responses). A coil is one relay. Of the protocol's many functions these two do all that a lamp
or a gate needs, and the cheapest relay boards have them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.errors import Busy, Garbled

READ_COILS, WRITE_COIL = 0x01, 0x05
FAILED = 0x80
COILS_MAX = 2000
ON, OFF = b"\xff\x00", b"\x00\x00"
ADDRESS_MAX = 0xFFFF
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
_REASONS = {
    ILLEGAL_FUNCTION: "it does not know this function",
    ILLEGAL_ADDRESS: "it has no such relay",
    ILLEGAL_VALUE: "it does not take this value",
    4: "it has failed",
    6: "it is at something else",
}


@dataclass(frozen=True, slots=True)
class ReadCoils:
    """How do so many coils stand, from this one on?"""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class WriteCoil:
    """Let this coil be so; the answer is the same once more."""

    coil: int
    on: bool


Question = ReadCoils | WriteCoil


def question(asked: Question) -> bytes:
    """A question's bytes. Raises ValueError for coils that cannot be."""
    match asked:
        case ReadCoils(first, count):
            if not 0 < count <= COILS_MAX or not 0 <= first <= ADDRESS_MAX + 1 - count:
                raise ValueError(f"there are no {count} relays from {first} on")
            return bytes([READ_COILS]) + first.to_bytes(2, "big") + count.to_bytes(2, "big")
        case WriteCoil(coil, on):
            if not 0 <= coil <= ADDRESS_MAX:
                raise ValueError(f"there is no relay {coil}")
            return bytes([WRITE_COIL]) + coil.to_bytes(2, "big") + (ON if on else OFF)


def read_question(data: bytes) -> Question:
    """What a relay board is asked. Raises Garbled naming the first byte that cannot stand there."""
    if len(data) != 5:
        raise Garbled("That is no question about relays", min(len(data), 5))
    number = int.from_bytes(data[1:3], "big")
    if data[0] == READ_COILS:
        count = int.from_bytes(data[3:], "big")
        if not 0 < count <= COILS_MAX or number + count > ADDRESS_MAX + 1:
            raise Garbled("Nobody has so many relays", 3)
        return ReadCoils(number, count)
    if data[0] == WRITE_COIL:
        if data[3:] not in (ON, OFF):
            raise Garbled("A relay is on or off", 3)
        return WriteCoil(number, data[3:] == ON)
    raise Garbled("That is no question about relays", 0)


def answer(asked: Question, coils: tuple[bool, ...] = ()) -> bytes:
    """What a board answers; `coils` are those that were read."""
    if isinstance(asked, WriteCoil):
        return question(asked)
    packed = sum(on << place for place, on in enumerate(coils))
    return bytes([READ_COILS, (asked.count + 7) // 8]) + packed.to_bytes((asked.count + 7) // 8, "little")


def failure(function: int, reason: int) -> bytes:
    """How a board refuses."""
    return bytes([function | FAILED, reason])


def read_answer(asked: Question, data: bytes) -> tuple[bool, ...]:
    """How the coils stand that were asked about; those of a write as it was asked for.

    Raises Busy with the board's reason for a refusal, Garbled for what is no answer to this question.
    """
    expected = question(asked)
    if len(data) == 2 and data[0] == expected[0] | FAILED:
        raise Busy(f"The relay board refuses: {_REASONS.get(data[1], f'reason {data[1]}')}")
    if isinstance(asked, WriteCoil):
        if data != expected:
            raise Garbled("The relay board repeats something else", _first_other(data, expected))
        return (asked.on,)
    count = (asked.count + 7) // 8
    head = bytes([READ_COILS, count])
    if data[:2] != head:
        raise Garbled("The relay board does not tell how its relays stand", _first_other(data[:2], head))
    if len(data) != 2 + count:
        raise Garbled("The relay board tells of other relays", min(len(data), 2 + count))
    packed = int.from_bytes(data[2:], "little")
    return tuple(bool(packed >> place & 1) for place in range(asked.count))


def _first_other(data: bytes, expected: bytes) -> int:
    same = (place for place, pair in enumerate(zip(data, expected, strict=False)) if pair[0] != pair[1])
    return next(same, min(len(data), len(expected)))
