"""The books the counter writes in: `checkout.ports` on the store's database.

A page is one write transaction; what it announces goes into the journal within
it, so state and event stand or fall together.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, String, bindparam, delete, exists, func, insert, select, update

from checkout.basket import Basket, Line
from checkout.catalogue import Article
from checkout.errors import Refused
from checkout.events import Event, TaskDone, TaskOpened
from checkout.payment import Payment
from checkout.ports import Chance
from checkout.promotions import Promotion
from checkout.receipt import Receipt
from checkout.shopper import VisitCard
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.engine import Database, cannot_write
from store_edge.db.journal import Journal
from store_edge.db.prepared import Driver, Prepared, driver_of

SHELF_BASKETS_MAX = 256
LOOKS_MAX = 5
ARTICLES_KNOWN_MAX = 4096

_bound = bindparam
_HEAD = ("id", "lane", "state", "version", "language", "opened_at", "visit")
_head = tuple(t.baskets.c[name] for name in _HEAD)
_current_basket = Prepared(select(*_head).where(t.baskets.c.lane == _bound("lane"), t.is_current_basket))
_basket = Prepared(select(*_head).where(t.baskets.c.id == _bound("id")))
_insert_basket = Prepared(insert(t.baskets).values({name: _bound(name) for name in _HEAD}))
_update_basket = Prepared(
    update(t.baskets)
    .where(t.baskets.c.id == _bound("which"), t.baskets.c.version < _bound("newer"))
    .values({name: _bound(name) for name in ("state", "version", "language", "visit")})
)
_lines = Prepared(
    select(t.basket_lines.c.body)
    .where(t.basket_lines.c.basket == _bound("basket"))
    .order_by(t.basket_lines.c.number)
)
_update_line = Prepared(
    update(t.basket_lines)
    .where(t.basket_lines.c.basket == _bound("of"), t.basket_lines.c.number == _bound("line"))
    .values(body=_bound("body"))
)
_insert_line = Prepared(
    insert(t.basket_lines).values({name: _bound(name) for name in ("basket", "number", "body")})
)
_article = Prepared(select(t.articles.c.body).where(t.articles.c.gtin == _bound("gtin")))
_article_of_item = Prepared(select(t.articles.c.body).where(t.articles.c.item == _bound("item")))
_card = Prepared(select(t.visits.c.card).where(t.visits.c.visit == _bound("visit")))
_payment = Prepared(select(t.payments.c.body).where(t.payments.c.id == _bound("id")))
_open_payment = Prepared(
    select(t.payments.c.body).where(t.payments.c.basket == _bound("basket"), t.is_open_payment)
)
_update_payment = Prepared(
    update(t.payments)
    .where(t.payments.c.id == _bound("which"))
    .values(state=_bound("state"), body=_bound("body"))
)
_insert_payment = Prepared(
    insert(t.payments).values({name: _bound(name) for name in ("id", "basket", "state", "body")})
)
_last_receipt = Prepared(select(func.max(t.receipts.c.number)))
_insert_receipt = Prepared(
    insert(t.receipts).values({name: _bound(name) for name in ("number", "link", "basket", "body")})
)
_remember_request = Prepared(
    insert(t.requests).from_select(
        ["key", "at"],
        select(_bound("key", type_=String), _bound("at", type_=String)).where(
            ~exists().where(t.requests.c.key == _bound("key"))
        ),
    )
)
_sell_tags = Prepared(update(t.held_tags).where(t.held_tags.c.basket == _bound("on")).values(sold=1))
_waiting_tasks = Prepared(
    select(t.tasks.c.id, t.tasks.c.lane).where(t.tasks.c.about == _bound("about"), t.is_waiting_task)
)


class StoreBooks:
    """`checkout.ports.Books` for one store's database."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        promotions: Sequence[Promotion] = (),
    ) -> None:
        self._promotions = tuple(promotions)
        self._database = database
        self._journal = journal
        self._clock = clock
        self._chance = chance
        self._shelf = _Shelf()

    def page(self) -> StorePage:
        return StorePage(
            self._database, self._journal, self._clock, self._chance, self._shelf, self._promotions
        )

    def basket_on(self, lane: str) -> Basket | None:
        """The lane's current basket, to look at; whoever wants to change it opens a page."""
        with self._database.read() as connection:
            for _ in range(LOOKS_MAX):
                head = _current_basket.run(driver_of(connection), lane=lane).fetchone()
                basket = self._shelf.complete(driver_of(connection), head)
                if basket is None or self._shelf.holds(basket):
                    return basket
                # A writer may have come between the two statements: then its lines are newer.
                if all(line.changed <= basket.version for line in basket.lines):
                    return basket
        # Somebody writes as fast as we read; between two of their pages there is time for ours.
        with self.page() as page:
            return page.basket_on(lane)

    def lanes_in_use(self) -> tuple[str, ...]:
        """Lanes with a basket that is open, being paid or just paid."""
        with self._database.read() as connection:
            return tuple(connection.execute(select(t.baskets.c.lane).where(t.is_current_basket)).scalars())


