"""What becomes of promotions, and what of them a sale tells: enough to try another one on it later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checkout.event import Event


@dataclass(frozen=True, slots=True)
class PromotionBegan(Event):
    """From here on it runs in this store, with these terms, in the words of `store.toml`; dates are ISO 8601.

    In each epoch of the journal all that run are announced again: what was said in another does not hold.
    """

    promotion: str
    kind: str
    terms: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PromotionEnded(Event):
    """It is no longer in the store's settings, or begins anew with other terms."""

    promotion: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What one promotion, coupon or member of staff took off a line; `by` is its id."""

    by: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class OfferHeld:
    """The shopper's own offer: so many per cent off one article."""

    offer: str
    gtin: str
    percent: int
