"""Shoppers' own phones, and the codes by which they leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from checkout.phone_lane import ExitPass, Phone
from store_edge.db import tables as t
from store_edge.db.pages.sheet import Sheet

a_phone: Select[Any] = select(
    *(t.phones.c[name] for name in ("id", "key", "lane", "since", "seen", "mandate"))
)
"""A phone's row, in the order of its fields."""
an_exit: Select[Any] = select(*(t.exit_passes.c[name] for name in ("code", "basket", "at", "used_at")))
"""A code's row, likewise."""


class PhonePages(Sheet):
    """The page's phones."""

    def phones(self) -> Sequence[Phone]:
        return [Phone(*row) for row in self.connection.execute(a_phone.order_by(t.phones.c.since))]

    def phone_by_key(self, key: str) -> Phone | None:
        row = self.connection.execute(a_phone.where(t.phones.c.key == key)).first()
        return Phone(*row) if row is not None else None

    def save_phone(self, phone: Phone) -> None:
        facts = {"key": phone.key, "lane": phone.lane, "since": phone.since, "seen": phone.seen}
        facts["mandate"] = phone.mandate
        changed = self.connection.execute(update(t.phones).where(t.phones.c.id == phone.id).values(**facts))
        if not changed.rowcount:
            self.connection.execute(insert(t.phones).values(id=phone.id, **facts))

    def forget_phone(self, id: str) -> None:
        self.connection.execute(delete(t.phones).where(t.phones.c.id == id))

    def exit_of(self, basket: str) -> ExitPass | None:
        row = self.connection.execute(an_exit.where(t.exit_passes.c.basket == basket)).first()
        return ExitPass(*row) if row is not None else None

    def exit_under(self, code: str) -> ExitPass | None:
        row = self.connection.execute(an_exit.where(t.exit_passes.c.code == code)).first()
        return ExitPass(*row) if row is not None else None

    def save_exit(self, allowed: ExitPass) -> None:
        facts = {"code": allowed.code, "at": allowed.at, "used_at": allowed.used_at}
        changed = self.connection.execute(
            update(t.exit_passes).where(t.exit_passes.c.basket == allowed.basket).values(**facts)
        )
        if not changed.rowcount:
            self.connection.execute(insert(t.exit_passes).values(basket=allowed.basket, **facts))
