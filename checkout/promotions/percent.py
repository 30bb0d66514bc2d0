"""So many per cent off one article."""

from __future__ import annotations

from collections.abc import Mapping

from checkout.basket import Line
from checkout.money import percent_of


class PercentOff:
    """`terms`: "gtin" (text) and "percent" (whole number from 1 to 100)."""

    def __init__(self, id: str, terms: Mapping[str, object]) -> None:
        gtin, percent = terms.get("gtin"), terms.get("percent")
        if not isinstance(gtin, str) or not isinstance(percent, int) or not 1 <= percent <= 100:
            raise ValueError("percent needs a gtin and a percent from 1 to 100")
        self.id = id
        self.gtin = gtin
        self.percent = percent

    def takes_off(self, line: Line) -> int:
        return percent_of(line.gross_minor, self.percent) if line.gtin == self.gtin else 0
