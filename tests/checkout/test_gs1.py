"""Codes from any reader: what they mean, and how the counter says that they mean nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checkout.gs1 import (
    CODE_CHARS_MAX,
    ArticleCode,
    CouponCode,
    TokenCode,
    WeighedCode,
    gtin_of_epc,
    read_code,
    short_gtin,
)
from tests.conftest import answer_or_reason, refuses, sgtin_96, with_check_digit

EAN_13 = with_check_digit("952000100001")
GTIN_14 = with_check_digit("1952000100001")
FNC1 = "\x1d"


@pytest.mark.parametrize(
    ("text", "symbology", "gtin"),
    [
        (EAN_13, "", EAN_13),
        (EAN_13, "]E0", EAN_13),
        (f"  {EAN_13}\r\n", "", EAN_13),
        ("95200002", "", "0000095200002"),
        ("95200002", "]E4", "0000095200002"),
        ("036000291452", "", "0036000291452"),
        ("036000291452", "]E0", "0036000291452"),
        ("0036000291452", "", "0036000291452"),
        ("00036000291452", "", "0036000291452"),
        (GTIN_14, "", GTIN_14),
        (GTIN_14, "]I1", GTIN_14),
    ],
)
def test_article_numbers_of_every_length_mean_their_article(text, symbology, gtin):
    assert read_code(text, symbology) == ArticleCode(gtin)


@pytest.mark.parametrize("symbology", ["]C1", "]d2", "]e0", "]Q3"])
def test_element_strings_tell_article_batch_serial_and_date(symbology):
    text = f"01{GTIN_14}1726113010LOT7{FNC1}21S-9"
    assert read_code(text, symbology) == ArticleCode(GTIN_14, "LOT7", "S-9", dt.date(2026, 11, 30))


@pytest.mark.parametrize("text", [f"01{EAN_13:0>14}15261130", f"]d201{EAN_13:0>14}15261130"])
def test_a_best_before_date_counts_where_there_is_no_use_by_date(text):
    assert read_code(text) == ArticleCode(EAN_13, expiry=dt.date(2026, 11, 30))


@pytest.mark.parametrize(
    ("text", "symbology", "gtin"),
    [
        ("04252614", "", "0042100005264"),
        ("04252614", "]E0", "0042100005264"),
        ("01234565", "]E4", "0000001234565"),
        ("01234565", "", "0012345000065"),
        ("02345673", "", "0023456000073"),
        ("12345670", "", "0000012345670"),
        ("12345670", "]E4", "0000012345670"),
    ],
)
def test_eight_digits_are_a_upc_e_or_a_gtin_8(text, symbology, gtin):
    assert read_code(text, symbology) == ArticleCode(gtin)


@pytest.mark.parametrize(
    ("elements", "measure"),
    [
        ("3103001234", {"weight_g": 1234}),
        ("3100000002", {"weight_g": 2000}),
        ("3105123456", {"weight_g": 1234}),
        ("3113001250", {"length_mm": 1250}),
        ("3922621", {"price_minor": 621}),
        ("39206", {"price_minor": 600}),
        ("39236219", {"price_minor": 621}),
        ("3932978621", {"price_minor": 621}),
        ("3012", {"count": 12}),
        ("31030003123922621", {"weight_g": 312, "price_minor": 621}),
    ],
)
def test_element_strings_tell_weight_length_price_and_count(elements, measure):
    assert read_code(f"01{GTIN_14}{elements}", "]C1") == ArticleCode(GTIN_14, **measure)


def test_a_price_in_another_money_is_refused():
    refuses("code_unreadable", lambda: read_code(f"01{GTIN_14}3932840621", "]C1"))


def test_the_use_by_date_goes_before_the_best_before_date():
    assert read_code(f"01{EAN_13:0>14}1526110117261130", "]d2").expiry == dt.date(2026, 11, 30)


def test_a_date_without_a_day_means_the_last_of_the_month():
    assert read_code(f"01{EAN_13:0>14}17260200", "]d2").expiry == dt.date(2026, 2, 28)


@pytest.mark.parametrize(
    "address",
    ["https://id.gs1.org/01/{}/10/LOT7?17=261130", "https://emma.example/gtin/01/{}/10/LOT7?17=261130"],
)
def test_a_digital_link_tells_the_same(address):
    code = read_code(address.format(f"{EAN_13:0>14}"))
    assert code == ArticleCode(EAN_13, batch="LOT7", expiry=dt.date(2026, 11, 30))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2808151012341", WeighedCode("0815", weight_g=1234)),
        ("2208156005001", WeighedCode("0815", price_minor=500)),
        ("2507009000126", WeighedCode("0700", count=12)),
        ("2808150000004", WeighedCode("0815")),
    ],
)
def test_labels_from_the_scale_tell_weight_price_or_count(text, meaning):
    assert read_code(text) == meaning
    assert read_code(text, "]E0") == meaning
    assert read_code(f"0{text}") == meaning


def test_numbers_within_the_store_without_a_measure_are_articles():
    own = with_check_digit("201234567890")
    assert read_code(own) == ArticleCode(own)


@pytest.mark.parametrize("text", ["2808152012340", "2208157005000", "2507000000125"])
def test_a_label_whose_inner_check_digit_fails_is_damaged(text):
    refuses("label_damaged", lambda: read_code(text))


@pytest.mark.parametrize("good", ["2808151012341", EAN_13, "036000291452", "95200002", GTIN_14])
def test_a_wrong_last_digit_is_unreadable(good):
    wrong = f"{good[:-1]}{(int(good[-1]) + 1) % 10}"
    refuses("code_unreadable", lambda: read_code(wrong))


@given(st.integers(0, 11), st.integers(1, 9))
def test_one_misread_digit_never_becomes_another_article(place, off):
    digit = (int(EAN_13[place]) + off) % 10
    misread = f"{EAN_13[:place]}{digit}{EAN_13[place + 1 :]}"
    refuses("code_unreadable", lambda: read_code(misread))


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("", ""),
        ("   ", ""),
        ("https://example.org/hello", ""),
        ("00095201234567891235", "]C1"),
        ("10LOT7", "]d2"),
        (f"01{EAN_13:0>14}17269999", "]d2"),
        ("²" * 13, ""),
        ("٣" * 13, ""),
        ("1234567", ""),
        ("WIFI:S:guest;;", "]Q1"),
    ],
)
def test_what_is_no_article_is_unreadable(text, symbology):
    refuses("code_unreadable", lambda: read_code(text, symbology))


def test_a_code_has_a_longest_length():
    link = f"https://id.gs1.org/01/{EAN_13:0>14}?x="
    longest = link + "a" * (CODE_CHARS_MAX - len(link))
    assert read_code(longest) == ArticleCode(EAN_13)
    refuses("code_unreadable", lambda: read_code(longest + "a"))


def test_a_shoppers_token_is_handed_on_unread():
    assert read_code("EMMA1.abc.def") == TokenCode("EMMA1.abc.def")
    assert read_code(" EMMA1.abc.def\n", "]Q1") == TokenCode("EMMA1.abc.def")


ELEMENTS = st.lists(
    st.one_of(
        st.sampled_from(["01", "10", "17", "15", "21", "3103", "3922", "8005", "00", "]d2", FNC1, EAN_13]),
        st.text("0123456789", max_size=20),
        st.text(max_size=5),
    ),
    max_size=8,
).map("".join)
SYMBOLOGIES = st.sampled_from(
    ["", "]E0", "]E4", "]C1", "]d2", "]Q3", "]e0", "]I1", "]C0", "]", "]X9", "nonsense"]
)


@given(st.one_of(st.text(), ELEMENTS, ELEMENTS.map("https://id.gs1.org/{}".format)), SYMBOLOGIES)
@example("01\x1d", "]d2")
@example("https://[", "")
@example("]", "")
@example("https://id.gs1.org/01/", "")
def test_any_text_is_a_code_or_refused(text, symbology):
    code, reason = answer_or_reason(lambda: read_code(text, symbology))
    if code is None:
        assert reason in {"code_unreadable", "label_damaged", "coupon_unknown"}
    else:
        assert isinstance(code, ArticleCode | WeighedCode | TokenCode | CouponCode)


@given(st.text("0123456789", min_size=13, max_size=14).map(lambda digits: with_check_digit(digits[:-1])))
def test_any_sound_article_number_is_an_article_or_a_label(digits):
    code, reason = answer_or_reason(lambda: read_code(digits))
    if code is None:
        assert reason == "label_damaged"
        assert short_gtin(digits)[:2] in {"22", "23", "25", "26", "28", "29"}
    elif isinstance(code, CouponCode):
        assert code.number == short_gtin(digits)
        assert code.number.startswith(("98", "99", "05"))
    elif not isinstance(code, WeighedCode):
        assert code == ArticleCode(short_gtin(digits))


# Tags


@pytest.mark.parametrize(
    ("digits", "short"),
    [("95200002", "0000095200002"), (EAN_13, EAN_13), (f"0{EAN_13}", EAN_13), (GTIN_14, GTIN_14)],
)
def test_one_article_has_one_number_whatever_its_length(digits, short):
    assert short_gtin(digits) == short


@pytest.mark.parametrize(
    ("memory", "gtin"),
    [
        ("3074257BF7194E4000001A85", "80614141123458"),
        ("3666C4409047E159B2C2BF100000000000000000000000000000", "9506000134352"),
        ("F73795211411234538566CB0AFC4", "79521141123453"),
        ("FB342CDE795211411234538566CB0AFC4", "79521141123453"),
    ],
)
def test_a_tag_names_its_article(memory, gtin):
    assert gtin_of_epc(bytes.fromhex(memory + "0" * (len(memory) % 2))) == gtin


@pytest.mark.parametrize("memory", ["311BA1B300CE0A6A83000000", "3500E86F8000A9E000000586", "00" * 12])
def test_what_names_no_article_is_unknown(memory):
    refuses("tag_unknown", lambda: gtin_of_epc(bytes.fromhex(memory)))


@given(st.integers(0, 2**38 - 1))
def test_the_serial_number_does_not_change_the_article(serial):
    assert gtin_of_epc(sgtin_96(EAN_13, serial)) == EAN_13


@given(st.binary(max_size=40))
def test_any_tag_is_an_article_or_unknown(epc):
    gtin, reason = answer_or_reason(lambda: gtin_of_epc(epc))
    if gtin is None:
        assert reason == "tag_unknown"
    else:
        assert gtin.isdigit()
        assert len(gtin) in (13, 14)


# Coupons


@pytest.mark.parametrize(
    ("text", "symbology", "coupon"),
    [
        ("9828508010106", "", CouponCode("9828508010106")),
        ("9900000000004", "]E0", CouponCode("9900000000004")),
        ("2559521001000013", "]C1", CouponCode("9521001000013")),
        ("2559521001000013123", "]C1", CouponCode("9521001000013", "123")),
        ("https://id.gs1.org/255/9521001000013123", "", CouponCode("9521001000013", "123")),
    ],
)
def test_coupons_have_numbers_of_their_own_and_some_a_serial(text, symbology, coupon):
    assert read_code(text, symbology) == coupon


@pytest.mark.parametrize("text", ["811014141004321234", "8112099990123456"])
def test_north_american_coupons_are_refused_as_coupons(text):
    refuses("coupon_unknown", lambda: read_code(text, "]C1"))
