"""What is signed and when: the DSFinV-K's own examples, receipts that others printed, and laws."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import events, fiscal
from checkout.basket import Line
from checkout.fiscal import CASH, CASHLESS, Finish, Outage, Paid, Start

SHARED = Path(os.environ.get("EMMA_SHARED", Path(__file__).parents[3] / "shared"))
PRINTED = SHARED / "data/fiscal/tse_receipt_qr.json"
AMOUNTS = st.integers(-(10**9), 10**9)
NOTHING = "0.00_0.00_0.00_0.00_0.00"


def sale(total_minor=1586, vat=((1900, 1199), (700, 387)), paid_by="card", basket="b"):
    parts = tuple(events.VatPart(rate, gross, gross, 0) for rate, gross in vat)
    return events.SaleCompleted(basket, 1, total_minor, "EUR", (), parts, "", paid_by)


def added(basket="b"):
    return events.LineAdded(basket, 2, 1, "g", 1, 0, 100, 100, 700, "serial")


def play(*told, order_of=lambda basket: "order", training=False):
    steps, open_baskets = [], frozenset()
    for event in told:
        open_baskets, done = fiscal.decide(open_baskets, event, order_of, training=training)
        steps += done
    return steps, open_baskets


# The data


def test_the_standards_own_example():
    """DSFinV-K, annex I: payments in cash and without, in three currencies."""
    paid = [Paid(CASHLESS, 6430), Paid(CASH, 500, "USD"), Paid(CASH, 1000), Paid(CASH, 500, "CHF")]
    assert fiscal.receipt_data("Beleg", [(1900, 7533), (700, 799)], paid) == (
        "Beleg^75.33_7.99_0.00_0.00_0.00^10.00:Bar_5.00:Bar:CHF_5.00:Bar:USD_64.30:Unbar"
    )


@pytest.mark.parametrize(
    ("kind", "gross", "paid", "data"),
    [
        ("AVBelegabbruch", [], [], f"AVBelegabbruch^{NOTHING}^"),
        ("Beleg", [(0, -10_000)], [Paid(CASH, -10_000)], "Beleg^0.00_0.00_0.00_0.00_-100.00^-100.00:Bar"),
        ("Beleg", [(1070, 5), (550, 1)], [Paid(CASH, 6)], "Beleg^0.00_0.00_0.05_0.01_0.00^0.06:Bar"),
        ("Beleg", [(1600, 116), (500, 105)], [Paid(CASH, 221)], "Beleg^1.16_1.05_0.00_0.00_0.00^2.21:Bar"),
        (
            "Beleg",
            [(700, 250)],
            [Paid(CASHLESS, 100), Paid(CASHLESS, 50), Paid(CASH, 100)],
            "Beleg^0.00_2.50_0.00_0.00_0.00^1.00:Bar_1.50:Unbar",
        ),
        ("AVTraining", [(700, 107)], [Paid(CASH, 107)], "AVTraining^0.00_1.07_0.00_0.00_0.00^1.07:Bar"),
    ],
)
def test_receipt_data(kind, gross, paid, data):
    assert fiscal.receipt_data(kind, gross, paid) == data
    assert fiscal.read_receipt_data(data).kind == kind


@pytest.mark.skipif(not PRINTED.exists(), reason=f"no printed receipts at {PRINTED}")
def test_receipts_that_others_printed_are_read_and_written_alike():
    for printed in json.loads(PRINTED.read_text("utf-8")):
        _, _, process_type, data, *_ = printed["qr"].split(";")
        assert process_type == fiscal.RECEIPT
        read = fiscal.read_receipt_data(data)
        assert sum(read.gross_minor) == sum(part.amount_minor for part in read.paid)
        rates = (1900, 700, 1070, 550, 0)
        assert fiscal.receipt_data(read.kind, zip(rates, read.gross_minor, strict=True), read.paid) == data


@given(
    st.sampled_from(fiscal.KINDS),
    st.lists(st.tuples(st.sampled_from([1900, 700, 1070, 550, 0]), AMOUNTS), max_size=9),
    st.lists(
        st.builds(
            Paid,
            st.sampled_from([CASH, CASHLESS]),
            st.integers(-(10**9), 10**9),
            st.sampled_from(["EUR", "CHF"]),
        ),
        max_size=5,
    ),
)
def test_what_is_written_can_be_read_and_conserves_every_sum(kind, gross, paid):
    data = fiscal.receipt_data(kind, gross, paid)
    read = fiscal.read_receipt_data(data)
    assert sum(read.gross_minor) == sum(amount for _, amount in gross)
    for currency in ("EUR", "CHF"):
        assert sum(p.amount_minor for p in read.paid if p.currency == currency) == sum(
            p.amount_minor for p in paid if p.currency == currency
        )


@pytest.mark.parametrize(
    "data",
    [
        "",
        "Beleg",
        f"beleg^{NOTHING}^",
        "Beleg^0.00_0.00_0.00_0.00^0.00:Bar",
        "Beleg^0,00_0.00_0.00_0.00_0.00^0.00:Bar",
        "Beleg^1.0_0.00_0.00_0.00_0.00^1.00:Bar",
        "Beleg^01.00_0.00_0.00_0.00_0.00^1.00:Bar",
        f"Beleg^{NOTHING}^0.00:Karte",
        f"Beleg^{NOTHING}^0.00:Bar:EUR",
        f"Beleg^{NOTHING}^0.00:Bar_",
        f"Beleg^{NOTHING}^\n",
    ],
)
def test_what_the_standard_would_not_write_is_refused(data):
    with pytest.raises(ValueError, match=r"Kassenbeleg-V1|payment"):
        fiscal.read_receipt_data(data)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ValueError):
        assert fiscal.read_receipt_data(text).kind in fiscal.KINDS


def test_a_rate_that_no_law_knows_is_refused():
    with pytest.raises(ValueError, match="800"):
        fiscal.slot_of(800)


def test_an_order_is_a_row_each_with_quotes_doubled_and_measures_as_they_are():
    lines = [
        Line(1, "ice", 2, 0, 399, 700, "serial", 1),
        Line(2, "apples", 1, 742, 299, 700, "serial", 1),
        Line(3, "cola", 6, 0, 109, 1900, "serial", 1, deposit_minor=25),
        Line(4, "cloth", 1, 0, 1990, 1900, "serial", 1, length_mm=1500),
    ]
    names = {"ice": 'Eisbecher "Himbeere"', "apples": "Äpfel", "cola": "Cola", "cloth": "Stoff"}
    assert fiscal.order_data(lines, names.__getitem__) == "\r".join(
        [
            '2;"Eisbecher ""Himbeere""";3.99',
            '0.742;"Äpfel";2.99',
            '6;"Cola";1.09',
            '6;"Pfand";0.25',
            '1.5;"Stoff";19.90',
        ]
    )


