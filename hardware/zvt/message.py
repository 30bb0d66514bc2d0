"""How ZVT messages are described, so that one reader and one writer serve them all.

A data block is a run of untagged values (`lead`), then fields (`bmp`), in any order. What a message does
not name is kept in `rest`, and the order it came in is kept, too: what was read can be written back byte
for byte, except for what `masks` blots out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Self

from hardware.errors import Garbled
from hardware.zvt.fields import Kind, Value, build_fields, parse_fields, read_value, write_value

Absent = Callable[[bytes, dict[str, Any]], bool]
"""Whether an untagged value was left out, judged by what is left of the block and what was read before."""


@dataclass(frozen=True, slots=True)
class _Lead:
    name: str
    kind: Kind
    size: int
    absent: Absent | None


def bmp(number: int, **more: Any) -> Any:
    """A message's field with this number; None where the other side did not say."""
    return field(default=None, metadata={"bmp": number}, **more)


def lead(kind: Kind, size: int, *, absent: Absent | None = None, **more: Any) -> Any:
    """An untagged value at the front of the block; None only where `absent` says when it is left out."""
    if absent is not None:
        more.setdefault("default", None)
    return field(metadata={"lead": (kind, size, absent)}, **more)


@dataclass(frozen=True, kw_only=True)
class Message:
    """What one side says to the other. `rest` are fields that the class has no name for, by number."""

    CONTROL: ClassVar[bytes] = b""
    rest: tuple[tuple[int, Value], ...] = ()
    order: tuple[int, ...] = field(default=(), compare=False, repr=False)
    """The field numbers as they stood, if it was read."""

    def body(self) -> bytes:
        """The data block. Raises ValueError for values that do not fit their fields."""
        front = b""
        for spec in self._leads():
            value = getattr(self, spec.name)
            if value is not None:
                front += write_value(spec.kind, value, spec.size)
        return front + self.fields_body()

    def fields_body(self) -> bytes:
        """The block's fields: as they stood when it was read, else as the class names them."""
        named = {number: getattr(self, name) for number, name in self._names().items()}
        said = {number: value for number, value in [*named.items(), *self.rest] if value is not None}
        ordered = [number for number in self.order if number in said]
        return build_fields({number: said[number] for number in [*ordered, *said]})

    @classmethod
    def read(cls, data: bytes, at: int) -> Self:
        """Read the data block, which begins at byte `at`. Raises Garbled."""
        values: dict[str, Any] = {}
        position = 0
        for spec in cls._leads():
            left = data[position:]
            if spec.absent is not None and spec.absent(left, values):
                continue
            if len(left) < spec.size:
                raise Garbled("the terminal's message ends too early", at + len(data))
            values[spec.name] = read_value(spec.kind, left[: spec.size], at + position)
            position += spec.size
        return cls.with_fields(data[position:], at + position, **values)

    @classmethod
    def with_fields(cls, data: bytes, at: int, **values: Any) -> Self:
        """A message of these values and the fields in `data`. Raises Garbled."""
        found = parse_fields(data, at)
        names = cls._names()
        values |= {names[number]: value for number, value in found.items() if number in names}
        rest = tuple((number, value) for number, value in found.items() if number not in names)
        return cls(**values, rest=rest, order=tuple(found))

    @classmethod
    def _leads(cls) -> tuple[_Lead, ...]:
        kind: Any = cls
        return _shape(kind)[0]

    @classmethod
    def _names(cls) -> dict[int, str]:
        kind: Any = cls
        return _shape(kind)[1]


@cache
def _shape(kind: Any) -> tuple[tuple[_Lead, ...], dict[int, str]]:
    """A class's untagged values in order, and the names of its fields by number."""
    said = fields(kind)
    leads = tuple(_Lead(item.name, *item.metadata["lead"]) for item in said if "lead" in item.metadata)
    return leads, {item.metadata["bmp"]: item.name for item in said if "bmp" in item.metadata}
