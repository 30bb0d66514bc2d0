"""Questions to a colleague: payment waits for them, the shopper hears no reason, every answer is kept."""

from __future__ import annotations

import pytest

from checkout.events import LossChecked, TaskDone
from checkout.loss import Learned, Sight
from checkout.spot_check import Draw, Experience
from checkout.staff import Clerk
from checkout.watch import GATE_AGAIN_S, PATIENCE_S, Watch
from tests.conftest import Shop, refuses, sgtin_96

ANNA = Clerk("c1", frozenset({"serve"}))
ALWAYS, NEVER = 0.0, 0.999


@pytest.fixture
def weighed_shop(shop: Shop) -> Shop:
    """The milk's weight is known."""
    with shop.books.page() as page:
        page.remember(shop.milk.gtin, Learned(1030.0, 9.0, 40))
    return shop


def self_service(shop: Shop, lot: float) -> None:
    """From now on lane 1 has spot checks, and every lot is this one."""
    shop.watch = Watch(shop.books, clock=shop.clock, lot=lambda: lot, spot_lanes=("1",))
    shop.cashier.settlement.before_payment = shop.watch.before_payment


def task(shop: Shop, kind: str, about: str) -> str:
    """The waiting task's id."""
    with shop.books.page() as page:
        assert kind in page.called_about(about)
        return page.open_task(kind, about, "1")


def test_a_bag_that_does_not_fit_for_long_calls_somebody_and_takes_it_back(weighed_shop: Shop) -> None:
    shop = weighed_shop
    basket = shop.scan(shop.milk)
    shop.watch.weighed("1", 1500)
    shop.clock.forward(seconds=PATIENCE_S - 1)
    shop.watch.weighed("1", 1500)
    assert shop.waiting_tasks() == []
    shop.clock.forward(seconds=1)
    shop.watch.weighed("1", 1501)
    assert shop.waiting_tasks() == [("weight_mismatch", basket.id)]
    shop.watch.weighed("1", 1031)
    assert shop.waiting_tasks() == []
    assert [event.outcome for event in shop.heard(TaskDone)] == ["fits"]  # type: ignore[attr-defined]
    assert shop.pay().state == "paid"


def test_payment_waits_for_the_colleague_and_then_goes_on(weighed_shop: Shop) -> None:
    shop = weighed_shop
    basket = shop.scan(shop.milk)
    shop.watch.weighed("1", 1500)
    for _ in range(2):
        refuses("check_waiting", lambda: shop.cashier.ask_payment("1", "k"))
    assert shop.basket() == basket, "the basket is as it was"
    called = task(shop, "weight_mismatch", basket.id)
    shop.watch.checked(called, ANNA, "approved")
    assert shop.heard(LossChecked) == [LossChecked(basket.id, called, "weight_mismatch", "approved", 0, "c1")]
    shop.watch.weighed("1", 1502)
    assert shop.waiting_tasks() == []
    assert shop.pay().state == "paid"


def test_an_answer_told_twice_is_one_answer(weighed_shop: Shop) -> None:
    shop = weighed_shop
    basket = shop.scan(shop.milk)
    shop.watch.saw("1", Sight(5, 0.99))
    called = task(shop, "sight_mismatch", basket.id)
    for _ in range(2):
        shop.watch.checked(called, ANNA, "nothing")
    assert len(shop.heard(LossChecked)) == 1
    shop.watch.checked("nonsense", ANNA, "nothing")
    assert len(shop.heard(LossChecked)) == 1


def test_only_who_may_serve_answers_and_only_with_sense(shop: Shop) -> None:
    basket = shop.scan(shop.milk)
    shop.watch.saw("1", Sight(5, 0.99))
    called = task(shop, "sight_mismatch", basket.id)
    refuses("not_allowed", lambda: shop.watch.checked(called, Clerk("c2", frozenset()), "nothing"))
    for wrong in (-1, 0, 1000):
        refuses("quantity_not_possible", lambda n=wrong: shop.watch.checked(called, ANNA, "forgotten", n))
    assert shop.waiting_tasks() == [("sight_mismatch", basket.id)]


def test_what_the_camera_no_longer_sees_is_no_question(shop: Shop) -> None:
    shop.scan(shop.milk)
    shop.watch.saw("1", Sight(2, 0.99))
    assert len(shop.waiting_tasks()) == 1
    shop.scan(shop.wine)
    shop.watch.saw("1", Sight(2, 0.99))
    assert shop.waiting_tasks() == []


