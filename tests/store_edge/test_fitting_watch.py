"""Stays that nobody ends, requests that nobody takes, garments that nobody carries out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.events import ShopperDismissed
from checkout.staff import Clerk
from mirror import events
from store_edge.box import now
from store_edge.fitting_watch import FittingWatch
from store_edge.idle import IdleWatch
from store_edge.reactions import Reactions
from tests.store_edge.open_store import Store, until
from tests.store_edge.radio import JEANS, ONE, TEE_M, TEES, TWO, cabin_settings, hexed

LIMITS = {"cabin_empty_s": 60, "cabin_idle_s": 600, "left_behind_s": 120, "request_s": 90}
CLERK = Clerk("clerk-1", frozenset({"serve"}))
OpenBox = Callable[..., Store]


class Moments:
    """A monotonic clock, and a wall clock that somebody may set."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.step = dt.timedelta()

    def wall(self) -> dt.datetime:
        return now() + self.step


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def store(open_box: OpenBox, tmp_path: Path, moments: Moments) -> Store:
    return open_box(cabin_settings(tmp_path, **LIMITS), start=False, clock=moments.wall)


@pytest.fixture
def later(store: Store, moments: Moments) -> Callable[[float], None]:
    """Lets so many seconds pass and the watch look, before and after."""
    watch = FittingWatch(store.box, clock=lambda: moments.now_s)

    def look(seconds: float) -> None:
        watch.look()
        moments.now_s += seconds
        watch.look()

    return look


def test_an_empty_cabin_is_free_after_its_limit(store: Store, later: Callable[[float], None]) -> None:
    store.box.fitting_room.arrive(ONE, [JEANS])
    store.box.fitting_room.leave(ONE, [JEANS])
    later(LIMITS["cabin_empty_s"] - 1)
    assert store.box.fittings.in_cabin(ONE) is not None
    later(1)
    assert store.box.fittings.in_cabin(ONE) is None
    assert [left.reason for left in store.events(events.CabinLeft)] == ["empty"]


def test_what_comes_back_in_time_keeps_the_session(store: Store, later: Callable[[float], None]) -> None:
    store.box.fitting_room.arrive(ONE, [JEANS])
    store.box.fitting_room.leave(ONE, [JEANS])
    later(LIMITS["cabin_empty_s"] - 1)
    store.box.fitting_room.arrive(ONE, [JEANS])
    later(LIMITS["cabin_empty_s"] + 1)
    assert store.events(events.CabinLeft) == []


def test_an_idle_cabin_ends_and_what_hangs_there_is_a_task(
    store: Store, later: Callable[[float], None]
) -> None:
    store.box.fitting_room.arrive(ONE, [JEANS])
    later(LIMITS["cabin_idle_s"] - 1)
    store.box.fitting_room.speak(ONE, "en")
    later(LIMITS["cabin_idle_s"] - 1)
    assert store.events(events.CabinLeft) == []
    later(2)
    assert [left.reason for left in store.events(events.CabinLeft)] == ["idle"]
    assert store.duties() == [("left_behind", hexed(JEANS))]


def test_what_still_hangs_after_a_command_is_a_task_after_its_limit(
    store: Store, later: Callable[[float], None]
) -> None:
    store.box.fitting_room.arrive(ONE, [JEANS, TEE_M])
    store.box.fitting_room.end(ONE)
    later(LIMITS["left_behind_s"] - 1)
    assert store.duties() == []
    store.box.fitting_room.leave(ONE, [TEE_M])
    later(1)
    assert store.duties() == [("left_behind", hexed(JEANS))]


def test_a_request_that_nobody_takes_is_escalated_and_one_that_is_taken_is_not(
    store: Store, later: Callable[[float], None]
) -> None:
    store.box.fitting_room.arrive(ONE, [TEE_M])
    here = TEES[1].gtin
    first = store.box.fitting_room.requests.ask(ONE, here, TEES[2].gtin)
    second = store.box.fitting_room.requests.ask(ONE, here, TEES[0].gtin)
    store.box.fitting_room.requests.accept(second.id, CLERK)
    later(LIMITS["request_s"])
    later(LIMITS["request_s"])
    assert [told.request for told in store.events(events.RequestEscalated)] == [first.id]
    assert [one.escalated for one in store.box.fittings.requests()] == [True, False]
    found = store.box.fittings.request(second.id)
    assert found is not None
    assert found.clerk == CLERK.id


