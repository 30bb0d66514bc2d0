"""Which promotions ran when: announced as they begin and end, and kept for what prices are compared with."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from checkout.compared import Spell
from checkout.events import PromotionBegan, PromotionEnded
from checkout.prices import COMPARED_DAYS, KEPT_DAYS
from checkout.promotions import WrongTerms, build
from store_edge.db import tables as t
from store_edge.db.books import StoreBooks, StorePage
from store_edge.db.coding import decode, encode
from store_edge.db.engine import Database
from store_edge.settings import PromotionSettings

log = logging.getLogger(__name__)

SPELLS_KEPT = dt.timedelta(days=KEPT_DAYS + COMPARED_DAYS)
_spells = t.promotion_spells.c


@dataclass(frozen=True, slots=True)
class _Written:
    """A promotion as it stood in the settings."""

    kind: str
    terms: dict[str, Any]


class PromotionLog:
    """What one store's promotions were."""

    def __init__(self, database: Database, books: StoreBooks, wall_clock: Callable[[], dt.datetime]) -> None:
        """`wall_clock` gives the moment by the clock on the shop's wall, without a zone."""
        self._database = database
        self._books = books
        self._wall_clock = wall_clock

    def bring_up_to_date(self, running: Mapping[str, PromotionSettings], epoch: str) -> None:
        """Note and announce what began or ended since the last time; in a new epoch all that runs."""
        now = self._wall_clock()
        wanted = {name: _as_kept(_Written(one.kind, dict(one.terms))) for name, one in running.items()}
        with self._books.page() as page:
            page.connection.execute(
                delete(t.promotion_spells).where(
                    _spells.until != "", _spells.until < (now - SPELLS_KEPT).isoformat()
                )
            )
            open_spells = select(_spells.promotion, _spells.epoch, _spells.body).where(_spells.until == "")
            for name, its_epoch, body in page.connection.execute(open_spells).all():
                here = wanted.get(name)
                if here is None or here != decode(body, _Written):
                    _end(page, name, now)
                    continue
                del wanted[name]
                if its_epoch != epoch:
                    _announce_again(page, name, here, epoch)
            for name, written in wanted.items():
                _begin(page, name, written, epoch, now)

    def spells(self) -> tuple[Spell, ...]:
        """What ran, as far back as it is kept."""
        query = select(_spells.promotion, _spells.since, _spells.until, _spells.body)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_spells.promotion, _spells.since)).all()
        found = (_spell(*row) for row in rows)
        return tuple(spell for spell in found if spell is not None)


def _as_kept(written: _Written) -> _Written:
    """As it comes back from the database: dates are text there."""
    return decode(encode(written), _Written)


def _spell(name: str, since: str, until: str, body: bytes) -> Spell | None:
    written = decode(body, _Written)
    try:
        promotion = build(written.kind, name, written.terms)
    except WrongTerms:
        log.warning("a former promotion is of no kind installed here promotion=%s", name)
        return None
    ended = dt.datetime.fromisoformat(until) if until else None
    return Spell(promotion, dt.datetime.fromisoformat(since), ended)


def _begin(page: StorePage, name: str, written: _Written, epoch: str, now: dt.datetime) -> None:
    row = {"promotion": name, "since": now.isoformat(), "epoch": epoch, "body": encode(written)}
    page.connection.execute(insert(t.promotion_spells).values(**row))
    page.announce(PromotionBegan(name, written.kind, written.terms))


def _announce_again(page: StorePage, name: str, written: _Written, epoch: str) -> None:
    open_one = update(t.promotion_spells).where(_spells.promotion == name, _spells.until == "")
    page.connection.execute(open_one.values(epoch=epoch))
    page.announce(PromotionBegan(name, written.kind, written.terms))


def _end(page: StorePage, name: str, now: dt.datetime) -> None:
    this = (_spells.promotion == name, _spells.until == "")
    page.connection.execute(delete(t.promotion_spells).where(*this, _spells.since == now.isoformat()))
    page.connection.execute(update(t.promotion_spells).where(*this).values(until=now.isoformat()))
    page.announce(PromotionEnded(name))
