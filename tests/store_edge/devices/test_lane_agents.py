"""Around a lane: bag, key, lamps, gate and display follow what happens, lose their plug, and come back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.events import DeviceBack, DeviceLost, GateAsked, GateOpened, KeyTurned, ScanRefused, TaskDone
from checkout.loss import Bag, Learned
from hardware.readings import Lamp, Lamps
from store_edge.check import check_store
from store_edge.devices import bag, gate
from store_edge.devices.health import LOST, WELL
from store_edge.devices.lane_light import CLOSED, FREE, lamps_of
from store_edge.metrics import metrics_text
from store_edge.settings import CashSettings, DeviceSettings, LimitSettings, LossSettings, Settings
from tests.store_edge.open_store import PIECES, Store, until

NOTICED_S_MAX = 10.0
"""Fault 19's limit holds for these, too."""
FIRST, SECOND = PIECES[:2]
KINDS = {
    "lanebox": "lanebox.serial",
    "tower": "tower.modbus",
    "gate": "gate.modbus",
    "display": "display.escpos",
}
YELLOW = Lamps(yellow=Lamp.BLINKING)


@pytest.fixture
def open_lane(open_box: Callable[..., Store], tmp_path: Path) -> Callable[..., Store]:
    """Opens a store with these kinds of device on lane 1."""

    def open_it(*kinds: str, start: bool = True, **settings: object) -> Store:
        devices = {f"{kind}-1": DeviceSettings(KINDS.get(kind, kind), emulated=True) for kind in kinds}
        store = open_box(Settings(home=tmp_path / "store", devices=devices, **settings), start=start)  # type: ignore[arg-type]
        for device in devices:
            if start:
                store.await_health(device, "well")
        return store

    return open_it


def knows(store: Store, *weights_g: float) -> None:
    """The weights of the first articles have been learned."""
    with store.box.books.page() as page:
        for article, weight_g in zip(PIECES, weights_g, strict=False):
            page.remember(article.gtin, Learned(weight_g, 9.0, 40))


def mismatch(store: Store) -> bool:
    return any(kind == "weight_mismatch" for kind, _about in store.tasks())


# The bag


