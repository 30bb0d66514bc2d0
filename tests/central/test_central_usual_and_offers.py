"""The two small rules: what is usual, and which one offer follows from it."""

from __future__ import annotations

import pytest

from central.clock import DAY_MS
from central.offers import OfferRules, Past, choose_offer
from central.profiles.purchases import BoughtLine, Purchase
from central.recommend.usual import Usual, UsualRules, usual

NOW = 1_800_000_000_000
MILK, BREAD, TEA = "9521234000013", "9521234000020", "9521234000037"


def _bought(days_ago: float, *gtins: str) -> Purchase:
    lines = tuple(BoughtLine(gtin, 1, 0, 100) for gtin in gtins)
    at = int(NOW - days_ago * DAY_MS)
    return Purchase("demo", "e", int(days_ago * 10), "1", at, "v", 1, 100, "EUR", lines)


def test_lately_counts_more_than_long_ago() -> None:
    past = [_bought(200, TEA), _bought(201, TEA), _bought(202, TEA), _bought(1, MILK), _bought(2, MILK)]
    assert [(a.gtin, a.times) for a in usual(past, NOW, limit=6)] == [(MILK, 2), (TEA, 3)]


def test_once_is_not_usual_and_many_pieces_are_once() -> None:
    past = [_bought(1, MILK, MILK, MILK), _bought(2, BREAD)]
    assert usual(past, NOW, limit=6) == []
    assert usual(past, NOW, limit=1, rules=UsualRules(times_min=1)) == [Usual(MILK, 1, 0.5 ** (1 / 45))]


def test_the_order_of_purchases_does_not_matter_and_ties_go_by_gtin() -> None:
    past = [_bought(day, BREAD, MILK) for day in (3, 1, 2)]
    assert usual(past, NOW, limit=6) == usual(past[::-1], NOW, limit=6)
    assert [a.gtin for a in usual(past, NOW, limit=6)] == [MILK, BREAD]


def test_a_clock_that_ran_ahead_does_not_weigh_more_than_today() -> None:
    ahead, today = [_bought(-90, MILK), _bought(-80, MILK)], [_bought(0, TEA), _bought(0, TEA)]
    scores = {a.gtin: a.score for a in usual(ahead + today, NOW, limit=6)}
    assert scores == {MILK: 2.0, TEA: 2.0}


def test_taken_back_lines_do_not_count() -> None:
    line = BoughtLine(MILK, 0, 0, 0)
    past = [Purchase("d", "e", n, "1", NOW, "v", 1, 0, "EUR", (line,)) for n in range(3)]
    assert usual(past, NOW, limit=6) == []


@pytest.mark.parametrize("kind", ["empties", "returned", "voucher"])
def test_what_was_handed_back_or_is_a_gift_card_was_not_bought(kind: str) -> None:
    line = BoughtLine(MILK, 1, 0, -25, kind)
    past = [Purchase("d", "e", n, "1", NOW, "v", 1, 0, "EUR", (line,)) for n in range(3)]
    assert usual(past, NOW, limit=6) == []


def test_what_was_brought_back_whole_was_not_bought() -> None:
    def bought(quantity: int, brought_back: int) -> list[str]:
        line = BoughtLine(MILK, quantity, 0, 100, brought_back=brought_back)
        past = [Purchase("d", "e", n, "1", NOW, "v", 1, 0, "EUR", (line,)) for n in range(3)]
        return [article.gtin for article in usual(past, NOW, limit=6)]

    assert [bought(2, 0), bought(2, 1), bought(2, 2), bought(1, 1)] == [[MILK], [MILK], [], []]


def _offer(articles: list[Usual], past: list[Past]) -> str | None:
    offer = choose_offer(articles, past, store="demo", visit="v", now_ms=NOW)
    return offer.gtin if offer else None


def test_the_offer_follows_the_rules() -> None:
    articles = [Usual(BREAD, 2, 9.0), Usual(MILK, 3, 2.0), Usual(TEA, 5, 1.0)]
    assert _offer(articles, []) == MILK
    assert _offer(articles, [Past(MILK, NOW - 6 * DAY_MS, False)]) == TEA
    assert _offer(articles, [Past(MILK, NOW - 7 * DAY_MS, False)]) == MILK
    assert _offer(articles, [Past(MILK, NOW - 59 * DAY_MS, True)]) == TEA
    assert _offer(articles, [Past("9", NOW - DAY_MS, False)] * OfferRules().week_max) is None
    assert _offer([], []) is None


def test_the_same_past_makes_the_same_offer_with_a_reason_in_both_languages() -> None:
    articles = [Usual(MILK, 4, 2.0)]
    first, again = (choose_offer(articles, [], store="demo", visit="v", now_ms=NOW) for _ in range(2))
    assert first == again
    assert first is not None
    assert set(first.reason) == {"de", "en"}
    assert all("4" in text for text in first.reason.values())
    other = choose_offer(articles, [], store="demo", visit="w", now_ms=NOW)
    assert other is not None
    assert other.offer != first.offer
