"""Bringing goods back: exactly what was paid, once, by who may, with reasons; and exchanges in one basket."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import events
from checkout.basket import Basket, Line, Reduction
from checkout.promotions import build
from checkout.receipt import read_receipt_code, receipt_code
from checkout.returns import REASONS, ReturnRules, ReturnsDesk, worth_minor
from checkout.staff import Clerk
from checkout.tax import vat_inside
from tests.conftest import SELLER, refuses, with_check_digit

ANNA = Clerk("c-anna", frozenset({"serve", "returns"}))
BERT = Clerk("c-bert", frozenset({"serve"}))
OTHER = with_check_digit("952000100077")
CARLA = Clerk("c-carla", frozenset({"serve", "returns", "approve"}))


def sell(shop, *articles, quantity=1):
    """Sell these, a line each of so many pieces; gives the receipt."""
    for article in articles:
        basket = shop.scan(article)
        if quantity > 1:
            shop.till.change_quantity("1", len(basket.lines), quantity)
    shop.pay()
    return shop.receipts()[-1]


def sell_reduced(shop, line_facts):
    """A receipt for lines with reductions of any kind, written by the cashier himself."""
    lines = [
        Line(
            number,
            shop.milk.gtin,
            quantity,
            0,
            unit_minor,
            vat_bp,
            "serial",
            2,
            reductions=(Reduction("promotion", min(off_minor, quantity * unit_minor)),) if off_minor else (),
            deposit_minor=deposit_minor,
        )
        for number, (quantity, unit_minor, off_minor, deposit_minor, vat_bp) in enumerate(line_facts, start=1)
    ]
    shop.till.open("1", "de")
    with shop.books.page() as page:
        basket = page.basket_on("1")
        page.save_basket(
            Basket(basket.id, "1", "open", basket.version + 1, tuple(lines), "de", basket.opened_at)
        )
    settle(shop)
    return shop.receipts()[-1]


def settle(shop):
    """Pay, or be paid, or neither where it is even."""
    shop.settle()


def bring(shop, receipt, line=1, quantity=1, *, reason="changed_mind", clerk=ANNA, second=None, **more):
    return shop.returns.bring_back(
        "1", str(receipt.number), line, quantity, reason=reason, clerk=clerk, second=second, **more
    )


# With a receipt


def test_a_piece_comes_back_for_what_was_paid(shop):
    receipt = sell(shop, shop.milk, shop.shirt)
    basket = bring(shop, receipt, 2, reason="wrong_size")
    (line,) = basket.lines
    assert (line.kind, line.total_minor, line.vat_bp) == ("returned", -1999, 1900)
    assert basket.total_minor == -1999
    settle(shop)
    (returned,) = shop.heard(events.GoodsReturned)
    assert returned == events.GoodsReturned(
        basket=basket.id,
        receipt=2,
        line=1,
        gtin=shop.shirt.gtin,
        quantity=1,
        weight_g=0,
        length_mm=0,
        total_minor=-1999,
        reason="wrong_size",
        of_receipt=1,
        of_line=2,
        epc="",
        clerk="c-anna",
        second="",
    )
    assert shop.receipts()[-1].lines[0].returned.receipt == 1


def test_an_exchange_is_one_basket_with_both(shop):
    receipt = sell(shop, shop.shirt)
    bring(shop, receipt, reason="wrong_size")
    shop.scan(shop.shirt)
    shop.scan(shop.milk)
    assert shop.basket().total_minor == shop.milk.price_minor
    shop.pay()
    assert [line.kind for line in shop.receipts()[-1].lines] == ["returned", "goods", "goods"]


def test_an_even_exchange_needs_no_payment(shop):
    receipt = sell(shop, shop.shirt)
    bring(shop, receipt, reason="wrong_size")
    shop.scan(shop.shirt)
    assert shop.cashier.ask_payment("1").state == "paid"
    assert shop.receipts()[-1].paid_by == "nothing"


def test_some_of_many_and_never_more_than_were_bought(shop):
    receipt = sell(shop, shop.milk, quantity=3)
    assert bring(shop, receipt, quantity=2).total_minor == -2 * shop.milk.price_minor
    refuses("quantity_not_possible", lambda: bring(shop, receipt, quantity=2), limit=1)
    bring(shop, receipt)
    refuses("returned_already", lambda: bring(shop, receipt))
    assert shop.returns.find("1") == (receipt, (0,))
    settle(shop)
    refuses("returned_already", lambda: bring(shop, receipt))


def test_what_is_put_back_out_of_the_basket_may_come_back_again(shop):
    receipt = sell(shop, shop.milk, quantity=2)
    bring(shop, receipt, quantity=2)
    shop.till.void("1", 1)
    bring(shop, receipt)
    shop.till.cancel("1")
    assert shop.returns.find("1")[1] == (2,)
    assert shop.heard(events.GoodsReturned) == []


def test_a_weighed_bag_comes_back_whole(shop):
    shop.till.scan("1", "2808151012341", how="serial")
    shop.pay()
    (receipt,) = shop.receipts()
    refuses("quantity_not_possible", lambda: bring(shop, receipt, quantity=2), limit=1)
    (line,) = bring(shop, receipt).lines
    assert (line.weight_g, line.total_minor) == (1234, -receipt.total_minor)
    refuses("quantity_not_possible", lambda: shop.till.change_quantity("1", 1, 2))


def test_a_tag_that_came_back_can_be_sold_again(shop):
    tag = shop.shirt_tag()
    shop.till.lay_down("1", [tag])
    shop.pay()
    bring(shop, shop.receipts()[0])
    shop.till.lift("1", [tag])
    assert shop.basket().total_minor == -1999, "the shirt is lifted off the tray, and still brought back"
    assert shop.holder(tag) == "sold", "not before the return is settled"
    settle(shop)
    assert shop.holder(tag) is None
    assert shop.heard(events.GoodsReturned)[0].epc == tag.hex().upper()
    assert shop.till.lay_down("1", [tag]).total_minor == 1999


def test_asked_twice_it_comes_back_once(shop):
    receipt = sell(shop, shop.milk, quantity=2)
    bring(shop, receipt, request_key="k")
    assert len(bring(shop, receipt, request_key="k").lines) == 1
    shop.till.cancel("1")
    refuses("basket_empty", lambda: bring(shop, receipt, request_key="k"))


def test_not_while_the_basket_is_being_paid(shop):
    receipt = sell(shop, shop.milk)
    shop.scan(shop.wine)
    shop.cashier.ask_payment("1")
    refuses("basket_being_paid", lambda: bring(shop, receipt))
    assert shop.returns.find("1")[1] == (1,)


# What does not come back


def test_what_is_sold_for_good_comes_back_only_when_it_is_faulty(shop):
    cream = replace(shop.milk, gtin=OTHER, returnable=False)
    shop.put_on_the_shelf(cream)
    receipt = sell(shop, cream)
    refuses("not_returnable", lambda: bring(shop, receipt))
    refuses("not_returnable", lambda: bring_without(shop, cream))
    assert bring(shop, receipt, reason="damaged").total_minor == -119
    assert bring_without(shop, cream, reason="recalled").total_minor == -119 - 238


@pytest.mark.parametrize("kind", ["empties", "returned"])
def test_only_goods_come_back(shop, kind):
    shop.scan(shop.shirt)
    with shop.books.page() as page:
        basket = page.basket_on("1")
        page.save_basket(basket.with_changed_line(replace(basket.lines[0], kind=kind)))
    shop.pay()
    refuses("not_returnable", lambda: bring(shop, shop.receipts()[0], reason="damaged"))
    assert shop.returns.find("1")[1] == (0,)


def test_a_gift_card_does_not_come_back(shop):
    (code,) = shop.cards.print_blank(1, Clerk("clerk-0", frozenset({"cash"})))
    shop.cards.sell("1", code, 2500)
    shop.pay()
    refuses("not_returnable", lambda: bring(shop, shop.receipts()[0], reason="damaged"))


def test_goodwill_ends_before_the_law_does(shop):
    receipt = sell(shop, shop.shirt)
    shop.clock.forward(days=31)
    refuses("return_too_late", lambda: bring(shop, receipt), limit=30)
    assert bring(shop, receipt, reason="damaged").total_minor == -1999
    shop.till.cancel("1")
    shop.clock.forward(days=700)
    refuses("return_too_late", lambda: bring(shop, receipt, reason="damaged"), limit=730)


def with_rules(shop, **rules):
    return ReturnsDesk(shop.books, shop.till.steps, shop=SELLER.id, rules=ReturnRules(**rules))


def test_what_a_shop_excludes_comes_back_only_when_it_is_faulty(shop):
    shop.put_on_the_shelf(replace(shop.shirt, department="linen"))
    receipt = sell(shop, shop.shirt)
    shop.returns = with_rules(shop, excluded=frozenset({"linen"}))
    refuses("not_returnable", lambda: bring(shop, receipt, reason="wrong_size"))
    without = shop.returns.bring_back_without_receipt
    refuses("not_returnable", lambda: without("1", shop.shirt.gtin, 1, reason="wrong_size", clerk=ANNA))
    assert bring(shop, receipt, reason="damaged").total_minor < 0


def test_a_shop_may_take_nothing_back_without_a_receipt(shop):
    without = with_rules(shop, without_receipt=False).bring_back_without_receipt
    refuses("receipt_needed", lambda: without("1", shop.milk.gtin, 1, reason="damaged", clerk=ANNA))


def test_lines_and_receipts_that_are_not_there(shop):
    receipt = sell(shop, shop.milk)
    for line in (0, -1, 2):
        refuses("line_gone", lambda line=line: bring(shop, receipt, line))
    for quantity in (0, -1, 10**9):
        refuses("quantity_not_possible", lambda quantity=quantity: bring(shop, receipt, quantity=quantity))
    for text in ("2", "0", "-1", "", "EMMAR1.demo.nobody", "https://emma.test/r/nobody", "x" * 500, "9" * 30):
        refuses("receipt_unknown", lambda text=text: shop.returns.find(text))
    assert shop.basket().state == "paid"


def test_the_code_on_the_receipt_finds_it_and_another_stores_does_not(shop):
    receipt = sell(shop, shop.milk)
    address = f"https://emma.test/r/{receipt.link}"
    codes = [receipt_code(receipt), receipt_code(receipt, address), address, f"{address}?lang=en", " 1 "]
    assert all(shop.returns.find(code)[0] == receipt for code in codes)
    other = replace(receipt, shop=replace(SELLER, id="hamburg.2"))
    for code in (receipt_code(other), receipt_code(other, address)):
        assert read_receipt_code(code).shop == "hamburg.2"
        refuses("receipt_of_other_store", lambda code=code: shop.returns.find(code))


# Who may


def test_it_takes_the_right_to(shop):
    receipt = sell(shop, shop.milk)
    refuses("not_allowed", lambda: bring(shop, receipt, clerk=BERT))
    refuses("not_allowed", lambda: bring_without(shop, shop.milk, clerk=BERT))


def test_above_a_limit_a_second_person_looks_on_however_it_is_split(shop):
    receipt = sell(shop, shop.shirt, quantity=9)
    bring(shop, receipt, quantity=3)
    bring(shop, receipt, quantity=2)
    refuses("second_person_needed", lambda: bring(shop, receipt))
    refuses("second_person_needed", lambda: bring(shop, receipt, second=ANNA))
    refuses("second_person_needed", lambda: bring(shop, receipt, second=BERT))
    assert shop.basket().pieces == 5
    assert shop.returns.find("1")[1] == (4,), "what was refused is not held"
    bring(shop, receipt, second=CARLA)
    settle(shop)
    assert shop.heard(events.GoodsReturned)[-1].second == "c-carla"


def test_without_a_receipt_the_limit_is_lower(shop):
    bring_without(shop, shop.shirt, 1)
    refuses("second_person_needed", lambda: bring_without(shop, shop.shirt, 1))
    assert bring_without(shop, shop.shirt, 1, clerk=CARLA, second=Clerk("c-d", CARLA.rights)).pieces == 2


# Without a receipt


def bring_without(shop, article, quantity=2, *, reason="changed_mind", clerk=ANNA, second=None):
    return shop.returns.bring_back_without_receipt(
        "1", article.gtin, quantity, reason=reason, clerk=clerk, second=second
    )


def test_without_a_receipt_it_is_worth_todays_price(shop):
    (line,) = bring_without(shop, shop.milk).lines
    assert (line.kind, line.quantity, line.total_minor, line.vat_bp) == ("returned", 2, -238, 700)
    settle(shop)
    (returned,) = shop.heard(events.GoodsReturned)
    assert (returned.of_receipt, returned.of_line, returned.reason) == (0, 0, "changed_mind")


def test_without_a_receipt_it_is_worth_what_a_running_promotion_makes_of_it(new_memory_shop):
    shop = new_memory_shop()
    shop.run(build("percent", "p", {"percent": 10, "gtin": shop.milk.gtin}))
    assert bring_without(shop, shop.milk).total_minor == -2 * (119 - 12)


def test_or_the_lowest_that_anybody_may_have_paid(shop):
    desk = ReturnsDesk(shop.books, shop.till.steps, shop=SELLER.id, lowest_price=lambda page, article: 99)
    basket = desk.bring_back_without_receipt("1", shop.milk.gtin, 1, reason="changed_mind", clerk=ANNA)
    assert basket.total_minor == -99


def test_what_is_weighed_needs_its_receipt(shop):
    refuses("receipt_needed", lambda: bring_without(shop, shop.apples))
    refuses("code_unknown", lambda: bring_without(shop, replace(shop.milk, gtin=OTHER)))
    refuses("quantity_not_possible", lambda: bring_without(shop, shop.milk, 0))
    assert shop.basket() is None


# Laws

LINES = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.integers(0, 5000),
        st.integers(0, 9000),
        st.sampled_from([0, 8, 25]),
        st.sampled_from([700, 1900]),
    ),
    min_size=1,
    max_size=4,
)
GENEROUS = ReturnRules(alone_minor_max=10**9)


@given(st.integers(-(10**6), 10**6), st.integers(1, 999))
def test_pieces_are_worth_the_line(paid_minor, pieces):
    worth = [worth_minor(paid_minor, pieces, piece) for piece in range(1, pieces + 1)]
    assert sum(worth) == paid_minor
    assert max(worth) - min(worth) <= 1


@given(LINES, st.data())
def test_any_returns_give_back_at_most_and_in_the_end_exactly_what_was_paid(new_memory_shop, facts, data):
    shop = new_memory_shop()
    shop.returns = ReturnsDesk(shop.books, shop.till.steps, shop=SELLER.id, rules=GENEROUS)
    receipt = sell_reduced(shop, facts)
    left = {number: line.quantity for number, line in enumerate(receipt.lines, start=1)}
    given_back_minor = 0
    while any(left.values()):
        number = data.draw(st.sampled_from([number for number, pieces in left.items() if pieces]))
        pieces = data.draw(st.integers(1, left[number]))
        bring(shop, receipt, number, pieces)
        if data.draw(st.integers(0, 4)) == 4:  # put back; not the simplest draw, or it would never end
            shop.till.void("1", len(shop.basket().lines))
            continue
        left[number] -= pieces
        if data.draw(st.booleans()):
            given_back_minor -= shop.basket().total_minor
            settle(shop)
            assert 0 <= given_back_minor <= receipt.total_minor
    if (basket := shop.basket()) is not None and basket.state == "open":
        given_back_minor -= basket.total_minor
        settle(shop) if basket.standing else shop.till.cancel("1")
    assert given_back_minor == receipt.total_minor
    returns = shop.receipts()[1:]
    for slip in returns:
        assert sum(part.net_minor + part.vat_minor for part in slip.vat) == slip.total_minor
        assert all(part.vat_minor == vat_inside(part.gross_minor, part.rate_bp) for part in slip.vat)
    for part in receipt.vat:
        back = [other for slip in returns for other in slip.vat if other.rate_bp == part.rate_bp]
        assert sum(other.gross_minor for other in back) == -part.gross_minor
        # Each receipt rounds its tax once, by half a cent at most.
        assert 2 * abs(sum(other.vat_minor for other in back) + part.vat_minor) <= len(back) + 1
    assert sum(event.total_minor for event in shop.heard(events.GoodsReturned)) == -receipt.total_minor


@given(LINES)
def test_everything_at_once_undoes_the_vat_table_to_the_cent(new_memory_shop, facts):
    shop = new_memory_shop()
    shop.returns = ReturnsDesk(shop.books, shop.till.steps, shop=SELLER.id, rules=GENEROUS)
    receipt = sell_reduced(shop, facts)
    for number, line in enumerate(receipt.lines, start=1):
        bring(shop, receipt, number, line.quantity, reason=sorted(REASONS)[number])
    settle(shop)
    undone = [(p.rate_bp, -p.gross_minor, -p.net_minor, -p.vat_minor) for p in shop.receipts()[-1].vat]
    assert undone == [(p.rate_bp, p.gross_minor, p.net_minor, p.vat_minor) for p in receipt.vat]
