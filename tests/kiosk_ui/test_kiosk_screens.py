"""The kiosk page follows the lane's basket: attract, open, lines, languages, cancel."""

from __future__ import annotations

import re

import pytest

from store_edge.box import Box
from tests.kiosk_ui.kiosk_shop import EGGS, GRAPES_742_G, PASTA, SHIRT_M, Screen, make_app


@pytest.fixture
def screen(box: Box) -> Screen:
    return Screen(make_app(box).test_client())


def test_a_lane_that_there_is_not(screen: Screen) -> None:
    assert screen.client.get("/kiosk/9").status_code == 404
    assert screen.client.post("/kiosk/9/start").status_code == 404


def test_the_attract_screen_speaks_the_stores_language(screen: Screen) -> None:
    text = screen.client.get("/kiosk/1", headers={"Accept-Language": "en"}).text
    assert '<html lang="de"' in text
    assert "Legen Sie Ihre Sachen hin" in text
    assert 'data-live-topics="lane-1"' in text
    assert "data-fresh" in text


def test_nothing_inline(screen: Screen) -> None:
    screen.scan(EGGS)
    for text in (screen.client.get("/kiosk/1").text, screen.client.get("/kiosk/2").text):
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", text)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_ids_are_unique_and_every_form_has_its_key(screen: Screen) -> None:
    screen.scan(EGGS)
    screen.scan(PASTA)
    text = screen.look()
    ids = re.findall(r"\sid=\"([^\"]+)\"", text)
    assert len(ids) == len(set(ids))
    assert text.count("<form") == text.count('name="request_key"')


def test_start_opens_a_basket_in_the_language_shown(screen: Screen, box: Box) -> None:
    screen.tap("start")
    assert screen.shown["state"] == "open"
    basket = box.books.basket_on("1")
    assert basket is not None
    assert basket.language == "de"


def test_a_language_chosen_first_is_the_language_of_the_basket(screen: Screen, box: Box) -> None:
    screen.tap("language", {"language": "en"})
    assert "Put your things down" in screen.text
    basket = box.books.basket_on("1")
    assert basket is not None
    assert basket.language == "en"


