"""The story that the floor is for: a customer shows a token, buys, and is known a little better."""

from __future__ import annotations

from typing import Any

import pytest

MILK, BREAD, TEA = "9521234000013", "9521234000020", "9521234000037"


def _shop(desk: Any, account: str, visit: str, *gtins: str, online: bool = True) -> None:
    token = desk.token(account)
    jti = _jti(desk, token)
    if online:
        answer = desk.store("POST", "/visits", {"visit": visit, "token": token, "lane": "1"})
        assert answer.status_code == 200, answer.data
    answer = desk.hand_in([desk.identified(visit, jti), desk.sale(visit, *gtins)])
    assert answer.json == {"accepted": 2, "repeated": 0, "refused": []}


def _jti(desk: Any, token: str) -> str:
    from central.tokens import verify

    return verify(token, desk.centre.signer.public).jti


def _welcome(desk: Any, account: str, visit: str) -> Any:
    answer = desk.store("POST", "/visits", {"visit": visit, "token": desk.token(account), "lane": 1})
    assert answer.status_code == 200, answer.data
    return answer.json


def test_a_customer_becomes_known_on_each_engine(any_desk: Any) -> None:
    desk = any_desk
    account = desk.account()
    assert _welcome(desk, account, "v0") == {
        "visit": "v0", "personal": True, "greeting": "Erika", "usual": [], "offer": None,
        "membership": None, "on_file": None,
    }  # fmt: skip
    for day in range(3):
        desk.hands.turn(days=1)
        _shop(desk, account, f"v-{day}", MILK, *([BREAD] if day else []), online=day != 1)
    desk.hands.turn(days=1)
    welcome = _welcome(desk, account, "v9")
    assert welcome["usual"] == [{"gtin": MILK, "times": 3}, {"gtin": BREAD, "times": 2}]
    assert welcome["offer"]["gtin"] == MILK
    assert welcome["offer"]["percent"] == 10
    assert set(welcome["offer"]["reason"]) == {"de", "en"}

    timeline = desk.office("GET", f"/accounts/{account}/timeline").json
    assert timeline["history"] is True
    assert [(i["kind"], i["visit"]) for i in timeline["items"]] == [
        ("visit", "v9"), ("purchase", "v-2"), ("visit", "v-2"), ("purchase", "v-1"), ("visit", "v-1"),
        ("purchase", "v-0"), ("visit", "v-0"), ("visit", "v0"),
    ]  # fmt: skip
    sale = timeline["items"][1]
    assert (sale["store"], sale["lane"], sale["receipt"], sale["total_minor"]) == ("demo", "1", 1, 214)
    line = {"gtin": MILK, "quantity": 1, "weight_g": 0, "total_minor": 107, "kind": "goods"}
    assert sale["lines"][0] == line

    stores = desk.office("GET", "/stores").json["stores"]
    assert [(s["store"], s["events"], s["parked"]) for s in stores] == [("demo", 6, 0)]
    assert stores[0]["last_seen_at"] == "2026-11-25T10:00:00Z"


@pytest.mark.parametrize("sale_first", [True, False])
def test_a_sale_shows_whichever_way_round_the_events_came(desk: Any, sale_first: bool) -> None:
    account = desk.account()
    jti = _jti(desk, desk.token(account))
    events = [desk.identified("v1", jti), desk.sale("v1", MILK)]
    for event in reversed(events) if sale_first else events:
        assert desk.hand_in([event]).json["accepted"] == 1
    items = desk.office("GET", f"/accounts/{account}/timeline").json["items"]
    assert [item["kind"] for item in items] == ["purchase", "visit"]


def test_a_strangers_sale_is_nobodys(desk: Any) -> None:
    account = desk.account()
    desk.hand_in([desk.sale("", MILK), desk.sale("v-other", MILK)])
    assert desk.office("GET", f"/accounts/{account}/timeline").json["items"] == []


def test_without_consent_to_personalisation_nothing_personal_is_said(desk: Any) -> None:
    account = desk.account(personalisation=False)
    for n in range(3):
        _shop(desk, account, f"v{n}", MILK)
    assert _welcome(desk, account, "v9") == {
        "visit": "v9", "personal": False, "greeting": None, "usual": [], "offer": None,
        "membership": None, "on_file": None,
    }  # fmt: skip