@pytest.mark.parametrize("days", [90, -1])
def test_a_wall_clock_that_steps_ends_and_keeps_nothing(
    store: Store, later: Callable[[float], None], moments: Moments, days: int
) -> None:
    store.box.fitting_room.arrive(ONE, [JEANS])
    store.box.fitting_room.arrive(TWO, [TEE_M])
    store.box.fitting_room.end(TWO)
    moments.step = dt.timedelta(days=days)
    later(10)
    assert (len(store.events(events.CabinLeft)), store.duties()) == (1, [])
    later(LIMITS["cabin_idle_s"])
    assert len(store.events(events.CabinLeft)) == 2


def test_a_basket_whose_shopper_has_gone_is_freed_when_its_payment_failed(
    store: Store, later: Callable[[float], None]
) -> None:
    store.box.fitting_room.arrive(ONE, [TEE_M])
    store.box.fitting_room.buy(ONE, TEES[1].gtin)
    payment = store.payment(store.box.cashier.ask_payment(ONE))
    store.box.fitting_room.end(ONE)
    later(1)
    assert store.basket(ONE) is not None
    store.box.cashier.send(payment.id, "terminal", 1)
    store.box.cashier.declined(payment.id, 108)
    later(1)
    assert store.basket(ONE) is None
    store.box.till.lay_down("1", [TEE_M])
    assert [line.gtin for line in store.basket("1").standing] == [TEES[1].gtin]  # type: ignore[union-attr]


def test_the_tills_idle_watch_leaves_cabins_alone(store: Store, moments: Moments) -> None:
    watch = IdleWatch(store.box, clock=lambda: moments.now_s)
    store.box.fitting_room.arrive(ONE, [TEE_M])
    store.box.fitting_room.buy(ONE, TEES[1].gtin)
    watch.open()
    watch.look()
    moments.now_s += 10_000
    watch.look()
    assert store.basket(ONE) is not None


def test_a_visit_that_head_office_does_not_know_ends_at_the_mirror(store: Store) -> None:
    reactions = Reactions(store.box)
    store.box.fitting_room.arrive(ONE, [TEE_M])
    with store.box.books.page() as page:
        session = page.fitting_in(ONE)
        assert session is not None
        page.save_fitting(session.changed(session.since, visit="v1"))
        page.announce(ShopperDismissed("b1", "v1", "token_unknown"), ONE)
    reactions.start()
    try:
        store.await_event(events.ShopperLeftMirror)
    finally:
        reactions.stop()
        reactions.join()
    assert store.box.fittings.in_cabin(ONE).visit == ""  # type: ignore[union-attr]


def test_stock_moves_with_what_is_sold_and_brought_back(store: Store) -> None:
    reactions = Reactions(store.box)
    gtin = TEES[1].gtin
    stock = store.box.stock
    assert (stock.pieces(gtin), stock.position(gtin)) == (None, "")
    stock.count({gtin: 3})
    stock.place({gtin: "Ständer 1"})
    reactions.start()
    try:
        store.box.till.lay_down("1", [TEE_M])
        payment = store.payment(store.box.cashier.ask_payment("1"))
        store.box.cashier.send(payment.id, "terminal", 1)
        store.box.cashier.taken(payment.id, 2, "girocard", "answer")
        until(lambda: stock.pieces(gtin) == 2)
    finally:
        reactions.stop()
        reactions.join()
    assert stock.position(gtin) == "Ständer 1"
    with store.box.books.page() as page:
        page.move_stock(gtin, -5)
        page.move_stock("9521234999999", -1)
    assert stock.pieces(gtin) == 0
