"""A card left with the payment provider: a till hears its token for one visit; no number is ever taken."""

from __future__ import annotations

from typing import Any

import pytest

CARD = {"mandate": "mandate-1", "label": "Visa 4242"}


def welcome(desk: Any, account: str, visit: str) -> Any:
    answer = desk.store("POST", "/visits", {"visit": visit, "token": desk.token(account), "lane": "1"})
    assert answer.status_code == 200, answer.data
    return answer.json


def leave(desk: Any, account: str, **card: str) -> Any:
    return desk.office("PUT", f"/accounts/{account}/card", CARD | card)


def test_a_till_hears_of_the_card_until_it_is_taken_away_on_each_engine(any_desk: Any) -> None:
    desk = any_desk
    account = desk.account()
    assert welcome(desk, account, "v1")["on_file"] is None
    assert leave(desk, account).status_code == 204
    assert leave(desk, account, mandate="mandate-2", label="girocard").status_code == 204
    assert welcome(desk, account, "v2")["on_file"] == {"mandate": "mandate-2", "label": "girocard"}
    assert desk.office("GET", f"/accounts/{account}").json["card"] == "girocard"
    for _ in range(2):
        assert desk.office("DELETE", f"/accounts/{account}/card").status_code == 204
    assert welcome(desk, account, "v3")["on_file"] is None
    assert desk.office("GET", f"/accounts/{account}").json["card"] is None


def test_it_asks_for_no_consent_to_anything_personal(desk: Any) -> None:
    account = desk.account(personalisation=False)
    leave(desk, account)
    said = welcome(desk, account, "v1")
    assert (said["personal"], said["greeting"], said["on_file"]) == (False, None, CARD)


def test_the_same_visit_hears_no_more_of_a_card_that_was_taken_away(desk: Any) -> None:
    account = desk.account()
    leave(desk, account)
    asked = {"visit": "v1", "token": desk.token(account), "lane": "1"}
    assert desk.store("POST", "/visits", asked).json["on_file"] == CARD
    desk.office("DELETE", f"/accounts/{account}/card")
    assert desk.store("POST", "/visits", asked).json["on_file"] is None


@pytest.mark.parametrize(
    "card",
    [
        {"mandate": "4111111111111111"},
        {"mandate": ""},
        {"mandate": "with space"},
        {"mandate": "m" * 65},
        {"label": "4111 1111 1111 1111"},
        {"label": "Visa 42424"},
        {"label": ""},
        {"label": "two\nlines"},
    ],
)
def test_a_card_s_number_is_not_taken(desk: Any, card: dict[str, str]) -> None:
    assert leave(desk, desk.account(), **card).status_code == 400


def test_the_card_of_nobody_is_refused(desk: Any) -> None:
    assert leave(desk, "0" * 32).status_code == 404
    assert desk.office("DELETE", f"/accounts/{'0' * 32}/card").status_code == 404


def test_a_store_cannot_ask_for_cards_by_account(desk: Any) -> None:
    account = desk.account()
    assert desk.store("PUT", f"/accounts/{account}/card", CARD).status_code == 403
