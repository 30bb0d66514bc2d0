"""Vouchers and coupons kept for one basket in the chain: granted, refused, given back, over by themselves."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from central.accounts import forget_old
from central.keys import issue_key

LETTER = {"paper": "coupon", "id": "952100100001717", "times_max": 1}


@pytest.fixture
def desk_of_two(any_desk: Any) -> Any:
    any_desk.other_key = issue_key(any_desk.centre.database, "store", "two")
    return any_desk


def ask(desk: Any, basket: str = "b1", *, key: str = "", **facts: Any) -> int:
    answer = desk.ask("POST", "/claims", key or desk.store_key, json=LETTER | {"basket": basket} | facts)
    if answer.status_code == 409:
        assert answer.json["type"].endswith("/paper-used")
    return int(answer.status_code)


def give_back(desk: Any, basket: str = "b1", key: str = "") -> int:
    facts = {"paper": LETTER["paper"], "id": LETTER["id"], "basket": basket}
    answer = desk.ask("POST", "/claims/given-back", key or desk.store_key, json=facts)
    return int(answer.status_code)


def redeemed(desk: Any, basket: str = "b1", **more: Any) -> Any:
    facts = {"basket": basket, "coupon": "letter", "id": LETTER["id"], "times_max": 1, "amount_minor": 100}
    return desk.event("CouponRedeemed", facts, **more)


def test_one_basket_has_it_and_may_ask_again(desk_of_two: Any) -> None:
    desk = desk_of_two
    assert [ask(desk), ask(desk), ask(desk, "b2"), ask(desk, key=desk.other_key)] == [200, 200, 409, 409]
    assert ask(desk, "b2", id="another") == 200
    assert ask(desk, "b2", paper="voucher") == 200


def test_given_back_it_is_free_and_only_its_own_store_can_do_that(desk_of_two: Any) -> None:
    desk = desk_of_two
    ask(desk)
    assert give_back(desk, key=desk.other_key) == 204
    assert ask(desk, key=desk.other_key) == 409
    assert [give_back(desk), give_back(desk)] == [204, 204]
    assert ask(desk, key=desk.other_key) == 200


def test_a_basket_that_is_never_heard_of_again_loses_it_and_one_that_asks_keeps_it(desk_of_two: Any) -> None:
    desk = desk_of_two
    minutes = desk.centre.settings.paper_claim_minutes
    ask(desk)
    desk.hands.turn(minutes=minutes - 1)
    assert ask(desk) == 200
    desk.hands.turn(minutes=minutes - 1)
    assert ask(desk, key=desk.other_key) == 409
    desk.hands.turn(minutes=1)
    assert ask(desk, key=desk.other_key) == 200
    assert ask(desk) == 409
    assert desk.rows()["paper_claims"] == 2
    desk.hands.turn(minutes=minutes)
    forget_old(desk.centre)
    assert desk.rows()["paper_claims"] == 0


def test_a_use_that_was_told_counts_once_with_the_claim_before_it_and_for_ever(desk_of_two: Any) -> None:
    desk = desk_of_two
    ask(desk, times_max=2)
    desk.hand_in([redeemed(desk)])
    assert ask(desk, "b2", times_max=2) == 200
    assert ask(desk, "b3", times_max=2, key=desk.other_key) == 409
    desk.hands.turn(days=1)
    assert ask(desk, "b3", times_max=2, key=desk.other_key) == 200
    assert ask(desk, "b4", key=desk.other_key) == 409


def test_a_coupon_without_an_id_is_none_that_could_be_used_twice(desk: Any) -> None:
    facts = {"coupon": "x", "id": "", "times_max": 1, "amount_minor": 1}
    nameless, again = (desk.event("CouponRedeemed", facts | {"basket": basket}) for basket in "bc")
    desk.hand_in([nameless, again])
    assert desk.office("GET", "/alarms").json["alarms"] == []


def test_of_many_at_once_one_has_it(desk_of_two: Any) -> None:
    desk = desk_of_two
    start, answers = threading.Barrier(8), []
    client = desk.client.application.test_client

    def claim(number: int) -> None:
        key = desk.store_key if number % 2 else desk.other_key
        headers = {"Authorization": f"Bearer {key}"}
        start.wait(15)
        body = LETTER | {"basket": f"b{number}"}
        answers.append(client().post("/api/v1/claims", json=body, headers=headers).status_code)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    assert sorted(answers) == [200] + 7 * [409]


@pytest.mark.parametrize(
    "wrong",
    [
        {"paper": "banknote"},
        {"id": ""},
        {"id": "x" * 201},
        {"id": "a\nb"},
        {"times_max": 0},
        {"basket": ""},
        {"store": "two"},
    ],
)
def test_what_is_no_claim_is_refused(desk: Any, wrong: Any) -> None:
    assert ask(desk, **wrong) == 400
    assert desk.rows()["paper_claims"] == 0


def test_only_stores_may_ask(desk: Any) -> None:
    assert ask(desk, key=desk.office_key) == 403
    assert desk.ask("POST", "/claims", json=LETTER).status_code == 401
