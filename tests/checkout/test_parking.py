"""Parked baskets: the lane is free, the basket waits; whoever has the code goes on, once, anywhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.basket import Basket
from checkout.errors import Refused
from checkout.events import (
    BasketCancelled,
    BasketParked,
    BasketResumed,
    ClerkActed,
    LaneFreed,
    ShopperDismissed,
)
from checkout.parking import CODE_PREFIX, PARKED_MAX, Parking
from checkout.shopper import PersonalOffer, VisitCard
from checkout.staff import By, Clerk
from checkout.till import Till
from tests.conftest import Shop, check_token, refuses

ANNA = Clerk("c1", frozenset({"serve"}))
TRAINEE = Clerk("c2", frozenset())


def what_counts(basket: Basket | None) -> tuple[object, ...]:
    """What a shopper would see: the lines without the version that touched them last, and the total."""
    assert basket is not None
    return (basket.id, basket.lines, basket.total_minor, basket.circumstances, basket.visit, basket.language)


def lanes_of(shop: Shop, *lanes: str) -> dict[str, str]:
    """Lane -> the basket on it."""
    on = {lane: shop.basket(lane) for lane in lanes}
    return {lane: basket.id for lane, basket in on.items() if basket is not None}


def test_a_basket_goes_from_lane_to_lane_and_is_paid_there(shop: Shop) -> None:
    shop.scan(shop.milk)
    before = shop.scan(shop.wine)
    parked = shop.parking.park("1")
    assert parked.code.startswith(CODE_PREFIX)
    assert shop.basket("1") is None
    other = shop.scan(shop.rolls, lane="1")
    resumed = shop.till.scan("2", parked.code, how="serial")
    assert what_counts(resumed) == what_counts(before)
    assert lanes_of(shop, "1", "2") == {"1": other.id, "2": before.id}
    shop.pay("2")
    assert shop.receipts()[-1].lane == "2"
    assert shop.heard(BasketParked) == [BasketParked(before.id, "shopper", parked.until)]
    assert shop.heard(BasketResumed) == [BasketResumed(before.id, "1")]
    refuses("parking_gone", lambda: shop.till.scan("1", parked.code, how="serial"))


def test_the_code_stands_in_no_event(shop: Shop) -> None:
    shop.scan(shop.milk)
    parked = shop.parking.park("1")
    shop.parking.resume("2", parked.code)
    assert parked.code.removeprefix(CODE_PREFIX) not in repr(shop.heard())


@pytest.mark.parametrize("made", ["nothing", "empty", "paid", "paying"])
def test_what_cannot_be_parked(shop: Shop, made: str) -> None:
    if made == "empty":
        shop.till.open("1", "de")
    elif made != "nothing":
        shop.scan(shop.milk)
        if made == "paid":
            shop.pay()
        else:
            shop.ask_and_send()
    reason = "basket_being_paid" if made == "paying" else "basket_empty"
    refuses(reason, lambda: shop.parking.park("1"))
    assert shop.heard(BasketParked) == []


def test_where_somebody_else_shops_nothing_is_resumed(shop: Shop) -> None:
    shop.scan(shop.milk)
    parked = shop.parking.park("1")
    taken = shop.scan(shop.wine, lane="2")
    refuses("lane_taken", lambda: shop.parking.resume("2", parked.code))
    assert shop.basket("2") == taken
    shop.ask_and_send("2")
    refuses("basket_being_paid", lambda: shop.parking.resume("2", parked.code))
    assert shop.parking.resume("1", parked.code) is not None


def test_an_empty_basket_and_a_paid_one_make_room(shop: Shop) -> None:
    shop.scan(shop.milk)
    first = shop.parking.park("1")
    empty = shop.till.open("2", "en")
    shop.parking.resume("2", first.code)
    assert shop.heard(BasketCancelled) == [BasketCancelled(empty.id, "shopper")]
    second = shop.parking.park("2")
    shop.scan(shop.wine, lane="3")
    paid = shop.pay("3")
    shop.parking.resume("3", second.code)
    assert LaneFreed(paid.id) in shop.heard(LaneFreed)


@pytest.mark.parametrize("code", ["", CODE_PREFIX, f"{CODE_PREFIX}guess", "EMMA1.x", "EMMAP.\x00", "E" * 600])
def test_a_code_that_opens_nothing(shop: Shop, code: str) -> None:
    shop.scan(shop.milk)
    shop.parking.park("1")
    refuses("parking_gone", lambda: shop.parking.resume("2", code))
    assert shop.basket("2") is None


def test_a_repeated_request_parks_and_resumes_once(shop: Shop) -> None:
    shop.scan(shop.milk)
    parked = shop.parking.park("1", request_key="k1")
    assert shop.parking.park("1", request_key="k1") == parked
    resumed = shop.parking.resume("2", parked.code, "k2")
    assert shop.parking.resume("2", parked.code, "k2") == resumed
    assert len(shop.heard(BasketParked)) == len(shop.heard(BasketResumed)) == 1
    refuses("parking_gone", lambda: shop.parking.park("1", request_key="k1"))


def test_tags_stay_with_the_parked_basket_and_are_free_when_it_expires(shop: Shop) -> None:
    tag = shop.shirt_tag()
    held = shop.till.lay_down("1", [tag])
    shop.parking.park("1")
    shop.till.lift("1", [tag])  # the shirt is taken along to the other lane
    assert shop.holder(tag) == held.id
    shop.till.lay_down("2", [tag])
    elsewhere = shop.basket("2")
    assert elsewhere is not None
    assert elsewhere.standing == (), "it lies in the parked basket"
    assert shop.parking.expire() == 0
    shop.clock.forward(hours=4)
    assert shop.parking.expire() == 1
    assert shop.holder(tag) is None
    assert shop.heard(BasketCancelled) == [BasketCancelled(held.id, "expired")]


def test_a_code_whose_time_is_over_opens_nothing_even_before_it_is_swept(shop: Shop) -> None:
    shop.scan(shop.milk)
    parked = shop.parking.park("1")
    shop.clock.forward(hours=4)
    refuses("parking_gone", lambda: shop.parking.resume("1", parked.code))


def test_at_closing_nothing_stays_parked(shop: Shop) -> None:
    for lane in ("1", "2"):
        shop.scan(shop.milk, lane=lane)
        shop.parking.park(lane)
    assert shop.parking.close_day() == 2
    assert [event.reason for event in shop.heard(BasketCancelled)] == ["closing", "closing"]  # type: ignore[attr-defined]
    assert shop.parking.close_day() == 0


def test_so_many_and_no_more(new_memory_shop: Callable[[], Shop]) -> None:
    shop = new_memory_shop()
    for _ in range(PARKED_MAX):
        shop.scan(shop.milk)
        shop.parking.park("1")
    shop.scan(shop.milk)
    refuses("parking_full", lambda: shop.parking.park("1"), limit=PARKED_MAX)
    left = Till(
        shop.books,
        clock=shop.clock,
        chance=shop.chance,
        check_token=check_token,
        when_left=shop.parking.park_left,
    )
    left.cancel("1", "left")
    assert shop.basket("1") is None
    assert len(shop.heard(BasketCancelled)) == 1


def test_staff_park_and_resume_by_their_id(shop: Shop) -> None:
    basket = shop.scan(shop.milk)
    refuses("not_allowed", lambda: shop.parking.park("1", "staff", by=By(TRAINEE)))
    parked = shop.parking.park("1", "staff", by=By(ANNA, "queue"))
    refuses("not_allowed", lambda: shop.parking.resume("2", parked.code, by=By(TRAINEE)))
    shop.parking.resume("2", parked.code, by=By(ANNA))
    assert shop.heard(ClerkActed) == [
        ClerkActed("c1", "park", basket.id, "queue"),
        ClerkActed("c1", "resume", basket.id),
    ]


# Walk-away


@pytest.fixture
def patient(shop: Shop) -> Shop:
    """A shop that parks what was left behind."""
    parking = Parking(shop.books, clock=shop.clock, chance=shop.chance)
    shop.till = Till(
        shop.books,
        clock=shop.clock,
        chance=shop.chance,
        check_token=check_token,
        when_left=parking.park_left,
    )
    return shop


def test_walking_away_parks_the_goods_and_forgets_the_person(patient: Shop) -> None:
    patient.scan(patient.milk)
    known = patient.till.scan("1", "EMMA1.erika", how="camera")
    offer = PersonalOffer("o1", patient.milk.gtin, 50, {"de": "weil", "en": "because"})
    patient.till.visits.welcome(known.visit, "1", VisitCard(True, "Erika", (), offer))
    patient.till.cancel("1", "left")
    assert patient.basket("1") is None
    with patient.books.page() as page:
        (parked,) = page.parked()
        basket = page.basket(parked.basket)
        assert page.visit_card(known.visit) is None
    assert basket is not None
    assert (basket.visit, basket.total_minor) == ("", patient.milk.price_minor), "the personal price went too"
    assert patient.heard(ShopperDismissed) == [ShopperDismissed(known.id, known.visit, "left")]


def test_walking_away_from_nothing_leaves_nothing(patient: Shop) -> None:
    patient.till.open("1", "de")
    patient.till.cancel("1", "left")
    with patient.books.page() as page:
        assert list(page.parked()) == []


def test_giving_up_is_not_walking_away(patient: Shop) -> None:
    basket = patient.scan(patient.milk)
    patient.till.cancel("1", "shopper")
    assert patient.heard(BasketCancelled) == [BasketCancelled(basket.id, "shopper")]


# Laws

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["scan", "void", "park", "resume", "tray", "cancel"]),
        st.sampled_from(["1", "2", "3"]),
        st.integers(0, 4),
    ),
    max_size=40,
)


def play(shop: Shop, act: str, lane: str, which: int, codes: list[str]) -> None:
    """One step; what is refused changes nothing."""
    if act == "scan":
        shop.scan(Shop.assortment[0 if which == 2 else which], lane=lane)
    elif act == "void":
        shop.till.void(lane, which)
    elif act == "park":
        codes.append(shop.parking.park(lane).code)
    elif act == "resume" and codes:
        shop.till.scan(lane, codes[which % len(codes)], how="serial")
    elif act == "tray":
        shop.till.lay_down(lane, [shop.shirt_tag(which)])
    elif act == "cancel":
        shop.till.cancel(lane)


@given(steps=STEPS)
def test_nobodys_basket_is_ever_on_two_lanes(
    steps: list[tuple[str, str, int]], new_memory_shop: Callable[[], Shop]
) -> None:
    """And a tag is held by one basket, which is open or parked."""
    shop = new_memory_shop()
    codes: list[str] = []
    for act, lane, which in steps:
        with suppress(Refused):
            play(shop, act, lane, which, codes)
        here = list(lanes_of(shop, "1", "2", "3").values())
        with shop.books.page() as page:
            aside = [parked.basket for parked in page.parked()]
            assert len(set(here + aside)) == len(here + aside)
            for serial in range(5):
                holder = page.epc_holder(shop.shirt_tag(serial).hex().upper())
                assert holder is None or holder in here + aside


@given(steps=STEPS, walk=st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=5))
def test_parking_and_resuming_changes_nothing_that_counts(
    steps: list[tuple[str, str, int]], walk: list[str], new_memory_shop: Callable[[], Shop]
) -> None:
    shop = new_memory_shop()
    for act, _lane, which in steps:
        if act in ("scan", "void", "tray"):
            with suppress(Refused):
                play(shop, act, "1", which, [])
    before = shop.basket("1")
    if before is None or not before.standing:
        return
    for here, there in pairwise(["1", *walk]):
        shop.parking.resume(there, shop.parking.park(here).code)
        after = shop.basket(there)
        assert what_counts(after) == what_counts(before)
        assert after is not None
        assert after.version > before.version