@pytest.mark.parametrize("made", ["nothing", "paying"])
def test_evidence_without_an_open_basket_is_none(weighed_shop: Shop, made: str) -> None:
    shop = weighed_shop
    if made == "paying":
        shop.scan(shop.milk)
        shop.ask_and_send()
    shop.watch.weighed("1", 9999)
    shop.watch.saw("1", Sight(9, 1.0))
    shop.watch.before_payment("1")
    assert shop.waiting_tasks() == []


def test_the_scale_learns_from_purchases(shop: Shop) -> None:
    for _ in range(4):
        shop.scan(shop.milk)
        shop.watch.weighed("1", 1030)
        shop.scan(shop.wine)
        shop.watch.weighed("1", 1030 + 1290)
        shop.pay()
    with shop.books.page() as page:
        wine = page.remembered(Learned, shop.wine.gtin)
    assert wine is not None
    assert round(wine.mean_g) == 1290
    assert wine.trusted


# The gate


def test_tags_nobody_paid_for_are_one_question_for_one_passing(shop: Shop) -> None:
    tags = [shop.shirt_tag(n) for n in range(3)]
    foreign = sgtin_96("4099999000009", 1)
    shop.till.lay_down("1", tags[:1])
    shop.pay()
    shop.watch.passed_gate(tags[:1])
    shop.watch.passed_gate([foreign, b"\x00"])
    assert shop.waiting_tasks() == [], "paid, or not ours"
    shop.watch.passed_gate([*tags, foreign])
    first = min(tag.hex().upper() for tag in tags[1:])
    assert shop.waiting_tasks() == [("unpaid_tag", first)]
    shop.watch.checked(task(shop, "unpaid_tag", first), ANNA, "forgotten", 2)
    assert shop.heard(LossChecked)[0].forgotten == 2  # type: ignore[attr-defined]
    shop.watch.passed_gate(tags[2:])
    assert shop.waiting_tasks() == [], "they are standing there still"
    shop.clock.forward(seconds=GATE_AGAIN_S)
    shop.watch.passed_gate(tags[2:])
    assert len(shop.waiting_tasks()) == 1


# Spot checks


def test_a_drawn_basket_is_looked_at_once_and_teaches(shop: Shop) -> None:
    self_service(shop, ALWAYS)
    basket = shop.scan(shop.milk)
    refuses("check_waiting", lambda: shop.cashier.ask_payment("1"))
    shop.watch.checked(task(shop, "spot_check", basket.id), ANNA, "forgotten", 1)
    shop.scan(shop.wine)
    assert shop.pay().state == "paid"
    with shop.books.page() as page:
        experience, draw = page.remembered(Experience, "store"), page.remembered(Draw, basket.id)
    assert experience is not None
    assert draw is not None
    assert (experience.baskets, draw.checked) == (1, True)
    assert experience.weights[0] > Experience().weights[0]


def test_let_pass_without_a_look_teaches_nothing(shop: Shop) -> None:
    self_service(shop, ALWAYS)
    basket = shop.scan(shop.milk)
    refuses("check_waiting", lambda: shop.cashier.ask_payment("1"))
    shop.watch.checked(task(shop, "spot_check", basket.id), ANNA, "approved")
    assert shop.pay().state == "paid"
    with shop.books.page() as page:
        experience = page.remembered(Experience, "store")
    assert experience is not None
    assert experience.weights == Experience().weights


def test_who_is_not_drawn_pays_and_notices_nothing(shop: Shop) -> None:
    self_service(shop, NEVER)
    shop.scan(shop.milk)
    assert shop.pay().state == "paid"
    assert shop.waiting_tasks() == []


def test_a_staffed_lane_has_no_spot_checks(shop: Shop) -> None:
    self_service(shop, ALWAYS)
    shop.scan(shop.milk, lane="2")
    assert shop.pay("2").state == "paid"


def test_a_question_goes_along_to_another_lane(shop: Shop) -> None:
    self_service(shop, ALWAYS)
    shop.scan(shop.milk)
    refuses("check_waiting", lambda: shop.cashier.ask_payment("1"))
    parked = shop.parking.park("1")
    shop.parking.resume("2", parked.code)
    refuses("check_waiting", lambda: shop.cashier.ask_payment("2"))
