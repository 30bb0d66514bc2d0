"""The till through its front door: scanning, changing, voiding, cancelling, on every kind of books."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from checkout import events
from checkout.basket import LINES_MAX, QUANTITY_MAX
from tests.conftest import refuses, with_check_digit


def state_of(shop):
    """All that a refusal must leave as it was."""
    return shop.basket(), shop.payment(), shop.receipts(), shop.waiting_tasks()


def test_opening_gives_a_new_empty_basket_in_the_shoppers_language(shop):
    basket = shop.till.open("1", "en")
    assert (basket.lane, basket.state, basket.language, basket.lines) == ("1", "open", "en", ())
    assert shop.heard() == [events.BasketOpened(basket.id)]


def test_opening_keeps_a_basket_that_is_open(shop):
    first = shop.scan(shop.milk)
    assert shop.till.open("1", "en") == first


def test_opening_while_being_paid_is_refused(shop):
    shop.scan(shop.milk)
    shop.ask_and_send()
    refuses("basket_being_paid", lambda: shop.till.open("1", "de"))


def test_a_repeated_opening_gives_the_same_basket(shop):
    first = shop.till.open("1", "de", request_key="tap")
    assert shop.till.open("1", "de", request_key="tap") == first
    assert shop.said() == ["BasketOpened"]


def test_a_scanned_article_becomes_a_line_at_its_price(shop):
    basket = shop.scan(shop.wine)
    (line,) = basket.lines
    assert (line.gtin, line.quantity, line.total_minor, line.vat_bp) == (shop.wine.gtin, 1, 499, 1900)
    assert shop.heard(events.LineAdded) == [
        events.LineAdded(basket.id, basket.version, 1, shop.wine.gtin, 1, 0, 499, 499, 1900, "serial")
    ]


def test_what_a_scan_answers_is_what_the_books_hold(shop):
    shop.scan(shop.milk)
    assert shop.scan(shop.wine) == shop.basket()


def test_the_first_scan_opens_the_basket(shop):
    shop.scan(shop.milk, language="en")
    assert shop.said() == ["BasketOpened", "LineAdded"]
    assert shop.basket().language == "en"


def test_lanes_have_baskets_of_their_own(shop):
    here, there = shop.scan(shop.milk, lane="1"), shop.scan(shop.wine, lane="2")
    assert here.id != there.id
    assert (shop.basket("1"), shop.basket("2")) == (here, there)


def test_a_repeated_scan_is_carried_out_once(shop):
    first = shop.scan(shop.milk, request_key="a")
    assert shop.scan(shop.milk, request_key="a") == first
    assert len(shop.scan(shop.milk, request_key="b").lines) == 2


def test_a_scan_repeated_after_the_basket_was_given_up_brings_nothing_back(shop):
    shop.scan(shop.milk, request_key="a")
    shop.till.cancel("1")
    refuses("basket_empty", lambda: shop.scan(shop.milk, request_key="a"))
    assert shop.basket() is None
    assert shop.said().count("LineAdded") == 1


def test_a_refused_scan_may_be_tried_again_with_the_same_key(shop):
    soap = replace(shop.milk, gtin=with_check_digit("952000199999"))
    refuses("code_unknown", lambda: shop.scan(soap, request_key="a"))
    shop.put_on_the_shelf(soap)
    assert len(shop.scan(soap, request_key="a").lines) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (with_check_digit("952000199999"), "code_unknown"),
        ("2809995013457", "code_unknown"),
        ("9520001000011", "code_unreadable"),
        ("hello", "code_unreadable"),
        ("", "code_unreadable"),
        ("9" * 501, "code_unreadable"),
        ("2808152012340", "label_damaged"),
        ("EMMA1.token_forged", "token_forged"),
        ("EMMA1.token_expired", "token_expired"),
        ("EMMA1.token_unreadable", "token_unreadable"),
    ],
)
def test_a_refused_scan_is_announced_and_changes_nothing_else(shop, text, reason):
    shop.scan(shop.milk)
    before, said_before = state_of(shop), shop.heard()
    refuses(reason, lambda: shop.till.scan("1", text, how="camera"))
    assert state_of(shop) == before
    assert shop.heard() == [*said_before, events.ScanRefused(before[0].id, reason, "camera")]


def test_a_refusal_on_an_empty_lane_opens_no_basket(shop):
    refuses("code_unreadable", lambda: shop.till.scan("1", "hello", how="typed"))
    assert shop.basket() is None
    assert shop.heard() == [events.ScanRefused("", "code_unreadable", "typed")]


def test_a_scan_while_being_paid_is_refused(shop):
    shop.scan(shop.milk)
    shop.ask_and_send()
    before = state_of(shop)
    refuses("basket_being_paid", lambda: shop.scan(shop.wine))
    assert state_of(shop) == before


def test_a_scan_after_paying_begins_the_next_basket(shop):
    shop.scan(shop.milk)
    paid = shop.pay()
    fresh = shop.scan(shop.wine)
    assert fresh.id != paid.id
    assert [line.gtin for line in fresh.lines] == [shop.wine.gtin]


def test_a_full_basket_takes_no_more(new_memory_shop):
    shop = new_memory_shop()
    for _ in range(LINES_MAX):
        shop.scan(shop.milk)
    refuses("basket_full", lambda: shop.scan(shop.milk), limit=LINES_MAX)
    assert len(shop.basket().lines) == LINES_MAX


# Freshness and price


def element_text(shop, yymmdd):
    return f"01{shop.milk.gtin:>014}17{yymmdd}"


def test_an_article_past_its_date_is_refused_and_on_its_last_day_is_sold(shop):
    today = shop.clock.now.date()
    yesterday = today - dt.timedelta(days=1)
    refuses(
        "article_expired",
        lambda: shop.till.scan("1", element_text(shop, f"{yesterday:%y%m%d}"), how="camera", symbology="]d2"),
    )
    basket = shop.till.scan("1", element_text(shop, f"{today:%y%m%d}"), how="camera", symbology="]d2")
    assert basket.total_minor == shop.milk.price_minor


def test_the_shown_price_is_honoured_when_the_label_changes(shop):
    shop.scan(shop.milk)
    shop.put_on_the_shelf(replace(shop.milk, price_minor=999))
    assert shop.till.change_quantity("1", 1, 3).total_minor == 3 * shop.milk.price_minor
    assert shop.scan(shop.milk).lines[1].total_minor == 999
    assert shop.pay().total_minor == 3 * shop.milk.price_minor + 999


# Labels from the scale


WEIGHT_LABEL = "2808151012341"  # item 0815, 1.234 kg
PRICE_LABEL = "2208156005001"  # item 0815, 5.00 EUR
COUNT_LABEL = "2507009000126"  # item 0700, 12 pieces


def label(shop, text):
    return shop.till.scan("1", text, how="serial").lines[-1]


def test_a_weight_label_costs_its_weight(shop):
    line = label(shop, WEIGHT_LABEL)
    assert (line.gtin, line.quantity, line.weight_g) == (shop.apples.gtin, 1, 1234)
    assert line.total_minor == 369  # 2.99 EUR/kg for 1.234 kg are 3.68966 EUR


def test_a_price_label_costs_what_it_says_and_tells_the_weight_by_the_price(shop):
    line = label(shop, PRICE_LABEL)
    assert (line.total_minor, line.weight_g) == (500, 1672)  # 5.00 / 2.99 = 1.67224 kg


def test_a_count_label_counts(shop):
    line = label(shop, COUNT_LABEL)
    assert (line.gtin, line.quantity, line.total_minor) == (shop.rolls.gtin, 12, 12 * shop.rolls.price_minor)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2808150000004", "label_damaged"),  # weighs nothing
        ("2507000000002", "label_damaged"),  # counts nothing
        ("2507004010007", "quantity_not_possible"),  # 1,000 rolls
    ],
)
def test_a_label_that_makes_no_sense_is_refused(shop, text, reason):
    refuses(reason, lambda: label(shop, text))


def test_loose_goods_without_a_label_are_refused(shop):
    refuses("label_damaged", lambda: shop.scan(shop.apples))


def test_the_weight_that_was_priced_stays_priced_when_the_price_of_a_kilogram_changes(shop):
    label(shop, WEIGHT_LABEL)
    shop.put_on_the_shelf(replace(shop.apples, price_minor=1))
    assert shop.scan(shop.milk).lines[0].total_minor == 369


# Changing and voiding


def test_a_changed_quantity_changes_the_total_and_is_announced(shop):
    shop.scan(shop.milk)
    basket = shop.till.change_quantity("1", 1, 4)
    assert basket.total_minor == 4 * shop.milk.price_minor == shop.basket().total_minor
    assert shop.heard(events.LineChanged) == [
        events.LineChanged(basket.id, basket.version, 1, 4, basket.total_minor)
    ]


@pytest.mark.parametrize("quantity", [0, -1, QUANTITY_MAX + 1])
def test_an_impossible_quantity_is_refused(shop, quantity):
    before = shop.scan(shop.milk)
    refuses("quantity_not_possible", lambda: shop.till.change_quantity("1", 1, quantity), limit=QUANTITY_MAX)
    assert shop.basket() == before


@pytest.mark.parametrize("text", [WEIGHT_LABEL, PRICE_LABEL])
def test_weighed_goods_have_no_quantity_to_change(shop, text):
    label(shop, text)
    refuses("quantity_not_possible", lambda: shop.till.change_quantity("1", 1, 2), limit=1)


def test_a_tagged_piece_has_no_quantity_to_change(shop):
    shop.till.lay_down("1", [shop.shirt_tag()])
    refuses("quantity_not_possible", lambda: shop.till.change_quantity("1", 1, 2), limit=1)


def test_a_voided_line_stays_crossed_out_and_costs_nothing(shop):
    shop.scan(shop.milk)
    shop.scan(shop.wine)
    basket = shop.till.void("1", 1)
    assert [line.voided for line in basket.lines] == [True, False]
    assert (basket.total_minor, basket.pieces) == (shop.wine.price_minor, 1)
    assert shop.heard(events.LineVoided) == [events.LineVoided(basket.id, basket.version, 1)]
    assert shop.basket() == basket


@pytest.mark.parametrize("line", [0, -1, 1, 3])
def test_a_line_that_is_gone_or_never_was_is_refused(shop, line):
    shop.scan(shop.milk)
    shop.scan(shop.wine)
    shop.till.void("1", 1)
    refuses("line_gone", lambda: shop.till.void("1", line), line=line)
    refuses("line_gone", lambda: shop.till.change_quantity("1", line, 2), line=line)


def test_repeated_changes_and_voids_are_carried_out_once(shop):
    shop.scan(shop.milk)
    shop.scan(shop.wine)
    shop.till.change_quantity("1", 1, 2, request_key="a")
    shop.till.change_quantity("1", 1, 5, request_key="b")
    assert shop.till.change_quantity("1", 1, 2, request_key="a").lines[0].quantity == 5
    shop.till.void("1", 2, request_key="c")
    shop.till.void("1", 2, request_key="c")
    assert shop.said().count("LineVoided") == 1


CHANGES = {
    "change": lambda shop: shop.till.change_quantity("1", 1, 2),
    "void": lambda shop: shop.till.void("1", 1),
    "decline the offer": lambda shop: shop.till.visits.decline_offer("1"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_basket_is_frozen_while_it_is_paid_and_gone_afterwards(shop, change):
    refuses("basket_empty", lambda: change(shop))
    shop.scan(shop.milk)
    sent = shop.ask_and_send()
    refuses("basket_being_paid", lambda: change(shop))
    shop.cashier.taken(sent.id, 8, "girocard", "answer")
    refuses("basket_empty", lambda: change(shop))


# Giving up and calling for help


def test_a_cancelled_basket_is_gone_and_the_lane_is_free(shop):
    basket = shop.scan(shop.milk)
    shop.till.cancel("1", "staff")
    assert shop.basket() is None
    assert shop.heard(events.BasketCancelled) == [events.BasketCancelled(basket.id, "staff")]
    assert shop.scan(shop.milk).id != basket.id


def test_a_repeated_cancel_spares_the_next_shoppers_basket(shop):
    shop.scan(shop.milk)
    shop.till.cancel("1", request_key="a")
    fresh = shop.scan(shop.wine)
    shop.till.cancel("1", request_key="a")
    assert shop.basket() == fresh


def test_there_is_nothing_to_cancel_on_an_empty_lane(shop):
    refuses("nothing_to_cancel", lambda: shop.till.cancel("1"))


def test_a_basket_being_paid_cannot_be_cancelled(shop):
    shop.scan(shop.milk)
    shop.ask_and_send()
    refuses("basket_being_paid", lambda: shop.till.cancel("1"))


def test_leaving_the_paid_screen_frees_the_lane_and_cancels_no_sale(shop):
    shop.scan(shop.milk)
    shop.pay()
    shop.till.cancel("1", "left")
    assert shop.basket() is None
    assert shop.heard(events.BasketCancelled) == []
    assert len(shop.receipts()) == 1


def test_calling_for_help_twice_brings_one_person(shop):
    basket = shop.scan(shop.milk)
    shop.till.ask_for_help("1")
    shop.till.ask_for_help("1")
    assert shop.waiting_tasks() == [("help", "1")]
    assert shop.heard(events.HelpAsked) == [events.HelpAsked(basket.id)] * 2


def test_a_repeated_call_for_help_is_heard_once(shop):
    shop.till.ask_for_help("1", request_key="a")
    shop.till.ask_for_help("1", request_key="a")
    assert shop.heard(events.HelpAsked) == [events.HelpAsked("")]


def test_a_late_cancel_does_nothing_to_a_basket_that_changed_since(shop):
    seen = shop.scan(shop.milk)
    changed = shop.scan(shop.wine)
    shop.till.cancel("1", "left", seen=seen)
    assert shop.basket() == changed
    shop.till.cancel("1", "left", seen=changed)
    assert shop.basket() is None
    shop.till.cancel("1", "left", seen=changed)
    assert len(shop.heard(events.BasketCancelled)) == 1


def test_who_stays_makes_a_new_version_and_no_news(shop):
    before = shop.scan(shop.milk)
    said = shop.said()
    shop.till.stay("1", "tap")
    shop.till.stay("1", "tap")
    after = shop.basket()
    assert (after.version, after.lines) == (before.version + 1, before.lines)
    assert shop.said() == said


def test_who_stays_at_an_empty_or_paying_lane_changes_nothing(shop):
    shop.till.stay("1")
    assert shop.basket() is None
    shop.scan(shop.milk)
    paying = shop.cashier.ask_payment("1")
    shop.till.stay("1")
    assert shop.basket() == paying
