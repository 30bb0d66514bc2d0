"""Looking things up for screens and agents: articles, payments, receipts, tasks, visits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, bindparam, insert, select, update

from checkout.catalogue import Article
from checkout.payment import Payment
from checkout.receipt import Receipt
from checkout.shopper import VisitCard
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.engine import Database
from store_edge.db.prepared import Prepared, driver_of

ARTICLES_KNOWN_MAX = 4096


_open_payment = Prepared(
    select(t.payments.c.body).where(t.payments.c.basket == bindparam("basket"), t.is_open_payment)
)
_visit_card = Prepared(select(t.visits.c.card).where(t.visits.c.visit == bindparam("visit")))


class Shelves:
    """The price list, to look at and to fill."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = lru_cache(maxsize=ARTICLES_KNOWN_MAX)(self._read)

    def article(self, gtin: str) -> Article | None:
        """An article by its GTIN, remembered until `put` changes it."""
        return self._known(gtin)

    def of_style(self, style: str) -> tuple[Article, ...]:
        """All sizes and colours of one garment."""
        return self._select(t.articles.c.style == style) if style else ()

    def put(self, articles: Iterable[Article]) -> None:
        """Add articles, or replace those with the same GTIN."""
        with self._database.write() as connection:
            for article in articles:
                facts = {
                    "item": article.item,
                    "department": article.department,
                    "style": article.style,
                    "body": encode(article),
                }
                changed = connection.execute(
                    update(t.articles).where(t.articles.c.gtin == article.gtin).values(**facts)
                )
                if not changed.rowcount:
                    connection.execute(insert(t.articles).values(gtin=article.gtin, **facts))
        self._known.cache_clear()

    def is_empty(self) -> bool:
        with self._database.read() as connection:
            return connection.execute(select(t.articles.c.gtin).limit(1)).first() is None

    def _select(self, condition: object) -> tuple[Article, ...]:
        query = select(t.articles.c.body).where(condition).order_by(t.articles.c.gtin)  # type: ignore[arg-type]
        with self._database.read() as connection:
            return tuple(decode(body, Article) for body in connection.execute(query).scalars())

    def _read(self, gtin: str) -> Article | None:
        with self._database.read() as connection:
            body = connection.execute(select(t.articles.c.body).where(t.articles.c.gtin == gtin)).scalar()
            return decode(body, Article) if body is not None else None


class Payments:
    """What the terminals' agents have to do, and what staff must know about it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def on_lane(self, lane: str, *in_states: str) -> tuple[Payment, ...]:
        with self._database.read() as connection:
            bodies = connection.execute(
                select(t.payments.c.body).where(t.payments.c.state.in_(in_states))
            ).scalars()
            return tuple(p for p in (decode(body, Payment) for body in bodies) if p.lane == lane)

    def payment(self, id: str) -> Payment | None:
        with self._database.read() as connection:
            body = connection.execute(select(t.payments.c.body).where(t.payments.c.id == id)).scalar()
            return decode(body, Payment) if body is not None else None

    def open_for(self, basket: str) -> Payment | None:
        with self._database.read() as connection:
            body = _open_payment.scalar(driver_of(connection), basket=basket)
            return decode(body, Payment) if body is not None else None


class Receipts:
    """Every receipt ever written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_number(self, number: int) -> Receipt | None:
        return self._one(t.receipts.c.number == number)

    def by_link(self, link: str) -> Receipt | None:
        """The receipt behind a digital receipt's address."""
        return self._one(t.receipts.c.link == link)

    def of_basket(self, basket: str) -> Receipt | None:
        return self._one(t.receipts.c.basket == basket)

    def _one(self, condition: object) -> Receipt | None:
        with self._database.read() as connection:
            query = select(t.receipts.c.body).where(condition)  # type: ignore[arg-type]
            body = connection.execute(query).scalar()
            return decode(body, Receipt) if body is not None else None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that needs a human. `at` is ISO 8601 in UTC."""

    id: str
    kind: str
    about: str
    lane: str
    at: str


class Tasks:
    """The one queue of what needs a human now, oldest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self) -> tuple[Task, ...]:
        columns = (t.tasks.c.id, t.tasks.c.kind, t.tasks.c.about, t.tasks.c.lane, t.tasks.c.at)
        with self._database.read() as connection:
            rows = connection.execute(select(*columns).where(t.is_waiting_task).order_by(t.tasks.c.at))
            return tuple(Task(*row) for row in rows)

    def is_waiting(self, kind: str, about: str) -> bool:
        """True if a human was already called for this and has not come yet."""
        return any(task.kind == kind and task.about == about for task in self.waiting())

    def task(self, id: str) -> Task | None:
        return next((task for task in self.waiting() if task.id == id), None)


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """A visit that head office has not answered yet."""

    visit: str
    token_text: str
    lane: str


def unanswered_visits() -> Select[tuple[str, str, str]]:
    """Visit, token's text and lane, by the index on the few that wait."""
    return (
        select(t.visits.c.visit, t.visits.c.token_text, t.baskets.c.lane)
        .join(t.baskets, t.baskets.c.id == t.visits.c.basket)
        .where(t.is_unanswered_visit)
    )


class Visits:
    """Shoppers who said who they are, for as long as they are here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unanswered(self) -> tuple[OpenVisit, ...]:
        with self._database.read() as connection:
            rows = connection.execute(unanswered_visits())
            return tuple(OpenVisit(row.visit, row.token_text, row.lane) for row in rows)

    def card(self, visit: str) -> VisitCard | None:
        with self._database.read() as connection:
            body = _visit_card.scalar(driver_of(connection), visit=visit)
            return decode(body, VisitCard) if body is not None else None
