"""What the till knows of a shopper who said who they are: for one visit, then nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from checkout.promotions import Promotion, build


@dataclass(frozen=True, slots=True)
class PersonalOffer:
    """So many per cent off one article, and why, in words by language."""

    offer: str
    gtin: str
    percent: int
    reason: Mapping[str, str]

    def promotion(self) -> Promotion:
        return build("percent", self.offer, {"gtin": self.gtin, "percent": self.percent})


@dataclass(frozen=True, slots=True)
class Usual:
    """An article this shopper buys often: so many times in the time head office looks at."""

    gtin: str
    times: int


@dataclass(frozen=True, slots=True)
class VisitCard:
    """Head office's answer for one visit. Without consent everything in it is empty."""

    personal: bool = False
    greeting: str = ""
    usual: tuple[Usual, ...] = ()
    offer: PersonalOffer | None = None

    def without_offer(self) -> VisitCard:
        return replace(self, offer=None)
