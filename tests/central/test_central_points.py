"""Points at head office: read out of facts, the same for every order of arrival, lent once at a time."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.db import tables
from central.ingest import dump_state, ingest, rebuild
from central.tokens import verify
from checkout.events import SoldLine
from checkout.loyalty.earning import counted_minor, points_of
from checkout.loyalty.programme import PROGRAMME

MILK, COLA, TOBACCO = "9521234000013", "9521234000020", "9521234000037"
EURO = 100


def line(gtin: str = MILK, total_minor: int = 10 * EURO, **more: Any) -> dict[str, Any]:
    return {"gtin": gtin, "quantity": 1, "weight_g": 0, "total_minor": total_minor, "vat_bp": 700} | more


def come_in(desk: Any, account: str, visit: str, store: str = "demo") -> dict[str, Any]:
    """Show a code at a visit, online: what head office answers. Tells the journal of it, too."""
    token = desk.token(account)
    key = desk.store_key if store == "demo" else _key(desk, store)
    answer = desk.ask("POST", "/visits", key, json={"visit": visit, "token": token, "lane": "1"})
    assert answer.status_code == 200, answer.data
    desk.hand_in([desk.identified(visit, _jti(desk, token), store=store)], key)
    said: dict[str, Any] = answer.json
    return said


def _jti(desk: Any, token: str) -> str:
    return verify(token, desk.centre.signer.public).jti


def _key(desk: Any, store: str) -> str:
    from central.keys import issue_key

    return issue_key(desk.centre.database, "store", store, clock=desk.hands, chance=desk.centre.chance)


def sale(desk: Any, visit: str, *lines: dict[str, Any], receipt: int = 1, **more: Any) -> dict[str, Any]:
    event = desk.sale(visit, **more)
    event["data"] |= {
        "basket": f"b-{visit}",
        "receipt": receipt,
        "lines": list(lines),
        "total_minor": sum(one["total_minor"] for one in lines),
    }
    said: dict[str, Any] = event
    return said


def spent(desk: Any, visit: str, points: int, name: str = "PointsSpent", **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = desk.event(
        name,
        {"basket": f"b-{visit}", "visit": visit, "points": points, "worth_minor": points, "payment": "p"},
        **more,
    )
    return said


def brought_back(desk: Any, of_receipt: int, of_line: int, gtin: str, total_minor: int, **more: Any) -> Any:
    goods = {
        "basket": "b-r", "receipt": 99, "line": 1, "gtin": gtin, "quantity": 1, "weight_g": 0, "length_mm": 0,
        "total_minor": -total_minor, "reason": "damaged", "of_receipt": of_receipt, "of_line": of_line,
        "epc": "", "clerk": "c", "second": "",
    }  # fmt: skip
    return desk.event("GoodsReturned", goods, **more)


def points(desk: Any, account: str) -> dict[str, Any]:
    answer = desk.office("GET", f"/accounts/{account}/points")
    assert answer.status_code == 200, answer.data
    said: dict[str, Any] = answer.json
    assert sum(said["accounts"].values()) == 0
    return said


def entries(shown: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(one["kind"], one["points"], one["balance"]) for one in reversed(shown["items"])]


def member(desk: Any, euros: int = 300) -> str:
    """A member who has bought for so much."""
    account: str = desk.account(loyalty=True)
    come_in(desk, account, "v0")
    desk.hand_in([sale(desk, "v0", line(total_minor=euros * EURO))])
    desk.hands.turn(days=1)
    return account


def test_for_this_receipt_you_got_so_much(any_desk: Any) -> None:
    desk = any_desk
    account = desk.account(loyalty=True)
    assert come_in(desk, account, "v1")["membership"] == {
        "points": 0, "lease": 0, "lease_ends_at": "2026-11-21T14:00:00Z", "tier": None,
    }  # fmt: skip
    desk.hand_in(
        [
            sale(
                desk, "v1",
                line(total_minor=1999),
                line(COLA, 525, deposit_minor=25, points_times=3),
                line(TOBACCO, 800, points_times=0),
                line(total_minor=-300, kind="empties"),
                receipt=17,
            )
        ]
    )  # fmt: skip
    shown = points(desk, account)
    assert (shown["loyalty"], shown["balance"], shown["points_in_year"]) == (True, 34, 34)
    assert shown["expiring"] == [{"last_day": "2028-11-30", "points": 34}]
    assert shown["next_tier"]["from_points"] == 500
    [entry] = shown["items"]
    assert (entry["store"], entry["receipt"], entry["total_minor"]) == ("demo", 17, 3024)
    assert entry["postings"] == [{"account": "issued", "points": -34}, {"account": "member", "points": 34}]


def test_without_consent_there_are_no_points_and_the_store_hears_of_none(desk: Any) -> None:
    account = desk.account()
    assert come_in(desk, account, "v1")["membership"] is None
    desk.hand_in([sale(desk, "v1", line())])
    assert points_without(desk, account) == {"loyalty": False, "balance": 0, "items": []}
    desk.hands.turn(minutes=1)
    said = {"granted": True, "text_version": "1", "place": "account page"}
    desk.office("PUT", f"/accounts/{account}/consents/loyalty", said)
    assert points(desk, account)["items"] == []  # what was bought before is not brought back


def points_without(desk: Any, account: str) -> dict[str, Any]:
    shown = desk.office("GET", f"/accounts/{account}/points").json
    return {name: shown[name] for name in ("loyalty", "balance", "items")}


def test_points_need_consent_to_loyalty_and_to_nothing_else(desk: Any) -> None:
    account = desk.account(history=False, personalisation=False, loyalty=True)
    come_in(desk, account, "v1")
    desk.hand_in([sale(desk, "v1", line())])
    assert points(desk, account)["balance"] == 10
    desk.hands.turn(days=1)
    welcome = come_in(desk, account, "v2")
    assert (welcome["personal"], welcome["greeting"], welcome["membership"]["points"]) == (False, None, 10)


def test_what_comes_back_takes_back_what_it_gave(any_desk: Any) -> None:
    desk = any_desk
    account = desk.account(loyalty=True)
    come_in(desk, account, "v1")
    cola = line(COLA, 1075, quantity=3, deposit_minor=75)
    desk.hand_in([sale(desk, "v1", line(total_minor=555), cola, receipt=5)])
    desk.hands.turn(hours=1)
    back = [brought_back(desk, 5, 2, COLA, part) for part in (358, 359, 358)]
    desk.hand_in([back[0]])
    assert entries(points(desk, account)) == [("earned", 15, 15), ("reversed", -3, 12)]
    desk.hand_in([back[1], back[2], brought_back(desk, 5, 1, MILK, 555)])
    assert points(desk, account)["balance"] == 0
    assert points(desk, account)["accounts"]["reversed"] == 15


def test_a_receipt_number_given_twice_takes_nothing_from_the_wrong_goods(desk: Any) -> None:
    account = desk.account(loyalty=True)
    come_in(desk, account, "v1")
    desk.hand_in([sale(desk, "v1", line(), receipt=5), brought_back(desk, 5, 1, COLA, 1000)])
    desk.hand_in([brought_back(desk, 5, 9, MILK, 1000)])
    assert points(desk, account)["balance"] == 10


# Leases


def test_a_visit_is_lent_points_and_asking_again_lends_no_more(desk: Any) -> None:
    account = member(desk)
    token = desk.token(account)
    ask = {"visit": "v1", "token": token, "lane": "1"}
    first = desk.store("POST", "/visits", ask).json["membership"]
    assert (first["points"], first["lease"]) == (300, 300)
    desk.hands.turn(minutes=1)
    assert desk.store("POST", "/visits", ask).json["membership"] == first


def test_what_is_lent_to_one_visit_is_not_lent_to_another(desk: Any) -> None:
    account = member(desk)
    assert come_in(desk, account, "v1")["membership"]["lease"] == 300
    second = come_in(desk, account, "w1", store="other")["membership"]
    assert (second["points"], second["lease"]) == (300, 0)
    desk.hand_in([spent(desk, "v1", 120), sale(desk, "v1", line())])
    third = come_in(desk, account, "w2", store="other")["membership"]
    assert (third["points"], third["lease"]) == (
        190,
        190,
    )  # 300 - 120 + 10; the first lease ended with its sale


def test_a_lease_that_ran_out_can_be_lent_again(desk: Any) -> None:
    account = member(desk)
    come_in(desk, account, "v1")
    desk.hands.turn(hours=4, seconds=1)
    assert come_in(desk, account, "v2")["membership"]["lease"] == 300


def test_too_few_points_are_not_lent_because_they_cannot_be_spent(desk: Any) -> None:
    assert come_in(desk, member(desk, euros=99), "v1")["membership"]["lease"] == 0


def test_points_given_back_are_the_members_again(desk: Any) -> None:
    account = member(desk)
    come_in(desk, account, "v1")
    desk.hand_in([spent(desk, "v1", 200), spent(desk, "v1", 200, "PointsGivenBack")])
    assert points(desk, account)["balance"] == 300


# Two stores that were offline


def test_points_spent_twice_are_booked_as_a_debt_and_seen(any_desk: Any) -> None:
    desk = any_desk
    account = member(desk)
    come_in(desk, account, "v1")
    desk.hands.turn(hours=5)  # the store is offline, and its lease ran out
    come_in(desk, account, "w1", store="other")
    other = _key(desk, "other")
    desk.hand_in([spent(desk, "w1", 300, store="other"), sale(desk, "w1", line(), store="other")], other)
    assert desk.office("GET", "/alarms").json["alarms"] == []
    late = [spent(desk, "v1", 300), sale(desk, "v1", line())]
    desk.hand_in(late)
    shown = points(desk, account)
    assert (shown["balance"], shown["overdrawn"]) == (-280, 290)  # ten came with the other sale
    assert {one["overdrawn"] for one in shown["items"] if one["kind"] == "spent"} == {0, 290}
    [alarm] = desk.office("GET", "/alarms").json["alarms"]
    assert (alarm["kind"], alarm["store"], alarm["about"]) == ("points_overdrawn", "demo", "v1")
    assert come_in(desk, account, "v2")["membership"]["lease"] == 0


def _story(desk: Any, accounts: list[str], seed: int) -> dict[str, list[Any]]:
    """Some days of two members in two stores: journals by store, the codes shown already."""
    chance = random.Random(seed)
    journals: dict[str, list[Any]] = {"demo": [], "other": []}
    for number in range(8):
        store, visit = chance.choice(["demo", "other"]), f"x{seed}-{number}"
        journal = journals[store]
        token = desk.token(chance.choice(accounts))
        desk.hands.turn(minutes=chance.randrange(1, 4))
        journal.append(desk.identified(visit, _jti(desk, token), store=store))
        if chance.random() < 0.5:
            journal.append(spent(desk, visit, chance.randrange(1, 80), store=store))
        if chance.random() < 0.3:
            journal.append(spent(desk, visit, chance.randrange(1, 90), "PointsGivenBack", store=store))
        times = chance.choice([0, 1, 1, 3])
        sold = line(total_minor=chance.randrange(1, 9_000), points_times=times)
        journal.append(sale(desk, visit, sold, receipt=number + 1, store=store))
        if chance.random() < 0.5:
            part_minor = chance.randrange(1, sold["total_minor"] + 1)
            journal.append(brought_back(desk, number + 1, 1, MILK, part_minor, store=store))
        desk.hands.turn(days=chance.randrange(0, 200))
    return journals


@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 30), order=st.randoms(use_true_random=False))
def test_any_order_of_arrival_repeats_and_replay_end_in_the_same_books(
    desk: Any, seed: int, order: random.Random
) -> None:
    limits, database = desk.centre.settings.limits, desk.centre.database
    _forget(desk)
    accounts = [desk.account(loyalty=True) for _ in range(2)]
    journals = _story(desk, accounts, seed)
    for store, told in journals.items():
        ingest(database, store, [json.dumps(event).encode() for event in told], limits, 1)
    first = [points(desk, account) for account in accounts]
    state = dump_state(database)

    _forget(desk)
    arriving = [(store, event) for store, told in journals.items() for event in told]
    arriving += order.sample(arriving, len(arriving) // 2)
    order.shuffle(arriving)
    for store, event in arriving:
        ingest(database, store, [json.dumps(event).encode()], limits, 2)
    assert [points(desk, account) for account in accounts] == first
    rebuild(database, limits)
    assert dump_state(database) == state
    assert [points(desk, account) for account in accounts] == first


def _forget(desk: Any) -> None:
    with desk.centre.database.write("test") as connection:
        for table in (tables.events, tables.alarms, *tables.DERIVED):
            connection.execute(sa.delete(table))


@settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.lists(
        st.builds(
            SoldLine,
            gtin=st.just(MILK),
            quantity=st.integers(1, 5),
            weight_g=st.just(0),
            total_minor=st.integers(0, 50_000),
            vat_bp=st.just(700),
            kind=st.sampled_from(["goods", "empties", "voucher"]),
            deposit_minor=st.sampled_from([0, 8]),
            points_times=st.sampled_from([0, 1, 2, 20]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_head_office_books_what_the_store_showed(desk: Any, sold: list[SoldLine]) -> None:
    """The store's own arithmetic over the lines of its sale, and head office's books of that sale."""
    _forget(desk)
    account = desk.account(loyalty=True)
    visit = f"of-{account}"
    come_in(desk, account, visit)
    desk.hand_in([sale(desk, visit, *(msgspec.to_builtins(one) for one in sold))])
    assert points(desk, account)["balance"] == points_of(counted_minor(sold), PROGRAMME.rules[0])


@pytest.mark.parametrize("withdrawn", ["loyalty", "everything"])
def test_who_leaves_leaves_no_points_behind(desk: Any, withdrawn: str) -> None:
    account = member(desk)
    if withdrawn == "loyalty":
        said = {"granted": False, "text_version": "1", "place": "account page"}
        desk.office("PUT", f"/accounts/{account}/consents/loyalty", said)
        assert points_without(desk, account) == {"loyalty": False, "balance": 0, "items": []}
    else:
        desk.office("DELETE", f"/accounts/{account}")
        assert desk.office("GET", f"/accounts/{account}/points").status_code == 410
