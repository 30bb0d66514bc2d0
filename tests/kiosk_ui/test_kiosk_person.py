"""The personal panel: who shows a token is greeted if they wish, and forgotten at one tap."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from checkout.events import ShopperIdentified
from checkout.shopper import Membership, PersonalOffer, Usual, VisitCard
from store_edge.box import Box
from store_edge.settings import PromotionSettings
from tests.kiosk_ui.kiosk_shop import EGGS, GRAPES, OIL, PASTA, Clock, Screen, make_app, open_box

OFFER = PersonalOffer(
    "offer-1", OIL, 20, {"de": "Weil Sie oft Salat nehmen", "en": "Because you often take salad"}
)
CARD = VisitCard(True, "Mina", (Usual(PASTA, 9), Usual(GRAPES, 4), Usual("9521234999999", 2)), OFFER)


@pytest.fixture
def screen(box: Box) -> Screen:
    screen = Screen(make_app(box).test_client())
    screen.scan(EGGS)
    return screen


def identify(box: Box) -> None:
    """What the till does once it has verified a token."""
    with box.books.page() as page:
        basket = page.basket_on("1")
        assert basket is not None
        page.use_token("jti", "visit-1", basket.id, "EMMA1.x.y")
        page.save_basket(replace(basket, visit="visit-1", version=basket.version + 1))
        page.announce(ShopperIdentified(basket.id, "visit-1", "jti"), "1")


def test_a_stranger_sees_how_to_show_their_code(screen: Screen) -> None:
    assert "Zeigen Sie dem Scanner den Code aus Ihrem Konto." in screen.look()


def test_a_token_that_cannot_be_verified_is_refused_in_words(screen: Screen) -> None:
    assert screen.scan("EMMA1.abc.def", "wedge").status_code == 409
    assert "Code" in screen.text
    assert "Bitte zeigen Sie einen neuen Code aus Ihrem Konto." in screen.text


def test_waiting_then_calmly_without_head_office(screen: Screen, box: Box, clock: Clock) -> None:
    identify(box)
    assert "Einen Moment, wir schauen nach." in screen.now().text
    clock.pass_s(2)
    text = screen.now().text
    assert "dieser Einkauf kommt trotzdem in Ihr Konto" in text
    assert "line-" not in text


def test_without_consent_nothing_personal_is_shown(screen: Screen, box: Box) -> None:
    identify(box)
    box.till.visits.welcome("visit-1", "1", VisitCard())
    text = screen.now().text
    assert "Sie sind angemeldet." in text
    assert "Schön, Sie zu sehen" not in text


def test_greeting_usual_goods_and_one_offer_with_its_reason(screen: Screen, box: Box) -> None:
    identify(box)
    box.till.visits.welcome("visit-1", "1", CARD)
    text = screen.now().text
    assert "Schön, Sie zu sehen, Mina." in text
    assert "Spaghetti" in text
    assert "Trauben" not in text, "loose goods cannot be added by a tap"
    assert "Weil Sie oft Salat nehmen" in text
    assert "1,99 Euro" in text
    assert "2,49" in text


def test_a_member_sees_their_points_and_what_this_purchase_gives(screen: Screen, box: Box) -> None:
    identify(box)
    member = Membership(1240, tier={"de": "Silber"})
    box.till.visits.welcome("visit-1", "1", VisitCard(membership=member))
    text = screen.now().text
    assert "Sie haben 1.240 Punkte." in text
    before = box.purse.earned(box.books.basket_on("1"))
    assert f"Dieser Einkauf bringt Ihnen {before}." in text
    assert "Ihr Status: Silber." in text
    text = screen.scan(OIL).text
    after = box.purse.earned(box.books.basket_on("1"))
    assert after > before
    assert f"Dieser Einkauf bringt Ihnen {after}." in text


def test_points_that_a_promotion_multiplies_are_shown_as_they_will_be_booked(
    tmp_path: Path, clock: Clock
) -> None:
    box = open_box(
        tmp_path, clock, promotions={"oil": PromotionSettings("points", terms={"times": 10, "gtin": OIL})}
    )
    screen = Screen(make_app(box).test_client())
    screen.scan(OIL)
    once = box.purse.earned(box.books.basket_on("1"))
    identify(box)
    box.till.visits.welcome("visit-1", "1", VisitCard(membership=Membership(0)))
    text = screen.now().text
    box.stop()
    shown = re.search(r"Dieser Einkauf bringt Ihnen (\d+)", text)
    assert shown is not None
    assert int(shown[1]) // 10 == once > 0


def test_who_owes_points_is_told_so(screen: Screen, box: Box) -> None:
    identify(box)
    box.till.visits.welcome("visit-1", "1", VisitCard(membership=Membership(-20)))
    assert "Von früher fehlen noch 20 Punkte." in screen.now().text


def test_a_tap_adds_what_is_usual(screen: Screen, box: Box) -> None:
    identify(box)
    box.till.visits.welcome("visit-1", "1", CARD)
    screen.tap("scan", {"code": PASTA, "how": "tapped"})
    basket = box.books.basket_on("1")
    assert basket is not None
    assert basket.lines[-1].how == "tapped"


def test_a_taken_offer_stands_on_the_line_and_no_longer_in_the_panel(screen: Screen, box: Box) -> None:
    identify(box)
    box.till.visits.welcome("visit-1", "1", CARD)
    assert 'id="no-offer"' in screen.now().text
    text = screen.scan(OIL).text
    assert "Sie sparen 0,50\N{NO-BREAK SPACE}€ · Weil Sie oft Salat nehmen" in text
    assert 'id="panel"' in text
    assert 'id="no-offer"' not in text


def test_the_reason_follows_the_language(screen: Screen, box: Box) -> None:
    identify(box)
    box.till.visits.welcome("visit-1", "1", CARD)
    assert "Because you often take salad" in screen.tap("language", {"language": "en"}).text


def test_no_thanks_takes_the_offer_away(screen: Screen, box: Box) -> None:
    identify(box)
    box.till.visits.welcome("visit-1", "1", CARD)
    screen.now()
    text = screen.tap("offer/decline").text
    assert "Schön, Sie zu sehen, Mina." in text
    assert "Salat" not in text
    assert screen.tap("offer/decline").status_code == 409
    assert "Dieses Angebot gibt es nicht mehr." in screen.text


def test_forget_me_leaves_the_goods_and_nothing_else(screen: Screen, box: Box) -> None:
    identify(box)
    box.till.visits.welcome("visit-1", "1", CARD)
    screen.now()
    screen.tap("forget")
    text = screen.look()
    assert "Mina" not in text
    assert "Salat" not in text
    assert 'id="line-1"' in text
    assert box.visits.card("visit-1") is None


def test_a_token_used_elsewhere_is_told(screen: Screen, box: Box) -> None:
    identify(box)
    screen.now()
    box.till.visits.dismiss("1", "token_used", "visit-1")
    answer = screen.now()
    assert "Dieser Code wurde schon benutzt." in answer.text
    assert answer.headers["HX-Trigger"] == "emma:look"


def test_the_thanks_screen_knows_no_name(screen: Screen, box: Box) -> None:
    identify(box)
    box.till.visits.welcome("visit-1", "1", CARD)
    screen.tap("pay")
    basket = box.books.basket_on("1")
    assert basket is not None
    asked = box.payments.open_for(basket.id)
    assert asked is not None
    box.cashier.send(asked.id, "terminal-1", 1)
    box.cashier.taken(asked.id, 2, "girocard", "answer")
    assert "Mina" not in screen.now().text