def test_cash_that_moves_without_a_sale_has_no_tax():
    assert fiscal.money_moved_data(20_000) == "Beleg^0.00_0.00_0.00_0.00_200.00^200.00:Bar"


def test_the_parts_of_a_payment_are_cash_or_not():
    """Cash counts as far as it settles the sale, without what was rounded away."""
    parts = [("cash", 500, -2), ("points", 1000, 0), ("card", 86, 0)]
    tenders = tuple(
        events.TenderPart(kind, amount, f"p-{kind}", rounding) for kind, amount, rounding in parts
    )
    assert fiscal.sale_data(replace(sale(), tenders=tenders)).endswith("^5.00:Bar_10.86:Unbar")


def test_a_gift_card_is_no_payment_but_a_business_case_without_tax():
    """DSFinV-K, annex C: what a voucher for anything pays stands beside what is taxed, and is negative."""
    parts = [("gift_card", 1000), ("cash", 586)]
    tenders = tuple(events.TenderPart(kind, amount, f"p-{kind}") for kind, amount in parts)
    data = "Beleg^11.99_3.87_0.00_0.00_-10.00^5.86:Bar"
    assert fiscal.sale_data(replace(sale(), tenders=tenders)) == data
    whole = (events.TenderPart("gift_card", 1586, "p"),)
    assert fiscal.sale_data(replace(sale(), tenders=whole)) == "Beleg^11.99_3.87_0.00_0.00_-15.86^"


