"""Gift cards, the ledger that their balances and the drawers' cash lie in, and the days that were closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, func, insert, select, update

from checkout.closing import Closing
from checkout.gift_cards import GiftCard
from checkout.ledger import LedgerEntry, Posting
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

_bound = bindparam
_entries = t.ledger_entries
_last_entry = Prepared(select(func.max(_entries.c.number)))
_balance = Prepared(
    select(_entries.c.balance_minor)
    .where(_entries.c.account == _bound("account"))
    .order_by(_entries.c.number.desc())
    .limit(1)
)
_append = Prepared(insert(_entries).values({column.name: _bound(column.name) for column in _entries.c}))
_ENTRY = ("number", "account", "why", "amount_minor", "balance_minor", "at")
_drawers_after = Prepared(
    select(*(_entries.c[name] for name in _ENTRY))
    .where(_entries.c.number > _bound("after"), _entries.c.account.startswith("drawer:"))
    .order_by(_entries.c.number)
    .limit(_bound("limit"))
)


class LedgerPages(Sheet):
    """The page's ledger, gift cards and closings."""

    def post(self, posting: Posting) -> None:
        number = (_last_entry.scalar(self._driver) or 0) + 1
        self._enter(number, posting, posting.source, -posting.amount_minor)
        self._enter(number + 1, posting, posting.target, posting.amount_minor)

    def _enter(self, number: int, posting: Posting, account: str, amount_minor: int) -> None:
        _append.run(
            self._driver,
            number=number,
            account=account,
            why=posting.why,
            amount_minor=amount_minor,
            balance_minor=self.balance(account) + amount_minor,
            at=self._clock().isoformat(timespec="seconds"),
            about=posting.about,
            by=posting.by,
        )

    def balance(self, account: str) -> int:
        return int(_balance.scalar(self._driver, account=account) or 0)

    def ledger_after(self, number: int, limit: int) -> Sequence[LedgerEntry]:
        rows = _drawers_after.run(self._driver, after=number, limit=limit).fetchall()
        return [LedgerEntry(*row) for row in rows]

    def gift_card(self, reference: str) -> GiftCard | None:
        row = self.connection.execute(
            select(t.gift_cards).where(t.gift_cards.c.reference == reference)
        ).first()
        return None if row is None else GiftCard(*row)

    def save_gift_card(self, card: GiftCard) -> None:
        facts = {"state": card.state, "expires_on": card.expires_on}
        is_it = t.gift_cards.c.reference == card.reference
        if not self.connection.execute(update(t.gift_cards).where(is_it).values(**facts)).rowcount:
            self.connection.execute(insert(t.gift_cards).values(reference=card.reference, **facts))

    def last_closing(self) -> Closing | None:
        query = select(t.closings.c.body).order_by(t.closings.c.number.desc()).limit(1)
        body = self.connection.execute(query).scalar()
        return decode(body, Closing) if body is not None else None

    def save_closing(self, closing: Closing) -> None:
        facts = {"number": closing.number, "business_day": closing.business_day, "at": closing.at}
        self.connection.execute(insert(t.closings).values(body=encode(closing), **facts))

    def journal_number(self) -> int:
        return self.connection.execute(select(func.max(t.journal.c.number))).scalar() or 0

    def times_announced(self, after: int, names: Sequence[str]) -> Mapping[str, int]:
        query = (
            select(t.journal.c.type, func.count())
            .where(t.journal.c.number > after, t.journal.c.type.in_(names))
            .group_by(t.journal.c.type)
        )
        return {row[0]: row[1] for row in self.connection.execute(query)}
