"""One afternoon in the fitting room: emulated readers on real wires, a real database, a real head office."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.events import SaleCompleted, ShopperWelcomed
from checkout.staff import Clerk
from mirror import events
from mirror.session import FittingSession
from store_edge.demo import load_assortment, tags_of
from store_edge.rfid.places import RULES
from store_edge.settings import DEMO_DEVICES, DeviceSettings, LimitSettings, Settings, ZoneSettings
from tests.store_edge.open_store import HeadOfficeHouse, Store, until

ONE, TWO = "cabin-1", "cabin-2"
ANNA = Clerk("clerk-1", frozenset({"serve"}))
TEES = [article for article in load_assortment() if article.style == "tee-organic"]
SMALL, MEDIUM = TEES[0], TEES[1]
TEE_S, TEE_M = tags_of(SMALL)[0], tags_of(MEDIUM)[0]
JEANS = tags_of(next(article for article in load_assortment() if article.style == "trousers-jeans"))[0]
FOREIGN = bytes.fromhex("3034" + "11" * 10)
LEAVES_S_MAX = RULES["cabin"].gone_after_s + 40
OpenBox = Callable[..., Store]


def fitting_devices(driver: str = "rfid.llrp") -> dict[str, DeviceSettings]:
    """The demo shop's cabins and its gate, on readers that speak another language perhaps."""
    zones = DEMO_DEVICES["fitting-1"].zones if driver != "rfid.m100" else {ONE: ZoneSettings("cabin", (1,))}
    return {"fitting-1": DeviceSettings(driver, lane="", emulated=True, zones=zones)}


def shown(store: Store, cabin: str = ONE) -> set[str]:
    """The articles on a cabin's mirror."""
    session = store.box.fittings.in_cabin(cabin)
    return {garment.gtin for garment in session.garments} if session else set()


def session_in(store: Store, cabin: str = ONE) -> FittingSession:
    session = store.box.fittings.in_cabin(cabin)
    assert session is not None
    return session


def test_from_the_first_garment_to_the_last(
    open_box: OpenBox, tmp_path: Path, head_office: HeadOfficeHouse
) -> None:
    devices = {**fitting_devices(), "exit-1": DEMO_DEVICES["exit-1"]}
    limits = LimitSettings(cabin_empty_s=1.0)
    store = open_box(Settings(home=tmp_path / "store", devices=devices, limits=limits), head_office.client())
    box, bench, room = store.box, store.box.bench, store.box.fitting_room
    box.stock.place({MEDIUM.gtin: "Ständer 1"})

    # Two garments and somebody else's scarf come in; the shopper says by phone who they are.
    for epc in (TEE_S, JEANS, FOREIGN):
        bench.put(ONE, epc)
    until(lambda: len(shown(store)) == 2)
    visit = room.identify(ONE, head_office.token(head_office.account())).visit
    assert store.await_event(ShopperWelcomed).visit == visit
    card = box.visits.card(visit)
    assert card is not None
    assert card.greeting == "Erika"

    # It is too small: one size up, please. A colleague takes it, finds it, and hangs it in.
    request = room.requests.ask(ONE, SMALL.gtin, MEDIUM.gtin)
    assert store.duties() == [("size_request", request.id)]
    assert box.fittings.requests()[0].position == "Ständer 1"
    room.requests.accept(request.id, ANNA)
    room.requests.on_the_way(request.id, ANNA)
    bench.take_away(TEE_S)
    bench.put(ONE, TEE_M)
    assert store.await_event(events.RequestDelivered).request == request.id
    until(lambda: SMALL.gtin not in shown(store), LEAVES_S_MAX)
    (medium,) = [one for one in session_in(store).garments if one.gtin == MEDIUM.gtin]
    assert medium.swapped_for == SMALL.gtin
    assert store.duties() == []

    # It fits: bought in the cabin, paid there, carried past the gate in silence.
    room.buy(ONE, MEDIUM.gtin)
    payment = store.payment(box.cashier.ask_payment(ONE))
    box.cashier.send(payment.id, "terminal", 1)
    box.cashier.taken(payment.id, 2, "girocard", "answer")
    assert store.await_event(SaleCompleted).visit == visit
    bench.put("exit", TEE_M)
    bench.take_away(JEANS)
    left = store.await_event(events.CabinLeft, within_s=LEAVES_S_MAX)
    assert (left.session, left.reason) == (store.events(events.CabinEntered)[0].session, "empty")
    assert box.fittings.all() == ()
    assert box.visits.card(visit) is None
    assert store.duties() == []

    # Whoever walks out with the jeans is asked, and head office knows what was tried and bought.
    bench.put("exit", JEANS)
    until(lambda: store.duties() == [("unpaid_tag", JEANS.hex().upper())])
    until(lambda: fitted(head_office).get(MEDIUM.gtin) == (1, 1))
    assert fitted(head_office)[SMALL.gtin] == (1, 0)
    assert head_office.alarms() == []


