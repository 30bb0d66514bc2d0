"""Loose goods on the lane's scale; part of `checkout.events`, where everybody looks for them.

Of `Weighed` and `WeighingFailed` there is exactly one for each `WeighingAsked`.
"""

from __future__ import annotations

from dataclasses import dataclass

from checkout.event import Event


@dataclass(frozen=True, slots=True)
class WeighingAsked(Event):
    """Somebody chose loose goods that are to be weighed, without a packing of `tare_g`.

    `unit_price_minor` per kilogram is what the scale shows meanwhile, and what is charged.
    """

    basket: str
    weighing: str
    gtin: str
    unit_price_minor: int
    tare_g: int


@dataclass(frozen=True, slots=True)
class Weighed(Event):
    """The scale showed this net weight, and the goods are in the basket (`LineAdded`)."""

    basket: str
    weighing: str
    gtin: str
    weight_g: int


@dataclass(frozen=True, slots=True)
class WeighingFailed(Event):
    """Nothing was put into the basket. `reason` is one of `checkout.weighing.FAILURES`."""

    basket: str
    weighing: str
    reason: str
