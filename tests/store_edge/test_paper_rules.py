"""Deposit, vouchers and coupons as a shopkeeper writes them: what holds, and which word to mend."""

from __future__ import annotations

import datetime as dt

import pytest

from store_edge.demo import price_list, price_list_in
from store_edge.demo.assortment import AssortmentError
from store_edge.paper_rules import coupons_taken, deposit_kinds, empties_rules
from store_edge.settings import BadSettings, load_settings

GOOD = """
[deposit.crate]
amount_minor = 300

[deposit.bottle-15]
taken = false

[deposit.swing-top]
gtin = "2000000000305"
name = { de = "Bügelflasche", en = "Swing-top bottle" }
amount_minor = 30

[empties]
pieces_max = 50
unattended_minor_max = 0
voucher_prefix = "27"
voucher_amount_digits = 5

[promotions.club-week]
kind = "percent"
terms = { gtin = "9521234103011", percent = 10 }

[coupons.summer]
number = "SUMMER-26"
name = { de = "Sommer", en = "Summer" }
amount_minor = 200
goods_minor_min = 2000
first_day = 2026-06-21
last_day = 2026-09-22

[coupons.brand]
number = "9828508010502"
on = ["9521234103011", "coffee-and-tea"]

[coupons.club]
number = "CLUB"
promotion = "club-week"
times_max = 1
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        file = tmp_path / "store.toml"
        file.write_text(text, encoding="utf-8")
        return load_settings(file, environ={})

    return write


def test_what_a_shop_says_about_deposit(written):
    settings = written(GOOD)
    kinds = deposit_kinds(settings)
    assert [kinds.amount_minor(id) for id in ("crate", "crate-20", "swing-top", "bottle-8")] == [
        300,
        460,
        30,
        8,
    ]
    assert (kinds.taken("bottle-15"), kinds.taken("swing-top")) == (False, True)
    rules = empties_rules(settings, {})
    assert (rules.limits.pieces_max, rules.limits.unattended_minor_max) == (50, 0)
    assert (rules.vouchers.prefix, rules.vouchers.amount_digits, rules.vouchers.secret) == ("27", 5, b"")


def test_what_a_shop_says_about_coupons(written):
    summer, brand, club = coupons_taken(written(GOOD))
    assert (summer.name, summer.number, summer.amount_minor, summer.goods_minor_min) == (
        "summer",
        "SUMMER-26",
        200,
        2000,
    )
    assert [summer.valid_on(dt.date(2026, *day)) for day in ((6, 20), (6, 21), (9, 22), (9, 23))] == [
        False,
        True,
        True,
        False,
    ]
    assert (brand.amount_minor, brand.on) == (50, ("9521234103011", "coffee-and-tea"))
    assert (club.promotion, club.times_max, club.by) == ("club-week", 1, "club-week")


def rules_of(written, text):
    settings = written(text)
    return empties_rules(settings, {}), coupons_taken(settings)


A = "[coupons.a]\nnumber = 'A'\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[deposit.crat]\namount_minor = 9", "there is no usual kind 'crat'; did you mean 'crate'"),
        ("[deposit.new]\ngtin = '123'\nname = { de = 'x' }", "gtin '123': it must be 13 digits"),
        ("[deposit.crate]\nvat = 'reducde'", "did you mean 'reduced'"),
        ("[deposit.crate]\ncontains = { botle-8 = 2 }", "'botle-8' is not known; did you mean 'bottle-8'"),
        ("[deposit.crate]\ncontains = { bottle-8 = 0 }", "in whole numbers"),
        ("[deposit.crate]\ncontains = { crate = 1 }", "contains itself"),
        ("[deposit.crate]\namount = 9", "did you mean 'amount_minor'"),
        ("[deposit.crate]\namount_minor = -9", "deposit.crate.amount_minor is -9"),
        ("[empties]\nvoucher_prefix = '9'", "makes no 13 digits"),
        ("[empties]\nvoucher_prefix = '98'\nvoucher_amount_digits = 10", "makes no 13 digits"),
        ("[empties]\nsecret_file = '/nowhere'", "secret_file cannot be read"),
        ("[coupons.a]\nnumber = 'A'", "it needs one of amount_minor, percent and promotion"),
        (A + "percent = 5\namount_minor = 5", "it needs one of"),
        (A + "percent = 101", "more than 100 percent"),
        ("[coupons.a]\nnumber = ' A'\npercent = 5", "no space around it"),
        ("[coupons.a]\nnumber = '9828508010503'\npercent = 5", "it must be 13 digits, and the last one fit"),
        (A + "promotion = 'x'\n[promotions.xy]\nkind = 'percent'\n"
         "terms = { gtin = '1', percent = 5 }",
         "did you mean 'xy'"),
        ("[coupons.'a b']\nnumber = 'A'\npercent = 5", "a name has letters"),
        (A + "percent = 5\n[coupons.b]\nnumber = 'A'\npercent = 5", "is taken by coupons.a"),
        (A + "percent = 5\nfirst_day = 2026-02-01\nlast_day = 2026-01-01", "ends before"),
        (A + "percent = 5\nfirst_day = 'tomorrow'", "coupons.a.first_day is 'tomorrow'"),
        ("[coupons.a]\npercent = 5", "coupons.a needs number"),
        ("[coupons.a]\nnumbr = 'A'", "did you mean 'number'"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(written, text, sentence):
    with pytest.raises(BadSettings) as said:
        rules_of(written, text)
    assert sentence in str(said.value)


def test_the_chains_secret_comes_from_the_environment_or_a_file(written, tmp_path):
    file = tmp_path / "secret"
    file.write_text("sixteen characters\n", encoding="ascii")
    settings = written(f"[empties]\nsecret_file = '{file}'")
    assert empties_rules(settings, {}).vouchers.secret == b"sixteen characters"
    louder = {"EMMA_VOUCHER_SECRET": "another, sixteen long"}
    assert empties_rules(settings, louder).vouchers.secret == b"another, sixteen long"
    with pytest.raises(BadSettings, match="shorter than 16"):
        empties_rules(settings, {"EMMA_VOUCHER_SECRET": "short"})


def test_the_price_list_names_kinds_of_deposit(written, tmp_path):
    drinks = {article.deposit: article.deposit_minor for article in price_list() if article.deposit}
    assert drinks == {"single-use": 25, "bottle-8": 8, "crate-20": 310}
    dearer = deposit_kinds(written(GOOD))
    assert {a.deposit_minor for a in price_list(dearer) if a.deposit == "crate-20"} == {460}
    shelf = (
        'department = "g"\n[shelf.s]\nvat = "standard"\npicture = "b"\ntint = "#000000"\n'
        'articles = [{ gtin = "4006381333931", de = "Bier", en = "Beer", price = 1, deposit = DEPOSIT }]\n'
    )
    own = tmp_path / "own.toml"
    for said, minor in (("0.08", 8), ('"swing-top"', 30)):
        own.write_text(shelf.replace("DEPOSIT", said), encoding="utf-8")
        assert price_list_in(own, dearer)[0].deposit_minor == minor
    own.write_text(shelf.replace("DEPOSIT", '"swing-tpo"'), encoding="utf-8")
    with pytest.raises(AssortmentError, match=r"own\.toml: Bier: .*did you mean 'swing-top'"):
        price_list_in(own, dearer)