@pytest.fixture
def bagging(open_lane: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("checkout.watch.PATIENCE_S", 1.0)
    store = open_lane("lanebox")
    knows(store, 500.0, 300.0)
    return store


def test_fault_34_what_nobody_scanned_is_seen_by_weight_and_becomes_a_task(bagging: Store) -> None:
    bagging.scan(1)
    bagging.box.bench.bag("1", 500)
    until(lambda: bagging.box.bench.bagged_g("1") == 500)
    bagging.box.bench.bag("1", 800)
    until(lambda: mismatch(bagging))
    bagging.box.bench.bag("1", -800)
    until(lambda: not mismatch(bagging))
    assert "fits" in {event.outcome for event in bagging.events(TaskDone)}


def test_what_was_scanned_and_never_laid_down_is_seen_once_the_bag_is_used(
    bagging: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bag, "AFTER_SCAN_S", 0.5)
    bagging.scan(1)
    bagging.box.bench.bag("1", 500)
    bagging.box.till.scan("1", SECOND.gtin, how="typed")
    until(lambda: mismatch(bagging))
    bagging.box.bench.bag("1", 300)
    until(lambda: not mismatch(bagging))


def test_a_new_weight_is_learned_from_what_is_laid_down_after_a_scan(bagging: Store) -> None:
    third = PIECES[2]

    def learned() -> Learned | None:
        with bagging.box.books.page() as page:
            return page.remembered(Learned, third.gtin)

    bagging.scan(1)
    bagging.box.bench.bag("1", 500)
    until(lambda: told(bagging) == 500)
    bagging.box.till.scan("1", third.gtin, how="typed")
    bagging.box.bench.bag("1", 250)
    until(lambda: learned() is not None)
    assert round(learned().mean_g) == 250  # type: ignore[union-attr]


def told(store: Store) -> int:
    """What the watch last heard of the lane's bag."""
    basket = store.basket()
    assert basket is not None
    with store.box.books.page() as page:
        return (page.remembered(Bag, basket.id) or Bag()).bag_g


class HandClock:
    """A clock that a test moves."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def asleep(open_lane: Callable[..., Store]) -> Store:
    return open_lane(start=False)


def test_what_lay_there_before_the_basket_is_not_of_it(asleep: Store) -> None:
    knows(asleep, 500.0)
    area = bag.BaggingArea(asleep.box, "1", HandClock())
    area.settled(2_000)  # the shopper before still packs
    asleep.scan(1)
    area.settled(2_000)
    area.settled(0)  # and takes all that away only now
    area.settled(500)
    assert told(asleep) == 500
    asleep.box.till.cancel("1")
    area.settled(500)  # our shopper goes, and their things stay
    asleep.scan(1)
    area.settled(1_000)
    assert told(asleep) == 500
    assert asleep.duties() == []


@pytest.mark.parametrize("tells", [False, True])
def test_two_things_in_the_hand_are_no_question_unless_the_shop_wants_it(
    open_lane: Callable[..., Store], tells: bool
) -> None:
    store = open_lane(start=False, loss=LossSettings(empty_bag_tells=tells))
    knows(store, 500.0)
    area = bag.BaggingArea(store.box, "1", clock := HandClock())
    basket = store.scan(1)
    area.settled(0)
    clock.now_s += bag.AFTER_SCAN_S + 1
    area.settled(0)
    with store.box.books.page() as page:
        heard = page.remembered(Bag, basket.id)
    assert (heard is not None) is tells


def test_a_scan_that_is_slow_to_reach_the_bag_is_not_told_at_once(asleep: Store) -> None:
    knows(asleep, 500.0, 300.0)
    area = bag.BaggingArea(asleep.box, "1", clock := HandClock())
    area.settled(0)
    asleep.scan(1)
    area.settled(500)
    asleep.box.till.scan("1", SECOND.gtin, how="typed")
    before = asleep.box.journal.last_number()
    clock.now_s += bag.AFTER_SCAN_S - 1
    area.settled(500)
    area.settled(501)
    assert told(asleep) == 500
    clock.now_s += 2
    area.settled(500)
    clock.now_s += 10
    area.settled(500)
    assert asleep.box.journal.last_number() == before, "evidence alone is no entry"


# Key and lamps


def test_the_key_brings_help_and_is_written_down(open_lane: Callable[..., Store]) -> None:
    store = open_lane("lanebox")
    store.box.till.ask_for_help("1")
    until(lambda: store.box.bench.lamps("1", "lanebox") == YELLOW)
    store.box.bench.turn_key("1", True)
    assert store.await_event(KeyTurned) == KeyTurned(True)
    until(lambda: ("help", "1") not in store.tasks())
    until(lambda: store.box.bench.lamps("1", "lanebox") == FREE)
    store.box.bench.turn_key("1", False)
    assert store.await_event(KeyTurned, 2) == KeyTurned(False)


def test_a_key_in_a_box_that_is_gone_counts_as_turned_back(open_lane: Callable[..., Store]) -> None:
    store = open_lane("lanebox")
    store.box.bench.turn_key("1", True)
    store.await_event(KeyTurned)
    store.box.bench.pull_plug("lanebox-1")
    assert store.await_event(KeyTurned, 2) == KeyTurned(False)


def test_a_key_that_was_turned_when_the_box_died_is_not_turned_for_ever(
    open_lane: Callable[..., Store],
) -> None:
    store = open_lane("lanebox", start=False)
    with store.box.books.page() as page:
        page.announce(KeyTurned(True), "1")
    store.box.start()
    assert store.await_event(KeyTurned, 2) == KeyTurned(False)


def test_a_tower_says_free_busy_needed_and_closed(open_lane: Callable[..., Store]) -> None:
    store = open_lane("tower")

    def burns(lamps: Lamps) -> None:
        until(lambda: store.box.bench.lamps("1", "tower") == lamps)

    burns(FREE)
    store.scan(1)
    burns(Lamps())
    store.box.till.ask_for_help("1")
    burns(Lamps(yellow=Lamp.ON))
    store.box.till.cancel("1")
    burns(FREE)
    store.box.health.enter("terminal-1", "terminal.zvt", "1")
    store.box.health.change("terminal-1", LOST)
    burns(CLOSED)
    store.box.health.change("terminal-1", WELL)
    burns(FREE)


def test_a_till_with_a_drawer_is_not_closed_because_its_terminal_is(open_lane: Callable[..., Store]) -> None:
    store = open_lane(start=False, cash=CashSettings(lanes=("1",)))
    store.box.health.enter("terminal-1", "terminal.zvt", "1")
    store.box.health.change("terminal-1", LOST)
    assert lamps_of(store.box, "1") == FREE


# Gate


def test_the_gate_opens_for_who_has_paid_and_shuts_again(open_lane: Callable[..., Store]) -> None:
    store = open_lane("gate", limits=LimitSettings(gate_s=0.5))
    assert not store.box.bench.gate_is_open("1")
    payment = store.ask_payment()
    store.box.cashier.send(payment.id, "terminal-1", 0)
    store.box.cashier.taken(payment.id, 1, "girocard", "terminal")
    assert store.await_event(GateOpened) == GateOpened("paid", payment.basket)
    until(lambda: store.emulator("gate-1").openings == 1 and not store.box.bench.gate_is_open("1"))


class HandGate:
    """A gate that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def open(self) -> None: ...
    def check(self) -> None: ...
    def close(self) -> None: ...

    def let_pass(self) -> None:
        self.told.append("open")

    def shut(self) -> None:
        self.told.append("shut")


def test_whoever_paid_while_the_gate_was_gone_has_left_another_way(asleep: Store) -> None:
    box = asleep.box
    with box.books.page() as page:
        page.announce(GateAsked("c1"), "1")
    now = box.clock()
    box.clock = lambda: now + dt.timedelta(seconds=gate.LATE_S)
    hand = HandGate()
    gate.GateAgent(box, "gate-1", "gate.hand", "1", hand).work()
    assert (hand.told, asleep.events(GateOpened)) == ([], [])


def test_a_gate_does_not_open_for_another_lane(open_lane: Callable[..., Store]) -> None:
    store = open_lane("gate")
    with store.box.books.page() as page:
        page.announce(GateAsked("c1"), "2")
        page.announce(GateAsked("c2"), "1")
    assert store.await_event(GateOpened) == GateOpened("staff", "c2")
    assert store.emulator("gate-1").openings == 1


# Display


def test_the_display_shows_the_newest_line_and_the_total(open_lane: Callable[..., Store]) -> None:
    store = open_lane("display")

    def shows(top: str, bottom: str) -> None:
        until(
            lambda: store.box.bench.displayed("1") == (top, bottom), what=str(store.box.bench.displayed("1"))
        )

    shows("     Tante Emma     ", "     Willkommen     ")
    basket = store.scan(2)
    line = basket.standing[-1]
    price, total = (f"{m // 100},{m % 100:02d}" for m in (line.total_minor, basket.total_minor))
    name = SECOND.called("de")[: 20 - len(price) - 1]
    shows(f"{name:<{20 - len(price)}}{price}", f"{'Summe':<{20 - len(total)}}{total}")
    store.box.till.cancel("1")
    shows("     Tante Emma     ", "     Willkommen     ")


# All of them


@pytest.mark.parametrize("kind", KINDS)
def test_fault_19_unplugged_while_selling_it_is_missed_once_and_found_again(
    open_lane: Callable[..., Store], kind: str
) -> None:
    store = open_lane(kind)
    device = f"{kind}-1"
    store.box.bench.pull_plug(device)
    store.await_health(device, "lost", NOTICED_S_MAX)
    until(lambda: ("device_lost", device) in store.tasks())
    assert len(store.scan(1).lines) == 1, "selling goes on"
    assert f'emma_device_up{{device="{device}",driver="{KINDS[kind]}",lane="1"}} 0' in metrics_text(store.box)
    store.box.bench.put_plug(device)
    store.await_health(device, "well", NOTICED_S_MAX)
    until(lambda: ("device_lost", device) not in store.tasks())
    told = [event.device for kind in (DeviceLost, DeviceBack) for event in store.events(kind)]
    assert told.count(device) == 2, "gone once, back once; head office may be away, too"


def test_a_load_cell_that_came_off_is_said_to_staff_in_words(open_lane: Callable[..., Store]) -> None:
    store = open_lane("lanebox")
    store.emulator("lanebox-1").break_cell()
    assert "load cell" in store.await_event(DeviceLost).reason


def test_emma_check_talks_to_each(open_lane: Callable[..., Store]) -> None:
    store = open_lane(*KINDS, start=False)
    found = {finding.about: finding for finding in check_store(store.box)}
    for kind, driver in KINDS.items():
        assert found[f"{kind}-1"].well
        assert driver in found[f"{kind}-1"].sentence


def test_no_word_of_loss_prevention_is_on_any_lamp_or_display(bagging: Store) -> None:
    """Yellow looks like any other help, and what the journal keeps has no weight in it."""
    bagging.scan(1)
    bagging.box.bench.bag("1", 2_000)
    until(lambda: mismatch(bagging))
    until(lambda: bagging.box.bench.lamps("1", "lanebox") == YELLOW)
    after, told_of = 0, set[str]()
    while entries := bagging.box.journal.read(after):
        told_of |= {key for entry in entries for key in json.loads(entry.data)}
        after = entries[-1].number
    assert "bag_g" not in told_of


# A phone's way out


def test_the_gate_opens_for_the_code_of_what_was_paid_by_phone(open_lane: Callable[..., Store]) -> None:
    store = open_lane("gate", "scanner.serial", limits=LimitSettings(gate_s=0.5))
    payment = store.ask_payment("phone-3")
    store.box.cashier.send(payment.id, "provider", 0)
    store.box.cashier.taken(payment.id, 0, "", "notice")
    code = store.box.exits.allow(payment.basket).code
    assert store.events(GateOpened) == []
    assert store.box.bench.show_code("1", code)
    assert store.await_event(GateOpened) == GateOpened("exit", payment.basket)
    until(lambda: store.emulator("gate-1").openings == 1 and not store.box.bench.gate_is_open("1"))
    assert store.box.bench.show_code("1", code)
    assert store.await_event(ScanRefused) == ScanRefused("", "exit_used", "serial")
    assert store.emulator("gate-1").openings == 1