def test_without_consent_to_history_purchases_are_neither_used_nor_shown(desk: Any) -> None:
    account = desk.account(history=False)
    for n in range(3):
        _shop(desk, account, f"v{n}", MILK)
    welcome = _welcome(desk, account, "v9")
    assert (welcome["greeting"], welcome["usual"], welcome["offer"]) == ("Erika", [], None)
    assert desk.office("GET", f"/accounts/{account}/timeline").json == {
        "history": False, "items": [], "cursor": None,
    }  # fmt: skip


@pytest.mark.parametrize("purpose", ["history", "personalisation"])
def test_taking_consent_back_works_at_once_even_for_an_open_visit(desk: Any, purpose: str) -> None:
    account = desk.account()
    for n in range(3):
        _shop(desk, account, f"v{n}", MILK)
    token = desk.token(account)
    ask = {"visit": "v9", "token": token, "lane": "1"}
    before = desk.store("POST", "/visits", ask).json
    assert before["offer"]
    path = f"/accounts/{account}/consents/{purpose}"
    said = {"granted": False, "text_version": "2", "place": "account page"}
    assert desk.office("PUT", path, said).status_code == 200
    after = desk.store("POST", "/visits", ask).json
    assert (after["usual"], after["offer"]) == ([], None)
    assert after["personal"] is (purpose == "history")
    shown = desk.office("GET", f"/accounts/{account}/timeline").json["items"]
    assert bool(shown) is (purpose == "personalisation")
    said["granted"] = True
    assert desk.office("PUT", path, said).status_code == 200
    assert desk.store("POST", "/visits", ask).json == before


def test_the_same_visit_hears_the_same_again(desk: Any) -> None:
    account = desk.account()
    for n in range(3):
        _shop(desk, account, f"v{n}", MILK)
    ask = {"visit": "v9", "token": desk.token(account), "lane": "1"}
    first = desk.store("POST", "/visits", ask).json
    _shop(desk, account, "v8", BREAD, BREAD, MILK)
    desk.hands.turn(days=2)
    assert desk.store("POST", "/visits", ask).json == first


def test_offers_rest_after_they_were_made_or_tapped_away(desk: Any) -> None:
    account = desk.account()
    for n in range(4):
        _shop(desk, account, f"v{n}", MILK, *([TEA] if n else []), online=False)
    first = _welcome(desk, account, "w1")["offer"]
    assert first["gtin"] == MILK
    assert _welcome(desk, account, "w2")["offer"]["gtin"] == TEA
    assert _welcome(desk, account, "w3")["offer"] is None
    desk.hand_in([desk.event("OfferDeclined", {"basket": "b", "visit": "w1", "offer": first["offer"]})])
    desk.hands.turn(days=8)
    assert _welcome(desk, account, "w4")["offer"]["gtin"] == TEA
    desk.hands.turn(days=60)
    assert _welcome(desk, account, "w5")["offer"]["gtin"] == MILK


def test_the_timeline_is_paged(tmp_path: Any, opener: Any) -> None:
    from central.settings import CentralSettings, Limits

    desk = opener(CentralSettings(home=tmp_path, limits=Limits(timeline_page=3)))
    account = desk.account()
    for n in range(4):
        desk.hands.turn(days=1)
        _shop(desk, account, f"v{n}", MILK)
    seen, cursor = [], ""
    for _ in range(10):
        page = desk.office("GET", f"/accounts/{account}/timeline?cursor={cursor}").json
        seen += [(item["kind"], item["visit"]) for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert seen == [(kind, f"v{n}") for n in (3, 2, 1, 0) for kind in ("purchase", "visit")]
    answer = desk.office("GET", f"/accounts/{account}/timeline?cursor=bm8")
    assert answer.status_code == 400
    assert answer.json["type"] == "tag:tante-emma.example,2026:problem/cursor-unknown"
    desk.centre.close()


def test_history_older_than_the_retention_is_not_looked_at(desk: Any) -> None:
    account = desk.account()
    _shop(desk, account, "v1", MILK)
    desk.hands.turn(days=731)
    assert desk.office("GET", f"/accounts/{account}/timeline").json["items"] == []
