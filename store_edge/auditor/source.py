"""What the export reads of the store's books: page by page, so that a year needs no more room than a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sqlalchemy import func, select

from checkout.catalogue import Article
from checkout.closing import Closing
from checkout.fiscal import ORDER
from checkout.gift_cards import GIFT_CARD
from checkout.receipt import Receipt
from checkout.signing import Signing
from hardware.readings import SigningFacts
from store_edge.auditor.processes import KINDS
from store_edge.db import tables as t
from store_edge.db.coding import decode
from store_edge.db.engine import Database
from store_edge.db.journal import Entry
from store_edge.notification import units_in

PAGE_ENTRIES = 500
NAMES_KEPT = 10_000


class Source:
    """For one export; nothing is written, and selling may go on beside it."""

    def __init__(self, database: Database, language: str) -> None:
        self._database = database
        self._language = language
        self._receipts: dict[int, Receipt] = {}
        self._signings: dict[str, Signing] = {}
        self.name = lru_cache(NAMES_KEPT)(self._name)

    def closings(self) -> tuple[Closing, ...]:
        """All Z reports, the oldest first."""
        query = select(t.closings.c.body).order_by(t.closings.c.number)
        with self._database.read() as connection:
            return tuple(decode(body, Closing) for body in connection.execute(query).scalars())

    def units(self) -> tuple[SigningFacts, ...]:
        """Every signing device there ever was, the first one first."""
        return tuple(facts for _, facts in units_in(self._database))

    def entries(self, after: int, to: int) -> Iterator[Entry]:
        """The entries that matter, above `after` and up to `to`, with what belongs to them at hand."""
        query = select(t.journal).where(t.journal.c.type.in_(KINDS)).order_by(t.journal.c.number)
        while after < to:
            page = query.where(t.journal.c.number > after, t.journal.c.number <= to).limit(PAGE_ENTRIES)
            with self._database.read() as connection:
                found = [Entry(*row) for row in connection.execute(page)]
            if not found:
                return
            self._fetch(found)
            yield from found
            after = found[-1].number

    def receipt(self, number: int) -> Receipt:
        """A receipt of the page at hand."""
        return self._receipts[number]

    def signing(self, basket: str) -> Signing | None:
        """What the TSE knows of a process of the page at hand."""
        return self._signings.get(basket)

    def order(self, basket: str, which: int) -> Signing | None:
        """What the TSE knows of a basket that was put aside for the `which`th time, from 1."""
        mine = t.signings.c.basket
        query = select(t.signings.c.body).where((mine == basket) | mine.startswith(f"{basket}#"))
        with self._database.read() as connection:
            found = [decode(body, Signing) for body in connection.execute(query).scalars()]
        orders = sorted((one for one in found if one.process_type == ORDER), key=lambda one: one.transaction)
        return orders[which - 1] if which <= len(orders) else None

    def sales_not_closed(self, closed_to: int) -> int:
        """How many receipts stand in no Z report yet."""
        query = select(func.count()).where(t.receipts.c.number > closed_to)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def _fetch(self, page: Sequence[Entry]) -> None:
        sales = [entry.facts for entry in page if entry.type == "SaleCompleted"]
        baskets = [sale["basket"] for sale in sales]
        baskets += (entry.facts["basket"] for entry in page if entry.type == "BasketCancelled")
        baskets += (f"cash-{entry.number}" for entry in page if entry.type in ("CashMoved", "DrawerCounted"))
        receipts = select(t.receipts.c.number, t.receipts.c.body).where(
            t.receipts.c.number.in_([sale["receipt"] for sale in sales])
        )
        signings = select(t.signings.c.basket, t.signings.c.body).where(t.signings.c.basket.in_(baskets))
        with self._database.read() as connection:
            self._receipts = {number: decode(body, Receipt) for number, body in connection.execute(receipts)}
            self._signings = {basket: decode(body, Signing) for basket, body in connection.execute(signings)}

    def _name(self, gtin: str) -> str:
        """What an article is called in the shop's language; its number where it is not sold any more."""
        if gtin == GIFT_CARD.gtin:
            return GIFT_CARD.name[self._language]
        with self._database.read() as connection:
            body = connection.execute(select(t.articles.c.body).where(t.articles.c.gtin == gtin)).scalar()
        if body is None:
            return gtin
        name = decode(body, Article).name
        return name.get(self._language) or next(iter(name.values()), gtin)


def in_span(
    closings: Sequence[Closing], since: dt.date, until: dt.date
) -> list[tuple[Closing | None, Closing]]:
    """Each Z report whose business day lies in the span, with the one before it."""
    pairs = zip((None, *closings), closings, strict=False)
    return [pair for pair in pairs if since <= dt.date.fromisoformat(pair[1].business_day) <= until]