@lru_cache(maxsize=ARTICLES_KNOWN_MAX)
def _read_article(body: bytes | None) -> Article | None:
    """Remembered by its bytes, so a changed row is another article."""
    return decode(body, Article) if body is not None else None


class _Shelf:
    """Baskets this process saw last, complete; a row of the same version needs no second reading."""

    def __init__(self) -> None:
        self._baskets: dict[str, Basket] = {}
        self._lock = threading.Lock()

    def put(self, baskets: Mapping[str, Basket]) -> None:
        with self._lock:
            self._baskets.update(baskets)
            while len(self._baskets) > SHELF_BASKETS_MAX:
                del self._baskets[next(iter(self._baskets))]

    def holds(self, basket: Basket) -> bool:
        return self._baskets.get(basket.id) is basket

    def complete(self, driver: Driver, head: tuple[Any, ...] | None) -> Basket | None:
        """The basket whose row was read, with its lines."""
        if head is None:
            return None
        id, lane, state, version, language, opened_at, visit = head
        known = self._baskets.get(id)
        if known is not None and known.version == version:
            return known
        rows = _lines.run(driver, basket=id).fetchall()
        lines = tuple(decode(row[0], Line) for row in rows)
        return Basket(id, lane, state, version, lines, language, opened_at, visit)


def _refuse_if_closed(fault: BaseException) -> None:
    if cannot_write(fault):
        raise Refused("till_closed") from fault


