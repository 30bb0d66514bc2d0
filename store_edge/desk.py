"""Looking things up for screens and agents: articles, payments, receipts, tasks, visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from sqlalchemy import Select, bindparam, delete, insert, select, true, update

from checkout import basket as states
from checkout.catalogue import Article
from checkout.closing import Closing
from checkout.gift_cards import GIFT_CARD
from checkout.payment import Payment
from checkout.phone_lane import serves
from checkout.prices import carried_over
from checkout.receipt import Receipt
from checkout.shopper import VisitCard
from checkout.signing import SIGNED, Signing
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.engine import Database
from store_edge.db.prepared import Prepared, driver_of

ARTICLES_KNOWN_MAX = 4096


_open_payment = Prepared(
    select(t.payments.c.body).where(t.payments.c.basket == bindparam("basket"), t.is_open_payment)
)
_held_payments = Prepared(
    select(t.payments.c.body).where(t.payments.c.basket == bindparam("basket"), t.is_held_payment)
)
_visit_card = Prepared(select(t.visits.c.card).where(t.visits.c.visit == bindparam("visit")))


def _on_the_wall() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Recalled:
    """One batch of an article, or all of it with batch "". `at` is ISO 8601 in UTC."""

    gtin: str
    batch: str
    at: str


class Shelves:
    """The price list, to look at and to fill."""

    def __init__(self, database: Database, here: Callable[[], dt.datetime] = _on_the_wall) -> None:
        """`here` gives the moment by the clock on the shop's wall, without a zone."""
        self._here = here
        self._database = database
        self._known = lru_cache(maxsize=ARTICLES_KNOWN_MAX)(self._read)
        self._loose = cache(self._read_loose)
        self._garments = cache(self._read_garments)

    def article(self, gtin: str) -> Article | None:
        """An article by its GTIN, remembered until `put` changes it."""
        return self._known(gtin)

    def words(self) -> tuple[frozenset[str], frozenset[str]]:
        """What promotions can mean here: all GTINs, and all groups and departments."""
        gtins: set[str] = set()
        groups: set[str] = set()
        for article in self._select(true()):
            gtins.add(article.gtin)
            groups.update(article.promoted_as)
        return frozenset(gtins), frozenset(groups)

    def of_style(self, style: str) -> tuple[Article, ...]:
        """All sizes and colours of one garment."""
        return self._select(t.articles.c.style == style) if style else ()

    def in_department(self, department: str) -> tuple[Article, ...]:
        """All that stands in a department."""
        return self._select(t.articles.c.department == department)

    def loose(self) -> tuple[Article, ...]:
        """What is weighed or cut off, remembered until `put` changes it."""
        return self._loose()

    def garments(self) -> tuple[Article, ...]:
        """All garments in all sizes and colours, remembered until `put` changes them."""
        return self._garments()

    def recalled(self) -> tuple[Recalled, ...]:
        """What was called back, the newest first."""
        query = select(t.recalls.c.gtin, t.recalls.c.batch, t.recalls.c.at)
        newest_first = (t.recalls.c.at.desc(), t.recalls.c.gtin, t.recalls.c.batch)
        with self._database.read() as connection:
            return tuple(Recalled(*row) for row in connection.execute(query.order_by(*newest_first)))

    def put(self, articles: Iterable[Article]) -> None:
        """Add articles, or replace those with the same GTIN; what they used to cost is not forgotten."""
        now = self._here()
        with self._database.write() as connection:
            rows = connection.execute(select(t.articles.c.gtin, t.articles.c.body))
            bodies = {row.gtin: row.body for row in rows}
            for fresh in articles:
                body = bodies.get(fresh.gtin)
                article = carried_over(decode(body, Article) if body else None, fresh, now)
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
                connection.execute(delete(t.codes).where(t.codes.c.gtin == article.gtin))
                for code, pieces in article.codes.items():
                    row = {"code": code, "gtin": article.gtin, "pieces": pieces}
                    connection.execute(insert(t.codes).values(**row))
        self._known.cache_clear()
        self._loose.cache_clear()
        self._garments.cache_clear()

    def is_empty(self) -> bool:
        with self._database.read() as connection:
            return connection.execute(select(t.articles.c.gtin).limit(1)).first() is None

    def _select(self, condition: object) -> tuple[Article, ...]:
        query = select(t.articles.c.body).where(condition).order_by(t.articles.c.gtin)  # type: ignore[arg-type]
        with self._database.read() as connection:
            return tuple(decode(body, Article) for body in connection.execute(query).scalars())

    def _read_loose(self) -> tuple[Article, ...]:
        return tuple(article for article in self._select(true()) if article.unit != "piece")

    def _read_garments(self) -> tuple[Article, ...]:
        return tuple(article for article in self._select(t.articles.c.style != "") if article.garment)

    def _read(self, gtin: str) -> Article | None:
        with self._database.read() as connection:
            body = connection.execute(select(t.articles.c.body).where(t.articles.c.gtin == gtin)).scalar()
            if body is None:
                return GIFT_CARD if gtin == GIFT_CARD.gtin else None
            return decode(body, Article)


