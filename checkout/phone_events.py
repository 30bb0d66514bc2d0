"""What happens with shoppers' own phones; part of `checkout.events`."""

from __future__ import annotations

from dataclasses import dataclass

from checkout.event import Event


@dataclass(frozen=True, slots=True)
class PhoneJoined(Event):
    """A phone has this entry's lane from now on; `phone` is a random id of this visit."""

    phone: str


@dataclass(frozen=True, slots=True)
class PhoneLeft(Event):
    """Its lane is free again. `reason` is shopper or left."""

    phone: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExitAllowed(Event):
    """A paid basket has a code for the gate; `until` is ISO 8601 in UTC."""

    basket: str
    until: str


@dataclass(frozen=True, slots=True)
class ExitUsed(Event):
    """The code of a paid basket was held before the scanner at the gate of this entry's lane."""

    basket: str
