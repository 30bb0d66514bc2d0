"""A basket put aside at the kiosk: a code for its shopper alone, and a lane that is free for the next one."""

from __future__ import annotations

import re

import pytest

from store_edge.box import Box
from tests.kiosk_ui.kiosk_shop import EGGS, PASTA, Screen, make_app


@pytest.fixture
def screen(box: Box) -> Screen:
    return Screen(make_app(box).test_client())


def code_of(box: Box) -> str:
    [(parked, _basket)] = box.books.parked_baskets()
    return parked.code


def put_aside(screen: Screen) -> None:
    screen.scan(EGGS)
    screen.tap("language", {"language": "en"})
    screen.tap("park")


def test_the_code_is_shown_once_in_the_shoppers_language(screen: Screen, box: Box) -> None:
    put_aside(screen)
    assert screen.shown["state"] == "parked"
    assert "Your basket waits for you." in screen.text
    assert "It waits until 3:00\u202fPM." in screen.text  # four hours from 11:00 in Berlin
    assert code_of(box) not in screen.text  # only as a picture
    assert box.books.basket_on("1") is None
    assert screen.now().status_code == 204  # what is told of the lane meanwhile does not take it away


def test_whoever_comes_next_finds_no_code(screen: Screen) -> None:
    put_aside(screen)
    screen.tap("done")
    assert screen.shown["state"] == "attract"
    assert "qr__frame" not in screen.text
    assert re.search(r'id="speak-de"[^>]*aria-current="true"', screen.text)


def test_the_next_shopper_may_begin_while_the_code_is_shown(screen: Screen, box: Box) -> None:
    put_aside(screen)
    box.till.scan("1", PASTA, how="serial")
    screen.now()
    assert screen.shown["state"] == "open"
    assert "qr__frame" not in screen.text


def test_it_goes_on_where_the_code_is_scanned(screen: Screen, box: Box) -> None:
    put_aside(screen)
    other = Screen(screen.client, lane="2")
    other.scan(code_of(box), how="wedge")
    assert other.shown["state"] == "open"
    assert "Free-range eggs" in other.text


def test_an_empty_basket_is_not_put_aside(screen: Screen) -> None:
    screen.tap("start")
    assert screen.tap("park").status_code == 409
    assert "Ihr Korb ist noch leer." in screen.text
    assert screen.shown["state"] == "open"


def test_without_script_the_code_is_a_page(screen: Screen) -> None:
    screen.scan(EGGS)
    answer = screen.tap("park", script=False)
    assert answer.status_code == 200
    assert "qr__frame" in screen.text