class Payments:
    """What the terminals' agents have to do, and what staff must know about it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def on_lane(self, lane: str, *in_states: str) -> tuple[Payment, ...]:
        """Those of one lane."""
        return self.served_at(lane, *in_states)

    def served_at(self, place: str, *in_states: str) -> tuple[Payment, ...]:
        """Those that a device on the lane `place` is there for."""
        with self._database.read() as connection:
            bodies = connection.execute(
                select(t.payments.c.body).where(t.payments.c.state.in_(in_states))
            ).scalars()
            return tuple(p for p in (decode(body, Payment) for body in bodies) if serves(place, p.lane))

    def payment(self, id: str) -> Payment | None:
        with self._database.read() as connection:
            body = connection.execute(select(t.payments.c.body).where(t.payments.c.id == id)).scalar()
            return decode(body, Payment) if body is not None else None

    def held_for(self, basket: str) -> tuple[Payment, ...]:
        """The parts of a basket that are paid already."""
        with self._database.read() as connection:
            rows = _held_payments.run(driver_of(connection), basket=basket).fetchall()
            return tuple(decode(row[0], Payment) for row in rows)

    def open_for(self, basket: str) -> Payment | None:
        with self._database.read() as connection:
            body = _open_payment.scalar(driver_of(connection), basket=basket)
            return decode(body, Payment) if body is not None else None


def with_signing(receipt: Receipt, signing: Signing) -> Receipt:
    """A receipt with what may be said of its signature, which came after it was written."""
    code = signing.code if signing.state == SIGNED else ""
    return replace(receipt, process=signing.process(), process_code=code)


class Receipts:
    """Every receipt ever written, and its signature."""

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
            query = (
                select(t.receipts.c.body, t.signings.c.body)
                .outerjoin(t.signings, t.signings.c.basket == t.receipts.c.basket)
                .where(condition)  # type: ignore[arg-type]
            )
            row = connection.execute(query).first()
        if row is None:
            return None
        receipt = decode(row[0], Receipt)
        return with_signing(receipt, decode(row[1], Signing)) if row[1] is not None else receipt


class Closings:
    """The Z reports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_number(self, number: int) -> Closing | None:
        return self._one(t.closings.c.number == number)

    def last(self, many: int) -> tuple[Closing, ...]:
        """So many of the newest, the newest first."""
        query = select(t.closings.c.body).order_by(t.closings.c.number.desc()).limit(many)
        with self._database.read() as connection:
            return tuple(decode(body, Closing) for body in connection.execute(query).scalars())

    def last_of(self, business_day: str) -> Closing | None:
        """The newest Z report of a business day (ISO 8601)."""
        return self._one(t.closings.c.business_day == business_day)

    def _one(self, condition: object) -> Closing | None:
        query = select(t.closings.c.body).where(condition).order_by(t.closings.c.number.desc())  # type: ignore[arg-type]
        with self._database.read() as connection:
            body = connection.execute(query.limit(1)).scalar()
            return decode(body, Closing) if body is not None else None


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
    """A visit that is under way. `token_text` is the code's text, or its id once head office has answered."""

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

    def answered(self) -> tuple[OpenVisit, ...]:
        """Those whose shopper is here and whom head office has told us about."""
        under_way = t.baskets.c.state.in_((states.OPEN, states.PAYING))
        with self._database.read() as connection:
            rows = connection.execute(
                select(t.visits.c.visit, t.visits.c.token, t.baskets.c.lane)
                .join(t.baskets, t.baskets.c.id == t.visits.c.basket)
                .where(t.visits.c.card.is_not(None), under_way)
            )
            return tuple(OpenVisit(*row) for row in rows)

    def card(self, visit: str) -> VisitCard | None:
        with self._database.read() as connection:
            body = _visit_card.scalar(driver_of(connection), visit=visit)
            return decode(body, VisitCard) if body is not None else None
