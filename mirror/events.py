"""What happens in the fitting room, in the past tense; frozen by golden files like `checkout.events`.

The journal adds the cabin (as the entry's lane), the number and the time. `session` is a random id of one
stay in a cabin, `visit` the counter's random reference to one person's one visit. `epc` is upper-case hex.
"""

from __future__ import annotations

from dataclasses import dataclass

from checkout.event import Event

# The stay


@dataclass(frozen=True, slots=True)
class CabinEntered(Event):
    """Garments arrived in a cabin that stood empty: somebody is there."""

    session: str
    cabin: str


@dataclass(frozen=True, slots=True)
class CabinLeft(Event):
    """`reason` is empty (the garments have gone), command or idle. Nothing personal of the stay is kept."""

    session: str
    cabin: str
    reason: str


@dataclass(frozen=True, slots=True)
class GarmentArrived(Event):
    session: str
    cabin: str
    gtin: str
    epc: str


@dataclass(frozen=True, slots=True)
class GarmentLeft(Event):
    """`reason` is lifted, or moved: it is in another cabin now."""

    session: str
    cabin: str
    gtin: str
    epc: str
    reason: str


@dataclass(frozen=True, slots=True)
class GarmentUnsure(Event):
    """It may be here or next door: whoever is in the cabin is asked. `chance_bp` is how likely it is here."""

    session: str
    cabin: str
    epc: str
    chance_bp: int


@dataclass(frozen=True, slots=True)
class GarmentLeftBehind(Event):
    """The stay is over and this still hangs there."""

    cabin: str
    gtin: str
    epc: str


# The shopper


@dataclass(frozen=True, slots=True)
class ShopperAtMirror(Event):
    """Somebody said by phone who they are; `ShopperIdentified` says with which token."""

    session: str
    visit: str


@dataclass(frozen=True, slots=True)
class ShopperLeftMirror(Event):
    session: str
    visit: str


@dataclass(frozen=True, slots=True)
class LanguageChosenAtMirror(Event):
    session: str
    language: str


@dataclass(frozen=True, slots=True)
class LightingChanged(Event):
    session: str
    cabin: str
    scene: str


@dataclass(frozen=True, slots=True)
class LookShown(Event):
    """The mirror showed these together."""

    session: str
    gtins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GarmentSaved(Event):
    """Kept for later, for the shopper of this visit."""

    session: str
    visit: str
    gtin: str


@dataclass(frozen=True, slots=True)
class GarmentBought(Event):
    """It lies in this basket from now on; the sale itself is `SaleCompleted`."""

    session: str
    gtin: str
    basket: str


# Staff


@dataclass(frozen=True, slots=True)
class SizeRequested(Event):
    """`gtin` is what they have on, `wanted_gtin` what is to be brought: another size or colour."""

    request: str
    session: str
    cabin: str
    gtin: str
    wanted_gtin: str


@dataclass(frozen=True, slots=True)
class RequestAccepted(Event):
    request: str
    clerk: str


@dataclass(frozen=True, slots=True)
class RequestOnTheWay(Event):
    request: str
    clerk: str


@dataclass(frozen=True, slots=True)
class RequestDelivered(Event):
    request: str
    clerk: str


@dataclass(frozen=True, slots=True)
class RequestNotThere(Event):
    """It is not where it should be."""

    request: str
    clerk: str


@dataclass(frozen=True, slots=True)
class RequestEscalated(Event):
    """Nobody has taken it within the limit."""

    request: str


@dataclass(frozen=True, slots=True)
class RequestTakenBack(Event):
    """The shopper would rather not, or has gone."""

    request: str


@dataclass(frozen=True, slots=True)
class StaffCalledToCabin(Event):
    session: str
    cabin: str