class StorePage:
    """`checkout.ports.Page`: one transaction, from `with` to its end.

    Refused(till_closed) where the disk takes nothing more.
    """

    connection: Connection
    """For what the store writes beside the counter's business, in the same transaction."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        shelf: _Shelf,
        promotions: tuple[Promotion, ...],
    ) -> None:
        self._promotions = promotions
        self._database = database
        self._journal = journal
        self._clock = clock
        self._chance = chance
        self._shelf = shelf
        self._known: dict[str, Basket] = {}
        self.touched: dict[str, Basket] = {}
        self.announced = 0

    def __enter__(self) -> StorePage:
        try:
            self.connection = self._database.begin()
        except Exception as fault:
            _refuse_if_closed(fault)
            raise
        self._driver = driver_of(self.connection)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._database.roll_back()
            _refuse_if_closed(error)
            return
        try:
            self._database.commit()
        except Exception as fault:
            _refuse_if_closed(fault)
            raise
        self._shelf.put(self.touched)
        if self.announced:
            self._journal.wake_readers()

    def announce(self, event: Event, lane: str = "") -> None:
        self._journal.append(self.connection, event, lane)
        self.announced += 1

    def seen_before(self, request_key: str) -> bool:
        if not request_key:
            return False
        at = self._clock().isoformat()
        return bool(_remember_request.run(self._driver, key=request_key, at=at).rowcount == 0)

    # Baskets

    def basket_on(self, lane: str) -> Basket | None:
        return self._known_basket(_current_basket.run(self._driver, lane=lane).fetchone())

    def basket(self, id: str) -> Basket | None:
        return self._known_basket(_basket.run(self._driver, id=id).fetchone())

    def _known_basket(self, head: tuple[Any, ...] | None) -> Basket | None:
        basket = self._shelf.complete(self._driver, head)
        if basket is not None:
            self._known[basket.id] = basket
        return basket

    def save_basket(self, basket: Basket) -> None:
        before = self._known.get(basket.id)
        facts = {
            "state": basket.state,
            "version": basket.version,
            "language": basket.language,
            "visit": basket.visit,
        }
        if before is None:
            facts |= {"lane": basket.lane, "opened_at": basket.opened_at}
            _insert_basket.run(self._driver, id=basket.id, **facts)
        else:
            changed = _update_basket.run(self._driver, which=basket.id, newer=basket.version, **facts)
            assert changed.rowcount == 1, "every change makes a new version"
        self._save_lines(basket, before)
        self._known[basket.id] = self.touched[basket.id] = basket

    def _save_lines(self, basket: Basket, before: Basket | None) -> None:
        saved_version, saved_lines = (before.version, len(before.lines)) if before else (0, 0)
        for line in basket.lines:
            if line.number > saved_lines:
                _insert_line.run(self._driver, basket=basket.id, number=line.number, body=encode(line))
            elif line.changed > saved_version:
                _update_line.run(self._driver, of=basket.id, line=line.number, body=encode(line))

    # Articles and tags

    def article(self, gtin: str) -> Article | None:
        return _read_article(_article.scalar(self._driver, gtin=gtin))

    def article_of_item(self, item: str) -> Article | None:
        return _read_article(_article_of_item.scalar(self._driver, item=item))

    def epc_holder(self, epc: str) -> str | None:
        row = self.connection.execute(
            select(t.held_tags.c.basket, t.held_tags.c.sold).where(t.held_tags.c.epc == epc)
        ).first()
        return None if row is None else "sold" if row.sold else row.basket

    def hold_epc(self, epc: str, basket: str) -> None:
        self.connection.execute(insert(t.held_tags).values(epc=epc, basket=basket))

    def release_epc(self, epc: str) -> None:
        self.connection.execute(delete(t.held_tags).where(t.held_tags.c.epc == epc, t.held_tags.c.sold == 0))

    def sell_epcs(self, basket: str) -> None:
        _sell_tags.run(self._driver, on=basket)

    # Shoppers

    def use_token(self, token: str, visit: str, basket: str, text: str) -> bool:
        used = self.connection.execute(select(t.visits.c.visit).where(t.visits.c.token == token)).first()
        if used is not None:
            return False
        at = self._clock().isoformat()
        self.connection.execute(
            insert(t.visits).values(visit=visit, token=token, basket=basket, at=at, token_text=text)
        )
        return True

    def visit_card(self, visit: str) -> VisitCard | None:
        body = _card.scalar(self._driver, visit=visit)
        return decode(body, VisitCard) if body is not None else None

    def save_visit_card(self, visit: str, card: VisitCard) -> None:
        self.connection.execute(
            update(t.visits).where(t.visits.c.visit == visit).values(card=encode(card), token_text="")
        )

    def end_visit(self, visit: str) -> None:
        self.connection.execute(
            update(t.visits).where(t.visits.c.visit == visit).values(card=None, token_text="")
        )

    def promotions(self, visit: str) -> Sequence[Promotion]:
        card = self.visit_card(visit) if visit else None
        if card is None or card.offer is None:
            return self._promotions
        return (*self._promotions, card.offer.promotion())

    # Money and paper

    def payment(self, id: str) -> Payment | None:
        body = _payment.scalar(self._driver, id=id)
        return decode(body, Payment) if body is not None else None

    def open_payment(self, basket: str) -> Payment | None:
        body = _open_payment.scalar(self._driver, basket=basket)
        return decode(body, Payment) if body is not None else None

    def save_payment(self, payment: Payment) -> None:
        facts = {"state": payment.state, "body": encode(payment)}
        if not _update_payment.run(self._driver, which=payment.id, **facts).rowcount:
            _insert_payment.run(self._driver, id=payment.id, basket=payment.basket, **facts)

    def next_receipt_number(self) -> int:
        return int(_last_receipt.scalar(self._driver) or 0) + 1

    def save_receipt(self, receipt: Receipt, basket: str) -> None:
        _insert_receipt.run(
            self._driver, number=receipt.number, link=receipt.link, basket=basket, body=encode(receipt)
        )

    # People who are needed

    def open_task(self, kind: str, about: str, lane: str) -> str:
        waiting = self.connection.execute(
            select(t.tasks.c.id).where(
                t.tasks.c.kind == kind, t.tasks.c.about == about, t.tasks.c.done_at == ""
            )
        ).scalar()
        if waiting is not None:
            return str(waiting)
        task = self._chance.id()
        at = self._clock().isoformat(timespec="seconds")
        self.connection.execute(insert(t.tasks).values(id=task, kind=kind, about=about, lane=lane, at=at))
        self.announce(TaskOpened(task, kind, about), lane)
        return task

    def close_tasks(self, about: str, outcome: str) -> None:
        for task, lane in _waiting_tasks.run(self._driver, about=about).fetchall():
            self._close_task(task, outcome, lane)

    def close_task(self, id: str, outcome: str) -> bool:
        """Close one task. False if it does not wait (any more): then nothing is announced."""
        waiting = select(t.tasks.c.lane).where(t.tasks.c.id == id, t.is_waiting_task)
        lane = self.connection.execute(waiting).scalar()
        if lane is None:
            return False
        self._close_task(id, outcome, lane)
        return True

    def _close_task(self, id: str, outcome: str, lane: str) -> None:
        done_at = self._clock().isoformat(timespec="seconds")
        self.connection.execute(
            update(t.tasks).where(t.tasks.c.id == id).values(done_at=done_at, outcome=outcome)
        )
        self.announce(TaskDone(id, outcome), lane)
