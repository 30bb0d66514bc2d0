"""The demo store's shelves: complete, correct, and a mistake in them is named."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from pathlib import Path

import pytest
from biip import ParseConfig, ParseError
from biip.gtin import Gtin
from biip.rcn import Rcn, RcnRegion
from epcpy.epc_schemes.sgtin import SGTIN, SGTINFilterValue

from checkout.catalogue import ListPrice
from checkout.tax import vat_bp
from store_edge.demo import AssortmentError, DemoArticle, load_assortment, price_label, tags_of, weight_label
from store_edge.demo.assortment import COMPANY_PREFIX, load_list
from store_edge.demo.labels import MEASURE_MAX

ARTICLES = load_assortment()
GERMANY = ParseConfig(rcn_region=RcnRegion.GERMANY)


def _by_name(name: str) -> DemoArticle:
    return next(article for article in ARTICLES if article.name.de == name)


def test_a_whole_shop() -> None:
    departments = Counter(article.department for article in ARTICLES)
    assert 200 <= len(ARTICLES) <= 240
    assert departments["groceries"] + departments["household"] >= 110
    assert departments["produce"] == 30
    assert departments["fashion"] >= 50
    assert departments["cosmetics"] == 20


def test_every_gtin_is_a_demonstration_number_that_no_other_article_has() -> None:
    gtins = [article.gtin for article in ARTICLES]
    assert len(set(gtins)) == len(gtins)
    for gtin in gtins:
        parsed = Gtin.parse(gtin)  # checks the check digit
        assert parsed.prefix is not None
        assert parsed.prefix.value == "952"
        assert parsed.company_prefix is not None
        assert parsed.company_prefix.value == COMPANY_PREFIX


def test_names_are_given_in_both_languages_and_tell_articles_apart() -> None:
    for language in ("de", "en"):
        names = [article.name.to(language) for article in ARTICLES]
        assert all(names)
        assert [name for name, times in Counter(names).items() if times > 1] == []
    assert _by_name("Bananen").name.to("de-AT") == "Bananen"
    assert _by_name("Bananen").name.to("fr") == "Bananas"


def test_vat_as_german_law_has_it() -> None:
    reduced = {
        "bread",
        "dairy",
        "coffee-and-tea",
        "sweets",
        "pasta-and-rice",
        "jars-and-tins",
        "meat-and-fish",
    }
    reduced |= {"frozen", "fruit", "vegetables"}
    day = dt.date(2026, 11, 21)
    for article in ARTICLES:
        assert (vat_bp(article.vat, day) == 700) == (article.shelf in reduced), article.name.de
    milk, loaf, beans = (_by_name(name) for name in ("Buttermilch", "Bauernbrot", "Espressobohnen"))
    assert [vat_bp(a.vat, day, eat_in=True) for a in (milk, loaf, beans)] == [1900, 700, 700]


def test_age_limits_as_german_law_has_them() -> None:
    ages = {"beer-and-wine": 16, "spirits": 18}  # JuSchG § 9 (1)
    for article in ARTICLES:
        assert article.age_min == ages.get(article.shelf, 0), article.name.de
        assert ("alcohol" in article.groups) == (article.age_min > 0), article.name.de


def test_loose_goods_have_a_plu_and_others_none() -> None:
    plus = [article.plu for article in ARTICLES if article.unit == "kg"]
    assert len(plus) == len(set(plus)) == 30
    assert {article.unit for article in ARTICLES if article.plu is not None} == {"kg"}


def test_garments_have_style_size_colour_and_tags() -> None:
    garments = [article for article in ARTICLES if article.department == "fashion"]
    assert len({article.style for article in garments}) == 12
    assert len({(article.style, article.size, article.colour) for article in garments}) == len(garments)
    assert all(article.tagged and article.style and article.size and article.colour for article in garments)


@pytest.mark.parametrize(
    ("name", "per_kg_or_l"),
    [
        ("Espressobohnen", 1698),
        ("Bananen", 189),
        ("Laugenbrezel", None),
        ("Thunfisch im eigenen Saft", 968),
        ("Zitronenlimonade", 330),
        ("Lippenstift Mohn", None),
        ("Frische Vollmilch 3,8 %", 139),
    ],
)
def test_base_price(name: str, per_kg_or_l: int | None) -> None:
    assert _by_name(name).base_price_minor == per_kg_or_l


def test_deposit_is_not_part_of_the_price() -> None:
    water = _by_name("Mineralwasser Classic")
    assert (water.price_minor, water.deposit, water.deposit_minor) == (79, "single-use", 0)


def test_tags_are_those_that_epcpy_writes() -> None:
    epcs = []
    for article in ARTICLES:
        tags = tags_of(article)
        assert len(tags) == article.tags
        for serial, epc in enumerate(tags, start=1):
            sgtin = SGTIN.from_gtin_plus_serial(article.gtin, str(serial), len(COMPANY_PREFIX))
            bits = sgtin.binary(SGTIN.BinaryCodingScheme.SGTIN_96, SGTINFilterValue.POS_ITEM)
            assert epc == int(bits, 2).to_bytes(12)
        epcs += tags
    assert len(set(epcs)) == len(epcs) > 100


def test_a_tag_leads_back_to_its_article() -> None:
    article = next(article for article in ARTICLES if article.tags > 1)
    sgtin = SGTIN.from_hex(tags_of(article)[1].hex())
    assert sgtin.gtin() == f"0{article.gtin}"
    assert sgtin.epc_uri.endswith(".2")


def test_labels_are_read_by_the_rules_for_germany() -> None:
    chance = random.Random(41)
    for article in (article for article in ARTICLES if article.unit == "kg"):
        for measure in (1, MEASURE_MAX, chance.randint(2, MEASURE_MAX - 1)):
            weighed = Gtin.parse(weight_label(article, measure), config=GERMANY)
            priced = Gtin.parse(price_label(article, measure), config=GERMANY)
            assert isinstance(weighed, Rcn)
            assert isinstance(priced, Rcn)
            assert weighed.item_reference == priced.item_reference == article.plu
            assert weighed.weight is not None
            assert priced.price is not None
            assert (weighed.weight * 1000, priced.price * 100) == (measure, measure)


def test_the_label_drawn_in_the_docstring() -> None:
    assert weight_label(_by_name("Äpfel, rot und süß"), 1250) == "2841017012505"


def test_one_size_is_said_in_the_language_of_the_name() -> None:
    hat = _by_name("Strickmütze, Tomatenrot, Einheitsgröße")
    assert (hat.name.en, hat.size) == ("Knitted hat, tomato red, One size", "One size")


def test_a_label_with_one_wrong_digit_is_noticed() -> None:
    label = weight_label(_by_name("Bananen"), 842)
    for position in range(2, 13):
        for other in set("0123456789") - {label[position]}:
            with pytest.raises(ParseError):
                Gtin.parse(label[:position] + other + label[position + 1 :], config=GERMANY)


@pytest.mark.parametrize("measure", [0, -5, MEASURE_MAX + 1])
def test_a_measure_that_does_not_fit_on_a_label(measure: int) -> None:
    with pytest.raises(ValueError, match="label holds"):
        weight_label(_by_name("Bananen"), measure)


def test_no_label_for_articles_by_the_piece() -> None:
    with pytest.raises(ValueError, match="not sold by weight"):
        price_label(_by_name("Laugenbrezel"), 89)


OWN = '{ gtin = "4006381333931", de = "Bleistift", en = "Pencil", price = 0.89 }'
ROLL = '{ number = 10001, de = "Brötchen", en = "Roll", price = 0.39 }'


def _shelf(*articles: str, vat: str = "reduced", more: str = "") -> str:
    lines = ",\n".join(articles)
    return (
        f'department = "groceries"\n[shelf.bread]\nvat = "{vat}"\npicture = "roll"\ntint = "#D09A52"\n'
        f"{more}\narticles = [\n{lines}\n]\n"
    )


def test_a_shopkeepers_own_list(tmp_path: Path) -> None:
    (tmp_path / "bakery.toml").write_text(_shelf(ROLL), encoding="utf-8")
    (article,) = load_assortment(tmp_path)
    assert (article.gtin, article.price_minor, article.vat) == ("9521234100010", 39, "reduced")


def test_prices_with_dates_and_what_may_be_sold_to_whom(tmp_path: Path) -> None:
    prices = (
        "[{ since = 2026-11-23, until = 2026-11-28, price = 0.29 },"
        ' { since = 2026-11-20T18:00:00, price = 0.25, group = "staff" }]'
    )
    line = ROLL.replace("}", f", prices = {prices}, quantity_max = 20 }}")
    (tmp_path / "bakery.toml").write_text(
        _shelf(line, more='groups = ["fresh"]\nage_min = 16'), encoding="utf-8"
    )
    (article,) = load_assortment(tmp_path)
    day = dt.datetime.fromisoformat
    assert article.prices == (
        ListPrice(day("2026-11-23"), 29, day("2026-11-29")),
        ListPrice(day("2026-11-20T18:00"), 25, None, "staff"),
    )
    assert (article.groups, article.age_min, article.quantity_max) == (("fresh",), 16, 20)


def _with_price(price: str) -> str:
    return _shelf(ROLL.replace("}", f", prices = [{{ {price} }}] }}"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (_shelf(ROLL, vat="reducd"), ["Brötchen", "VAT word 'reducd'", "did you mean 'reduced'"]),
        (_shelf(ROLL.replace("price", "prise")), ["Brötchen", "key 'prise'", "did you mean 'price'"]),
        (_shelf(ROLL, more="pictur = 1"), ["bread", "key 'pictur'", "did you mean 'picture'"]),
        (_shelf(ROLL, ROLL.replace("Brötchen", "Semmel")), ["Semmel", "number 10001", "taken by 'Brötchen'"]),
        (_shelf(ROLL.replace("0.39", "0.395")), ["Brötchen", "price 0.395"]),
        (_shelf(ROLL.replace("0.39", "0")), ["Brötchen", "price 0"]),
        (_shelf(ROLL.replace("0.39", "nan")), ["Brötchen", "price"]),
        (_shelf(ROLL.replace("0.39", '"cheap"')), ["Brötchen", "price 'cheap'"]),
        (_shelf(ROLL.replace("10001", "123456")), ["Brötchen", "number 123456"]),
        (_shelf(ROLL.replace("10001", "true")), ["Brötchen", "number True"]),
        (_shelf(ROLL.replace('de = "Brötchen", ', "")), ["bread", "'de' is missing"]),
        (_shelf(ROLL, more='unit = "kilo"'), ["Brötchen", "unit 'kilo'", "did you mean 'kg'"]),
        (_shelf(ROLL, more='unit = "kg"'), ["Brötchen", "'plu' is missing"]),
        (_shelf(ROLL.replace("}", ", plu = 4101 }")), ["Brötchen", "PLU is for articles sold by weight"]),
        (_shelf(ROLL, more='pack = "a lot"'), ["Brötchen", "pack 'a lot'"]),
        (_shelf(ROLL, more='pack = "0 g"'), ["Brötchen", "empty"]),
        (_shelf(ROLL, more="tags = 101"), ["Brötchen", "tags 101"]),
        (_shelf(ROLL, more='base_price = "no"'), ["Brötchen", "base_price 'no'"]),
        (_shelf(ROLL.replace("}", ', tint = "red" }')), ["Brötchen", "tint 'red'"]),
        (_shelf(ROLL.replace("}", ', picture = "../x" }')), ["Brötchen", "picture '../x'"]),
        (_shelf(ROLL.replace("number = 10001, ", "")), ["Brötchen", "'number' is missing"]),
        (_shelf(ROLL.replace("}", ', gtin = "4006381333931" }')), ["Brötchen", "one of them is enough"]),
        (_shelf(OWN.replace("3931", "3930")), ["Bleistift", "gtin '4006381333930'", "last digit"]),
        (
            _shelf(OWN.replace('"4006381333931"', "4006381333931")),
            ["Bleistift", "gtin 4006381333931", "digits in quotes"],
        ),
        (_shelf(OWN, OWN.replace("Bleistift", "Stift")), ["Stift", "GTIN 4006381333931", "by 'Bleistift'"]),
        (_with_price("since = 2026-11-23, prise = 1"), ["Brötchen", "key 'prise'", "'price'"]),
        (_with_price("since = 2026-11-23"), ["Brötchen", "price None"]),
        (_with_price('since = "Monday", price = 0.29'), ["Brötchen", "'Monday' is no day"]),
        (_with_price("price = 0.29"), ["Brötchen", "None is no day"]),
        (_with_price("since = 2026-11-23T00:00:00Z, price = 0.29"), ["Brötchen", "is no day"]),
        (
            _with_price("since = 2026-11-23, until = 2026-11-22, price = 0.29"),
            ["Brötchen", "ends before it begins"],
        ),
        (_shelf(ROLL, more="age_min = 100"), ["Brötchen", "age_min 100"]),
        (_shelf(ROLL, more='groups = ["All Kohol"]'), ["Brötchen", "group 'All Kohol'"]),
        (_shelf(), ["bread", "'articles' must list at least one"]),
        (_shelf("7"), ["bread", "a table was expected"]),
        ("department = ", ["not readable as TOML"]),
        ("[shelf]", ["'department' must be some words"]),
        ('departmnt = "x"', ["key 'departmnt'", "did you mean 'department'"]),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, says: list[str]) -> None:
    (tmp_path / "bakery.toml").write_text(text, encoding="utf-8")
    with pytest.raises(AssortmentError) as caught:
        load_assortment(tmp_path)
    for words in ("bakery.toml", *says):
        assert words in str(caught.value)


def test_a_plu_given_twice_is_named(tmp_path: Path) -> None:
    apple = '{ number = 20001, plu = 4101, de = "Apfel", en = "Apple", price = 2.99 }'
    pear = '{ number = 20002, plu = 4101, de = "Birne", en = "Pear", price = 2.99 }'
    (tmp_path / "fruit.toml").write_text(_shelf(apple, pear, more='unit = "kg"'), encoding="utf-8")
    with pytest.raises(AssortmentError, match=r"fruit\.toml: Birne: PLU 4101 is already taken by 'Apfel'"):
        load_assortment(tmp_path)


def test_garments_whose_numbers_run_into_each_other(tmp_path: Path) -> None:
    style = (
        'department = "fashion"\n[style.tee]\nde = "Hemd"\nen = "Tee"\nprice = 9.90\nvat = "standard"\n'
        'picture = "t-shirt"\nsizes = ["S", "M"]\ncolours = [\n'
        '  { number = 30000, de = "rot", en = "red", tint = "#A8281F" },\n'
        '  { number = 30001, de = "blau", en = "blue", tint = "#26384F" },\n]\n'
    )
    (tmp_path / "fashion.toml").write_text(style, encoding="utf-8")
    with pytest.raises(AssortmentError, match=r"fashion\.toml: Hemd, blau, S: number 30001 is already taken"):
        load_assortment(tmp_path)


def test_a_retailers_own_list_has_numbers_in_full(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    upc = OWN.replace("4006381333931", "051000000675").replace("Bleistift", "Suppe")
    file.write_text(_shelf(OWN, upc), encoding="utf-8")
    assert [article.gtin for article in load_list(file)] == ["4006381333931", "0051000000675"]
    with pytest.raises(AssortmentError, match=r"gone\.toml: cannot be read"):
        load_list(tmp_path / "gone.toml")


SIX_PACK = "4006381333948"


def test_an_article_may_have_several_codes(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    codes = f'codes = {{ "{SIX_PACK}" = 6 }}, bundles = {{ "051000000675" = 2 }} }}'
    other = ROLL.replace(" }", ', bundles = { "0051000000675" = 1 } }')
    file.write_text(_shelf(OWN.replace("}", f", {codes}", 1), other), encoding="utf-8")
    pencil, roll = load_list(file)
    assert (pencil.own_codes, pencil.bundles) == ({SIX_PACK: 6}, {"0051000000675": 2})
    assert (roll.own_codes, roll.bundles) == ({}, {"0051000000675": 1})


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        (f'{{ "{SIX_PACK}" = 0 }}', "at least 1 piece"),
        (f'{{ "{SIX_PACK}" = 1000 }}', "not a whole number from 0 to 999"),
        ('{ "4006381333949" = 6 }', "the last digit does not fit"),
        ('{ "six" = 6 }', "must be 8, 12, 13 or 14 digits"),
        ('{ "4006381333931" = 6 }', "already taken"),
    ],
)
def test_a_code_that_is_none_is_named(tmp_path: Path, codes: str, says: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(_shelf(OWN, ROLL.replace(" }", f", codes = {codes} }}")), encoding="utf-8")
    with pytest.raises(AssortmentError, match=says):
        load_list(file)


@pytest.mark.parametrize(
    ("pack", "amount", "unit", "base_price_minor"),
    [
        ("30 m", 30_000, "m", 1),
        ("5 m²", 5_000, "m²", 8),
        ("3 x 250 cm", 7_500, "m", 5),
        ("2 x 75 g", 150, "kg", 260),
    ],
)
def test_the_price_of_a_kilogram_litre_or_metre(
    tmp_path: Path, pack: str, amount: int, unit: str, base_price_minor: int
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(_shelf(ROLL.replace(" }", f', pack = "{pack}" }}')), encoding="utf-8")
    (article,) = load_list(file)
    assert (article.unit_amount, article.base_unit) == (amount, unit)
    assert article.base_price_minor == base_price_minor


def test_goods_by_length_need_no_four_digits(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(_shelf(ROLL, more='unit = "m"'), encoding="utf-8")
    (article,) = load_list(file)
    assert (article.unit, article.plu, article.base_price_minor) == ("m", None, 39)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(AssortmentError, match="no articles"):
        load_assortment(tmp_path)
