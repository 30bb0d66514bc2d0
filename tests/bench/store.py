"""A store to measure: the real books on a real SQLite file, without devices or screens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from biip.checksums import gs1_standard_check_digit
from sqlalchemy import insert

from checkout.cashier import Cashier
from checkout.catalogue import Article
from checkout.receipt import Shop
from checkout.till import Till
from store_edge.db.books import StoreBooks
from store_edge.db.coding import encode
from store_edge.db.engine import Database
from store_edge.db.journal import Journal
from store_edge.db.tables import articles
from store_edge.desk import Payments
from tests.seeded_chance import SeededChance


def gtin(number: int) -> str:
    payload = f"952{number:09d}"
    return payload + str(gs1_standard_check_digit(payload))


def article(number: int) -> Article:
    """One of as many articles as wanted; every third at 19 %."""
    names = {"de": "Haferflocken zart", "en": "Rolled oats"}
    return Article(gtin(number), names, 99 + number % 900, "piece", "reduced" if number % 3 else "standard")


def fill(database: Database, goods: Sequence[Article]) -> None:
    """Put many articles on an empty price list in one go."""
    with database.write() as connection:
        rows = [{"gtin": one.gtin, "item": one.item, "body": encode(one)} for one in goods]
        connection.execute(insert(articles), rows)


class Counter:
    """Till and cashier over one database file in `folder`, with `goods` articles on the price list."""

    def __init__(self, folder: Path, goods: int = 200, seed: int = 7) -> None:
        self.file = folder / "store.db"
        self.database = Database(f"sqlite:///{self.file}")
        self.database.migrate()
        chance = SeededChance(seed)
        clock = lambda: dt.datetime.now(dt.UTC)  # noqa: E731
        self.journal = Journal(self.database, clock)
        books = StoreBooks(self.database, self.journal, clock=clock, chance=chance)
        self.till = Till(books, clock=clock, chance=chance, check_token=str)
        shop = Shop("bench", "Tante Emma", ("Marktplatz 1",), "DE000000000")
        self.cashier = Cashier(books, clock=clock, chance=chance, shop=shop)
        self.payments = Payments(self.database)
        price_list = [article(number) for number in range(goods)]
        self.codes = [one.gtin for one in price_list]
        fill(self.database, price_list)

    def sell(self, lane: str, lines: int = 10) -> None:
        """One whole sale: every line, the payment's four steps, the receipt."""
        for i in range(lines):
            self.till.scan(lane, self.codes[i], how="serial")
        basket = self.cashier.ask_payment(lane)
        payment = self.payments.open_for(basket.id)
        assert payment is not None
        self.cashier.send(payment.id, "terminal", 1)
        self.cashier.taken(payment.id, 2, "girocard", "answer")

    def close(self) -> None:
        self.database.close()
