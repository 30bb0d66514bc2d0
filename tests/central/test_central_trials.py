"""Trying offers on past sales: the edges that a store does not come to by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from central.settings import CentralSettings, Limits

MILK = "9521234000013"
OFFER = f'[promotions.half]\nkind = "percent"\nterms = {{ percent = 50, gtin = "{MILK}" }}\n'


@pytest.fixture
def small_desk(tmp_path: Path, opener: Any) -> Iterator[Any]:
    """Head office that tries three baskets at most, and reads two at a time."""
    limits = replace(Limits(), trial_baskets_max=3, trial_page=2)
    desk = opener(CentralSettings(home=tmp_path, limits=limits))
    yield desk
    desk.centre.close()


def sale(desk: Any, receipt: int = 1, *, off: int = 0, by: str = "", **more: Any) -> Any:
    """One milk for 2.00, cheaper by so much."""
    reductions = [{"by": by, "amount_minor": off}] if off else []
    line = {"gtin": MILK, "quantity": 1, "weight_g": 0, "total_minor": 200 - off, "vat_bp": 700}
    line |= {"unit_price_minor": 200, "discount_minor": off, "reductions": reductions}
    line |= more.pop("line", {})
    facts = {"basket": f"b{receipt}", "receipt": receipt, "total_minor": 200 - off, "currency": "EUR"}
    facts |= {"lines": [line], "vat": [], "visit": "", "paid_by": "card", "opened_at": "2026-11-21T11:00:00"}
    return desk.event("SaleCompleted", facts | more)


def began(desk: Any, name: str, **terms: Any) -> Any:
    return desk.event("PromotionBegan", {"promotion": name, "kind": "percent", "terms": terms}, lane="")


def ask(desk: Any, toml: str = OFFER, **query: str) -> Any:
    desk.hands.turn(seconds=1)  # `until` is now
    return desk.office("POST", "/trials", query_string=query, data=toml, content_type="application/toml")


def left_out(desk: Any) -> dict[str, int]:
    return {one["reason"]: one["baskets"] for one in ask(desk).json["left_out"]}


def test_a_shopper_s_own_offer_is_reckoned_with_and_gives_way(any_desk: Any) -> None:
    offer = {"offer": "0f0f", "gtin": MILK, "percent": 10}
    any_desk.hand_in([sale(any_desk, off=20, by="0f0f", offer=offer)])
    tried = ask(any_desk).json
    assert (tried["took_minor"], tried["would_take_minor"], tried["left_out"]) == (180, 100, [])
    assert {one["promotion"]: one["gave_minor"] for one in tried["promotions"]} == {"half": 0, "0f0f": 20}


def test_what_ran_is_told_by_the_order_of_the_journal_and_only_by_its_own_epoch(desk: Any) -> None:
    batch = [sale(desk, 1), began(desk, "ten", percent=10, gtin=MILK), sale(desk, 2, off=20, by="ten")]
    batch += [desk.event("PromotionEnded", {"promotion": "ten"}, lane=""), sale(desk, 3)]
    desk.hand_in(batch[::-1])
    assert left_out(desk) == {}
    other = sale(desk, 4)
    other |= {"epoch": "00restored", "id": f"demo:00restored:{other['number']}"}
    desk.hand_in([other])
    assert left_out(desk) == {}


def test_hours_are_those_on_the_shop_s_wall(desk: Any) -> None:
    desk.hand_in([sale(desk)])
    noon = OFFER.replace("percent = 50", 'percent = 50, hours = "11:00-11:01"')
    assert ask(desk, noon).json["reached"] == 1
    assert ask(desk, noon.replace("11:01", "11:05").replace("11:00-", "11:01-")).json["reached"] == 0


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"opened_at": ""}, "facts_missing"),
        ({"opened_at": "at noon"}, "facts_missing"),
        ({"line": {"quantity": 2**50}}, "facts_missing"),
        ({"off": 20, "by": "nobody-knows"}, "priced_otherwise"),
        ({"line": {"unit_price_minor": 180}}, "priced_otherwise"),
        ({"currency": "CHF"}, "other_currency"),
    ],
)
def test_what_cannot_be_tried_honestly_is_left_out_by_name(desk: Any, more: Any, reason: str) -> None:
    desk.hand_in([sale(desk, 1), sale(desk, 2, **more)])
    assert left_out(desk) == {reason: 1}
    assert ask(desk).json["baskets"] == 1


def test_the_work_is_bounded_and_says_where_to_go_on(small_desk: Any) -> None:
    desk = small_desk
    for receipt in range(1, 6):
        desk.hand_in([sale(desk, receipt)])
        desk.hands.turn(minutes=1)
    first = ask(desk).json
    assert (first["baskets"], first["stopped"], first["stopped_store"]) == (3, "baskets", "demo")
    rest = ask(desk, stores="demo", **{"from": first["stopped_at"]}).json
    assert (rest["baskets"], rest["stopped"], rest["stopped_at"]) == (2, "", None)
    assert [len(one["examples"]) for one in (first, rest)] == [3, 2]


def test_time_is_bounded_too(tmp_path: Path, opener: Any) -> None:
    desk = opener(CentralSettings(home=tmp_path, limits=replace(Limits(), trial_s_max=-1.0)))
    desk.hand_in([sale(desk)])
    tried = ask(desk).json
    desk.centre.close()
    assert (tried["baskets"], tried["stopped"]) == (0, "time")


def test_one_trial_at_a_time(desk: Any) -> None:
    with desk.centre.trials:
        answer = ask(desk)
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert ask(desk).status_code == 200


def test_it_is_the_office_s_to_ask_and_a_file_to_send(desk: Any) -> None:
    assert desk.store("POST", "/trials", data=OFFER, content_type="application/toml").status_code == 403
    assert desk.office("POST", "/trials", json={"promotions": {}}).status_code == 415
    assert ask(desk, b"\xff").status_code == 400
