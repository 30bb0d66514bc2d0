"""What was tried on and bought after, article by article, whatever order the store told of it in."""

from __future__ import annotations

import itertools
from typing import Any

TEE_M, TEE_L, JEANS = "9521234301011", "9521234301028", "9521234303015"


def epc(number: int) -> str:
    return f"{number:024X}"


def tried(desk: Any, session: str, gtin: str, tag: int, **more: Any) -> Any:
    facts = {"session": session, "cabin": "cabin-1", "gtin": gtin, "epc": epc(tag)}
    return desk.event("GarmentArrived", facts, lane="cabin-1", **more)


def asked(desk: Any, session: str, gtin: str, wanted: str) -> Any:
    facts = {"request": f"r-{session}-{wanted}", "session": session, "cabin": "cabin-1"}
    return desk.event("SizeRequested", facts | {"gtin": gtin, "wanted_gtin": wanted}, lane="cabin-1")


def laid(desk: Any, basket: str, gtin: str, tag: int, **more: Any) -> Any:
    facts = {"basket": basket, "version": 2, "line": 1, "gtin": gtin, "quantity": 1, "weight_g": 0}
    facts |= {"unit_price_minor": 1990, "total_minor": 1990, "vat_bp": 1900, "how": "tapped"}
    return desk.event("LineAdded", facts | {"epc": epc(tag)}, **more)


def paid(desk: Any, basket: str, gtin: str, **more: Any) -> Any:
    line = {"gtin": gtin, "quantity": 1, "weight_g": 0, "total_minor": 1990, "vat_bp": 1900}
    facts = {"basket": basket, "receipt": 1, "total_minor": 1990, "currency": "EUR", "lines": [line]}
    return desk.event("SaleCompleted", facts | {"vat": [], "visit": "", "paid_by": "card"}, **more)


def fitted(desk: Any, **query: str) -> dict[str, tuple[int, int]]:
    desk.hands.turn(seconds=1)  # `until` is now
    answer = desk.office("GET", "/fittings", query_string=query)
    assert answer.status_code == 200, answer.data
    return {one["gtin"]: (one["tried"], one["bought"]) for one in answer.json["items"]}


def test_what_was_tried_is_told_by_article_with_what_was_bought_of_it(any_desk: Any) -> None:
    desk = any_desk
    desk.hand_in(
        [
            tried(desk, "s1", TEE_M, 1),
            tried(desk, "s1", TEE_L, 2),
            tried(desk, "s2", TEE_M, 1),
            tried(desk, "s2", TEE_M, 3),  # two pieces of it, one stay
            tried(desk, "s3", JEANS, 9),
            laid(desk, "b1", TEE_L, 2),
            paid(desk, "b1", TEE_L),
            laid(desk, "b2", TEE_M, 1),  # never paid
        ]
    )
    assert fitted(desk) == {TEE_M: (2, 0), TEE_L: (1, 1), JEANS: (1, 0)}


def test_only_the_very_tag_that_was_tried_was_bought_after(desk: Any) -> None:
    desk.hand_in([laid(desk, "b0", TEE_M, 1), paid(desk, "b0", TEE_M)])
    desk.hands.turn(minutes=5)
    desk.hand_in([tried(desk, "s1", TEE_M, 2), laid(desk, "b1", TEE_M, 7), paid(desk, "b1", TEE_M)])
    assert fitted(desk) == {TEE_M: (1, 0)}
    desk.hands.turn(minutes=5)
    desk.hand_in([tried(desk, "s2", TEE_M, 1)])  # sold before it was tried: it came back
    assert fitted(desk) == {TEE_M: (2, 0)}


def test_what_was_asked_for_instead_says_why(desk: Any) -> None:
    desk.hand_in([tried(desk, "s1", TEE_M, 1), asked(desk, "s1", TEE_M, TEE_L)])
    desk.hand_in([tried(desk, "s2", TEE_M, 1), asked(desk, "s2", TEE_M, TEE_L)])
    desk.hand_in([asked(desk, "s2", TEE_M, JEANS)])
    desk.hands.turn(seconds=1)
    (article,) = desk.office("GET", "/fittings").json["items"]
    assert article["asked_instead"] == [{"gtin": TEE_L, "times": 2}, {"gtin": JEANS, "times": 1}]


def test_stores_and_times_are_chosen_and_wrong_ones_said(desk: Any) -> None:
    desk.hand_in([tried(desk, "s1", TEE_M, 1)])
    assert fitted(desk, stores="demo") == {TEE_M: (1, 0)}
    assert fitted(desk, until="2026-11-21T09:00:00Z") == {}
    assert desk.office("GET", "/fittings", query_string={"stores": "elsewhere"}).status_code == 400
    assert desk.office("GET", "/fittings", query_string={"since": "x"}).status_code == 400
    assert desk.store("GET", "/fittings").status_code == 403


def test_a_repeated_or_reordered_report_counts_once(desk: Any) -> None:
    batch = [tried(desk, "s1", TEE_M, 1), laid(desk, "b1", TEE_M, 1), paid(desk, "b1", TEE_M)]
    for order in itertools.permutations(batch):
        desk.hand_in(list(order))
    assert fitted(desk) == {TEE_M: (1, 1)}