def fitted(head_office: HeadOfficeHouse) -> dict[str, tuple[int, int]]:
    """How often each article was tried and bought, as head office says."""
    headers = {"Authorization": f"Bearer {head_office.office_key}"}
    answer = head_office.app.test_client().get("/api/v1/fittings", headers=headers)
    assert answer.status_code == 200, answer.data
    return {one["gtin"]: (one["tried"], one["bought"]) for one in answer.json["items"]}


@pytest.mark.parametrize("driver", ["rfid.llrp", "rfid.r700", "rfid.zebra", "rfid.m100"])
def test_a_garment_is_seen_by_whatever_reader_hangs_there(
    open_box: OpenBox, tmp_path: Path, driver: str
) -> None:
    store = open_box(Settings(home=tmp_path, devices=fitting_devices(driver)))
    store.box.bench.put(ONE, TEE_S)
    until(lambda: shown(store) == {SMALL.gtin})


def test_what_hangs_between_two_cabins_is_asked_about(open_box: OpenBox, tmp_path: Path) -> None:
    store = open_box(Settings(home=tmp_path, devices=fitting_devices()))
    store.box.bench.put(ONE, JEANS)
    store.box.bench.put(ONE, TEE_S, also_heard_in=TWO)
    asked = store.await_event(events.GarmentUnsure)
    assert asked.epc == TEE_S.hex().upper()
    assert SMALL.gtin not in shown(store, ONE) | shown(store, TWO)


def test_a_reader_whose_plug_is_pulled_takes_no_garment_with_it(open_box: OpenBox, tmp_path: Path) -> None:
    store = open_box(Settings(home=tmp_path, devices=fitting_devices()))
    store.box.bench.put(ONE, TEE_S)
    until(lambda: shown(store) == {SMALL.gtin})
    store.box.bench.pull_plug("fitting-1")
    store.await_health("fitting-1", "lost")
    store.box.bench.put(TWO, TEE_S)  # nobody sees it being carried
    store.box.bench.put_plug("fitting-1")
    until(lambda: (shown(store, ONE), shown(store, TWO)) == (set(), {SMALL.gtin}), LEAVES_S_MAX)
    assert [one.reason for one in store.events(events.GarmentLeft)] == ["moved"]


def test_the_bench_carries_garments_from_place_to_place(open_box: OpenBox, tmp_path: Path) -> None:
    devices = {name: DEMO_DEVICES[name] for name in ("tray-1", "fitting-1", "exit-1")}
    bench = open_box(Settings(home=tmp_path, devices=devices)).box.bench
    assert bench.places() == {ONE: "cabin", TWO: "cabin", "exit": "gate"}
    bench.lay("1", TEE_S)
    bench.put(ONE, TEE_S)
    assert (bench.laid("1"), bench.lying_in(ONE)) == ((), (TEE_S,))
    bench.put("exit", TEE_S)
    assert (bench.lying_in(ONE), bench.lying_in("exit")) == ((), (TEE_S,))
    bench.take_away(TEE_S)
    assert bench.lying_in("exit") == ()
    for act in (
        lambda: bench.put("attic", TEE_S),
        lambda: bench.lying_in("attic"),
        lambda: bench.put(ONE, TEE_S, also_heard_in="exit"),
    ):
        with pytest.raises(LookupError):
            act()
