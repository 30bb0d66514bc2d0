"""Shoppers who say who they are: known when head office can tell, served as well when it cannot."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from checkout.errors import Refused
from checkout.events import ShopperDismissed, ShopperIdentified, ShopperWelcomed
from store_edge.settings import Settings
from store_edge.sync import outbox, public_keys, visits
from store_edge.sync.central_client import HeadOffice
from tests.store_edge.open_store import HeadOfficeHouse, Store, no_head_office, store_settings, until
from tests.store_edge.sync.lossy_line import LossyLine


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return store_settings(tmp_path / "store", offer_s=5.0)


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "RETRY_S", 0.1)
    monkeypatch.setattr(visits, "AGREED_S", 0.1)
    monkeypatch.setattr(public_keys, "RETRY_S", 0.1)
    monkeypatch.setattr(outbox, "BACKOFF_S_MAX", 0.5)


@pytest.fixture
def store(settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse) -> Store:
    opened = open_box(settings, head_office.client())
    until(opened.box.public_keys.known)
    return opened


@pytest.fixture
def token(head_office: HeadOfficeHouse) -> str:
    return head_office.token(head_office.account())


def show(store: Store, token: str) -> None:
    store.box.till.scan("1", token, how="camera")


def test_a_shopper_who_agreed_is_welcomed(store: Store, token: str) -> None:
    show(store, token)
    welcomed = store.await_event(ShopperWelcomed)
    assert welcomed.personal
    card = store.box.visits.card(welcomed.visit)
    assert card is not None
    assert "Erika" in card.greeting
    assert store.box.visits.unanswered() == ()


def test_a_token_used_elsewhere_makes_a_stranger_and_calls_staff(
    store: Store, token: str, head_office: HeadOfficeHouse
) -> None:
    elsewhere = head_office.client()
    elsewhere.visit("another-visit", token, "9", 5.0)
    elsewhere.close()
    store.scan(2)
    show(store, token)
    assert store.await_event(ShopperDismissed).reason == "token_used"
    basket = store.basket()
    assert basket is not None
    assert (basket.visit, len(basket.lines)) == ("", 2)
    visit = store.events(ShopperIdentified)[0].visit
    until(lambda: ("token_used", visit) in store.tasks())


def test_head_office_away_the_sale_goes_on_and_the_welcome_comes_later(
    store: Store, token: str, head_office: HeadOfficeHouse
) -> None:
    head_office.close()
    show(store, token)
    assert len(store.scan(3).lines) == 3
    assert not store.events(ShopperWelcomed, ShopperDismissed)
    head_office.open()
    store.await_event(ShopperWelcomed)


def test_a_visit_unanswered_when_the_box_stopped_is_asked_about_again(
    store: Store, token: str, head_office: HeadOfficeHouse, settings: Settings, open_box: Callable[..., Store]
) -> None:
    head_office.close()
    show(store, token)
    store.box.stop()
    head_office.open()
    open_box(settings, head_office.client()).await_event(ShopperWelcomed)


def test_a_lost_answer_is_asked_for_again_and_welcomes_once(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse, lossy: LossyLine
) -> None:
    store = open_box(settings, head_office.client(lossy.url))
    until(store.box.public_keys.known)
    lossy.lose["answer"] = 3
    show(store, head_office.token(head_office.account()))
    store.await_event(ShopperWelcomed)
    assert len(store.events(ShopperWelcomed)) == 1
    assert not store.events(ShopperDismissed)


@pytest.mark.parametrize("away", [False, True])
def test_what_the_shopper_takes_back_goes_from_the_screen_while_they_are_here(
    store: Store, head_office: HeadOfficeHouse, away: bool
) -> None:
    account = head_office.account()
    show(store, head_office.token(account))
    visit = store.await_event(ShopperWelcomed).visit
    if away:
        head_office.close()
    store.scan(2)
    head_office.take_back(account, "personalisation")
    if away:
        head_office.open()
    until(lambda: len(store.events(ShopperWelcomed)) == 2)
    card = store.box.visits.card(visit)
    assert card is not None
    assert (card.personal, card.greeting, card.usual, card.offer) == (False, "", (), None)
    basket = store.basket()
    assert basket is not None
    assert (basket.visit, len(basket.lines)) == (visit, 2)


def test_somebody_who_has_themselves_erased_is_a_stranger_here_too(
    store: Store, head_office: HeadOfficeHouse
) -> None:
    account = head_office.account()
    show(store, head_office.token(account))
    visit = store.await_event(ShopperWelcomed).visit
    store.scan(2)
    head_office.erase(account)
    assert store.await_event(ShopperDismissed).reason == "withdrawn"
    basket = store.basket()
    assert basket is not None
    assert (basket.visit, len(basket.lines)) == ("", 2)
    assert store.box.visits.card(visit) is None
    assert store.box.visits.answered() == ()


@pytest.fixture
def lossy(head_office: HeadOfficeHouse) -> Iterator[LossyLine]:
    line = LossyLine(head_office.port)
    yield line
    line.close()


def test_a_wrong_key_of_ours_is_not_the_shoppers_fault(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse, token: str
) -> None:
    store = open_box(settings, HeadOffice(head_office.url, "wrong"))
    until(store.box.public_keys.known)
    show(store, token)
    store.await_health(outbox.READER, "lost")
    until(lambda: len(store.box.visits.unanswered()) == 1)
    store.scan(2)
    assert not store.events(ShopperDismissed)
    basket = store.basket()
    assert basket is not None
    assert basket.visit


def test_the_public_keys_are_kept_for_when_head_office_is_away(
    store: Store, token: str, settings: Settings, open_box: Callable[..., Store]
) -> None:
    known = dict(store.box.public_keys.known())
    store.box.stop()
    alone = open_box(settings, no_head_office())
    assert alone.box.public_keys.known() == known
    show(alone, token)
    assert alone.events(ShopperIdentified)


def test_a_store_that_never_heard_of_head_office_takes_no_token(
    settings: Settings, open_box: Callable[..., Store], token: str
) -> None:
    alone = open_box(settings, no_head_office())
    with pytest.raises(Refused, match="token_forged"):
        show(alone, token)


class Clerk(httpx.BaseTransport):
    """Head office with somebody else at the desk for visits, who always says the same, and counts."""

    def __init__(self, status: int, problem: str = "") -> None:
        self._answer = (status, {"type": f"tag:tante-emma.example,2026:problem/{problem}"})
        self._wire = httpx.HTTPTransport()
        self.asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/visits"):
            return self._wire.handle_request(request)
        self.asked += 1
        status, body = self._answer
        return httpx.Response(status, json=body, request=request)

    def close(self) -> None:
        self._wire.close()


def open_with(
    clerk: Clerk, settings: Settings, open_box: Callable[..., Store], house: HeadOfficeHouse
) -> Store:
    store = open_box(settings, HeadOffice(house.url, house.store_key, clerk))
    until(store.box.public_keys.known)
    return store


def test_a_token_too_old_for_head_office_ends_the_visit_and_the_asking(
    settings: Settings, open_box: Callable[..., Store], head_office: HeadOfficeHouse, token: str
) -> None:
    clerk = Clerk(410, "token-expired")
    store = open_with(clerk, settings, open_box, head_office)
    show(store, token)
    assert store.await_event(ShopperDismissed).reason == "token_expired"
    assert store.box.visits.unanswered() == ()
    assert store.duties() == []
    store.scan(3)
    assert clerk.asked == 1


def test_a_busy_till_does_not_make_us_ask_a_silent_head_office_more_often(
    settings: Settings,
    open_box: Callable[..., Store],
    head_office: HeadOfficeHouse,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(visits, "RETRY_S", 60.0)
    clerk = Clerk(503)
    store = open_with(clerk, settings, open_box, head_office)
    show(store, token)
    until(lambda: clerk.asked)
    for _ in range(5):
        store.scan(1)
        time.sleep(0.05)
    assert clerk.asked == 1
