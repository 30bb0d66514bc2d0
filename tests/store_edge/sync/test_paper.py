"""Coupons and vouchers that count once in the chain: two stores, a head office on a port, a line to cut."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from central.db import tables as central_tables
from central.keys import issue_key
from checkout.deposit import DepositKinds
from checkout.errors import Refused
from checkout.events import CouponRedeemed, CouponTakenBack, LineVoided, ScanRefused, VoucherRedeemed
from checkout.handed_in import ALONE, ASKED, HELD, LET_GO
from checkout.vouchers import VoucherForms
from store_edge.db import tables as t
from store_edge.settings import CouponSettings, ParkingSettings, Settings, ShopSettings
from store_edge.sync import outbox, paper
from store_edge.sync.central_client import HeadOffice
from tests.store_edge.open_store import HeadOfficeHouse, NobodyThere, Store, store_settings, until

WORDS = {"de": "Gruß", "en": "Greeting"}
COUPONS = {
    "letter": CouponSettings("LETTER-1", WORDS, amount_minor=30, times_max=1),
    "twice": CouponSettings("TWICE-1", WORDS, amount_minor=30, times_max=2),
    "large": CouponSettings("LARGE-1", WORDS, amount_minor=30, times_max=1, goods_minor_min=100_000),
    "always": CouponSettings("ALWAYS-1", WORDS, amount_minor=30),
}
SECRET = "a secret of the whole chain"
VOUCHER = VoucherForms(secret=SECRET.encode()).sealed("Zk3_91xQab7", 25)


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMMA_VOUCHER_SECRET", SECRET)
    monkeypatch.setattr(paper, "RETRY_S", 0.1)
    monkeypatch.setattr(paper, "LOOK_UP_S", 0.05)
    monkeypatch.setattr(outbox, "BACKOFF_S_MAX", 0.5)


def settings(home: Path, store: str, paper_s: float = 15.0) -> Settings:
    parking = ParkingSettings(left_baskets=False)
    made = store_settings(home / store, lanes=("1", "2"), paper_s=paper_s)
    return replace(made, demo=False, shop=ShopSettings(id=store), coupons=COUPONS, parking=parking)


@pytest.fixture
def clients(head_office: HeadOfficeHouse) -> Callable[[str], HeadOffice]:
    """Each store's own way to head office."""
    keys: dict[str, str] = {"demo": head_office.store_key}

    def client_of(store: str) -> HeadOffice:
        if store not in keys:
            keys[store] = issue_key(head_office.centre.database, "store", store)
        return HeadOffice(head_office.url, keys[store])

    return client_of


@pytest.fixture
def stores(
    tmp_path: Path, open_box: Callable[..., Store], clients: Callable[[str], HeadOffice]
) -> tuple[Store, Store]:
    return opened(open_box, tmp_path, "demo", clients), opened(open_box, tmp_path, "two", clients)


def opened(
    open_box: Callable[..., Store], home: Path, name: str, clients: Callable[[str], HeadOffice]
) -> Store:
    store = open_box(settings(home, name), clients(name))
    store.box.shelves.put(DepositKinds().articles())
    return store


def claims(store: Store) -> dict[str, str]:
    """What the store asked about, and how that stands."""
    columns = (t.paper_claims.c.id, t.paper_claims.c.state)
    with store.box.database.read() as connection:
        return {row.id: row.state for row in connection.execute(sa.select(*columns))}


def kept(house: HeadOfficeHouse) -> set[tuple[str, str]]:
    """Which papers head office keeps for which store."""
    c = central_tables.paper_claims.c
    with house.centre.database.read() as connection:
        return {(id, store) for id, store in connection.execute(sa.select(c.id, c.store))}


def hand_in(store: Store, text: str, lane: str = "1") -> None:
    store.scan(2, lane)
    store.box.till.scan(lane, text, how="serial")


def pay(store: Store, lane: str = "1") -> int:
    basket = store.box.cashier.ask_payment(lane)
    payment = store.payment(basket)
    store.box.cashier.send(payment.id, "terminal-1", 7)
    store.box.cashier.taken(payment.id, 8, "girocard", "answer")
    return basket.total_minor


def reason_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reason


def alarms(house: HeadOfficeHouse) -> set[tuple[str, str, str, int]]:
    headers = {"Authorization": f"Bearer {house.office_key}"}
    answer = httpx.get(f"{house.url}/api/v1/alarms", headers=headers, trust_env=False)
    return {(a["kind"], a["store"], a["about"], a["amount_minor"]) for a in answer.json()["alarms"]}


