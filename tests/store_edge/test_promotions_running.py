"""A retailer's own promotions run from the settings, for everybody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from store_edge.box import Box
from store_edge.check import check_store
from store_edge.demo import price_list
from store_edge.promotion_reach import SAID_MAX, words_of_no_article
from store_edge.settings import BadSettings, PromotionSettings, Settings, load_settings
from store_edge.sync.central_client import HeadOffice


def _box(home: Path, **promotions: PromotionSettings) -> Box:
    nowhere = HeadOffice("http://head-office.test", "key", httpx.MockTransport(lambda _: httpx.Response(503)))
    box = Box(Settings(home=home, devices={}, promotions=promotions), head_office=nowhere)
    box.shelves.put(price_list())
    return box


def test_a_promotion_of_the_settings_makes_its_article_cheaper(tmp_path: Path) -> None:
    cheaper, other = price_list()[0], price_list()[1]
    terms = {"gtin": cheaper.gtin, "percent": 50}
    box = _box(tmp_path, bread_week=PromotionSettings("percent", terms))
    box.till.scan("1", cheaper.gtin, how="typed")
    basket = box.till.scan("1", other.gtin, how="typed")

    assert [[r.by for r in line.reductions] for line in basket.lines] == [["bread_week"], []]
    assert basket.total_minor == cheaper.price_minor - (cheaper.price_minor + 1) // 2 + other.price_minor
    box.stop()


@pytest.mark.parametrize(
    ("promotion", "words"),
    [
        (PromotionSettings("percnt", {}), "no promotion of kind 'percnt'; did you mean 'percent'?"),
        (PromotionSettings("percent", {"gtn": "1", "percent": 5}), "did you mean 'gtin'?"),
        (
            PromotionSettings("percent", {"gtin": "1", "percent": 0}),
            "percent is 0; it must be a whole number from 1 to 100",
        ),
    ],
)
def test_wrong_terms_refuse_to_open_and_name_the_promotion(
    tmp_path: Path, promotion: PromotionSettings, words: str
) -> None:
    with pytest.raises(BadSettings, match=r"promotions\.week") as refused:
        _box(tmp_path, week=promotion)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("words", "line", "sentence"),
    [
        (
            'terms = { percent = 10, gtn = "1" }',
            7,
            "promotions.week.gtn: there is no term 'gtn'; did you mean",
        ),
        ("terms = { percent = 0 }", 7, "percent is 0; it must be a whole number from 1 to 100"),
        ("[promotions.week.terms]\npercent = 10\ndays = ['mo']", 9, "no day 'mo'; did you mean 'mon'?"),
        ("terms = { }", 5, "needs percent"),
    ],
)
def test_an_error_in_the_file_is_told_with_its_line(
    tmp_path: Path, words: str, line: int, sentence: str
) -> None:
    file = tmp_path / "store.toml"
    other = '[promotions.other]\nkind = "percent"\nterms = { percent = 5 }\n\n'
    file.write_text(f'{other}[promotions.week]\nkind = "percent"\n{words}\n')
    with pytest.raises(BadSettings) as refused:
        load_settings(file, environ={})
    assert f"{file}, line {line}: promotions.week." in str(refused.value)
    assert sentence in str(refused.value)


def test_the_demo_shop_has_promotions_of_its_own_and_a_retailer_s_has_not() -> None:
    assert "nail-polish" in Settings().running
    assert Settings(demo=False).running == {}
    goods = {article.gtin for article in price_list()}
    for settings in Settings().running.values():
        assert set(settings.terms["gtins"]) <= goods
        assert settings.name["de"] != settings.name["en"]


def test_the_readme_s_promotion_is_read(tmp_path: Path) -> None:
    file = tmp_path / "store.toml"
    file.write_text(
        '[promotions.w]\nkind = "percent"\nname = {de = "Woche"}\nterms = {gtin = "1", percent = 10}\n'
    )
    assert load_settings(file, environ={}).promotions["w"].terms == {"gtin": "1", "percent": 10}


GOODS_NOT_THERE = """
[promotions.other]
kind = "percent"
terms = { percent = 5, gtin = "9521234103011" }

[promotions.week]
kind = "mix-and-match"
terms.price = 3.99
[[promotions.week.terms.parts]]
gtins = [
    "9521234103011",
    "9521234103012",
]
[[promotions.week.terms.parts]]
groups = ["cosmetic"]
without = ["9521234999994", "nonesuch"]
"""


def _opened(file: Path, words: str) -> Box:
    file.write_text(words)
    settings = load_settings(file, environ={}, home=file.parent)
    nowhere = HeadOffice("http://head-office.test", "key", httpx.MockTransport(lambda _: httpx.Response(503)))
    box = Box(replace(settings, devices={}), head_office=nowhere)
    box.shelves.put(price_list())
    return box


def test_goods_that_nobody_sells_are_said_with_their_line_and_the_nearest_word(tmp_path: Path) -> None:
    file = tmp_path / "store.toml"
    box = _opened(file, GOODS_NOT_THERE)
    said = [unknown.sentence for unknown in words_of_no_article(box.settings, box.shelves)]
    assert said == [
        f"{file}, line 12: promotions.week: no article is '9521234103012'; did you mean '9521234103011'?",
        f"{file}, line 15: promotions.week: no article is 'cosmetic'; did you mean 'cosmetics'?",
        f"{file}, line 16: promotions.week: no article is '9521234999994'",
        f"{file}, line 16: promotions.week: no article is 'nonesuch'",
    ]
    found = [finding for finding in check_store(box) if finding.about == "promotions"]
    assert [(finding.well, finding.odd, finding.sentence) for finding in found] == [
        (True, True, sentence) for sentence in said
    ]
    box.stop()


def test_the_opening_shop_s_log_says_it_and_the_shop_opens(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    box = _opened(tmp_path / "store.toml", GOODS_NOT_THERE)
    box.start()
    try:
        assert box.till.scan("1", price_list()[0].gtin, how="typed").lines
    finally:
        box.stop()
    assert "promotions.week: no article is 'cosmetic'; did you mean 'cosmetics'?" in caplog.text


def test_goods_that_come_later_are_not_said_any_more(tmp_path: Path) -> None:
    file = tmp_path / "store.toml"
    words = '[promotions.new]\nkind = "percent"\nterms = { percent = 5, groups = ["novelties"] }\n'
    box = _opened(file, words)
    assert [unknown.where for unknown in words_of_no_article(box.settings, box.shelves)] == [
        f"{file}, line 3"
    ]
    box.shelves.put([replace(price_list()[0], groups=("novelties",))])
    assert words_of_no_article(box.settings, box.shelves) == ()
    box.stop()


def test_at_most_so_many_words_are_said_and_none_of_the_demo_shop_s(tmp_path: Path) -> None:
    many = [f"{number:013}" for number in range(100)]
    box = _box(tmp_path, week=PromotionSettings("percent", {"percent": 5, "gtins": many}))
    said = words_of_no_article(box.settings, box.shelves)
    assert [unknown.word for unknown in said] == many[:SAID_MAX]
    assert {(unknown.promotion, unknown.where, unknown.nearest) for unknown in said} == {("week", "", "")}
    box.stop()


def test_the_settings_file_is_not_a_setting(tmp_path: Path) -> None:
    file = tmp_path / "store.toml"
    file.write_text('file = "elsewhere.toml"\n')
    with pytest.raises(BadSettings, match=r"file is 'elsewhere.toml'; that is not what belongs there"):
        load_settings(file, environ={})
