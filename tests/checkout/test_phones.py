"""A shopper's own phone is a lane: it comes, makes room, and what was paid on it leaves by a code, once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest

from checkout.errors import Refused
from checkout.events import (
    BasketCancelled,
    BasketResumed,
    ExitAllowed,
    ExitUsed,
    LaneFreed,
    PhoneJoined,
    PhoneLeft,
    ScanRefused,
)
from checkout.exits import GOOD_FOR
from checkout.phone_lane import (
    PHONE,
    PHONES_MAX,
    Phone,
    is_exit_code,
    is_phone,
    lane_of_phone,
    number_of_phone,
    serves,
    till_of,
)
from checkout.phones import MAKES_ROOM, PhoneRules, digest_of
from checkout.spot_check import Budget
from checkout.watch import Watch
from tests.conftest import Shop, StoreShop, refuses


def test_a_phone_is_known_by_its_lane_and_by_nothing_else_that_looks_like_one() -> None:
    assert [lane_of_phone(1), lane_of_phone(PHONES_MAX)] == ["phone-1", "phone-9999"]
    assert [number_of_phone(lane) for lane in ("phone-1", "phone-9999")] == [1, 9999]
    no_phones = ("1", "phone", "phone-0", "phone-01", "phone-10000", "phone-1 ", "xphone-1", "phone-١")
    assert not any(is_phone(lane) for lane in no_phones)
    assert [till_of("phone-7"), till_of("2")] == [PHONE, "2"]
    assert serves(PHONE, "phone-7")
    assert serves("phone-7", "phone-7")
    assert serves("2", "2")
    assert not serves("phone-7", PHONE)
    assert not serves(PHONE, "2")
    assert not serves("1", "phone-1")


def basket_of(shop: Shop, phone: Phone) -> str:
    basket = shop.basket(phone.lane)
    assert basket is not None
    return basket.id


def paid_by_phone(shop: Shop, secret: str = "anna") -> tuple[Phone, str]:
    phone = shop.phones.join(secret)
    shop.scan(shop.milk, phone.lane, how="phone")
    return phone, shop.pay(phone.lane).id


def test_a_phone_has_one_lane_as_long_as_it_is_there_and_the_store_keeps_no_secret(shop: Shop) -> None:
    anna, ben = shop.phones.join("anna"), shop.phones.join("ben")
    assert (anna.lane, ben.lane) == ("phone-1", "phone-2")
    assert shop.phones.join("anna") == anna
    assert "anna" not in repr(anna)
    assert anna.key == digest_of("anna")
    assert shop.heard(PhoneJoined) == [PhoneJoined(anna.id), PhoneJoined(ben.id)]
    shop.phones.leave(anna)
    shop.phones.leave(anna)
    assert shop.heard(PhoneLeft) == [PhoneLeft(anna.id, "shopper")]
    assert shop.phones.join("cem").lane == "phone-1"


def test_whoever_goes_gives_up_what_is_unpaid_but_never_what_is_being_paid(shop: Shop) -> None:
    phone = shop.phones.join("anna")
    shop.scan(shop.milk, phone.lane)
    shop.ask_and_send(phone.lane)
    refuses("basket_being_paid", lambda: shop.phones.leave(phone))
    payment = shop.payment(phone.lane)
    assert payment is not None
    shop.cashier.declined(payment.id, "shopper")
    shop.phones.leave(phone)
    assert [event.reason for event in shop.heard(BasketCancelled)] == ["shopper"]  # type: ignore[attr-defined]
    other, _basket = paid_by_phone(shop, "ben")
    shop.phones.leave(other)
    assert len(shop.heard(LaneFreed)) == 1


def test_a_full_shop_makes_room_where_nothing_was_ever_scanned_the_quietest_first(shop: Shop) -> None:
    anna = shop.phones.join("anna")
    shop.scan(shop.milk, anna.lane)
    shop.clock.forward(seconds=1)
    ben = shop.phones.join("ben")
    shop.clock.forward(seconds=1)
    shop.phones.join("cem")
    refuses("phones_full", lambda: shop.phones.join("dora"))
    shop.clock.forward(seconds=MAKES_ROOM.total_seconds() - 1)
    assert shop.phones.join("dora").lane == ben.lane
    refuses("phones_full", lambda: shop.phones.join("emil"))
    assert shop.phones.join("anna") == anna


def test_a_phone_that_was_heard_of_is_not_forgotten(shop: Shop) -> None:
    anna, ben = shop.phones.join("anna"), shop.phones.join("ben")
    shop.clock.forward(minutes=20)
    shop.phones.heard_of(anna)
    shop.clock.forward(minutes=11)
    assert shop.phones.expire() == 1
    assert shop.heard(PhoneLeft) == [PhoneLeft(ben.id, "left")]
    assert shop.phones.join("anna").lane == anna.lane


def test_a_phone_with_a_basket_stays_however_quiet_it_is(shop: Shop) -> None:
    anna = shop.phones.join("anna")
    shop.scan(shop.milk, anna.lane)
    shop.clock.forward(days=1)
    assert shop.phones.expire() == 0
    shop.till.cancel(anna.lane, "left")
    assert shop.phones.expire() == 1


def test_a_lane_on_which_something_was_left_is_nobodys(shop: Shop) -> None:
    shop.scan(shop.milk, "phone-1")
    assert shop.phones.join("anna").lane == "phone-2"


def test_a_card_is_kept_for_this_visit_only(shop: Shop) -> None:
    anna = shop.phones.join("anna")
    shop.phones.keep_card(anna, "mandate-1")
    assert shop.phones.join("anna").mandate == "mandate-1"
    shop.phones.leave(anna)
    refuses("phone_gone", lambda: shop.phones.keep_card(anna, "mandate-1"))
    assert shop.phones.join("anna").mandate == ""


def test_a_shop_without_phones_has_no_lane_for_any(shop: Shop) -> None:
    shop.phones._rules = PhoneRules(phones_max=0)
    refuses("phones_full", lambda: shop.phones.join("anna"))


def test_a_basket_goes_from_the_phone_to_a_till_and_back(shop: Shop) -> None:
    phone = shop.phones.join("anna")
    shop.scan(shop.milk, phone.lane)
    shop.till.scan("1", shop.parking.park(phone.lane).code, how="serial")
    shop.scan(shop.wine, "1")
    shop.till.scan(phone.lane, shop.parking.park("1").code, how="phone")
    assert len(shop.pay(phone.lane).standing) == 2
    assert [event.was_on for event in shop.heard(BasketResumed)] == [phone.lane, "1"]  # type: ignore[attr-defined]


def test_every_phone_may_be_spot_checked(shop: Shop) -> None:
    shop.watch = Watch(
        shop.books, clock=shop.clock, lot=lambda: 0.0, spot_lanes=(PHONE,), budget=Budget(0.5, 0.5)
    )
    phone = shop.phones.join("anna")
    shop.scan(shop.milk, phone.lane)
    shop.scan(shop.milk, "1")
    shop.watch.before_payment("1")
    assert shop.waiting_tasks() == []
    shop.watch.before_payment(phone.lane)
    assert shop.waiting_tasks() == [("spot_check", basket_of(shop, phone))]
    refuses("check_waiting", lambda: shop.cashier.ask_payment(phone.lane))


# Leaving


def test_what_was_paid_by_phone_opens_the_gate_once(shop: Shop) -> None:
    phone, basket = paid_by_phone(shop)
    allowed = shop.exits.allow(basket)
    assert is_exit_code(f" {allowed.code}\n")
    assert shop.exits.allow(basket) == allowed
    assert shop.heard(ExitAllowed) == [ExitAllowed(basket, "2026-11-21T10:10:00+00:00")]
    shop.exits.leave("1", f" {allowed.code}\n", "serial")
    assert shop.heard(ExitUsed) == [ExitUsed(basket)]
    refuses("exit_used", lambda: shop.exits.leave("1", allowed.code, "serial"))
    refuses("exit_used", lambda: shop.exits.allow(basket))
    assert shop.heard(ScanRefused) == [ScanRefused("", "exit_used", "serial")]
    shop.phones.leave(phone)
    refuses("exit_not_paid", lambda: shop.exits.allow(basket))


def test_a_code_lasts_for_minutes_and_then_there_is_a_new_one(shop: Shop) -> None:
    _phone, basket = paid_by_phone(shop)
    first = shop.exits.allow(basket)
    shop.clock.forward(seconds=GOOD_FOR.total_seconds() - 1)
    assert shop.exits.allow(basket) == first
    shop.clock.forward(seconds=1)
    refuses("exit_over", lambda: shop.exits.leave("1", first.code, "serial"))
    second = shop.exits.allow(basket)
    assert second.code != first.code
    refuses("exit_unknown", lambda: shop.exits.leave("1", first.code, "serial"))
    shop.exits.leave("1", second.code, "serial")
    assert shop.heard(ExitUsed) == [ExitUsed(basket)]


def test_where_there_is_no_gate_the_code_is_not_used_up(shop: Shop) -> None:
    _phone, basket = paid_by_phone(shop)
    code = shop.exits.allow(basket).code
    refuses("exit_elsewhere", lambda: shop.exits.leave("2", code, "camera"))
    shop.exits.leave("1", code, "serial")


def test_nobody_leaves_with_what_is_not_paid_or_a_code_that_was_made_up(shop: Shop) -> None:
    phone = shop.phones.join("anna")
    basket = shop.scan(shop.milk, phone.lane)
    refuses("exit_not_paid", lambda: shop.exits.allow(basket.id))
    refuses("exit_not_paid", lambda: shop.exits.allow("nobody"))
    for text in ("EMMAX.", "EMMAX.guessed", "EMMAX." + "a" * 65, "EMMAX.a b", "EMMAX.%"):
        refuses("exit_unknown", lambda text=text: shop.exits.leave("1", text, "serial"))  # type: ignore[misc]
    assert shop.heard(ExitUsed) == []


def test_fault_28_a_code_shown_twenty_times_at_once_opens_once(
    open_shop: Callable[..., StoreShop], new_store_url: Callable[[], str]
) -> None:
    shop = open_shop(new_store_url())
    _phone, basket = paid_by_phone(shop)
    code = shop.exits.allow(basket).code
    all_at_once = threading.Barrier(20)
    came: list[str] = []

    def hold_it_there() -> None:
        all_at_once.wait(20)
        try:
            shop.exits.leave("1", code, "serial")
            came.append("opened")
        except Refused as refused:
            came.append(refused.reason)

    people = [threading.Thread(target=hold_it_there) for _ in range(20)]
    for one in people:
        one.start()
    for one in people:
        one.join(60)
    assert sorted(came) == ["exit_used"] * 19 + ["opened"]
    assert shop.heard(ExitUsed) == [ExitUsed(basket)]


@pytest.mark.parametrize("hours", [-24, 24 * 90])
def test_a_clock_that_jumps_loses_no_basket(shop: Shop, hours: int) -> None:
    phone = shop.phones.join("anna")
    shop.scan(shop.milk, phone.lane)
    shop.clock.now += dt.timedelta(hours=hours)
    shop.phones.heard_of(phone)
    shop.phones.expire()
    assert shop.phones.join("anna").lane == phone.lane
    assert shop.basket(phone.lane) is not None
