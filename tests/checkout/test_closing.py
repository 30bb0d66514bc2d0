"""The drawer and the day: what is counted, what X and Z reports say, and which day a sale belongs to."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import events
from checkout.basket import EMPTIES, Line
from checkout.cash import Count, Drawers, sum_of_pieces
from checkout.closing import CaseSum, ClerkSum, DrawerSum, Tally, TenderSum, business_day
from checkout.day import READ_MAX, DayBook
from checkout.events import VatPart
from checkout.pay_desk import PayDesk
from checkout.receipt import Receipt, ReceiptLine, Tendered
from checkout.staff import Clerk
from checkout.tax import vat_table
from tests.conftest import SELLER, refuses

BOSS = Clerk("clerk-1", frozenset({"cash", "close"}))
HELPER = Clerk("clerk-2", frozenset({"serve"}))
BERLIN = ZoneInfo("Europe/Berlin")


# The drawer


def test_a_drawer_from_the_float_to_the_count(shop):
    shop.drawers.put_float("1", 20_000, BOSS)
    shop.scan(shop.wine)
    shop.pay_desk.pay_cash("1", 500)
    shop.drawers.drop("1", 10_000, BOSS)
    shop.drawers.pay_out("1", 250, "postage", BOSS)
    shop.drawers.pay_in("1", 100, "found", BOSS)
    assert shop.drawers.expected("1", BOSS) == 20_000 + 499 - 10_000 - 250 + 100
    count = shop.drawers.count("1", 10_344, BOSS)
    assert (count, count.difference_minor) == (Count(10_349, 10_344), -5)
    assert shop.drawers.expected("1", BOSS) == 10_344
    assert shop.drawers.count("1", 10_344, BOSS).difference_minor == 0
    assert sum(shop.ledger_sums().values()) == 0
    assert [(e.why, e.reason, e.amount_minor, e.by) for e in shop.heard(events.CashMoved)] == [
        ("float", "change", 20_000, "clerk-1"),
        ("drop", "safe", -10_000, "clerk-1"),
        ("paid_out", "postage", -250, "clerk-1"),
        ("paid_in", "found", 100, "clerk-1"),
    ]
    assert shop.heard(events.DrawerCounted)[0] == events.DrawerCounted(10_349, 10_344, "clerk-1")


def test_a_repeated_request_moves_and_counts_once(shop):
    for _ in range(2):
        shop.drawers.put_float("1", 20_000, BOSS, request_key="a")
    assert shop.drawers.count("1", 19_000, BOSS, request_key="b").difference_minor == -1000
    assert shop.drawers.count("1", 19_000, BOSS, request_key="b") is None
    assert shop.drawers.expected("1", BOSS) == 19_000


def test_no_more_comes_out_than_lies_in_it(shop):
    shop.drawers.put_float("1", 1000, BOSS)
    refuses("drawer_short", lambda: shop.drawers.drop("1", 1001, BOSS))
    refuses("drawer_short", lambda: shop.drawers.pay_out("1", 1001, "wages", BOSS))
    assert shop.drawers.expected("1", BOSS) == 1000


@pytest.mark.parametrize("amount_minor", [0, -5, 100_000_001])
def test_sums_that_nobody_moves_are_refused(shop, amount_minor):
    refuses("amount_not_possible", lambda: shop.drawers.drop("1", amount_minor, BOSS))
    if amount_minor:
        refuses("amount_not_possible", lambda: shop.drawers.count("1", amount_minor, BOSS))


def test_who_counts_blindly_hears_what_should_be_there_only_afterwards(shop):
    drawers = Drawers(shop.books, blind=True)
    drawers.put_float("1", 1000, BOSS)
    refuses("count_first", lambda: drawers.expected("1", BOSS))
    assert drawers.count("1", 990, BOSS) == Count(1000, 990)


def test_cash_without_a_sale_needs_the_right(shop):
    for act in (
        lambda: shop.drawers.put_float("1", 1000, HELPER),
        lambda: shop.drawers.count("1", 1000, HELPER),
        lambda: shop.drawers.expected("1", HELPER),
        lambda: shop.days.x_report(HELPER),
        lambda: shop.days.close_day(HELPER),
    ):
        refuses("not_allowed", act)


def test_coins_and_notes_are_summed_up():
    assert sum_of_pieces({1: 3, 200: 4, 5000: 2}) == 10_803
    refuses("amount_not_possible", lambda: sum_of_pieces({300: 1}))
    refuses("amount_not_possible", lambda: sum_of_pieces({100: -1}))


# Who took what


def test_what_each_clerk_took_sums_to_what_was_taken(shop):
    anna, bert = Clerk("anna", frozenset({"serve"})), Clerk("bert", frozenset({"serve"}))
    shop.scan(shop.milk)
    shop.pay()  # alone
    for clerk, given_minor in ((anna, 500), (bert, 119), (anna, 119)):
        shop.scan(shop.milk)
        shop.pay_desk.pay_cash("1", given_minor, clerk=clerk)
    shop.scan(shop.wine)
    shop.pay_desk.pay_cash("1", 99, clerk=bert)
    shop.cashier.ask_payment("1", clerk=anna)  # who ends the sale has it
    shop.cashier.taken(shop.cashier.send(shop.payment().id, "terminal-1", 7).id, 8, "", "answer")
    report = shop.days.x_report(BOSS)
    assert report.clerks == (
        ClerkSum("", 1, (TenderSum("card", 1, 119),)),
        ClerkSum("anna", 3, (TenderSum("card", 1, 400), TenderSum("cash", 3, 337))),
        ClerkSum("bert", 1, (TenderSum("cash", 1, 119),)),
    )
    assert report.tenders == (TenderSum("card", 2, 519), TenderSum("cash", 4, 456))
    assert shop.days.close_day(BOSS).clerks == report.clerks
    assert shop.days.x_report(BOSS).clerks == ()


# The reports


def busy_day(shop):
    """A float, two sales in cash and by card, a gift card sold and used, empties paid out, a count."""
    shop.drawers.put_float("1", 10_000, BOSS)
    shop.scan(shop.milk)
    shop.scan(shop.wine)
    shop.till.void("1", 1)
    shop.pay_desk.pay_cash("1", 500)
    (code,) = shop.cards.print_blank(1, BOSS)
    shop.cards.sell("1", code, 2500)
    shop.scan(shop.milk)
    shop.pay()
    shop.scan(shop.wine)
    shop.pay_with_gift_card(code, 300)
    shop.pay()
    with shop.books.page() as page:
        shop.till.steps.put(page, "1", EMPTY_BOTTLES)
    shop.pay_desk.pay_out_cash("1")
    shop.scan(shop.milk, lane="2")
    shop.till.cancel("2")
    shop.drawers.drop("1", 5000, BOSS)
    shop.drawers.count("1", 5340, BOSS)


EMPTY_BOTTLES = Line(
    number=0,
    gtin="9520001000027",
    quantity=6,
    weight_g=0,
    unit_price_minor=-25,
    vat_bp=1900,
    how="typed",
    changed=0,
    kind=EMPTIES,
    vat="standard",
)


def test_a_z_report_says_what_the_day_came_to(shop):
    busy_day(shop)
    closed = shop.days.close_day(BOSS)
    assert (closed.number, closed.business_day, closed.by) == (1, "2026-11-21", "clerk-1")
    assert (closed.receipts_from, closed.receipts_to, closed.sales) == (1, 4, 4)
    assert (closed.voids, closed.cancelled, closed.refunds, closed.returned) == (1, 1, 0, 0)
    assert closed.vat == (
        VatPart(1900, 499 + 499 - 150, 419 + 419 - 126, 80 + 80 - 24),
        VatPart(700, 119, 111, 8),
        VatPart(0, 2500, 2500, 0),
    )
    assert set(closed.cases) == {
        CaseSum("Umsatz", 1900, 998, 998 - 160, 160),
        CaseSum("PfandRueckzahlung", 1900, -150, -126, -24),
        CaseSum("Umsatz", 700, 119, 111, 8),
        CaseSum("MehrzweckgutscheinKauf", 0, 2500, 2500, 0),
        CaseSum("MehrzweckgutscheinEinloesung", 0, -300, -300, 0),
        CaseSum("Anfangsbestand", 0, 10_000, 10_000, 0),
        CaseSum("Geldtransit", 0, -5000, -5000, 0),
        CaseSum("DifferenzSollIst", 0, -9, -9, 0),
    }
    assert closed.tenders == (
        TenderSum("card", 2, 2619 + 199),
        TenderSum("cash", 2, 499 - 150),
        TenderSum("gift_card", 1, 300),
    )
    assert closed.drawers == (DrawerSum("drawer:1", 5340, -9),)
    (told,) = shop.heard(events.DayClosed)
    assert told == events.DayClosed(1, "2026-11-21", 1, 4, 4, closed.turnover_minor, -9, "clerk-1")
    assert closed.turnover_minor == sum(receipt.total_minor for receipt in shop.receipts())


def test_an_x_report_says_the_same_and_changes_nothing(shop):
    busy_day(shop)
    said = shop.heard()
    looked = shop.days.x_report(BOSS)
    assert shop.heard() == said
    closed = shop.days.close_day(BOSS)
    assert looked == replace(closed, number=0)


def test_the_next_day_begins_where_the_last_one_ended(shop):
    busy_day(shop)
    first = shop.days.close_day(BOSS)
    shop.clock.forward(days=1)
    empty = shop.days.close_day(BOSS)
    assert (empty.number, empty.business_day, empty.sales, empty.vat) == (2, "2026-11-22", 0, ())
    assert (empty.cases, empty.tenders, empty.drawers, empty.voids) == ((), (), (), 0)
    assert empty.since == first.at
    shop.scan(shop.milk)
    shop.pay_desk.pay_cash("1", 119)
    third = shop.days.close_day(BOSS)
    assert (third.receipts_from, third.receipts_to, third.sales) == (5, 5, 1)
    assert third.drawers == (DrawerSum("drawer:1", 5340 + 119, 0),)


def test_the_day_is_not_closed_in_the_middle_of_a_payment_unless_somebody_says_so(shop):
    shop.scan(shop.wine)
    shop.pay_desk.pay_cash("1", 100)
    refuses("payments_open", lambda: shop.days.close_day(BOSS))
    assert shop.days.x_report(BOSS).sales == 0
    assert shop.days.close_day(BOSS, though_paying=True).sales == 0
    shop.pay_desk.pay_cash("1", 399)
    assert shop.days.close_day(BOSS).sales == 1


def test_a_payment_given_back_is_counted(shop):
    shop.scan(shop.wine)
    shop.pay_desk.pay_cash("1", 100)
    shop.pay_desk.give_back("1")
    closed = shop.days.close_day(BOSS)
    assert (closed.returned, closed.tenders, closed.drawers) == (1, (), (DrawerSum("drawer:1", 0, 0),))


def test_rounding_is_told(shop):
    desk = PayDesk(shop.books, shop.cashier.settlement, rounds_cash=True)
    shop.scan(shop.milk)
    desk.pay_cash("1", 200)
    closed = shop.days.close_day(BOSS)
    assert (closed.rounding_minor, closed.tenders) == (1, (TenderSum("cash", 1, 119),))
    assert closed.drawers == (DrawerSum("drawer:1", 120, 0),)


def test_a_day_of_more_receipts_than_one_look_takes_is_closed_whole(new_memory_shop):
    shop = new_memory_shop()
    for number in range(1, READ_MAX + 2):
        shop.books.sheet.paper[str(number)] = plain_receipt(number)
    closed = shop.days.close_day(BOSS)
    assert (closed.sales, closed.receipts_to) == (READ_MAX + 1, READ_MAX + 1)


def plain_receipt(number):
    line = ReceiptLine("9520001000027", {"en": "Wine"}, 1, 0, 499, 0, 499, 1900)
    return Receipt(
        number=number,
        link=f"l{number}",
        shop=SELLER,
        lane="1",
        at="2026-11-21T10:00:00+00:00",
        language="de",
        lines=(line,),
        vat=(VatPart(1900, 499, 419, 80),),
        total_minor=499,
        paid_by="cash",
        tenders=(Tendered("cash", 499, 500, 1),),
    )


def test_a_long_day_needs_no_more_memory_than_a_short_one():
    tally = Tally()
    tally.add_receipt(plain_receipt(1))
    tracemalloc.start()
    for number in range(2, 10_001):
        tally.add_receipt(plain_receipt(number))
    used, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tally.sales == 10_000
    assert used < 20_000


# Laws of the sums

LINE = st.builds(
    ReceiptLine,
    gtin=st.just("9520001000027"),
    name=st.just({"en": "x"}),
    quantity=st.just(1),
    weight_g=st.just(0),
    unit_price_minor=st.just(0),
    discount_minor=st.integers(0, 300),
    total_minor=st.integers(-500, 5000),
    vat_bp=st.sampled_from([700, 1900]),
    kind=st.sampled_from(["goods", "returned", "empties"]),
    deposit_minor=st.integers(0, 150),
) | st.builds(
    ReceiptLine,
    gtin=st.just("0400000000008"),
    name=st.just({"en": "x"}),
    quantity=st.just(1),
    weight_g=st.just(0),
    unit_price_minor=st.just(0),
    discount_minor=st.just(0),
    total_minor=st.integers(100, 5000),
    vat_bp=st.just(0),
    kind=st.just("voucher"),
)


@given(st.lists(st.tuples(st.lists(LINE, min_size=1, max_size=6), st.integers(-500, 500)), max_size=8))
def test_cases_taxes_and_tenders_all_tell_one_sum(days):
    tally = Tally()
    for number, (lines, on_card) in enumerate(days, start=1):
        total = sum(line.total_minor for line in lines)
        tally.add_receipt(
            replace(
                plain_receipt(number),
                lines=tuple(lines),
                vat=vat_table((line.vat_bp, line.total_minor) for line in lines),
                total_minor=total,
                tenders=(Tendered("gift_card", on_card), Tendered("card", total - on_card)),
            )
        )
    cases, vat, tenders = tally.cases(), tally.vat(), tally.tenders()
    money = sum(one.amount_minor for one in tenders if one.kind != "gift_card")
    assert sum(case.gross_minor for case in cases) == money
    assert all(case.net_minor + case.vat_minor == case.gross_minor for case in cases)
    assert sum(part.gross_minor for part in vat) == sum(one.amount_minor for one in tenders)
    for part in vat:
        if part.rate_bp:
            of_rate = [case for case in cases if case.rate_bp == part.rate_bp]
            assert sum(case.gross_minor for case in of_rate) == part.gross_minor
            assert sum(case.vat_minor for case in of_rate) == part.vat_minor


# Whose day it is


@pytest.mark.parametrize(
    ("at", "begins", "day"),
    [
        ("2026-11-21T22:59:59+00:00", "00:00", "2026-11-21"),
        ("2026-11-21T23:00:00+00:00", "00:00", "2026-11-22"),
        ("2026-11-22T02:59:59+00:00", "04:00", "2026-11-21"),
        ("2026-11-22T03:00:00+00:00", "04:00", "2026-11-22"),
        # The night of 23 hours: three o'clock comes right after two.
        ("2026-03-29T00:59:59+00:00", "03:00", "2026-03-28"),
        ("2026-03-29T01:00:00+00:00", "03:00", "2026-03-29"),
        # The night of 25 hours: half past two comes twice, and is yesterday's both times.
        ("2026-10-25T00:30:00+00:00", "03:00", "2026-10-24"),
        ("2026-10-25T01:30:00+00:00", "03:00", "2026-10-24"),
        ("2026-10-25T02:00:00+00:00", "03:00", "2026-10-25"),
    ],
)
def test_a_business_day_goes_by_the_clock_on_the_shops_wall(at, begins, day):
    moment = dt.datetime.fromisoformat(at)
    assert business_day(moment, BERLIN, dt.time.fromisoformat(begins)).isoformat() == day


def test_a_day_closed_after_midnight_is_the_day_on_which_it_began(shop):
    days = DayBook(shop.books, clock=shop.clock, timezone=BERLIN)
    shop.scan(shop.milk)
    shop.pay()
    shop.clock.now = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)
    assert days.close_day(BOSS).business_day == "2026-11-21"
    assert days.close_day(BOSS).business_day == "2026-11-22"