def test_a_language_chosen_later_changes_screen_and_receipt(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    answer = screen.tap("language", {"language": "en"})
    assert answer.headers["HX-Retarget"] == "#screen"
    assert answer.headers["Content-Language"] == "en"
    assert "Free-range eggs" in screen.text
    box.till.change_quantity("1", 1, 2)
    box.cashier.ask_payment("1")
    payment = box.payments.open_for(screen.shown["basket"])
    assert payment is not None
    box.cashier.send(payment.id, "terminal-1", 4)
    box.cashier.taken(payment.id, 5, "girocard", "answer")
    receipt = box.receipts.by_number(1)
    assert receipt is not None
    assert receipt.language == "en"
    screen.now()
    screen.tap("done")
    assert screen.shown["state"] == "attract"
    assert "Legen Sie Ihre Sachen hin" in screen.look()


def test_a_language_nobody_speaks_changes_nothing(screen: Screen) -> None:
    assert screen.tap("language", {"language": "tlh"}).status_code == 200
    assert screen.shown["state"] == "attract"


def test_the_first_scan_draws_the_whole_screen(screen: Screen) -> None:
    answer = screen.scan(EGGS)
    assert answer.headers["HX-Retarget"] == "#screen"
    assert answer.headers["HX-Trigger"] == "emma:scanned"
    assert 'id="line-1"' in screen.text
    assert "3,29\N{NO-BREAK SPACE}€ bezahlen" in screen.text


def test_weighed_goods_show_weight_and_price_per_kilogram_and_cannot_be_counted(screen: Screen) -> None:
    screen.scan(GRAPES_742_G)
    assert "0,742 kg × 4,49\N{NO-BREAK SPACE}€/kg" in screen.text
    assert 'id="more-1"' not in screen.text
    assert 'id="off-1"' in screen.text


def test_a_garment_names_its_other_sizes_in_order(screen: Screen) -> None:
    screen.scan(SHIRT_M)
    assert "Auch in S · L · XL" in screen.text


def test_the_card_names_the_price_per_kilogram(screen: Screen) -> None:
    screen.scan(PASTA)
    assert "500 g · 2,58\N{NO-BREAK SPACE}€/kg" in screen.text


def test_count_and_take_off(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    screen.tap("quantity", {"line": 1, "quantity": 3})
    assert "3 × 3,29" in screen.text
    screen.tap("quantity", {"line": 1, "quantity": 0})
    assert "roll__line--void" in screen.text
    basket = box.books.basket_on("1")
    assert basket is not None
    assert basket.total_minor == 0
    assert "Noch nichts zu bezahlen" in screen.text


@pytest.mark.parametrize(
    "facts", [{"line": "x", "quantity": "1"}, {"line": "1"}, {"line": 1, "quantity": -1}]
)
def test_nonsense_is_a_bad_request(screen: Screen, facts: dict[str, str | int]) -> None:
    screen.scan(EGGS)
    assert screen.tap("quantity", facts).status_code == 400


def test_too_many_is_refused_in_words(screen: Screen) -> None:
    screen.scan(EGGS)
    answer = screen.tap("quantity", {"line": 1, "quantity": 1000})
    assert answer.status_code == 409
    assert answer.headers["HX-Trigger"] == "emma:look"
    assert "Diese Anzahl ist nicht möglich." in screen.text


def test_cancel_gives_up_the_basket_that_is_shown(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    screen.tap("cancel")
    assert screen.shown["state"] == "attract"
    assert box.books.basket_on("1") is None


def test_cancel_from_an_old_page_leaves_the_next_shopper_alone(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    box.till.cancel("1")
    box.till.scan("1", PASTA, how="serial")
    assert screen.tap("cancel").status_code == 200
    assert screen.shown["state"] == "open"
    assert "Spaghetti" in screen.text


def test_who_left_is_only_gone_if_nothing_happened_since(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    box.till.scan("1", PASTA, how="serial")
    screen.tap("cancel", {"reason": "left"})
    assert screen.shown["state"] == "open"
    screen.tap("cancel", {"reason": "left"})
    assert screen.shown["state"] == "attract"
    entry = next(e for e in box.journal.read(0) if e.type == "BasketCancelled")
    assert entry.facts["reason"] == "left"


def test_a_touched_screen_keeps_the_basket_from_being_taken_for_left(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    seen = box.books.basket_on("1")
    screen.tap("here")
    box.till.cancel("1", "left", seen=seen)
    assert screen.shown["state"] == "open"
    screen.tap("cancel", {"reason": "left"})
    assert screen.shown["state"] == "attract", "the page knows the basket as it is now"


def test_help_is_called_and_said_to_be_coming(screen: Screen, box: Box) -> None:
    screen.scan(EGGS)
    screen.tap("help")
    assert "Hilfe ist unterwegs" in screen.text
    assert [task.kind for task in box.tasks.waiting()] == ["help"]
    with box.books.page() as page:
        page.close_tasks("1", "helped")
    screen.now()
    assert "Hilfe ist unterwegs" not in screen.text
    assert 'id="help"' in screen.text


def test_a_refusal_with_nobody_there_shows_on_the_attract_screen(screen: Screen, box: Box) -> None:
    box.till.refuse_scan("1", "code_unreadable", "serial")
    screen.now()
    assert screen.shown["state"] == "attract"
    assert "Das haben wir nicht erkannt." in screen.text


def test_without_script_each_tap_leads_back_to_the_page(screen: Screen) -> None:
    answer = screen.tap("scan", {"code": EGGS, "how": "typed"}, script=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kiosk/1")
    refused = screen.tap("scan", {"code": "1", "how": "typed"}, script=False)
    assert refused.status_code == 409
    assert "<!doctype html>" in refused.text
    assert "Das haben wir nicht erkannt." in refused.text


def test_a_screen_opened_in_english_stays_english_until_a_shopper_has_gone(screen: Screen) -> None:
    screen.look("?lang=en")
    assert screen.now().status_code == 204
    screen.tap("start")
    assert "Your basket" in screen.text
    screen.tap("cancel")
    assert "Legen Sie Ihre Sachen hin" in screen.text