@pytest.mark.parametrize(
    ("kind", "text", "id", "gone"),
    [("coupon", "LETTER-1", "LETTER-1", CouponTakenBack), ("voucher", VOUCHER, "Zk3_91xQab7", LineVoided)],
)
def test_what_lies_in_a_basket_of_one_store_leaves_that_of_another(
    stores: tuple[Store, Store], head_office: HeadOfficeHouse, kind: str, text: str, id: str, gone: Any
) -> None:
    here, there = stores
    hand_in(here, text)
    until(lambda: claims(here) == {id: HELD})
    hand_in(there, text)
    assert there.await_event(ScanRefused).reason == f"{kind}_used_elsewhere"
    assert len(there.events(gone)) == 1
    assert [kind for kind, _ in there.tasks()] == ["paper_used"]
    until(lambda: claims(there) == {})
    assert pay(there) == pay(here) + (30 if kind == "coupon" else 25)
    until(lambda: kept(head_office) == {(id, "demo")})
    until(lambda: claims(here) == {})
    assert alarms(head_office) == set()


def test_used_and_told_it_stays_used_though_nobody_holds_it_any_more(
    stores: tuple[Store, Store], head_office: HeadOfficeHouse
) -> None:
    here, there = stores
    hand_in(here, "LETTER-1")
    until(lambda: claims(here) == {"LETTER-1": HELD})
    pay(here)
    here.await_event(CouponRedeemed)
    last = here.box.journal.last_number()
    until(lambda: here.box.journal.cursor(outbox.READER) >= last)
    with head_office.centre.database.write("test") as connection:
        connection.execute(sa.delete(central_tables.paper_claims))  # its time is over
    hand_in(there, "LETTER-1")
    assert there.await_event(ScanRefused).reason == "coupon_used_elsewhere"


def test_as_long_as_it_lies_in_a_basket_it_is_asked_for_again(
    stores: tuple[Store, Store], head_office: HeadOfficeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "RENEWED", dt.timedelta(milliseconds=50))
    ends = sa.select(central_tables.paper_claims.c.ends_ms)

    def ends_ms() -> int:
        with head_office.centre.database.read() as connection:
            return connection.execute(ends).scalar() or 0

    hand_in(stores[0], "LETTER-1")
    until(ends_ms)
    first_ms = ends_ms()
    until(lambda: ends_ms() > first_ms)
    assert claims(stores[0]) == {"LETTER-1": HELD}


