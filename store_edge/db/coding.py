"""Shop values to JSON bytes and back, for rows and for the journal.

One encoder, so that the same value always gives the same bytes: the journal's
hash chain depends on it.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")
_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """A dataclass, or plain JSON value, as compact JSON in UTF-8; fields in their written order."""
    return _encoder.encode(value)


def decode(body: bytes, kind: type[T]) -> T:
    """The value of that kind; msgspec.ValidationError if the bytes are no such value."""
    return cast(T, _decoder(kind).decode(body))  # type: ignore[arg-type]


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cast(Any, kind))
