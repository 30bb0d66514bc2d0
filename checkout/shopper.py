"""What the till knows of a shopper who said who they are: for one visit, then nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from checkout.promotions import Promotion, build

OFFERS_KEPT_MAX = 256


@dataclass(frozen=True, slots=True)
class PersonalOffer:
    """So many per cent off one article, and why, in words by language."""

    offer: str
    gtin: str
    percent: int
    reason: Mapping[str, str]

    def promotion(self) -> Promotion:
        return _percent_off(self.offer, self.gtin, self.percent)


@lru_cache(OFFERS_KEPT_MAX)
def _percent_off(offer: str, gtin: str, percent: int) -> Promotion:
    """The same promotion each time: pricing remembers what it found for it."""
    return build("percent", offer, {"gtin": gtin, "percent": percent})


@dataclass(frozen=True, slots=True)
class Usual:
    """An article this shopper buys often: so many times in the time head office looks at."""

    gtin: str
    times: int


@dataclass(frozen=True, slots=True)
class Membership:
    """What a member of the points programme has, as head office said it at the beginning of the visit.

    `points` may be below nothing. `lease` is how many of them this visit may spend without asking again,
    until `lease_ends_at` (ISO 8601 in UTC); `spent` is what it has. `tier` is the status in words, if any.
    """

    points: int
    lease: int = 0
    lease_ends_at: str = ""
    spent: int = 0
    tier: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CardOnFile:
    """The card that this shopper left with the payment provider: its token, and what the shopper reads."""

    mandate: str
    label: str


@dataclass(frozen=True, slots=True)
class VisitCard:
    """Head office's answer for one visit. Without consent nothing in it is personal."""

    personal: bool = False
    greeting: str = ""
    usual: tuple[Usual, ...] = ()
    offer: PersonalOffer | None = None
    membership: Membership | None = None
    on_file: CardOnFile | None = None

    def without_offer(self) -> VisitCard:
        return replace(self, offer=None)

    def still(self, fresh: VisitCard) -> VisitCard:
        """What is left of this card once head office says `fresh`: things are taken away, never added.

        Points that this visit has paid with stay with it until it ends.
        """
        usual = {one.gtin for one in fresh.usual}
        offer = self.offer if fresh.offer and self.offer and fresh.offer.offer == self.offer.offer else None
        spent = self.membership is not None and self.membership.spent > 0
        return VisitCard(
            personal=self.personal and fresh.personal,
            greeting=self.greeting if fresh.greeting else "",
            usual=tuple(one for one in self.usual if one.gtin in usual),
            offer=offer,
            membership=self.membership if fresh.membership or spent else None,
        )
