"""FAULTS 26 without a browser: the box ends what somebody left behind, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.events import (
    BasketCancelled,
    DeviceBack,
    DeviceLost,
    LaneFreed,
    PhoneLeft,
    ShopperIdentified,
    ShopperWelcomed,
)
from store_edge import idle
from store_edge.idle import SLACK_S, IdleWatch
from store_edge.settings import Settings
from tests.conftest import refuses
from tests.store_edge.open_store import HeadOfficeHouse, Store, store_settings, until

IDLE_S, PAID_S = 90.0, 20.0


class Seconds:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return store_settings(tmp_path / "store", idle_cancel_s=IDLE_S, receipt_shown_s=PAID_S, offer_s=5.0)


@pytest.fixture
def store(settings: Settings, open_box: Callable[..., Store]) -> Store:
    """A store without threads of its own."""
    return open_box(settings, start=False)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def watch(store: Store, seconds: Seconds) -> IdleWatch:
    return IdleWatch(store.box, seconds)


def pass_by(watch: IdleWatch, seconds: Seconds, span_s: float) -> None:
    """Let the watch hear what happened until now, then let time pass."""
    watch.look()
    seconds.now_s += span_s
    watch.look()


def state(store: Store) -> str:
    basket = store.basket()
    return "" if basket is None else basket.state


def test_a_basket_left_behind_is_ended_but_never_before_the_page_would(
    store: Store, watch: IdleWatch, seconds: Seconds
) -> None:
    store.scan(2)
    pass_by(watch, seconds, IDLE_S + SLACK_S - 1)
    assert state(store) == "open"
    pass_by(watch, seconds, 1)
    assert state(store) == ""
    assert [event.reason for event in store.events(BasketCancelled)] == ["left"]


def test_whatever_the_shopper_does_gives_the_basket_its_time_again(
    store: Store, watch: IdleWatch, seconds: Seconds
) -> None:
    acts: list[Callable[[], object]] = [
        lambda: refuses("code_unreadable", lambda: store.box.till.scan("1", "nonsense", how="typed")),
        lambda: store.box.till.change_quantity("1", 1, 3),
        lambda: store.box.till.ask_for_help("1"),
        lambda: store.scan(1),
    ]
    store.scan(1)
    for act in acts:
        pass_by(watch, seconds, IDLE_S)
        act()
    pass_by(watch, seconds, IDLE_S)
    assert state(store) == "open"


@pytest.mark.parametrize("unannounced", ["stay", "speak"])
def test_what_is_not_announced_counts_too(
    store: Store, watch: IdleWatch, seconds: Seconds, unannounced: str
) -> None:
    store.scan(1)
    pass_by(watch, seconds, IDLE_S)
    if unannounced == "stay":
        store.box.till.stay("1")
    else:
        store.box.till.terms.speak("1", "en")
    pass_by(watch, seconds, SLACK_S)
    assert state(store) == "open"
    pass_by(watch, seconds, IDLE_S + SLACK_S)
    assert state(store) == ""


def test_a_device_with_a_loose_contact_keeps_no_basket(
    store: Store, watch: IdleWatch, seconds: Seconds
) -> None:
    store.scan(1)
    watch.look()
    for _ in range(12):
        with store.box.books.page() as page:
            page.announce(DeviceLost("scanner-1", "gone"), "1")
            page.announce(DeviceBack("scanner-1"), "1")
        pass_by(watch, seconds, (IDLE_S + SLACK_S) / 12)
    assert state(store) == ""


def test_another_lane_keeps_no_basket(store: Store, watch: IdleWatch, seconds: Seconds) -> None:
    store.scan(1)
    pass_by(watch, seconds, IDLE_S)
    store.scan(1, lane="2")
    pass_by(watch, seconds, SLACK_S)
    assert state(store) == ""
    assert store.basket("2") is not None


def test_a_basket_being_paid_is_left_alone_and_has_its_time_after_a_decline(
    store: Store, watch: IdleWatch, seconds: Seconds
) -> None:
    payment = store.ask_payment()
    pass_by(watch, seconds, 100 * IDLE_S)
    assert state(store) == "paying"
    store.box.cashier.declined(payment.id, "card")
    pass_by(watch, seconds, IDLE_S)
    assert state(store) == "open"
    pass_by(watch, seconds, SLACK_S)
    assert state(store) == ""


def test_a_payment_that_begins_at_the_last_moment_is_not_cancelled(
    store: Store, watch: IdleWatch, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.scan(1)
    watch.look()
    seconds.now_s += IDLE_S + SLACK_S
    cancel = store.box.till.cancel

    def pay_first(*args: str, **more: object) -> None:
        store.box.cashier.ask_payment("1")
        cancel(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(store.box.till, "cancel", pay_first)
    watch.look()
    assert state(store) == "paying"


def test_a_paid_lane_is_freed_for_the_next(store: Store, watch: IdleWatch, seconds: Seconds) -> None:
    payment = store.ask_payment()
    store.box.cashier.send(payment.id, "by hand", 7)
    store.box.cashier.taken(payment.id, 8, "girocard", "staff")
    pass_by(watch, seconds, PAID_S + SLACK_S - 1)
    assert state(store) == "paid"
    pass_by(watch, seconds, 1)
    assert state(store) == ""
    assert len(store.events(LaneFreed)) == 1
    assert not store.events(BasketCancelled)


def test_a_basket_from_before_a_restart_is_ended_after_its_whole_time(store: Store, seconds: Seconds) -> None:
    store.scan(1)
    restarted = IdleWatch(store.box, seconds)
    restarted.open()
    pass_by(restarted, seconds, IDLE_S)
    assert state(store) == "open"
    pass_by(restarted, seconds, SLACK_S)
    assert state(store) == ""


def test_what_was_known_of_the_shopper_goes_with_the_basket(
    settings: Settings,
    open_box: Callable[..., Store],
    head_office: HeadOfficeHouse,
    seconds: Seconds,
) -> None:
    store = open_box(settings, head_office.client())
    until(store.box.public_keys.known)
    watch = IdleWatch(store.box, seconds)
    store.box.till.scan("1", head_office.token(head_office.account()), how="camera")
    visit = store.await_event(ShopperIdentified).visit
    store.await_event(ShopperWelcomed)
    assert store.box.visits.card(visit) is not None
    pass_by(watch, seconds, IDLE_S + SLACK_S)
    assert state(store) == ""
    assert store.box.visits.card(visit) is None
    assert store.box.visits.unanswered() == ()


def test_a_started_box_does_it_by_itself_for_new_baskets_and_old_ones(
    tmp_path: Path, open_box: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "SLACK_S", 0.1)
    settings = store_settings(tmp_path / "store", idle_cancel_s=0.2)
    asleep = open_box(settings, start=False)
    asleep.scan(1)
    asleep.box.stop()
    awake = open_box(settings)
    until(lambda: awake.basket() is None)
    awake.scan(1)
    until(lambda: awake.basket() is None)
    assert [event.reason for event in awake.events(BasketCancelled)] == ["left", "left"]


def test_a_basket_on_a_phone_waits_longer_and_the_phone_goes_after_it(
    store: Store, watch: IdleWatch, seconds: Seconds
) -> None:
    phone = store.box.phones.join("anna")
    store.scan(2, phone.lane)
    pass_by(watch, seconds, store.box.settings.phone.idle_s - 1)
    assert store.basket(phone.lane) is not None
    pass_by(watch, seconds, 1)
    assert store.basket(phone.lane) is None
    later = store.box.clock() + dt.timedelta(seconds=store.box.settings.phone.idle_s)
    store.box.phones._clock = lambda: later
    pass_by(watch, seconds, idle.SWEEP_S)
    assert [event.reason for event in store.events(PhoneLeft)] == ["left"]


def test_what_was_paid_by_phone_is_shown_as_long_as_its_code_is_good(
    store: Store, watch: IdleWatch, seconds: Seconds
) -> None:
    payment = store.ask_payment("phone-1")
    store.box.cashier.send(payment.id, "provider", 0)
    store.box.cashier.taken(payment.id, 0, "", "notice")
    pass_by(watch, seconds, store.box.settings.phone.exit_s)
    assert store.basket("phone-1") is not None
    pass_by(watch, seconds, SLACK_S)
    assert store.basket("phone-1") is None
