"""Consent to `history` has a when: what was bought while it was off stays out for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

MILK = "9521234000013"


def _jti(desk: Any, account: str) -> str:
    from central.tokens import verify

    return verify(desk.token(account), desk.centre.signer.public).jti


def _shop(desk: Any, account: str, visit: str, *, online: bool = False) -> None:
    jti = _jti(desk, account)
    if online:
        assert desk.store("POST", "/visits", {"visit": visit, "token": jti, "lane": "1"}).status_code == 200
    assert desk.hand_in([desk.identified(visit, jti), desk.sale(visit, MILK)]).json["accepted"] == 2
    desk.hands.turn(hours=1)


def _say(desk: Any, account: str, *, history: bool) -> None:
    said = {"granted": history, "text_version": "1", "place": "account page"}
    assert desk.office("PUT", f"/accounts/{account}/consents/history", said).status_code == 200
    desk.hands.turn(hours=1)


def _remembered(desk: Any, account: str) -> list[tuple[str, str]]:
    items = desk.office("GET", f"/accounts/{account}/timeline").json["items"]
    return [(item["kind"], item["visit"]) for item in items]


def _usual(desk: Any, account: str) -> list[dict[str, Any]]:
    ask = {"visit": "v-asks", "token": desk.token(account), "lane": "1"}
    usual: list[dict[str, Any]] = desk.store("POST", "/visits", ask).json["usual"]
    return usual


BOTH = [("purchase", "v1"), ("visit", "v1")]


@pytest.mark.parametrize("online", [True, False])
def test_what_was_bought_while_it_was_off_stays_out_when_it_is_switched_on(desk: Any, online: bool) -> None:
    account = desk.account(history=False)
    for visit in ("v1", "v2", "v3"):
        _shop(desk, account, visit, online=online)
    _say(desk, account, history=True)
    assert _remembered(desk, account) == []
    assert _usual(desk, account) == []


def test_what_was_bought_while_it_was_on_is_back_after_an_off_and_an_on(desk: Any) -> None:
    account = desk.account(history=True)
    _shop(desk, account, "v1")
    _say(desk, account, history=False)
    assert _remembered(desk, account) == []
    _shop(desk, account, "v2")
    _say(desk, account, history=True)
    assert _remembered(desk, account) == BOTH


def test_a_visit_handed_in_late_counts_by_when_it_happened(desk: Any) -> None:
    account = desk.account(history=True)
    agreed = desk.identified("v1", _jti(desk, account)), desk.sale("v1", MILK)
    desk.hands.turn(hours=1)
    _say(desk, account, history=False)
    refused = desk.identified("v2", _jti(desk, account)), desk.sale("v2", MILK)
    desk.hands.turn(hours=1)
    _say(desk, account, history=True)
    assert desk.hand_in([*agreed, *refused]).json["accepted"] == 4
    assert _remembered(desk, account) == BOTH


@pytest.mark.parametrize("wrong_by", [timedelta(days=-3), timedelta(days=3)])
def test_a_stores_wrong_clock_does_not_change_what_was_agreed_to(desk: Any, wrong_by: timedelta) -> None:
    account = desk.account(history=True)
    for visit in ("v1", "v2"):
        jti = _jti(desk, account)
        desk.hands.now += wrong_by
        events = [desk.identified(visit, jti), desk.sale(visit, MILK)]
        desk.hands.now -= wrong_by
        assert desk.hand_in(events).json["accepted"] == 2
        desk.hands.turn(hours=1)
        _say(desk, account, history=False)
    _say(desk, account, history=True)
    assert _remembered(desk, account) == BOTH


def test_taken_back_between_the_code_and_paying_the_purchase_stays_out(desk: Any) -> None:
    account = desk.account(history=True)
    shown = desk.identified("v1", _jti(desk, account))
    desk.hands.turn(minutes=1)
    _say(desk, account, history=False)
    desk.hand_in([shown, desk.sale("v1", MILK)])
    desk.hands.turn(minutes=1)
    _say(desk, account, history=True)
    assert _remembered(desk, account) == [("visit", "v1")]


def test_given_between_the_code_and_paying_the_visit_stays_out(desk: Any) -> None:
    account = desk.account(history=False)
    shown = desk.identified("v1", _jti(desk, account))
    desk.hands.turn(minutes=1)
    _say(desk, account, history=True)
    desk.hand_in([shown, desk.sale("v1", MILK)])
    assert _remembered(desk, account) == []


def test_visits_that_do_not_count_leave_their_place_to_those_that_do(tmp_path: Any, opener: Any) -> None:
    from central.settings import CentralSettings, Limits

    desk = opener(CentralSettings(home=tmp_path, limits=Limits(visits_read_max=1)))
    account = desk.account(history=True)
    _shop(desk, account, "v1")
    _say(desk, account, history=False)
    _shop(desk, account, "v2")
    _say(desk, account, history=True)
    assert _remembered(desk, account) == BOTH
    desk.centre.close()


def test_what_was_brought_back_with_its_receipt_is_not_what_somebody_usually_buys(any_desk: Any) -> None:
    desk, account = any_desk, any_desk.account(history=True)
    for receipt in (1, 2, 3):
        visit, jti = f"v{receipt}", _jti(desk, account)
        sale = desk.sale(visit, MILK)
        sale["data"]["receipt"] = receipt
        desk.hand_in([desk.identified(visit, jti), sale])
        desk.hands.turn(hours=1)
    back = {
        "basket": "b-r", "receipt": 99, "line": 1, "gtin": MILK, "quantity": 1, "weight_g": 0, "length_mm": 0,
        "total_minor": -107, "reason": "changed_mind", "of_receipt": 2, "of_line": 1, "epc": "",
        "clerk": "c", "second": "",
    }  # fmt: skip
    assert desk.hand_in([desk.event("GoodsReturned", back)]).json["accepted"] == 1
    assert _usual(desk, account) == [{"gtin": MILK, "times": 2}]
