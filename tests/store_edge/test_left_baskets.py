"""FAULTS 26 where a store parks what was left: the goods wait, nothing personal does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from checkout.events import BasketCancelled, BasketParked
from store_edge.idle import SLACK_S, SWEEP_S, IdleWatch
from store_edge.settings import ParkingSettings
from tests.store_edge.open_store import Store, store_settings

IDLE_S = 90.0
KEPT_S = 0.001


@pytest.fixture
def store(tmp_path: Path, open_box: Callable[..., Store]) -> Store:
    settings = store_settings(tmp_path / "store", idle_cancel_s=IDLE_S)
    parking = ParkingSettings(kept_s=KEPT_S, left_baskets=True)
    return open_box(dataclasses.replace(settings, parking=parking), start=False)


def test_it_is_parked_and_given_up_when_nobody_fetches_it(store: Store) -> None:
    now_s = [1000.0]
    watch = IdleWatch(store.box, lambda: now_s[0])
    watch.look()
    store.scan(1)
    watch.look()
    now_s[0] += IDLE_S + SLACK_S
    watch.look()
    assert store.basket() is None
    assert [event.reason for event in store.events(BasketParked)] == ["left"]
    now_s[0] += SWEEP_S
    watch.look()
    assert [event.reason for event in store.events(BasketCancelled)] == ["expired"]


def test_what_the_shopper_gives_up_is_not_parked(store: Store) -> None:
    store.scan(1)
    store.box.till.cancel("1")
    assert store.events(BasketParked) == []
