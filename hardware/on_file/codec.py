"""The words of a payment provider for cards on file: REST with JSON, no maker's own.

    GET /account                                 who asks, and whether that is in order
    PUT /charges/{id}                            charge a mandate; `capture` false only holds the money
    GET /charges/{id}                            what became of it
    PUT /charges/{id}/void                       it must not be charged any more, heard of or not
    PUT /charges/{id}/captures/{key}             take so much of what is held
    PUT /charges/{id}/refunds/{key}              give so much back

Each change has its name in its path, chosen by whoever asks (the idempotency key): asked again, it is
answered again and not done again. A notice (`hardware.web.webhook`) says only that a charge changed. Amounts
are minor units. No card number exists here, only the mandate: the provider's id for what its owner allowed.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from hardware.errors import Garbled
from hardware.readings import Standing

AMOUNT_MINOR_MAX = 10**11 - 1
Id = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]
Amount = Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)]
State = Literal["pending", "held", "captured", "declined", "voided"]


class Account(Struct, frozen=True):
    name: str
    active: bool


class Wish(Struct, frozen=True):
    """What is asked for: `notify` is where to knock when the charge changes."""

    mandate: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]
    amount_minor: Annotated[int, Meta(ge=1, le=AMOUNT_MINOR_MAX)]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    capture: bool
    notify: str = ""


class Part(Struct, frozen=True):
    """How much of it."""

    amount_minor: Annotated[int, Meta(ge=1, le=AMOUNT_MINOR_MAX)]


class Charged(Struct, frozen=True):
    """A charge as it is now. `captured_minor` came in, `refunded_minor` of that went back."""

    id: Id
    state: State
    amount_minor: Amount
    captured_minor: Amount = 0
    refunded_minor: Amount = 0


class Notice(Struct, frozen=True):
    charge: Id


_M = TypeVar("_M")
encode = msgspec.json.encode
_STATES = {
    "pending": "pending",
    "held": "pending",
    "captured": "taken",
    "declined": "refused",
    "voided": "withdrawn",
}


def decode(body: bytes, kind: type[_M]) -> _M:
    """A message of this kind. Raises Garbled."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Garbled(f"the provider says no {kind.__name__}") from None


def standing_of(charged: Charged) -> Standing:
    return Standing(_STATES[charged.state], charged.captured_minor, charged.refunded_minor)
