"""Paying in parts at the kiosk: a gift card first, the rest by card, or everything back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkout.gift_cards import qr_text
from checkout.shopper import Membership, VisitCard
from checkout.staff import Clerk
from store_edge.box import Box
from store_edge.settings import CashSettings
from tests.kiosk_ui.kiosk_shop import EGGS, Clock, Screen, make_app, open_box

CASHIER = Clerk("clerk-1", frozenset({"cash"}))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = open_box(tmp_path, Clock(), cash=CashSettings(lanes=("2",)))
    yield box
    box.stop()


@pytest.fixture
def screen(box: Box) -> Screen:
    screen = Screen(make_app(box).test_client())
    screen.scan(EGGS)
    return screen


@pytest.fixture
def code(box: Box) -> str:
    """A gift card of one euro, sold at the staffed lane."""
    (code,) = box.till.gift_cards.print_blank(1, CASHIER)
    box.till.gift_cards.sell("2", code, 100)
    box.pay_desk.pay_cash("2", 100)
    return code


def be_a_member(box: Box, membership: Membership) -> None:
    """The lane's shopper said who they are, and head office answered."""
    with box.books.page() as page:
        basket = page.basket_on("1")
        assert basket is not None
        known = replace(basket, visit="visit-1", version=basket.version + 1)
        page.use_token("token-1", "visit-1", basket.id, "EMMA1.token-1")
        page.save_basket(known)
    box.till.visits.welcome("visit-1", "1", VisitCard(membership=membership))


def take_card(box: Box, number: int) -> int:
    """The terminal takes what it is asked for; gives how much."""
    basket = box.books.basket_on("1")
    assert basket is not None
    asked = box.payments.open_for(basket.id)
    assert asked is not None
    assert box.cashier.send(asked.id, "terminal-1", number - 1)
    box.cashier.taken(asked.id, number, "girocard", "answer")
    return asked.amount_minor


def test_a_gift_card_pays_its_part_and_a_card_the_rest(screen: Screen, box: Box, code: str) -> None:
    screen.tap("gift-card", {"code": code})
    assert "Auf Ihrer Geschenkkarte sind 1,00\xa0€." in screen.text
    assert (screen.shown["state"], box.till.gift_cards.balance(code)[1]) == ("open", 100)
    assert "1,00\xa0€ werden davon genommen." in screen.text
    assert "Die übrigen 2,29\xa0€ zahlen Sie danach mit Karte." in screen.text
    screen.tap("gift-card/use")
    assert screen.shown["state"] == "paying"
    assert "2,29 Euro" in screen.text
    assert "Rest mit Karte bezahlen: 2,29" in screen.text
    screen.tap("pay")
    assert take_card(box, 8) == 229
    screen.now()
    assert screen.shown["state"] == "paid"


def test_whoever_gives_up_gets_the_gift_card_back_and_the_basket_is_open(
    screen: Screen, box: Box, code: str
) -> None:
    screen.tap("gift-card", {"code": code})
    screen.tap("gift-card/use")
    screen.tap("give-back")
    assert screen.shown["state"] == "open"
    assert box.till.gift_cards.balance(code)[1] == 100


def test_a_cards_part_is_given_back_by_a_colleague(screen: Screen, box: Box, code: str) -> None:
    box.cashier.ask_payment("1", amount_minor=200)
    take_card(box, 8)
    screen.tap("gift-card", {"code": code})
    screen.tap("gift-card/use")
    screen.tap("give-back")
    assert "Ihr Geld geht zurück auf Ihre Karte" in screen.text
    assert 'id="pay-now"' not in screen.text
    (owed,) = box.payments.on_lane("1", "owed")
    box.pay_desk.left_to_staff(owed.id, "terminal")
    screen.now()
    assert "Sie bekommen zurück, was Sie mit Karte bezahlt haben." in screen.text
    assert 'id="pay-now"' not in screen.text
    (task,) = box.tasks.waiting()
    assert task.kind == "refund_due"
    box.pay_desk.returned(task.about)
    screen.now()
    assert screen.shown["state"] == "open"


def test_a_card_that_is_none_is_refused_in_words(screen: Screen) -> None:
    assert screen.tap("gift-card", {"code": "123"}).status_code == 409
    assert "Diese Geschenkkarte konnten wir nicht lesen." in screen.text
    assert screen.shown["state"] == "open"


def test_a_gift_card_before_the_scanner_is_shown_and_pays_when_told(
    screen: Screen, box: Box, code: str
) -> None:
    box.till.scan("1", qr_text(code), how="serial")
    screen.now()
    assert screen.shown["state"] == "open"
    assert 'data-opens="with-gift"' in screen.text
    screen.scan(EGGS)  # the offer follows the total
    assert "Die übrigen 5,58\xa0€ zahlen Sie danach mit Karte." in screen.text
    screen.tap("gift-card/use")
    assert screen.shown["state"] == "paying"
    assert "1,00\xa0€ sind schon bezahlt." in screen.text
    assert screen.scan(qr_text(code)).status_code == 409
    assert "Auf dieser Geschenkkarte ist nichts mehr." in screen.text


def test_a_gift_card_can_be_kept_after_all(screen: Screen, box: Box, code: str) -> None:
    screen.scan(qr_text(code))
    screen.tap("gift-card/take-back")
    assert "Auf Ihrer Geschenkkarte" not in screen.text
    assert 'data-opens="with-gift"' not in screen.text
    screen.tap("pay")
    assert take_card(box, 8) == 329


def test_after_a_part_a_second_gift_card_is_offered_and_not_taken(
    screen: Screen, box: Box, code: str
) -> None:
    box.cashier.ask_payment("1", amount_minor=200)
    take_card(box, 8)
    screen.scan(qr_text(code))
    assert 'id="gift-use"' in screen.text
    assert "Ja, 1,00\xa0€ abbuchen" in screen.text
    screen.tap("gift-card/take-back")
    assert 'id="gift-use"' not in screen.text
    assert box.till.gift_cards.balance(code)[1] == 100


def test_points_that_were_lent_to_this_visit_pay(screen: Screen, box: Box) -> None:
    assert 'id="pay-points"' not in screen.text
    be_a_member(box, Membership(points=1200, lease=200, lease_ends_at="2026-11-21T14:00:00+00:00"))
    screen.now()
    assert "2,00\xa0€ mit 200 Punkten bezahlen" in screen.text
    screen.tap("points")
    assert screen.shown["state"] == "paying"
    assert "2,00\xa0€ sind schon bezahlt." in screen.text
    assert 'id="pay-points"' not in screen.text  # all that was lent is spent
    screen.tap("give-back")
    assert "2,00\xa0€ mit 200 Punkten bezahlen" in screen.text


def test_too_few_points_are_not_offered(screen: Screen, box: Box) -> None:
    be_a_member(box, Membership(points=99, lease=99, lease_ends_at="2026-11-21T14:00:00+00:00"))
    screen.now()
    assert "Sie haben 99 Punkte." in screen.text
    assert 'id="pay-points"' not in screen.text


def test_a_gift_card_in_the_basket_is_shown_by_its_name(screen: Screen, box: Box) -> None:
    (code,) = box.till.gift_cards.print_blank(1, CASHIER)
    box.till.gift_cards.sell("1", code, 2500)
    screen.look()
    assert "Geschenkkarte" in screen.text
    assert "25,00" in screen.text
