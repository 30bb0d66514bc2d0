"""What goes with what: the laws that hold for every shelf, and the stylist's word on the demo shop's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkout.catalogue import Article
from checkout.garment import KINDS, GarmentFacts
from mirror.colour import QUARREL, harmony, lab_of
from mirror.rules import BadRules, StylistRules, load_rules, rules_of
from mirror.styling import BOUGHT, COLOUR, STYLIST, Stylist
from store_edge.demo import price_list

SHELF = tuple(article for article in price_list() if article.garment)
RULES = load_rules(Path(__file__).parents[2] / "store_edge" / "demo" / "styling.toml")
TINTS = ("#14523D", "#A8281F", "#E3B02B", "#2F4A6B", "#F3EEDF", "#1B2A23", "#B01E8C", "#2E8B2E")
STYLES = tuple(f"style-{number}" for number in range(8))


def garment(style: str, kind: str, tint: str, size: str, number: int, price_minor: int = 1990) -> Article:
    return Article(
        f"{number:013}", {"en": style}, price_minor, "piece", "standard",
        tint=tint, style=style, size=size, garment=GarmentFacts(kind, {"en": "cotton"}),
    )  # fmt: skip


@st.composite
def shelves(draw: st.DrawFn) -> list[Article]:
    """Styles of one kind each, in some colours and sizes."""
    articles: list[Article] = []
    for style in draw(st.lists(st.sampled_from(STYLES), min_size=1, max_size=6, unique=True)):
        kind = draw(st.sampled_from(KINDS))
        for tint in draw(st.lists(st.sampled_from(TINTS), min_size=1, max_size=2, unique=True)):
            for size in draw(st.lists(st.sampled_from(["S", "M", "L"]), min_size=1, max_size=3, unique=True)):
                price_minor = draw(st.integers(100, 20_000))
                articles.append(garment(style, kind, tint, size, len(articles), price_minor))
    return articles


@st.composite
def rule_books(draw: st.DrawFn) -> StylistRules:
    words = st.lists(st.sampled_from([*STYLES, *KINDS]), min_size=1, max_size=3)
    rules = [
        {"these": draw(words), "those": draw(words), "weight": draw(st.integers(1, 3))}
        for _ in range(draw(st.integers(0, 4)))
    ]
    apart = [{"these": draw(words), "those": draw(words)} for _ in range(draw(st.integers(0, 2)))]
    kinds = st.lists(st.sampled_from(KINDS), min_size=2, max_size=4, unique=True)
    looks = [{"name": {"en": f"look {number}"}, "kinds": draw(kinds)} for number in range(3)]
    return rules_of({"with": rules, "apart": apart, "looks": looks})


@dataclass
class Sales:
    """How often two styles were in one basket."""

    pairs: Mapping[frozenset[str], int] = field(default_factory=dict)

    def times(self, style: str, other: str) -> int:
        return self.pairs.get(frozenset((style, other)), 0)

    def of(self, style: str) -> int:
        return sum(times for pair, times in self.pairs.items() if style in pair)


sales = st.dictionaries(
    st.frozensets(st.sampled_from(STYLES), min_size=2, max_size=2), st.integers(0, 40), max_size=6
).map(Sales)
counts = st.dictionaries(st.integers(0, 30), st.sampled_from([None, 0, 1, 5]))


def stock_of(shelf: list[Article], counted: Mapping[int, int | None]) -> dict[str, int | None]:
    return {article.gtin: counted.get(number, 1) for number, article in enumerate(shelf)}


@settings(max_examples=40, deadline=None)
@given(shelves(), rule_books(), sales, counts, st.data())
def test_only_what_is_there_fits_and_was_not_put_on_already(
    shelf: list[Article],
    rules: StylistRules,
    bought: Sales,
    counted: dict[int, int | None],
    data: st.DataObject,
) -> None:
    own = data.draw(st.sampled_from(shelf))
    stock = stock_of(shelf, counted)
    found = Stylist(rules, pieces=stock.get, bought=bought).goes_with(own, shelf)
    assert len({one.article.style for one in found}) == len(found)
    assert [one.points for one in found] == sorted((one.points for one in found), reverse=True)
    for one in found:
        assert (stock[one.article.gtin] or 0) > 0
        assert one.article.size in one.sizes
        assert one.article.style != own.style
        assert not rules.apart(one.article, own)
        assert harmony(lab_of(one.article.tint), lab_of(own.tint)) != QUARREL
        assert one.reasons


@settings(max_examples=40, deadline=None)
@given(shelves(), rule_books(), counts, st.data())
def test_the_order_of_the_shelf_does_not_matter(
    shelf: list[Article], rules: StylistRules, counted: dict[int, int | None], data: st.DataObject
) -> None:
    own = data.draw(st.sampled_from(shelf))
    mixed = data.draw(st.permutations(shelf))
    stylist = Stylist(rules, pieces=stock_of(shelf, counted).get)
    assert stylist.goes_with(own, mixed) == stylist.goes_with(own, shelf)
    assert stylist.looks([own], mixed) == stylist.looks([own], shelf)


@settings(max_examples=60, deadline=None)
@given(shelves(), rule_books(), counts, st.data())
def test_a_look_is_complete_peaceful_and_costs_the_sum_of_its_parts(
    shelf: list[Article], rules: StylistRules, counted: dict[int, int | None], data: st.DataObject
) -> None:
    own = data.draw(st.lists(st.sampled_from(shelf), min_size=1, max_size=3))
    stock = stock_of(shelf, counted)
    patterns = {frozenset(pattern.kinds) for pattern in rules.looks}
    for look in Stylist(rules, pieces=stock.get).looks(own, shelf):
        parts = [*look.own, *(one.article for one in look.added)]
        kinds = [part.garment.kind for part in parts if part.garment]
        assert len(set(kinds)) == len(kinds)
        assert frozenset(kinds) in patterns
        assert look.own
        assert {part.gtin for part in look.own} <= {part.gtin for part in own}
        assert look.price_minor == sum(part.price_minor for part in parts)
        assert all((stock[one.article.gtin] or 0) > 0 for one in look.added)
        for added in look.added:
            others = [part for part in parts if part is not added.article]
            assert not any(rules.apart(added.article, other) for other in others)
            assert not any(harmony(lab_of(added.article.tint), lab_of(o.tint)) == QUARREL for o in others)


def demo(style: str, size: str = "", colour: str = "") -> Article:
    return next(
        a for a in SHELF
        if a.style == style and size in ("", a.size) and colour in ("", a.colour["en"])
    )  # fmt: skip


def test_the_stylist_goes_before_colour_and_says_why() -> None:
    found = Stylist(RULES, pieces=lambda gtin: 1).goes_with(demo("trousers-jeans"), SHELF)
    first = found[0]
    assert first.article.style in ("shirt-oxford", "tee-organic")
    assert first.reasons[0].kind == STYLIST
    assert first.reasons[0].words is not None
    assert "Jeans" in first.reasons[0].words["de"]
    assert any(reason.kind == COLOUR for one in found for reason in one.reasons)


def test_what_is_sold_out_is_not_named() -> None:
    jeans = demo("trousers-jeans")
    there = {a.gtin: 0 if a.style in ("shirt-oxford", "tee-organic") else 1 for a in SHELF}
    found = Stylist(RULES, pieces=there.get).goes_with(jeans, SHELF)
    assert found
    assert {one.article.style for one in found}.isdisjoint({"shirt-oxford", "tee-organic"})


def test_the_size_is_the_shopper_s_where_it_is_there() -> None:
    tee, jumpers = demo("tee-organic", "L"), [a for a in SHELF if a.style == "jumper-wool"]
    stylist = Stylist(RULES, pieces=lambda gtin: 1)
    assert {one.article.size for one in stylist.goes_with(tee, jumpers)} == {"L"}
    without_l = {a.gtin: int(a.size != "L") for a in jumpers}
    (one,) = Stylist(RULES, pieces=without_l.get).goes_with(tee, jumpers)
    assert one.sizes == ("S", "M")
    assert one.article.size == "S"


def test_a_few_common_purchases_are_chance_and_many_are_a_reason() -> None:
    own, other = garment("a", "top", "#A8281F", "M", 1), garment("b", "bottom", "#8C7A5B", "M", 2)
    for times, reasons in ((2, set()), (30, {BOUGHT})):
        stylist = Stylist(StylistRules(), pieces=lambda gtin: 1, bought=Sales({frozenset(("a", "b")): times}))
        found = {reason.kind for one in stylist.goes_with(own, [other]) for reason in one.reasons}
        assert found - {COLOUR} == reasons


def test_nothing_in_the_demo_shop_is_told_to_go_with_a_quarrel() -> None:
    stylist = Stylist(RULES, pieces=lambda gtin: 1)
    for own, other in combinations(SHELF, 2):
        if harmony(lab_of(own.tint), lab_of(other.tint)) == QUARREL:
            assert not stylist.goes_with(own, [other])


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"witch": []}, "did you mean 'with'"),
        ({"with": [{"these": ["a"]}]}, "those"),
        ({"with": [{"these": ["a"], "those": ["b"], "weight": 9}]}, "weight 9"),
        ({"looks": [{"name": {"en": "x"}, "kinds": ["topp"]}]}, "did you mean 'top'"),
        ({"looks": [{"name": {"en": "x"}, "kinds": ["top", "top"]}]}, "twice"),
        ({"looks": [{"name": "x", "kinds": ["top"]}]}, "words by language"),
        ({"apart": "no"}, "rows"),
    ],
)
def test_a_mistake_in_the_rules_is_named(rules: dict[str, object], says: str) -> None:
    with pytest.raises(BadRules, match=says):
        rules_of(rules)
