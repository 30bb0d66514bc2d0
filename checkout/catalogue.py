"""What the store sells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from checkout.garment import GarmentFacts

DEPOSIT = "deposit"
"""The department of what is no goods: kinds of empties, which can only be handed back."""


ALLERGENS = (
    "gluten", "crustaceans", "egg", "fish", "peanut", "soy", "milk", "nuts", "celery", "mustard", "sesame",
    "sulphites", "lupin", "molluscs",
)  # fmt: skip
"""What must be named where it is in food: Regulation (EU) 1169/2011, Annex II, in its order."""


@dataclass(frozen=True, slots=True)
class ListPrice:
    """What a piece, kilogram or metre costs from a moment on; `group` "" is everybody.

    Moments are by the clock on the shop's wall, without a zone: a price list speaks of "from Monday on" and
    "from six in the evening". `until` is the first moment at which it no longer holds, None if that is open.
    """

    since: dt.datetime
    price_minor: int
    until: dt.datetime | None = None
    group: str = ""

    def holds(self, now: dt.datetime, group: str = "") -> bool:
        return self.group == group and self.since <= now and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Article:
    """One thing on the price list.

    `price_minor` is gross, per piece, kilogram or metre as `unit` ("piece",
    "kg", "m") says. `vat` is a tax class (`checkout.tax`). `name` holds a word
    per language ("de", "en"). `item` is the four digits that scale labels carry,
    or "". `groups` are what promotions and sale bans may call it by, besides its department.
    `deposit_minor` comes on top of each piece; `deposit` is its kind (`checkout.deposit`), "" if not known.
    `prices` say what it costs when and for whom; `price_minor` holds where none of them does. `former` is
    what everybody was asked for under earlier price lists.
    """

    gtin: str
    name: Mapping[str, str]
    price_minor: int
    unit: str
    vat: str
    department: str = ""
    picture: str = ""
    tint: str = ""
    item: str = ""
    pack: Mapping[str, str] = field(default_factory=dict)
    style: str = ""
    size: str = ""
    colour: Mapping[str, str] = field(default_factory=dict)
    base_amount: int = 0
    """What a piece holds, in thousandths of `base_unit` ("kg", "l", "m", "m²"): grams, millilitres, ….

    For the price of one of it (PAngV § 4; § 5 says which); 0 if none is due. Of a multipack it is the whole.
    """
    base_unit: str = ""
    groups: tuple[str, ...] = ()
    deposit_minor: int = 0
    deposit: str = ""
    codes: Mapping[str, int] = field(default_factory=dict)
    """Other codes that mean this article, with how many pieces: a former number, a pack, a bundle."""
    returnable: bool = True
    """False for what comes back only when it is faulty: hygiene goods, perishables, made to measure."""
    prices: tuple[ListPrice, ...] = ()
    former: tuple[ListPrice, ...] = ()
    age_min: int = 0
    """Not sold to anybody younger, in years; 0 for everybody."""
    quantity_max: int = 0
    """At most so many in one basket; 0 for no limit."""
    contents: Mapping[str, str] = field(default_factory=dict)
    """The list of ingredients, by language (LMIV article 18); empty where none is due or known."""
    allergens: tuple[str, ...] = ()
    """Those of `ALLERGENS` that are in it."""
    garment: GarmentFacts | None = None
    """What a garment's label says; None for everything else."""

    @property
    def for_sale(self) -> bool:
        return self.department != DEPOSIT

    @property
    def promoted_as(self) -> tuple[str, ...]:
        """The groups by which a promotion can mean it: its department and those it is put into."""
        return (self.department, *self.groups) if self.department else self.groups

    def price_at(self, now: dt.datetime, group: str = "") -> int:
        """What one costs at a moment by the shop's clock; a customer group never pays more than everybody.

        Of several prices that hold, the one that began last counts, and of those the one written last.
        """
        if not self.prices:
            return self.price_minor
        dated = self.list_price_at(now)
        price_minor = self.price_minor if dated is None else dated.price_minor
        for_group = self.list_price_at(now, group) if group else None
        return price_minor if for_group is None else min(price_minor, for_group.price_minor)

    def list_price_at(self, now: dt.datetime, group: str = "") -> ListPrice | None:
        """The dated price that holds for a group at a moment; None where `price_minor` does."""
        holding = [price for price in self.prices if price.holds(now, group)]
        return max(reversed(holding), key=lambda price: price.since, default=None)

    def called(self, language: str) -> str:
        """The article's name in a language, else in the first one there is."""
        return self.name.get(language) or next(iter(self.name.values()))
