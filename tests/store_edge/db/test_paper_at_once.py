"""A voucher or coupon on many lanes at once, in threads and from two boxes: it counts as often as it may."""

from __future__ import annotations

import threading

import pytest

from checkout import events
from checkout.coupons import Coupon
from tests.conftest import answer_or_reason, with_check_digit

WAIT_S_MAX = 40
LANES = 5
SLIP = with_check_digit("980000070125")
WORDS = {"de": "Gutschein", "en": "Coupon"}
COUPONS = (
    Coupon("letter", "LETTER", WORDS, amount_minor=100, times_max=1),
    Coupon("first-three", "THREE", WORDS, amount_minor=100, times_max=3),
)


@pytest.fixture
def boxes(new_store_url, open_shop):
    """Two boxes on one store's database."""
    url = new_store_url()
    return open_shop(url, "a", coupons=COUPONS), open_shop(url, "b", coupons=COUPONS)


def reasons_of_all_at_once(acts):
    """Do the acts in threads that start together; why each was refused, "" where it was not."""
    start = threading.Barrier(len(acts))
    reasons = [None] * len(acts)

    def do(place, act):
        start.wait(WAIT_S_MAX)
        reasons[place] = answer_or_reason(act)[1]

    threads = [threading.Thread(target=do, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S_MAX)
    return reasons


@pytest.mark.parametrize(
    ("text", "times", "reason"),
    [(SLIP, 1, "voucher_used"), ("LETTER", 1, "coupon_used"), ("THREE", 3, "coupon_used")],
)
def test_shown_on_ten_lanes_of_two_boxes_at_once(boxes, text, times, reason):
    lanes = [(box, f"{who}{n}") for n in range(LANES) for who, box in zip("ab", boxes, strict=True)]
    acts = [lambda box=box, lane=lane: box.till.scan(lane, text, how="serial") for box, lane in lanes]
    reasons = reasons_of_all_at_once(acts)
    assert (reasons.count(""), reasons.count(reason)) == (times, len(acts) - times)
    baskets = [box.basket(lane) for box, lane in lanes]
    held = [b for b in baskets if b is not None and (b.standing or b.circumstances.coupons)]
    assert len(held) == times


def test_handed_back_on_one_lane_and_in_on_another_it_is_never_in_two(boxes):
    here, there = boxes
    for _ in range(10):
        here.till.open("1", "de")
        here.till.scan("1", SLIP, how="serial")
        number = here.basket("1").lines[-1].number
        void_and_scan = [
            lambda number=number: here.till.void("1", number),
            lambda: there.till.scan("2", SLIP, how="serial"),
        ]
        reasons = reasons_of_all_at_once(void_and_scan)
        standing = [
            box.basket(lane).standing for box, lane in ((here, "1"), (there, "2")) if box.basket(lane)
        ]
        assert sum(len(lines) for lines in standing) == (0 if reasons[1] else 1)
        for box, lane in ((here, "1"), (there, "2")):
            if box.basket(lane):
                box.till.cancel(lane)


def test_a_sale_keeps_its_voucher_and_a_later_cancel_frees_nothing(boxes):
    here, there = boxes
    here.scan(here.wine)
    here.till.scan("1", SLIP, how="serial")
    here.pay()
    here.till.cancel("1")  # the receipt was seen: the lane is free
    assert answer_or_reason(lambda: there.till.scan("2", SLIP, how="serial"))[1] == "voucher_used"
    assert len(here.heard(events.VoucherRedeemed)) == 1
