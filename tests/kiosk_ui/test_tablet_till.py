"""A staffed till at the tablet: every kind of thing goes in, and every way of paying ends in a receipt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from checkout.events import AgeChecked, ClerkActed
from checkout.gift_cards import qr_text
from kiosk_ui.tablet.paying import SUMS_MAX, sums_given
from kiosk_ui.tablet.till_frame import amount_of
from store_edge.box import Box
from store_edge.demo import price_list
from tests.kiosk_ui.kiosk_shop import EGGS, GRAPES, PASTA, Clock
from tests.kiosk_ui.staffed_shop import (
    FLOAT_MINOR,
    KEEPER,
    TILL,
    basket_on,
    drawer,
    heard,
    open_staffed,
    sign_in,
)

EGGS_MINOR = 329
HTMX = {"HX-Request": "true"}


pytestmark = pytest.mark.usefixtures("quick_hash")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with open_staffed(tmp_path) as box:
        yield box


@pytest.fixture
def client(box: Box) -> FlaskClient:
    return sign_in(box)[0]


def scan(client: FlaskClient, *codes: str) -> str:
    for code in codes:
        client.post(f"{TILL}/scan", data={"code": code})
    return client.get(TILL).text


def sold_card(box: Box, amount_minor: int) -> str:
    """The code of a gift card with so much on it."""
    (code,) = box.till.gift_cards.print_blank(1, KEEPER)
    box.till.gift_cards.sell("2", code, amount_minor)
    box.pay_desk.pay_cash("2", amount_minor)
    box.till.cancel("2")
    return code


def test_amounts_as_people_type_them() -> None:
    typed = ("1,50", "1.5", "2", " 12,00 ", "0", "", "1,505", "-1", "٣", "1 000", "1234567")
    assert [amount_of(text) for text in typed] == [150, 150, 200, 1200, 0, None, None, None, None, None, None]


@pytest.mark.parametrize("due", [1, 329, 500, 1999, 2000, 5001, 99_999])
def test_the_sums_offered_begin_with_the_exact_one_and_always_suffice(due: int) -> None:
    sums = sums_given(due)
    assert sums[0] == due
    assert list(sums) == sorted(set(sums))
    assert len(sums) <= SUMS_MAX
    assert all(one % 500 == 0 for one in sums[1:])


def test_cash_gives_change_and_the_till_is_free(client: FlaskClient, box: Box) -> None:
    assert "Take €3.29" in scan(client, EGGS)
    assert 'id="given-329"' in client.get(f"{TILL}/pay/cash").text
    basket = basket_on(box).id
    answer = client.post(f"{TILL}/pay/cash", data={"given": "5,00", "basket": basket}, follow_redirects=True)
    assert "minus" not in answer.text
    assert "Give this much back" in answer.text
    assert "1.71 euros" in answer.text  # large, and said as a sentence
    assert drawer(box) == FLOAT_MINOR + EGGS_MINOR
    client.post(f"{TILL}/next", data={"basket": basket})
    assert box.books.basket_on("2") is None


def test_pieces_are_counted_and_a_line_goes_off_on_the_clerks_word(client: FlaskClient, box: Box) -> None:
    scan(client, EGGS, PASTA)
    client.post(f"{TILL}/lines/1/quantity", data={"quantity": "12"})
    assert basket_on(box).line(1).quantity == 12
    client.post(f"{TILL}/lines/2/quantity", data={"quantity": "0"})
    assert [line.number for line in basket_on(box).standing] == [1]
    assert [event.act for event in heard(box, ClerkActed)] == ["void"]
    said = client.post(f"{TILL}/lines/1/quantity", data={"quantity": "x"}, follow_redirects=True).text
    assert "notice--look" in said
    assert basket_on(box).line(1).quantity == 12


def test_what_cannot_be_scanned_is_said(client: FlaskClient, box: Box) -> None:
    assert "We do not know this article yet" in scan(client, "4006381333931")
    assert box.books.basket_on("2") is None


def test_empties_pay_out_of_the_drawer(client: FlaskClient, box: Box) -> None:
    assert "Empty crate" in client.get(f"{TILL}/empties").text
    taken = client.post(f"{TILL}/empties", data={"kind": "crate", "quantity": "2"}, follow_redirects=True)
    assert "Taken back: Empty crate" in taken.text
    assert basket_on(box).total_minor == -300
    assert "The shop pays out" in client.get(f"{TILL}/pay").text
    paid = client.post(f"{TILL}/pay/out", follow_redirects=True).text
    assert "Paid out" in paid
    assert drawer(box) == FLOAT_MINOR - 300


def test_a_payout_goes_onto_a_gift_card(client: FlaskClient, box: Box) -> None:
    code = sold_card(box, 1000)
    client.post(f"{TILL}/empties", data={"kind": "crate", "quantity": "1"})
    client.post(f"{TILL}/pay/gift-card", data={"code": code})
    assert basket_on(box).state == "paid"
    assert box.till.gift_cards.balance(code)[1] == 1150


def test_loose_goods_are_weighed(client: FlaskClient, box: Box) -> None:
    assert GRAPES in client.get(f"{TILL}/weighed").text
    client.post(f"{TILL}/weighed", data={"gtin": GRAPES, "measure": "742"})
    (line,) = basket_on(box).standing
    assert (line.gtin, line.weight_g, line.how) == (GRAPES, 742, "typed")
    assert client.post(f"{TILL}/weighed", data={"gtin": EGGS, "measure": "1"}).status_code == 400


def test_a_gift_card_is_sold_and_paid_in_parts(client: FlaskClient, box: Box) -> None:
    other = sold_card(box, 500)
    (code,) = box.till.gift_cards.print_blank(1, KEEPER)
    client.post(f"{TILL}/gift-card", data={"code": code, "amount": "20"})
    assert basket_on(box).total_minor == 2000
    offered = client.post(f"{TILL}/pay/gift-card", data={"code": other}, follow_redirects=True).text
    assert "The gift card has €5.00 on it." in offered
    assert box.till.gift_cards.balance(other)[1] == 500
    client.post(f"{TILL}/pay/gift-card/use", data={"amount": "2.50"})
    client.post(f"{TILL}/pay/gift-card/use")
    text = client.get(f"{TILL}/pay").text
    assert text.count("Gift card</td>") == 2
    assert "15 euros" in text or "15.00 euros" in text
    client.post(f"{TILL}/pay/cash", data={"given": "5"})
    client.post(f"{TILL}/pay/card", data={"amount": "4"})
    (asked,) = box.payments.on_lane("2", "asked")
    assert asked.amount_minor == 400
    assert "The terminal asks for it" in client.get(f"{TILL}/pay").text
    box.cashier.send(asked.id, "terminal-2", 7)
    box.cashier.taken(asked.id, 8, "girocard", "answer")
    client.post(f"{TILL}/pay/cash", data={"given": "10"})
    receipt = box.receipts.of_basket(basket_on(box).id)
    assert receipt is not None
    assert sorted(part.kind for part in receipt.tenders) == ["card", "cash", "cash", "gift_card", "gift_card"]
    assert box.till.gift_cards.balance(code)[1] == 2000


def test_a_gift_card_before_the_tills_scanner_is_shown_and_pays_nothing(
    client: FlaskClient, box: Box
) -> None:
    code = sold_card(box, 500)
    assert "The gift card has €5.00 on it." in scan(client, EGGS, qr_text(code))
    assert basket_on(box).state == "open"
    assert "The gift card has €5.00 on it." in client.get(f"{TILL}/pay").text


def test_a_customer_may_keep_what_is_on_the_gift_card(client: FlaskClient, box: Box) -> None:
    code = sold_card(box, 500)
    scan(client, EGGS)
    client.post(f"{TILL}/pay/gift-card", data={"code": code})
    said = client.post(f"{TILL}/pay/gift-card/take-back", follow_redirects=True).text
    assert "The gift card has" not in said
    assert box.till.gift_cards.balance(code)[1] == 500


def test_a_payout_goes_back_to_a_card_and_the_page_says_how_far_it_is(client: FlaskClient, box: Box) -> None:
    client.post(f"{TILL}/empties", data={"kind": "crate", "quantity": "1"})
    assert 'id="refund"' in client.get(f"{TILL}/pay").text
    client.post(f"{TILL}/pay/refund")
    client.post(f"{TILL}/pay/refund")
    (asked,) = box.payments.on_lane("2", "asked")
    assert asked.amount_minor == -150
    assert "The terminal is being asked." in client.get(f"{TILL}/pay").text
    box.cashier.send(asked.id, "terminal-2", 7)
    assert "The customer holds the card to the terminal." in client.get(f"{TILL}/pay").text
    box.cashier.taken(asked.id, 8, "girocard", "answer")
    assert "Paid out" in client.get(TILL).text
    receipt = box.receipts.of_basket(basket_on(box).id)
    assert receipt is not None
    assert (receipt.total_minor, receipt.paid_by, receipt.clerk) == (-150, "card", asked.clerk)


@pytest.mark.parametrize("back", [True, False])
def test_a_refund_that_nobody_knows_of_is_settled_in_the_list(
    client: FlaskClient, box: Box, back: bool
) -> None:
    client.post(f"{TILL}/empties", data={"kind": "crate", "quantity": "1"})
    client.post(f"{TILL}/pay/refund")
    (asked,) = box.payments.on_lane("2", "asked")
    box.cashier.send(asked.id, "terminal-2", 7)
    box.cashier.unknown(asked.id)
    listed = client.get("/tablet").text
    assert "Nobody knows yet whether €1.50 went back to the card." in listed
    (task,) = (one for one in box.tasks.waiting() if one.kind == "refund_unknown")
    assert client.post(f"/tablet/tasks/{task.id}/done").status_code == 409
    if back:
        assert "Yes, €1.50 went back" in client.get(f"/tablet/tasks/{task.id}/paid?number=8").text
        client.post(f"/tablet/tasks/{task.id}/paid", data={"number": "8"})
    else:
        assert "Yes, it was not given back" in client.get(f"/tablet/tasks/{task.id}/unpaid").text
        client.post(f"/tablet/tasks/{task.id}/unpaid")
    assert basket_on(box).state == ("paid" if back else "open")
    assert task.id not in client.get("/tablet").text


def test_a_sale_is_given_up_after_a_part_was_paid(client: FlaskClient, box: Box) -> None:
    scan(client, EGGS)
    client.post(f"{TILL}/pay/cash", data={"given": "1"})
    assert drawer(box) == FLOAT_MINOR + 100
    client.post(f"{TILL}/pay/give-back")
    assert (drawer(box), basket_on(box).state) == (FLOAT_MINOR, "open")


def test_the_card_is_asked_and_let_go(client: FlaskClient, box: Box) -> None:
    scan(client, EGGS)
    client.post(f"{TILL}/pay/card")
    assert client.get(TILL).location == f"{TILL}/pay"
    client.post(f"{TILL}/pay/stop")
    assert basket_on(box).state == "open"


def test_what_is_even_is_finished(client: FlaskClient, box: Box) -> None:
    scan(client, EGGS)
    box.till.terms.override_price("2", 1, 0, "goodwill", KEEPER)
    assert "It is even" in client.get(TILL).text
    client.post(f"{TILL}/pay/nothing")
    assert basket_on(box).state == "paid"


def test_a_till_without_a_drawer_takes_no_cash(client: FlaskClient, box: Box) -> None:
    box.till.scan("1", EGGS, how="serial")
    assert 'id="cash"' not in client.get("/tablet/tills/1/pay").text
    said = client.post("/tablet/tills/1/pay/cash", data={"given": "5"}, follow_redirects=True).text
    assert "notice--look" in said
    assert basket_on(box, "1").state == "open"


def test_an_age_is_looked_at_where_it_is_sold(client: FlaskClient, box: Box) -> None:
    (wine, *_rest) = [a for a in price_list() if a.age_min]
    text = scan(client, wine.gtin)
    assert f"At least {wine.age_min} years old" in text
    basket = basket_on(box).id
    assert client.post(f"{TILL}/age", data={"years": "99", "basket": basket}).status_code == 400
    client.post(f"{TILL}/age", data={"years": str(wine.age_min), "basket": basket})
    (event,) = heard(box, AgeChecked)
    assert event.years == wine.age_min
    assert "years old" not in client.get(TILL).text


def test_a_late_tap_does_not_meet_the_next_basket(client: FlaskClient, box: Box) -> None:
    scan(client, EGGS)
    late = basket_on(box).id
    box.till.cancel("2")
    scan(client, PASTA)
    for act in ("pay/cash", "lines/1/quantity", "pay/card", "age"):
        form = {"basket": late, "given": "50", "quantity": "0", "years": "0"}
        assert client.post(f"{TILL}/{act}", data=form).location == TILL
    assert "Somebody else is at this till now" in client.get(TILL).text
    assert basket_on(box).pieces == 1


def test_a_part_of_a_page_that_is_over_loads_the_whole(client: FlaskClient, box: Box) -> None:
    scan(client, EGGS)
    assert "HX-Refresh" not in client.get(f"{TILL}?shows=open", headers=HTMX).headers
    client.post(f"{TILL}/pay/cash", data={"given": "5"})
    assert client.get(f"{TILL}?shows=open", headers=HTMX).headers["HX-Refresh"] == "true"
    assert client.get(f"{TILL}/pay", headers=HTMX).headers["HX-Refresh"] == "true"
    assert client.get(f"{TILL}/pay").location == TILL


def test_who_may_not_serve_changes_nothing(box: Box) -> None:
    client, _pin = sign_in(box, "age")
    assert "not among your rights" in scan(client, EGGS)
    assert box.books.basket_on("2") is None


def test_who_scans_without_a_pause_stays_signed_in(client: FlaskClient, box: Box) -> None:
    assert isinstance(box.clock, Clock)
    for _ in range(3):
        box.clock.pass_s(box.settings.limits.staff_idle_s - 1)
        client.get(TILL, headers=HTMX)  # the page by itself counts for nothing
        assert client.post(f"{TILL}/scan", data={"code": EGGS}, headers=HTMX).location == TILL
    assert basket_on(box).pieces == 3


def test_in_german(client: FlaskClient, box: Box) -> None:
    scan(client, EGGS)
    assert "kassieren" in client.get(f"{TILL}?lang=de").text
