"""Empties and the vouchers for them: what the shop pays out, once, and gives back exactly when regretted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import events
from checkout.basket import EMPTIES
from checkout.deposit import GERMANY, DepositKind, DepositKinds, EmptiesLimits, EmptiesRules
from checkout.staff import Clerk
from checkout.vouchers import VoucherForms
from tests.conftest import Shop, answer_or_reason, refuses, with_check_digit

CLERK = Clerk("k1", frozenset({"serve"}))
SECRET = b"a secret of the whole chain"
FORMS = VoucherForms(secret=SECRET)
SLIP = with_check_digit("980000070125")


def scan(shop, text, lane="1"):
    return shop.till.scan(lane, text, how="serial")


# What the kinds are worth


def test_the_usual_kinds():
    kinds = DepositKinds()
    worth = {kind.id: kinds.amount_minor(kind.id) for kind in kinds}
    assert worth == {
        "single-use": 25,
        "bottle-8": 8,
        "bottle-15": 15,
        "crate": 150,
        "crate-20": 310,
        "crate-12": 330,
    }
    assert all(with_check_digit(kind.gtin[:-1]) == kind.gtin for kind in kinds)
    assert all(kind.name.keys() == {"de", "en"} for kind in kinds)


def test_a_crate_costs_what_its_parts_cost_now():
    dearer = [DepositKind("crate", "2000000001500", {"de": "Kasten"}, 300), *GERMANY[:3], *GERMANY[4:]]
    assert DepositKinds(dearer).amount_minor("crate-20") == 460


def test_a_kind_that_contains_itself_or_nothing_known_is_no_kind():
    ring = [DepositKind("a", "1", {}, 1, {"b": 1}), DepositKind("b", "2", {}, 1, {"a": 1})]
    with pytest.raises(ValueError, match="contains itself"):
        DepositKinds(ring)
    with pytest.raises(ValueError, match="'crat' is not known; did you mean 'crate'"):
        DepositKinds([*GERMANY, DepositKind("pallet", "3", {}, 0, {"crat": 40})])


# Handing back


def test_an_article_and_a_kind_come_back_for_what_they_are_worth(shop: Shop):
    take = shop.till.empties.take_empties
    assert take("1", shop.cola.gtin, 2).total_minor == -50
    basket = take("1", "crate-20", clerk=CLERK)
    assert basket.total_minor == -360
    assert [(line.kind, line.quantity, line.vat_bp) for line in basket.lines] == [
        (EMPTIES, 2, 1900),
        (EMPTIES, 1, 1900),
    ]
    assert [e.total_minor for e in shop.heard(events.LineAdded)] == [-50, -310]


def test_what_carries_no_deposit_or_is_not_taken_is_left_with_the_shopper(new_memory_shop):
    kinds = DepositKinds([*GERMANY[:1], DepositKind("crate", "2000000001500", {"de": "K"}, 150, taken=False)])
    shop = new_memory_shop(empties=EmptiesRules(kinds))
    take = shop.till.empties.take_empties
    take("1", "single-use")
    before = shop.basket()
    refuses("empties_not_taken", lambda: take("1", shop.milk.gtin))
    refuses("empties_not_taken", lambda: take("1", "crate"))
    refuses("code_unknown", lambda: take("1", "4006381333931"))
    refuses("code_unknown", lambda: take("1", "bathtub"))
    assert shop.basket() == before


@pytest.mark.parametrize("quantity", [0, -1, -999, 1000, 10**9])
def test_no_absurd_number_of_empties(shop: Shop, quantity):
    refuses("quantity_not_possible", lambda: shop.till.empties.take_empties("1", "bottle-8", quantity))
    assert shop.basket() is None


def test_alone_a_shopper_hands_back_less_than_with_a_clerk(new_memory_shop):
    shop = new_memory_shop(empties=EmptiesRules(limits=EmptiesLimits(100, 20_00, 1_00)))
    take = shop.till.empties.take_empties
    take("1", "single-use", 4)
    refuses("empties_limit", lambda: take("1", "bottle-8"), amount_minor=1_00)
    refuses("empties_limit", lambda: shop.till.change_quantity("1", 1, 5), amount_minor=1_00)
    assert take("1", "crate", 10, clerk=CLERK).total_minor == -16_00
    refuses("empties_limit", lambda: take("1", "crate", 4, clerk=CLERK), amount_minor=20_00)
    refuses("empties_limit", lambda: take("1", "bottle-8", 87, clerk=CLERK), pieces=100)
    assert shop.till.change_quantity("1", 1, 3).total_minor == -15_75  # fewer is always possible
    assert scan(shop, with_check_digit("980000080999")).total_minor == -25_74  # a machine has seen these
    assert shop.basket().pieces == 14


def test_a_clerk_needs_the_right_to_serve(shop: Shop):
    nobody = Clerk("k2", frozenset({"cash"}))
    refuses("not_allowed", lambda: shop.till.empties.take_empties("1", "crate", clerk=nobody))


def test_while_empties_are_handed_back_a_scan_is_one(shop: Shop):
    scan(shop, shop.cola.gtin)
    refuses("empties_first", lambda: scan(shop, GERMANY[0].gtin))
    shop.till.empties.begin("1")
    shop.till.empties.begin("1")
    scan(shop, shop.cola.gtin)
    assert scan(shop, GERMANY[0].gtin).total_minor == 134 - 25 - 25
    refuses("empties_not_taken", lambda: scan(shop, shop.milk.gtin))
    shop.till.empties.end("1")
    assert scan(shop, shop.cola.gtin).total_minor == 2 * 134 - 50
    assert shop.heard(events.ScanRefused)[-1].reason == "empties_not_taken"


def test_empties_begin_before_anything_is_bought_but_do_not_end_without_a_basket(shop: Shop):
    refuses("basket_empty", lambda: shop.till.empties.end("1"))
    assert shop.till.empties.begin("1", "en").language == "en"


def test_a_request_that_comes_twice_takes_back_once(shop: Shop):
    for _ in range(2):
        shop.till.empties.take_empties("1", "crate", request_key="tap-1")
    assert shop.basket().total_minor == -150


def test_a_basket_that_pays_out_stands_and_counts_on(shop: Shop):
    assert shop.till.empties.take_empties("1", "crate", 2).total_minor == -300
    assert shop.scan(shop.milk).total_minor == 119 - 300
    assert shop.till.void("1", 1).total_minor == 119


# Vouchers


def test_both_forms_say_their_worth():
    assert FORMS.read(SLIP).amount_minor == 125
    assert not FORMS.read(SLIP).sealed
    sealed = FORMS.read(FORMS.sealed("Zk3_91xQ", 310))
    assert (sealed.id, sealed.amount_minor, sealed.sealed) == ("Zk3_91xQ", 310, True)
    assert (
        VoucherForms(prefix="27", amount_digits=5).read(with_check_digit("270000101250")).amount_minor == 1250
    )


@pytest.mark.parametrize("text", [Shop.milk.gtin, "EMMA1.anna", "980", "", SLIP[:-1] + "0", "x" * 500])
def test_what_is_no_voucher(text):
    assert FORMS.read(text) is None


def test_without_a_prefix_no_slip_and_without_a_secret_no_seal_is_taken():
    assert VoucherForms(prefix="").read(SLIP) is None
    refuses("voucher_not_valid", lambda: VoucherForms().read(FORMS.sealed("Zk3_91xQ", 310)))


@pytest.mark.parametrize("amount_minor", [5001, 999_999])
def test_no_machine_gives_so_much(amount_minor):
    refuses("voucher_not_valid", lambda: FORMS.read(FORMS.sealed("Zk3_91xQ", amount_minor)))


@given(st.integers(0, 100), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_seal_with_any_character_changed_is_forged(place, other):
    text = FORMS.sealed("Zk3_91xQ", 310)
    place %= len(text)
    forged = text[:place] + other + text[place + 1 :]
    if forged == text or place < len("EMMAP1."):
        return
    refuses("voucher_not_valid", lambda: FORMS.read(forged))


@pytest.mark.parametrize("text", [SLIP, FORMS.sealed("Zk3_91xQ", 125)], ids=["slip", "sealed"])
def test_a_voucher_counts_once_and_the_sale_says_so(new_memory_shop, text):
    shop = new_memory_shop(empties=EmptiesRules(vouchers=FORMS))
    shop.scan(shop.wine)
    scan(shop, text)
    refuses("voucher_used", lambda: scan(shop, text))
    refuses("voucher_used", lambda: scan(shop, text, "2"))
    assert shop.heard(events.VoucherRedeemed) == []
    shop.pay()
    (redeemed,) = shop.heard(events.VoucherRedeemed)
    assert (redeemed.amount_minor, redeemed.sealed) == (125, text != SLIP)
    refuses("voucher_used", lambda: scan(shop, text))


def test_put_back_or_given_up_it_is_worth_its_amount_again(shop: Shop):
    scan(shop, SLIP)
    shop.till.void("1", 1)
    scan(shop, SLIP, "2")
    shop.till.cancel("2")
    assert scan(shop, SLIP).total_minor == -125
    assert shop.heard(events.VoucherRedeemed) == []


def test_a_vouchers_line_has_no_quantity(shop: Shop):
    scan(shop, SLIP)
    refuses("quantity_not_possible", lambda: shop.till.change_quantity("1", 1, 2))


def test_a_full_basket_takes_no_voucher_and_the_voucher_stays_good(new_memory_shop, monkeypatch):
    shop = new_memory_shop()
    monkeypatch.setattr("checkout.basket.LINES_MAX", 1)
    shop.scan(shop.milk)
    refuses("basket_full", lambda: scan(shop, SLIP))
    shop.till.cancel("1")
    assert scan(shop, SLIP).total_minor == -125


# Laws

ACTS = st.sampled_from(["milk", "cola", "bottle-8", "crate-20", "slip-1", "slip-2", "begin", "end"])


def act(shop, word):
    """Do it; what is refused changes nothing."""
    before = shop.basket()
    _, reason = answer_or_reason(lambda: do(shop, word))
    assert not reason or shop.basket() == before


def do(shop, word):
    if word in ("begin", "end"):
        getattr(shop.till.empties, word)("1")
    elif word.startswith("slip"):
        scan(shop, with_check_digit(f"9800000{word[-1]}0125"))
    elif word in ("milk", "cola"):
        shop.scan(getattr(shop, word))
    else:
        shop.till.empties.take_empties("1", word, clerk=CLERK)


@given(st.lists(ACTS, max_size=10), st.lists(ACTS, min_size=1, max_size=10))
def test_voiding_what_came_restores_lines_total_and_vouchers(new_memory_shop, kept, regretted):
    shop = new_memory_shop()
    shop.till.open("1", "de")
    for word in kept:
        act(shop, word)
    before, papers = shop.basket(), list(shop.books.sheet.papers)
    for word in regretted:
        act(shop, word)
    for line in shop.basket().lines[len(before.lines) :]:
        shop.till.void("1", line.number)
    after = shop.basket()
    assert (after.standing, after.total_minor) == (before.standing, before.total_minor)
    assert shop.books.sheet.papers == papers


@given(st.lists(ACTS, min_size=1, max_size=12))
def test_the_total_is_goods_and_deposit_less_what_comes_back(new_memory_shop, words):
    shop = new_memory_shop()
    shop.till.open("1", "de")
    for word in words:
        act(shop, word)
    basket = shop.basket()
    goods = sum(line.gross_minor + line.deposit_total_minor for line in basket.lines if line.kind != EMPTIES)
    back = sum(-line.gross_minor for line in basket.lines if line.kind == EMPTIES)
    assert back >= 0
    assert basket.total_minor == goods - back