# The decisions


def test_a_sale_starts_with_its_first_line_and_finishes_when_it_is_known_how_it_was_paid():
    asked = events.PaymentAsked("b", "p", 1586, "EUR")
    steps, still_open = play(events.BasketOpened("b"), added(), added(), asked, sale())
    data = "Beleg^11.99_3.87_0.00_0.00_0.00^15.86:Unbar"
    assert steps == [Start("b"), Finish("b", "Kassenbeleg-V1", data)]
    assert still_open == frozenset()


@pytest.mark.parametrize(
    ("total", "vat", "paid_by", "data"),
    [
        (0, ((700, 0),), "nothing", f"Beleg^{NOTHING}^"),
        (-150, ((1900, -150),), "cash", "Beleg^-1.50_0.00_0.00_0.00_0.00^-1.50:Bar"),
        (100, ((0, 100),), "points", "Beleg^0.00_0.00_0.00_0.00_1.00^1.00:Unbar"),
    ],
)
def test_what_was_paid_stands_beside_what_is_taxed(total, vat, paid_by, data):
    assert fiscal.sale_data(sale(total, vat, paid_by)) == data


def test_a_basket_given_up_is_finished_too_unless_nothing_was_in_it():
    steps, still_open = play(added(), events.BasketCancelled("b", "shopper"))
    assert steps == [Start("b"), Finish("b", "Kassenbeleg-V1", f"AVBelegabbruch^{NOTHING}^")]
    assert not still_open
    assert play(events.BasketOpened("b"), events.BasketCancelled("b", "left")) == ([], frozenset())


def test_a_voided_line_ends_nothing():
    steps, still_open = play(added(), events.LineVoided("b", 3, 1))
    assert (steps, still_open) == ([Start("b")], {"b"})


def test_training_is_signed_as_training():
    steps, _ = play(added(), sale(), training=True)
    assert steps[-1].process_data.startswith("AVTraining^")


def test_what_is_heard_again_asks_for_nothing_again_before_it_is_over():
    steps, _ = play(
        added(), added(), added(), events.BasketCancelled("b", "left"), events.BasketCancelled("b", "left")
    )
    assert len(steps) == 2


def test_a_sale_whose_beginning_the_device_missed_is_started_and_finished():
    steps, _ = play(sale())
    assert [type(step) for step in steps] == [Start, Finish]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["line", "sale", "cancel"])), max_size=30))
def test_every_start_has_one_finish_and_no_basket_has_two_transactions(told):
    kinds = {
        "line": added,
        "sale": lambda basket: sale(basket=basket),
        "cancel": lambda basket: events.BasketCancelled(basket, "left"),
    }
    steps, still_open = play(*(kinds[kind](basket) for basket, kind in told))
    for basket in "abc":
        mine = [type(step) for step in steps if step.basket == basket]
        assert mine[::2] == [Start] * len(mine[::2])
        assert mine[1::2] == [Finish] * len(mine[1::2])
        assert (len(mine) % 2 == 1) == (basket in still_open)


# Without the device


def test_an_outage_ends_once():
    since = Outage("2026-11-21T10:00:00+00:00", "unplugged")
    over = since.ended(dt.datetime(2026, 11, 21, 10, 30, tzinfo=dt.UTC))
    assert over == Outage("2026-11-21T10:00:00+00:00", "unplugged", "2026-11-21T10:30:00+00:00")
    assert over.ended(dt.datetime(2026, 11, 21, 11, tzinfo=dt.UTC)) == over
