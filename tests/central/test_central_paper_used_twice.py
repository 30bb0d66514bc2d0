"""Vouchers and coupons that stores took twice, each on its own: found, and told to a person."""

from __future__ import annotations

from typing import Any

import pytest

from central.ingest import dump_state, rebuild
from central.keys import issue_key
from central.settings import Limits


@pytest.fixture
def desk_of_two(any_desk: Any) -> Any:
    any_desk.other_key = issue_key(any_desk.centre.database, "store", "two")
    return any_desk


def voucher(desk: Any, id: str = "Zk3_91xQab7", *, sealed: bool = True, **more: Any) -> Any:
    facts = {"basket": "b1", "voucher": id, "amount_minor": 125, "sealed": sealed}
    return desk.event("VoucherRedeemed", facts, **more)


def coupon(desk: Any, times_max: int, id: str = "952100100001717", **more: Any) -> Any:
    facts = {"basket": "b1", "coupon": "letter", "id": id, "times_max": times_max, "amount_minor": 100}
    return desk.event("CouponRedeemed", facts, **more)


def alarms(desk: Any) -> set[tuple[str, str, str]]:
    found = desk.office("GET", "/alarms").json["alarms"]
    return {(alarm["kind"], alarm["store"], alarm["about"]) for alarm in found}


def test_a_sealed_voucher_in_two_stores_is_found_and_both_are_named(desk_of_two: Any) -> None:
    desk = desk_of_two
    desk.hand_in([voucher(desk), voucher(desk, "another1")])
    assert alarms(desk) == set()
    desk.hand_in([voucher(desk, store="two")], desk.other_key)
    assert alarms(desk) == {
        ("voucher_used_twice", "demo", "Zk3_91xQab7"),
        ("voucher_used_twice", "two", "Zk3_91xQab7"),
    }


def test_two_stores_machines_may_print_the_same_plain_number(desk_of_two: Any) -> None:
    desk = desk_of_two
    desk.hand_in([voucher(desk, "9800000101256", sealed=False)])
    desk.hand_in([voucher(desk, "9800000101256", sealed=False, store="two")], desk.other_key)
    assert alarms(desk) == set()


@pytest.mark.parametrize(
    ("times_max", "uses", "found"), [(1, 1, 0), (1, 2, 1), (3, 3, 0), (3, 4, 1), (0, 9, 0)]
)
def test_a_coupon_may_be_used_as_often_as_it_says(
    desk_of_two: Any, times_max: int, uses: int, found: int
) -> None:
    desk = desk_of_two
    for _ in range(uses):
        desk.hand_in([coupon(desk, times_max, id="c1" if times_max else "")])
    assert len(alarms(desk)) == found


def test_a_repeated_batch_is_no_second_use_and_a_rebuild_finds_the_same(desk_of_two: Any) -> None:
    desk = desk_of_two
    batch = [voucher(desk), coupon(desk, 1)]
    desk.hand_in(batch)
    desk.hand_in(batch)
    assert alarms(desk) == set()
    state = dump_state(desk.centre.database)
    rebuild(desk.centre.database, Limits())
    assert dump_state(desk.centre.database) == state
