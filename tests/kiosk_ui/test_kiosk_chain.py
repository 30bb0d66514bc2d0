"""What the shopper hears of other stores: a coupon used there, and the price of the last thirty days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store_edge.box import Box
from store_edge.settings import CouponSettings, PromotionSettings
from tests.kiosk_ui.kiosk_shop import PASTA, Clock, Screen, make_app, open_box, reopen_box

COUPONS = {"letter": CouponSettings("LETTER-1", {"de": "Gruß"}, amount_minor=20, times_max=1)}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(tmp_path: Path, clock: Clock) -> Iterator[Box]:
    box = open_box(tmp_path, clock, coupons=COUPONS)
    yield box
    box.stop()


@pytest.fixture
def screen(box: Box) -> Screen:
    screen = Screen(make_app(box).test_client())
    screen.scan(PASTA)
    screen.scan("LETTER-1")
    return screen


@pytest.mark.parametrize(
    ("language", "words", "next_step"),
    [
        ("de", "Dieser Coupon wurde schon eingelöst.", "Er gilt in all unseren Filialen nur einmal."),
        ("en", "This coupon was already used.", "It counts once in all our stores."),
    ],
)
def test_a_coupon_used_elsewhere_is_told_and_takes_nothing_off(
    screen: Screen, box: Box, language: str, words: str, next_step: str
) -> None:
    screen.tap("language", {"language": language})
    before = box.books.basket_on("1")
    assert before is not None
    assert box.till.paper.used_elsewhere(before.id, "coupon", "LETTER-1")
    text = screen.now().text
    assert words in text
    assert next_step in text
    assert "Gruß" not in text
    after = box.books.basket_on("1")
    assert after is not None
    assert after.total_minor == before.total_minor + 20


def test_whoever_pays_before_the_answer_is_asked_for_a_moment(screen: Screen, box: Box, clock: Clock) -> None:
    answer = screen.tap("pay")
    assert answer.status_code == 409
    assert "Einen Moment: Wir prüfen Ihren Coupon oder Bon." in answer.text
    clock.pass_s(box.settings.limits.paper_s)
    assert screen.tap("pay").status_code == 200


def test_a_promotion_of_last_week_is_what_this_week_s_is_compared_with(tmp_path: Path, clock: Clock) -> None:
    tenth = {"pasta": PromotionSettings("percent", {"percent": 20, "gtin": PASTA})}
    before = open_box(tmp_path, clock, promotions=tenth)
    before.start()
    before.stop()
    clock.pass_s(8 * 24 * 3600)
    week = {"week": PromotionSettings("percent", {"percent": 10, "gtin": PASTA}, {"de": "Nudelwoche"})}
    box = reopen_box(tmp_path, clock, promotions=week)
    box.start()
    try:
        screen = Screen(make_app(box).test_client())
        screen.scan(PASTA)
        assert "Nudelwoche · Niedrigster Preis der letzten 30 Tage: 1,03" in screen.text
        assert "Sie sparen" not in screen.text
    finally:
        box.stop()
