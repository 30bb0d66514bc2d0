"""The kiosk while a colleague is awaited, and when a basket comes from another lane: no reasons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout.loss import REASONS, Sight
from checkout.staff import Clerk
from store_edge.box import Box
from store_edge.settings import ParkingSettings
from tests.kiosk_ui.kiosk_shop import EGGS, PASTA, Clock, Screen, make_app, open_box

ANNA = Clerk("c1", frozenset({"serve"}))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = open_box(tmp_path, Clock(), parking=ParkingSettings(left_baskets=True))
    yield box
    box.stop()


@pytest.fixture
def screen(box: Box) -> Screen:
    screen = Screen(make_app(box).test_client())
    screen.scan(EGGS)
    return screen


def test_somebody_will_be_right_there_and_then_it_goes_on(screen: Screen, box: Box) -> None:
    box.watch.saw("1", Sight(7, 0.99))
    assert screen.now().status_code == 204, "nobody who does not pay yet is told anything"
    answer = screen.tap("pay")
    assert answer.status_code == 409
    assert "Eine Kollegin oder ein Kollege ist gleich bei Ihnen." in screen.text
    assert not any(reason in screen.text for reason in (*REASONS, "Kamera", "gescannt"))
    (task,) = box.tasks.waiting()
    box.watch.checked(task.id, ANNA, "nothing")
    screen.now()
    assert "Danke, dass Sie gewartet haben." in screen.text
    screen.tap("pay")
    assert screen.shown["state"] == "paying"


def test_a_basket_comes_from_another_lane(screen: Screen, box: Box) -> None:
    parked = box.parking.park("1")
    screen.now()
    assert screen.shown["state"] == "attract"
    assert parked.code not in screen.text
    other = Screen(make_app(box).test_client(), lane="2")
    other.scan(parked.code)
    assert other.shown["basket"] == parked.basket
    assert "3,29" in other.text
    answer = screen.scan(parked.code)
    assert answer.status_code == 409
    screen.now()
    assert screen.shown["state"] == "attract"


def test_where_somebody_shops_a_parked_basket_stays_parked(screen: Screen, box: Box) -> None:
    parked = box.parking.park("1")
    screen.scan(PASTA)
    screen.scan(parked.code)
    assert "An dieser Kasse liegt schon ein Einkauf." in screen.text


def test_walking_away_parks_the_goods(screen: Screen, box: Box) -> None:
    screen.tap("cancel", {"reason": "left"})
    assert screen.shown["state"] == "attract"
    assert [basket.state for _parked, basket in box.books.parked_baskets()] == ["parked"]
