"""What the store sells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Article:
    """One thing on the price list.

    `price_minor` is gross, per piece or per kilogram as `unit` ("piece" or
    "kg") says. `name` holds a word per language ("de", "en"). `item` is the
    four digits that scale labels carry, or "".
    """

    gtin: str
    name: Mapping[str, str]
    price_minor: int
    unit: str
    vat_bp: int
    department: str = ""
    picture: str = ""
    tint: str = ""
    item: str = ""
    pack: Mapping[str, str] = field(default_factory=dict)
    style: str = ""
    size: str = ""
    colour: Mapping[str, str] = field(default_factory=dict)
    base_amount: int = 0
    """Grams or millilitres in the pack, for the price per kilogram or litre (PAngV § 4); 0 if none is due."""
    base_unit: str = ""

    def called(self, language: str) -> str:
        """The article's name in a language, else in the first one there is."""
        return self.name.get(language) or next(iter(self.name.values()))
