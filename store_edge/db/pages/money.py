"""Payments and receipts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, insert, select, update

from checkout.basket import PAYING
from checkout.payment import Payment
from checkout.receipt import Receipt
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

_bound = bindparam
_payment = Prepared(select(t.payments.c.body).where(t.payments.c.id == _bound("id")))
_open_payment = Prepared(
    select(t.payments.c.body).where(t.payments.c.basket == _bound("basket"), t.is_open_payment)
)
_held_payments = Prepared(
    select(t.payments.c.body).where(t.payments.c.basket == _bound("basket"), t.is_held_payment)
)
_lanes_paying = Prepared(
    select(t.baskets.c.lane)
    .where(t.is_current_basket, t.baskets.c.state == PAYING)
    .order_by(t.baskets.c.lane)
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
_receipts_after = Prepared(
    select(t.receipts.c.body)
    .where(t.receipts.c.number > _bound("after"))
    .order_by(t.receipts.c.number)
    .limit(_bound("limit"))
)
_insert_receipt = Prepared(
    insert(t.receipts).values({name: _bound(name) for name in ("number", "link", "basket", "body")})
)


class MoneyPages(Sheet):
    """The page's payments and receipts."""

    def payment(self, id: str) -> Payment | None:
        body = _payment.scalar(self._driver, id=id)
        return decode(body, Payment) if body is not None else None

    def open_payment(self, basket: str) -> Payment | None:
        body = _open_payment.scalar(self._driver, basket=basket)
        return decode(body, Payment) if body is not None else None

    def held_payments(self, basket: str) -> Sequence[Payment]:
        parts = [
            decode(row[0], Payment) for row in _held_payments.run(self._driver, basket=basket).fetchall()
        ]
        return sorted(parts, key=lambda part: (part.asked_at, part.id))

    def lanes_paying(self) -> Sequence[str]:
        return [row[0] for row in _lanes_paying.run(self._driver).fetchall()]

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

    def receipts_after(self, number: int, limit: int) -> Sequence[Receipt]:
        rows = _receipts_after.run(self._driver, after=number, limit=limit).fetchall()
        return [decode(row[0], Receipt) for row in rows]
