"""A retailer's own promotions run from the settings, for everybody."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from store_edge.box import Box
from store_edge.demo import price_list
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
