"""The books the counter writes in: `checkout.ports` on the store's database.

A page is one write transaction; what it announces goes into the journal within
it, so state and event stand or fall together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy import select

from checkout.basket import Basket, Parked
from checkout.coupons import NO_COUPONS, Coupons
from checkout.errors import Refused
from checkout.phone_lane import ExitPass, Phone
from checkout.ports import Chance
from checkout.promotions import Promotion
from store_edge.db import tables as t
from store_edge.db.engine import Database, cannot_write
from store_edge.db.journal import Journal, Tip
from store_edge.db.pages.baskets import BasketPages, Shelf
from store_edge.db.pages.cabins import CabinPages
from store_edge.db.pages.fiscal import FiscalPages
from store_edge.db.pages.goods import GoodsPages
from store_edge.db.pages.handed_in import HandedInPages
from store_edge.db.pages.ledger import LedgerPages
from store_edge.db.pages.loss import LossPages
from store_edge.db.pages.money import MoneyPages
from store_edge.db.pages.parking import ParkingPages, parked_baskets
from store_edge.db.pages.phones import PhonePages, a_phone, an_exit
from store_edge.db.pages.returns import ReturnPages
from store_edge.db.pages.shoppers import ShopperPages
from store_edge.db.pages.stock import StockPages
from store_edge.db.pages.tasks import TaskPages
from store_edge.db.prepared import driver_of

LOOKS_MAX = 5


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
        coupons: Coupons = NO_COUPONS,
    ) -> None:
        self.promotions = tuple(promotions)
        self.coupons = coupons
        self._database = database
        self._journal = journal
        self._clock = clock
        self._chance = chance
        self._shelf = Shelf()

    def page(self) -> StorePage:
        return StorePage(
            self._database,
            self._journal,
            self._clock,
            self._chance,
            self._shelf,
            self.promotions,
            self.coupons,
        )

    def basket_on(self, lane: str) -> Basket | None:
        """The lane's current basket, to look at; whoever wants to change it opens a page."""
        with self._database.read() as connection:
            for _ in range(LOOKS_MAX):
                basket = self._shelf.basket_on(driver_of(connection), lane)
                if basket is None or self._shelf.holds(basket):
                    return basket
                # A writer may have come between the two statements: then its lines are newer.
                if all(line.changed <= basket.version for line in basket.lines):
                    return basket
        # Somebody writes as fast as we read; between two of their pages there is time for ours.
        with self.page() as page:
            return page.basket_on(lane)

    def parked_baskets(self) -> tuple[tuple[Parked, Basket], ...]:
        """All parked baskets, the oldest first, to look at."""
        with self._database.read() as connection:
            parked = [Parked(*row) for row in connection.execute(parked_baskets)]
            found = [(one, self._shelf.basket(driver_of(connection), one.basket)) for one in parked]
        return tuple((one, basket) for one, basket in found if basket is not None)

    def phone_by_key(self, key: str) -> Phone | None:
        """The phone with this digest of a secret, to look at."""
        with self._database.read() as connection:
            row = connection.execute(a_phone.where(t.phones.c.key == key)).first()
        return Phone(*row) if row is not None else None

    def exit_of(self, basket: str) -> ExitPass | None:
        """What a paid basket has to leave with, used or not, to look at."""
        with self._database.read() as connection:
            row = connection.execute(an_exit.where(t.exit_passes.c.basket == basket)).first()
        return ExitPass(*row) if row is not None else None

    def lanes_in_use(self) -> tuple[str, ...]:
        """Lanes with a basket that is open, being paid or just paid."""
        with self._database.read() as connection:
            return tuple(connection.execute(select(t.baskets.c.lane).where(t.is_current_basket)).scalars())


def _refuse_if_closed(fault: BaseException) -> None:
    if cannot_write(fault):
        raise Refused("till_closed") from fault


class StorePage(
    BasketPages,
    ParkingPages,
    PhonePages,
    FiscalPages,
    GoodsPages,
    HandedInPages,
    ShopperPages,
    MoneyPages,
    LedgerPages,
    ReturnPages,
    TaskPages,
    LossPages,
    CabinPages,
    StockPages,
):
    """`checkout.ports.Page` and `mirror.ports.Page`: one transaction, from `with` to its end.

    Refused(till_closed) where the disk takes nothing more.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        shelf: Shelf,
        promotions: tuple[Promotion, ...],
        coupons: Coupons,
    ) -> None:
        self._promotions = promotions
        self.coupons = coupons
        self._database = database
        self._journal = journal
        self._clock = clock
        self._chance = chance
        self._shelf = shelf
        self._known: dict[str, Basket] = {}
        self._never_recalled: set[str] = set()
        self.touched: dict[str, Basket] = {}
        self.announced: set[str] = set()
        self.tip: Tip | None = None

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
        if self.tip is not None:
            self._journal.wake_readers(self.announced, self.tip.number)

    def promotions(self, visit: str) -> Sequence[Promotion]:
        card = self.visit_card(visit) if visit else None
        if card is None or card.offer is None:
            return self._promotions
        return (*self._promotions, card.offer.promotion())
