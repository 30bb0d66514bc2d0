"""The tray: tagged pieces lie in one basket only, are sold once, and are free again when taken back."""

from __future__ import annotations

import pytest

from checkout import events
from checkout.basket import LINES_MAX
from checkout.till import TRAY_TAGS_MAX
from tests.conftest import refuses, sgtin_96

SSCC = bytes.fromhex("311BA1B300CE0A6A83000000")  # EPC Tag Data Standard 2.3, E.3: a pallet, no article


def lay_down(shop, *serials, lane="1"):
    return shop.till.lay_down(lane, [shop.shirt_tag(serial) for serial in serials])


def test_all_pieces_on_the_tray_come_in_at_one_go(shop):
    basket = lay_down(shop, 3, 1, 2)
    assert [(line.gtin, line.quantity, line.how) for line in basket.lines] == [
        (shop.shirt.gtin, 1, "tray")
    ] * 3
    assert {line.epc for line in basket.lines} == {shop.shirt_tag(n).hex().upper() for n in (1, 2, 3)}
    assert basket.total_minor == 3 * shop.shirt.price_minor
    assert basket == shop.basket()


def test_a_piece_that_stays_on_the_tray_is_charged_once(shop):
    first = lay_down(shop, 1)
    assert shop.till.lay_down("1", [shop.shirt_tag(1), shop.shirt_tag(1)]) == first
    assert len(lay_down(shop, 1, 2).lines) == 2


def test_an_announced_line_names_its_tag(shop):
    lay_down(shop, 1)
    (added,) = shop.heard(events.LineAdded)
    assert (added.epc, added.how) == (shop.shirt_tag(1).hex().upper(), "tray")


@pytest.mark.parametrize(
    "foreign",
    [SSCC, b"", b"\xff" * 12, b"\x30", b"\x00" * 12, sgtin_96("9520009999991", 1)],
    ids=["pallet", "empty", "ones", "cut off", "blank", "other shop's article"],
)
def test_foreign_tags_are_passed_over_and_the_rest_is_sold(shop, foreign):
    basket = shop.till.lay_down("1", [foreign, shop.shirt_tag(1)])
    assert [line.gtin for line in basket.lines] == [shop.shirt.gtin]
    assert shop.heard(events.ScanRefused) == [events.ScanRefused(basket.id, "tag_unknown", "tray")]
    assert shop.holder(foreign) is None


def test_a_tag_lies_in_one_basket_only(shop):
    first = lay_down(shop, 1, lane="1")
    second = lay_down(shop, 1, 2, lane="2")
    assert [line.epc for line in second.lines] == [shop.shirt_tag(2).hex().upper()]
    assert shop.heard(events.ScanRefused) == [events.ScanRefused(second.id, "tag_in_other_basket", "tray")]
    assert shop.holder(shop.shirt_tag(1)) == first.id


def test_a_sold_tag_is_never_sold_again(shop):
    lay_down(shop, 1)
    shop.pay()
    basket = lay_down(shop, 1)
    assert basket.lines == ()
    assert shop.heard(events.ScanRefused) == [events.ScanRefused(basket.id, "tag_sold", "tray")]
    assert shop.holder(shop.shirt_tag(1)) == "sold"


def take_back(shop):
    shop.till.void("1", 1)


def lift(shop):
    shop.till.lift("1", [shop.shirt_tag(1)])


def give_up(shop):
    shop.till.cancel("1")


@pytest.mark.parametrize("let_go", [take_back, lift, give_up])
def test_a_tag_that_was_let_go_is_free_for_the_next_basket(shop, let_go):
    lay_down(shop, 1)
    let_go(shop)
    assert shop.holder(shop.shirt_tag(1)) is None
    assert len(lay_down(shop, 1, lane="2").lines) == 1


def test_a_piece_laid_down_again_after_a_void_is_a_new_line(shop):
    lay_down(shop, 1)
    shop.till.void("1", 1)
    basket = lay_down(shop, 1)
    assert [line.voided for line in basket.lines] == [True, False]
    assert basket.total_minor == shop.shirt.price_minor


def test_lifting_takes_only_what_left_the_tray(shop):
    lay_down(shop, 1, 2)
    basket = shop.till.lift("1", [shop.shirt_tag(2), shop.shirt_tag(9)])
    assert [line.epc for line in basket.standing] == [shop.shirt_tag(1).hex().upper()]
    assert len(shop.heard(events.LineVoided)) == 1


def test_lifting_from_an_empty_lane_is_nothing(shop):
    assert shop.till.lift("1", [shop.shirt_tag(1)]) is None
    assert shop.heard() == []


def test_lifting_during_payment_and_after_it_changes_nothing(shop):
    lay_down(shop, 1)
    sent = shop.ask_and_send()
    lift(shop)
    paid = shop.cashier.taken(sent.id, 8, "girocard", "answer")
    lift(shop)
    assert shop.basket() == paid
    assert [line.quantity for line in shop.receipts()[0].lines] == [1]
    assert shop.holder(shop.shirt_tag(1)) == "sold"


def test_laying_down_during_payment_is_refused(shop):
    lay_down(shop, 1)
    shop.ask_and_send()
    refuses("basket_being_paid", lambda: lay_down(shop, 2))
    assert shop.holder(shop.shirt_tag(2)) is None


def test_a_voided_tag_is_not_sold_with_the_rest(shop):
    lay_down(shop, 1, 2)
    shop.till.lift("1", [shop.shirt_tag(1)])
    shop.pay()
    assert shop.holder(shop.shirt_tag(1)) is None
    assert shop.holder(shop.shirt_tag(2)) == "sold"


def test_a_tag_that_found_the_basket_full_is_free_for_another(new_memory_shop):
    shop = new_memory_shop()
    for _ in range(LINES_MAX - 1):
        shop.scan(shop.milk)
    basket = lay_down(shop, 1, 2)
    assert len(basket.lines) == LINES_MAX
    assert shop.heard(events.ScanRefused) == [events.ScanRefused(basket.id, "basket_full", "tray")]
    assert len(lay_down(shop, 1, 2, lane="2").lines) == 1


def test_a_tray_that_sees_a_whole_stockroom_takes_no_more_than_its_limit(new_memory_shop):
    shop = new_memory_shop()
    basket = lay_down(shop, *range(TRAY_TAGS_MAX + 1))
    assert len(basket.lines) == TRAY_TAGS_MAX
    assert shop.heard(events.ScanRefused) == [events.ScanRefused(basket.id, "basket_full", "tray")]
