"""A shop scale on a lane: what is chosen is weighed once, as its display shows, or it is said why not."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from checkout.events import DeviceLost, LineAdded, Weighed, WeighingAsked, WeighingFailed
from hardware.errors import Garbled
from hardware.readings import NoWeight, Weight
from hardware.scale.platter import Platter
from store_edge.box import Box
from store_edge.demo import price_list
from store_edge.devices.scale import ScaleAgent
from store_edge.settings import DeviceSettings
from tests.store_edge.open_store import PIECES, Store, store_settings, until

GRAPES = next(article for article in price_list() if article.unit == "kg" and not article.prices)
SOON_S = 0.6


@pytest.fixture(params=["scale.dialog06", "scale.mt8217"])
def weighing(request: pytest.FixtureRequest, open_box: Callable[..., Store], tmp_path: Path) -> Store:
    devices = {"scale-1": DeviceSettings(request.param, emulated=True)}
    store = open_box(store_settings(tmp_path / "store", devices, weighing_s=2.0))
    store.await_health("scale-1", "well")
    return store


def load(store: Store, weight_g: int) -> None:
    store.box.bench.load_scale("1", weight_g)


def ask(store: Store, **more: int) -> None:
    store.box.till.weighing.ask("1", GRAPES.gtin, **more)


def reason(store: Store) -> str:
    return store.await_event(WeighingFailed).reason


def test_what_lies_on_the_scale_is_a_line_at_the_weight_it_shows(weighing: Store) -> None:
    ask(weighing)
    load(weighing, 743)
    line = weighing.await_event(LineAdded)
    assert (line.gtin, line.weight_g, line.how) == (GRAPES.gtin, 745, "scale")
    assert line.total_minor == (GRAPES.price_minor * 745 + 500) // 1000
    asked, weighed = weighing.await_event(WeighingAsked), weighing.await_event(Weighed)
    assert (weighed.weighing, weighed.weight_g) == (asked.weighing, 745)


def test_the_packing_is_taken_off(weighing: Store) -> None:
    load(weighing, 745)
    ask(weighing, tare_g=20)
    assert weighing.await_event(Weighed).weight_g == 725


def test_goods_that_lie_there_still_are_not_sold_again_under_another_name(weighing: Store) -> None:
    load(weighing, 500)
    ask(weighing)
    weighing.await_event(Weighed)
    ask(weighing)
    time.sleep(SOON_S)
    assert len(weighing.events(Weighed)) == 1
    load(weighing, 0)
    time.sleep(SOON_S)
    load(weighing, 500)
    weighing.await_event(Weighed, count=2)


@pytest.mark.parametrize(("weight_g", "why"), [(0, "empty"), (-300, "under"), (16_000, "over")])
def test_what_cannot_be_weighed_ends_with_the_scale_s_own_reason(
    weighing: Store, weight_g: int, why: str
) -> None:
    load(weighing, weight_g)
    ask(weighing)
    assert reason(weighing) == why
    assert weighing.events(LineAdded) == []


def test_a_load_that_never_lies_still_is_never_sold(weighing: Store) -> None:
    weighing.emulator("scale-1").platter = Platter(settle_s=3600.0)
    load(weighing, 400)
    ask(weighing)
    assert reason(weighing) == "motion"


def test_a_shopper_who_would_rather_not_is_not_charged_for_what_is_laid_down_later(weighing: Store) -> None:
    ask(weighing)
    weighing.box.till.weighing.failed("1", weighing.await_event(WeighingAsked), "shopper")
    load(weighing, 400)
    time.sleep(2 * SOON_S)
    assert (weighing.events(LineAdded), weighing.events(Weighed)) == ([], [])


def test_a_basket_given_up_takes_its_weighing_along(weighing: Store) -> None:
    ask(weighing)
    weighing.box.till.cancel("1")
    weighing.scan(1)
    load(weighing, 400)
    assert reason(weighing) == "late"
    assert [line.gtin for line in weighing.events(LineAdded)] == [PIECES[0].gtin]


def test_fault_19_a_scale_unplugged_while_somebody_weighs_says_so_and_comes_back(weighing: Store) -> None:
    ask(weighing)
    weighing.box.bench.pull_plug("scale-1")
    assert reason(weighing) == "gone"
    weighing.await_event(DeviceLost)
    assert len(weighing.scan(1).lines) == 1, "selling goes on"
    weighing.box.bench.put_plug("scale-1")
    weighing.await_health("scale-1", "well", 10.0)
    ask(weighing)
    load(weighing, 300)
    assert weighing.await_event(Weighed).weight_g == 300


def test_a_scale_that_falls_silent_is_lost_and_the_shopper_hears_it(weighing: Store) -> None:
    weighing.emulator("scale-1").hush()
    ask(weighing)
    assert reason(weighing) == "gone"


@pytest.mark.parametrize("bit", [0, 9, 20, 34, 51, 62])
def test_a_flipped_bit_on_the_line_never_becomes_another_weight(weighing: Store, bit: int) -> None:
    load(weighing, 745)
    time.sleep(SOON_S)
    weighing.emulator("scale-1").flip(bit)
    ask(weighing)
    until(lambda: weighing.events(Weighed, WeighingFailed))
    assert [line.weight_g for line in weighing.events(LineAdded)] in ([], [745])


# Without a line, so that time and the scale do what the test wants


class HandScale:
    """A scale that shows what it is told to."""

    def __init__(self, *shows: Weight | NoWeight | Garbled) -> None:
        self.shows = list(shows)

    def open(self) -> None: ...
    def check(self) -> None: ...
    def close(self) -> None: ...

    def weigh(self, unit_price_minor: int, tare_g: int) -> Weight | NoWeight:
        seen = self.shows.pop(0) if len(self.shows) > 1 else self.shows[0]
        if isinstance(seen, Garbled):
            raise seen
        return seen


@pytest.fixture
def asleep(open_box: Callable[..., Store], tmp_path: Path) -> Store:
    return open_box(store_settings(tmp_path / "store"), start=False)


def agent(box: Box, scale: HandScale) -> ScaleAgent:
    return ScaleAgent(box, "scale-1", "scale.hand", "1", scale)


def test_a_scale_that_shows_another_price_sells_nothing(asleep: Store) -> None:
    ask(asleep)
    wrong = Weight(1000, GRAPES.price_minor, GRAPES.price_minor + 1)
    agent(asleep.box, HandScale(wrong)).work()
    assert reason(asleep) == "price"
    assert asleep.events(LineAdded) == []


def test_a_price_that_changes_meanwhile_is_asked_anew(asleep: Store) -> None:
    ask(asleep)
    asleep.box.shelves.put([replace(GRAPES, price_minor=GRAPES.price_minor + 10)])
    agent(asleep.box, HandScale(Weight(1000))).work()
    assert reason(asleep) == "price"


def test_what_was_asked_before_a_crash_is_over_and_nothing_is_weighed_twice(asleep: Store) -> None:
    asleep.box.journal.move_cursor("scale-1", asleep.box.journal.last_number())
    ask(asleep)
    first = agent(asleep.box, HandScale(Weight(500)))
    first.work()
    assert len(asleep.events(Weighed)) == 1
    second = agent(asleep.box, HandScale(Weight(700)))  # the first one never moved its cursor
    second.work()
    assert len(asleep.events(Weighed)) == 1
    ask(asleep)
    now = asleep.box.clock() + dt.timedelta(hours=1)
    asleep.box.clock = lambda: now
    agent(asleep.box, HandScale(NoWeight("empty"))).work()
    assert reason(asleep) == "empty"


def test_whoever_asks_to_pay_first_is_not_charged_for_the_weight_that_comes_late(asleep: Store) -> None:
    asleep.scan(1)
    ask(asleep)
    asleep.box.cashier.ask_payment("1")
    agent(asleep.box, HandScale(Weight(500))).work()
    assert reason(asleep) == "late"
    assert len(asleep.events(LineAdded)) == 1
