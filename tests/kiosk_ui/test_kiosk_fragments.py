"""What goes over the wire when something changes: only what changed, however long the roll is."""

from __future__ import annotations

import re

import pytest

from checkout.errors import Refused
from checkout.events import ReceiptPrinted
from store_edge.box import Box
from tests.kiosk_ui.kiosk_shop import EGGS, OIL, PASTA, Screen, make_app


@pytest.fixture
def screen(box: Box) -> Screen:
    screen = Screen(make_app(box).test_client())
    screen.tap("start")
    return screen


def drawn_lines(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="line-(\d+)"', text)]


def test_nothing_new_is_no_content(screen: Screen) -> None:
    screen.scan(EGGS)
    assert screen.now().status_code == 204


def test_a_tap_tells_all_so_that_the_event_after_it_is_no_news(screen: Screen) -> None:
    for act, facts in [("quantity", {"line": 1, "quantity": 2}), ("help", {}), ("pay", {}), ("stop", {})]:
        screen.scan(EGGS)
        screen.tap(act, facts)
        assert screen.now().status_code == 204, act


def test_one_new_line_is_all_that_is_drawn(screen: Screen, box: Box) -> None:
    for gtin in (EGGS, PASTA):
        screen.scan(gtin)
    box.till.scan("1", OIL, how="serial")
    answer = screen.now()
    assert answer.headers["HX-Reswap"] == "none"
    assert answer.headers["HX-Trigger"] == "emma:scanned"
    assert drawn_lines(answer.text) == [3]
    assert '<ol hx-swap-oob="beforeend:#roll-lines">' in answer.text
    assert re.search(r'id="card"[^>]*hx-swap-oob="true"', answer.text)
    assert "Rapsöl" in answer.text
    assert screen.shown["lines"] == "3"


def test_a_changed_line_replaces_itself(screen: Screen, box: Box) -> None:
    for gtin in (EGGS, PASTA, OIL):
        screen.scan(gtin)
    box.till.change_quantity("1", 2, 4)
    answer = screen.now()
    assert drawn_lines(answer.text) == [2]
    assert re.search(r'id="line-2" hx-swap-oob="true"', answer.text)
    assert "HX-Trigger" not in answer.headers


def test_what_was_missed_comes_in_one_go(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    box.till.scan("1", PASTA, how="serial")
    box.till.scan("1", OIL, how="serial")
    box.till.void("1", 1)
    assert drawn_lines(screen.now().text) == [1, 2, 3]


def test_a_fragment_is_as_long_at_line_300_as_at_line_10(screen: Screen, box: Box) -> None:
    sizes = {}
    for number in range(1, 301):
        box.till.scan("1", EGGS, how="serial")
        if number in (9, 299):
            screen.now()
        if number in (10, 300):
            answer = screen.now()
            assert drawn_lines(answer.text) == [number]
            sizes[number] = len(answer.text)
    assert abs(sizes[300] - sizes[10]) < 60


def test_a_refusal_is_said_until_the_next_good_scan(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    answer = screen.scan("123")
    assert answer.status_code == 409
    assert answer.headers["HX-Trigger"] == "emma:look"
    assert drawn_lines(answer.text) == []
    assert "Das haben wir nicht erkannt." in answer.text
    assert screen.now().status_code == 204
    box.till.scan("1", PASTA, how="serial")
    assert "Das haben wir nicht erkannt." not in screen.now().text


def test_a_scanners_refusal_reaches_the_screen(screen: Screen, box: Box) -> None:
    with pytest.raises(Refused):
        box.till.scan("1", "4012345678901", how="serial")
    answer = screen.now()
    assert answer.headers["HX-Trigger"] == "emma:look"
    assert "Diesen Artikel kennen wir noch nicht." in answer.text


def test_the_same_refusal_again_is_said_again(screen: Screen) -> None:
    screen.scan("123")
    first = screen.shown["said"]
    assert screen.scan("123").headers["HX-Trigger"] == "emma:look"
    assert screen.shown["said"] != first


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"basket": "another"},
        {"state": "paying"},
        {"version": "999"},
        {"version": "x"},
        {"lines": "-1"},
        {"lines": "9"},
        {"spoken": "en"},
        {"said": ""},
    ],
)
def test_a_page_that_shows_something_else_gets_the_whole_screen(
    screen: Screen, shown: dict[str, str]
) -> None:
    screen.scan(EGGS)
    screen.shown = {**screen.shown, **shown} if shown else {}
    answer = screen.now()
    assert answer.headers["HX-Retarget"] == "#screen"
    assert answer.headers["HX-Reswap"].startswith("outerHTML")
    assert 'id="screen"' in answer.text
    assert "hx-swap-oob" not in answer.text


def test_a_repeated_tap_is_carried_out_once(screen: Screen, box: Box) -> None:
    for _ in range(2):
        screen.tap("scan", {"code": EGGS, "how": "wedge", "request_key": "one-wish"})
    basket = box.books.basket_on("1")
    assert basket is not None
    assert len(basket.lines) == 1
    assert basket.lines[0].how == "wedge"


def test_two_lanes_do_not_hear_each_other(screen: Screen, box: Box) -> None:
    other = Screen(screen.client, "2")
    box.till.refuse_scan("1", "code_unreadable", "serial")
    assert other.now().status_code == 204
    assert screen.now().status_code == 200


def test_the_journal_number_says_how_far_it_is_true(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    found = re.search(r'data-number="(\d+)"', screen.text)
    assert found
    assert int(found[1]) == box.journal.last_number()


def test_while_the_terminal_works_only_what_it_says_is_drawn(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    screen.tap("pay")
    (asked,) = box.payments.on_lane("1", "asked")
    sent = box.cashier.send(asked.id, "terminal-1", 7)
    assert sent is not None
    for status in (0x0A, 0x0E):
        box.cashier.progressed(sent, status)
        answer = screen.now()
        assert answer.headers["HX-Reswap"] == "none"
        assert 'id="terminal-says"' in answer.text
        assert not re.search('id="(screen|stop)"', answer.text)
    box.cashier.enquired(sent)  # nobody can stop it any more
    assert screen.now().headers["HX-Retarget"] == "#screen"
    assert 'id="stop"' not in screen.text


def test_after_paying_only_what_changed_is_drawn(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    screen.tap("pay")
    (asked,) = box.payments.on_lane("1", "asked")
    box.cashier.send(asked.id, "terminal-1", 7)
    basket = box.cashier.taken(asked.id, 8, "girocard", "answer")
    assert screen.now().headers["HX-Retarget"] == "#screen"
    receipt = box.receipts.of_basket(basket.id)
    assert receipt is not None
    with box.books.page() as page:
        page.announce(ReceiptPrinted(receipt.number), "1")
    answer = screen.now()
    assert answer.headers["HX-Reswap"] == "none"
    assert 'id="paper"' in answer.text
    assert not re.search('id="(screen|done-now|tender)"', answer.text)
    assert "Der Papierbon liegt im Fach." in answer.text
    assert screen.now().status_code == 204
    screen.tap("help")
    assert 'id="help"' in screen.text
    assert 'id="screen"' not in screen.text
    screen.tap("done", {"basket": basket.id})
    assert screen.shown["state"] == "attract"
