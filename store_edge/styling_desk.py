"""What goes with a garment of this store, now: the stylist, on its shelves, stock, prices and sales."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from checkout.catalogue import Article
from mirror.rules import BadRules, StylistRules, load_rules
from mirror.styling import Look, Stylist, Suggestion
from store_edge.bought_together import BoughtTogether
from store_edge.db.journal import Journal
from store_edge.desk import Shelves
from store_edge.settings import BadSettings, Settings
from store_edge.stock import StoreStock

DEMO_RULES = Path(__file__).parent / "demo" / "styling.toml"


class StylingDesk:
    """Asked by the mirror's screens."""

    def __init__(
        self,
        settings: Settings,
        shelves: Shelves,
        stock: StoreStock,
        journal: Journal,
        here: Callable[[], dt.datetime],
    ) -> None:
        """`here` is the shop's wall clock. Raises BadSettings for rules that do not hold."""
        try:
            file = Path(settings.styling) if settings.styling else DEMO_RULES if settings.demo else None
            self._rules = load_rules(file) if file else StylistRules()
        except BadRules as error:
            raise BadSettings(str(error)) from None
        self._shelves = shelves
        self._stock = stock
        self.bought = BoughtTogether(journal, shelves)
        self._here = here

    def goes_with(self, own: Article, others: Sequence[Article] = ()) -> tuple[Suggestion, ...]:
        """What is there and goes with a garment; `others` hang in the cabin too."""
        return self._stylist().goes_with(own, self._shelves.garments(), without=others)

    def looks(self, own: Sequence[Article]) -> tuple[Look, ...]:
        """Complete looks that begin with what hangs in the cabin."""
        return self._stylist().looks(own, self._shelves.garments())

    def _stylist(self) -> Stylist:
        self.bought.catch_up()
        there, now = self._stock.there(), self._here()
        return Stylist(
            self._rules,
            pieces=there.get,
            bought=self.bought,
            price_of=lambda article: article.price_at(now),
        )
