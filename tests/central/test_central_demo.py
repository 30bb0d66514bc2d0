"""The invented customer: there at once, the same at every start, and gone for good if she wishes."""

from __future__ import annotations

from typing import Any

import pytest

from central.demo import DemoArticle, seed_demo

ARTICLES = [DemoArticle(f"952123400{n:04d}", 99 + 10 * n, 700 if n % 2 else 1900) for n in range(20)]


def test_she_has_a_past_and_is_welcomed_with_it(desk: Any) -> None:
    key = seed_demo(desk.centre, ARTICLES)
    account = desk.office("POST", "/sessions", {"key": key}).json["account"]
    assert desk.office("GET", f"/accounts/{account}").json["nickname"] == "Erika"
    assert desk.office("GET", "/alarms").json == {"alarms": []}
    items = desk.office("GET", f"/accounts/{account}/timeline").json["items"]
    sales = [item for item in items if item["kind"] == "purchase"]
    assert len(sales) == 24
    for sale in sales:
        assert sale["total_minor"] == sum(line["total_minor"] for line in sale["lines"]) > 0
    welcome = desk.store("POST", "/visits", {"visit": "v1", "token": desk.token(account)}).json
    assert len(welcome["usual"]) >= 4
    assert welcome["offer"]["gtin"] in {article.gtin for article in ARTICLES}


def test_a_second_start_finds_her_again(desk: Any) -> None:
    key = seed_demo(desk.centre, ARTICLES)
    rows = desk.rows()
    desk.hands.turn(days=3)
    assert seed_demo(desk.centre, ARTICLES) == key
    assert desk.rows() == rows


def test_once_erased_she_does_not_come_back(desk: Any) -> None:
    key = seed_demo(desk.centre, ARTICLES)
    account = desk.office("POST", "/sessions", {"key": key}).json["account"]
    assert desk.office("DELETE", f"/accounts/{account}").status_code == 204
    assert seed_demo(desk.centre, ARTICLES) is None


def test_she_needs_something_to_have_bought(desk: Any) -> None:
    with pytest.raises(ValueError, match="needs articles"):
        seed_demo(desk.centre, [])
    assert seed_demo(desk.centre, ARTICLES[:1])