def test_both_at_the_same_moment_one_has_it(stores: tuple[Store, Store]) -> None:
    start = threading.Barrier(2)

    def show(store: Store) -> None:
        start.wait(15)
        hand_in(store, "LETTER-1")

    threads = [threading.Thread(target=show, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    until(lambda: sorted(claims(s).get("LETTER-1", "") for s in stores) == ["", HELD])
    assert sorted(len(store.events(ScanRefused)) for store in stores) == [0, 1]


def test_what_may_be_used_twice_may_lie_in_two_baskets_and_what_is_free_is_not_asked_about(
    stores: tuple[Store, Store], head_office: HeadOfficeHouse
) -> None:
    here, there = stores
    for store in stores:
        hand_in(store, "TWICE-1")
        until(lambda store=store: claims(store) == {"TWICE-1": HELD})
        store.box.till.scan("1", "ALWAYS-1", how="serial")
    hand_in(here, "TWICE-1", "2")
    assert here.await_event(ScanRefused).reason == "coupon_used_elsewhere"
    assert kept(head_office) == {("TWICE-1", "demo"), ("TWICE-1", "two")}
    assert not there.events(ScanRefused)


@pytest.mark.parametrize("ending", ["taken back", "given up", "voided", "took nothing off"])
def test_what_is_not_used_after_all_is_given_back(
    stores: tuple[Store, Store], head_office: HeadOfficeHouse, ending: str
) -> None:
    here, there = stores
    text, id = {
        "voided": (VOUCHER, "Zk3_91xQab7"),
        "took nothing off": ("LARGE-1", "LARGE-1"),
    }.get(ending, ("LETTER-1", "LETTER-1"))
    hand_in(here, text)
    until(lambda: claims(here) == {id: HELD})
    match ending:
        case "taken back":
            here.box.till.coupons.take_back("1", "letter")
        case "given up":
            here.box.till.cancel("1")
        case "voided":
            here.box.till.void("1", 3)
        case _:
            pay(here)
    until(lambda: claims(here) == {} and kept(head_office) == set())
    hand_in(there, text)
    until(lambda: claims(there) == {id: HELD})
    assert not there.events(ScanRefused)


def test_nobody_pays_before_the_answer_or_the_end_of_its_time(
    tmp_path: Path, open_box: Callable[..., Store]
) -> None:
    store = open_box(settings(tmp_path, "demo"), start=False)
    hand_in(store, "LETTER-1")
    assert reason_of(lambda: store.box.cashier.ask_payment("1")) == "paper_being_checked"
    store = open_box(settings(tmp_path, "two", paper_s=0.001), start=False)
    hand_in(store, "LETTER-1")
    until(lambda: store.box.cashier.ask_payment("1"))


def test_offline_the_sale_goes_on_and_double_use_is_found_and_booked(
    stores: tuple[Store, Store], head_office: HeadOfficeHouse
) -> None:
    head_office.close()
    for store in stores:
        hand_in(store, "LETTER-1")
        store.box.till.scan("1", VOUCHER, how="serial")
        until(lambda store=store: set(claims(store).values()) == {ALONE})
        pay(store)
        store.await_event(VoucherRedeemed)
    head_office.open()
    ids = {"LETTER-1": ("coupon_used_too_often", 30), "Zk3_91xQab7": ("voucher_used_twice", 25)}
    expected = {(kind, store, id, minor) for id, (kind, minor) in ids.items() for store in ("demo", "two")}
    until(lambda: alarms(head_office) == expected)
    assert not any(store.events(ScanRefused) for store in stores)


def test_back_on_line_before_paying_it_is_asked_about_after_all(
    stores: tuple[Store, Store], head_office: HeadOfficeHouse
) -> None:
    here, there = stores
    hand_in(here, "LETTER-1")
    until(lambda: claims(here) == {"LETTER-1": HELD})
    head_office.close()
    hand_in(there, "LETTER-1")
    until(lambda: claims(there) == {"LETTER-1": ALONE})
    assert there.box.books.basket_on("1").circumstances.coupons == ("letter",)  # type: ignore[union-attr]
    head_office.open()
    assert there.await_event(ScanRefused).reason == "coupon_used_elsewhere"
    assert there.box.books.basket_on("1").circumstances.coupons == ()  # type: ignore[union-attr]


def test_while_somebody_pays_nothing_is_taken_off_any_more(
    tmp_path: Path, open_box: Callable[..., Store]
) -> None:
    store = open_box(settings(tmp_path, "demo", paper_s=0.001), start=False)
    hand_in(store, "LETTER-1")
    until(lambda: store.box.cashier.ask_payment("1"))
    basket = store.basket()
    assert basket is not None
    assert store.box.till.paper.used_elsewhere(basket.id, "coupon", "LETTER-1") is False
    assert store.basket() == basket
    assert store.box.till.paper.used_elsewhere(basket.id, "coupon", "another") is True


def test_from_a_parked_basket_it_is_taken_without_a_word_to_the_next_shopper(
    tmp_path: Path, open_box: Callable[..., Store]
) -> None:
    store = open_box(settings(tmp_path, "demo"), start=False)
    hand_in(store, "LETTER-1")
    parked = store.box.parking.park("1")
    assert store.box.till.paper.used_elsewhere(parked.basket, "coupon", "LETTER-1") is True
    assert store.events(CouponTakenBack)
    assert not store.events(ScanRefused)
    resumed = store.box.parking.resume("2", parked.code)
    assert resumed is not None
    assert (resumed.circumstances.coupons, sum(line.discount_minor for line in resumed.lines)) == ((), 0)


def test_what_a_stopped_box_left_is_asked_and_given_back_at_its_next_start(
    tmp_path: Path,
    open_box: Callable[..., Store],
    clients: Callable[[str], HeadOffice],
    head_office: HeadOfficeHouse,
) -> None:
    asleep = open_box(settings(tmp_path, "demo"), start=False)
    hand_in(asleep, "LETTER-1")
    hand_in(asleep, "TWICE-1", "2")
    asleep.box.till.cancel("2")
    assert claims(asleep) == {"LETTER-1": ASKED, "TWICE-1": LET_GO}
    asleep.box.stop()
    awake = open_box(settings(tmp_path, "demo"), clients("demo"))
    until(lambda: claims(awake) == {"LETTER-1": HELD})
    assert kept(head_office) == {("LETTER-1", "demo")}


def test_a_head_office_of_before_does_not_hold_a_shopper_up(
    tmp_path: Path, open_box: Callable[..., Store]
) -> None:
    class Older(NobodyThere):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(404, json={"type": "tag:tante-emma.example,2026:problem/not-found"})

    store = open_box(settings(tmp_path, "demo"), HeadOffice("http://old.internal", "key", Older()))
    hand_in(store, "LETTER-1")
    until(lambda: claims(store) == {"LETTER-1": ALONE})
    pay(store)
    assert store.await_event(CouponRedeemed).amount_minor == 30
