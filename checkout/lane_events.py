"""What happens around a lane besides selling: its key, its gate; part of `checkout.events`."""

from __future__ import annotations

from dataclasses import dataclass

from checkout.event import Event


@dataclass(frozen=True, slots=True)
class KeyTurned(Event):
    """Somebody of the shop turned the lane's key switch: `on` while they are at the lane."""

    on: bool


@dataclass(frozen=True, slots=True)
class GateAsked(Event):
    """A colleague wants the lane's gate open."""

    clerk: str


@dataclass(frozen=True, slots=True)
class GateOpened(Event):
    """The gate let somebody pass. `reason` is paid, exit or staff; `about` the basket or the clerk.

    Exit: a phone showed the code of a paid basket.
    """

    reason: str
    about: str


@dataclass(frozen=True, slots=True)
class DeviceLost(Event):
    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceBack(Event):
    device: str
