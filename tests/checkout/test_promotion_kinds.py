"""What each kind of promotion takes off a deal, and how its terms are read: what is wrong is said by name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from importlib.metadata import EntryPoint
from zoneinfo import ZoneInfo

import pytest

from checkout.promotions import Piece, Promotion, WrongTerms, build, kinds
from checkout.promotions.pieces import Part, Scope, dearest_first
from checkout.promotions.terms import Effect, Terms, When, nearest

BERLIN = ZoneInfo("Europe/Berlin")


def pieces(*prices):
    return [Piece(price, f"g{number}") for number, price in enumerate(prices)]


def off(kind, terms, *prices):
    return build(kind, "p", terms).takes_off(pieces(*prices))


def wrong(read, key, sentence):
    with pytest.raises(WrongTerms) as refused:
        read()
    assert (refused.value.key, str(refused.value)) == (key, sentence)


# What a deal takes off


@pytest.mark.parametrize(
    ("kind", "terms", "prices", "off_minor"),
    [
        ("percent", {"percent": 15}, [199], 30),
        ("percent", {"percent": 100}, [199], 199),
        ("percent", {"percent": 1}, [50, 50], 2),  # rounded piece by piece
        ("amount", {"off": 0.5}, [199], 50),
        ("amount", {"off": 2.0}, [199], 199),
        ("fixed-price", {"price": 1.49}, [199], 50),
        ("fixed-price", {"price": 1.49}, [99], 0),
        ("n-for-m", {"take": 3, "pay": 2}, [300, 200, 100], 100),
        ("n-for-m", {"take": 4, "pay": 1}, [400, 300, 200, 100], 600),
        ("cheapest-free", {"take": 2}, [300, 200], 200),
        ("cheapest-free", {"take": 2, "percent": 50}, [300, 201], 101),
        ("steps", {"steps": {"2": 10, "4": 25}}, [100], 0),
        ("steps", {"steps": {"2": 10, "4": 25}}, [100, 100], 20),
        ("steps", {"steps": {"2": 10, "4": 25}}, [100] * 3, 30),
        ("steps", {"steps": {"2": 10, "4": 25}}, [100] * 4, 100),
        ("mix-and-match", {"price": 3.0, "parts": [{}, {}]}, [250, 150], 100),
        ("mix-and-match", {"price": 5.0, "parts": [{}, {}]}, [250, 150], 0),
        ("bundle", {"off": 1.0, "gtins": ["a", "b"]}, [250, 150], 100),
        ("bundle", {"percent": 10, "gtins": ["a", "b"]}, [250, 150], 40),
        ("threshold", {"spend": 4.0, "off": 1.0}, [250, 150], 100),
        ("threshold", {"spend": 4.01, "off": 1.0}, [250, 150], 0),
        ("threshold", {"spend": 4.0, "percent": 10}, [250, 150], 40),
        ("points", {"times": 2}, [100], 0),
    ],
)
def test_what_one_deal_takes_off(kind, terms, prices, off_minor):
    assert off(kind, terms, *prices) == off_minor


def test_money_off_what_is_weighed_is_per_kilogram():
    bag = [Piece(222, "a", thousandths=742)]
    assert Effect(off_minor=100).takes_off(bag) == 74
    assert Effect(price_minor=199).takes_off(bag) == 222 - 148
    assert Effect(price_minor=199).takes_off(bag * 2) == 444 - 199  # together they have one price
    assert Effect(off_minor=100).takes_off(bag * 2) == 100
    assert Effect(off_minor=500).takes_off(bag) == 222


def parts_of(kind, terms):
    return build(kind, "p", terms).parts


def test_the_parts_say_what_a_deal_takes():
    anything = Scope()
    assert parts_of("percent", {"percent": 1}) == (Part(anything, 1, weighed=True),)
    assert parts_of("amount", {"off": 1}) == (Part(anything, 1, weighed=True),)
    assert parts_of("fixed-price", {"price": 1}) == (Part(anything, 1, weighed=True),)
    assert parts_of("n-for-m", {"take": 3, "pay": 2}) == (Part(anything, 3),)
    assert parts_of("cheapest-free", {"take": 3}) == (Part(anything, 3),)
    assert parts_of("steps", {"steps": {4: 25, 2: 10}}) == (Part(anything, 2, open_ended=True),)
    assert parts_of("threshold", {"spend": 2, "off": 1}) == (
        Part(anything, 1, open_ended=True, weighed=True),
    )
    assert parts_of("points", {"times": 2}) == (Part(anything, 1, weighed=True),)
    two = {"percent": 9, "parts": [{"groups": ["x"], "pieces": 2}, {"gtin": "a"}]}
    assert parts_of("mix-and-match", two) == (
        Part(Scope(groups=frozenset({"x"})), 2),
        Part(Scope(gtins=frozenset({"a"})), 1),
    )
    assert parts_of("bundle", {"percent": 9, "gtins": ["b", "a"]}) == (
        Part(Scope(gtins=frozenset({"a"}))),
        Part(Scope(gtins=frozenset({"b"}))),
    )


def test_promotions_of_a_kind_are_in_one_group_but_a_threshold_stacks():
    assert build("percent", "p", {"percent": 9}).group == ""
    assert build("percent", "p", {"percent": 9, "group": "card"}).group == "card"
    assert build("threshold", "p", {"spend": 2, "off": 1}).group == "basket"
    assert build("threshold", "p", {"spend": 2, "off": 1, "group": ""}).group == ""


def test_a_promotion_is_known_by_its_id():
    promotion = build("points", "five", {"times": 5})
    assert (promotion.id, promotion.points_times, repr(promotion)) == ("five", 5, "PointsMultiplier('five')")
    assert build("percent", "p", {"percent": 9}).points_times == 1


# Which pieces


def test_a_scope_means_articles_and_groups_less_what_is_without():
    wine = Piece(499, "w", ("alcohol", "red"))
    assert Scope().means(wine)
    assert Scope(gtins=frozenset("w")).means(wine)
    assert Scope(groups=frozenset({"red"})).means(wine)
    assert Scope(frozenset("x"), frozenset({"red"})).means(wine)
    assert not Scope(frozenset("x"), frozenset({"white"})).means(wine)
    assert not Scope(without=frozenset({"red"})).means(wine)
    assert not Scope(frozenset("w"), without=frozenset("w")).means(wine)
    assert Scope(frozenset("w"), without=frozenset({"white"})).means(wine)


def test_what_is_weighed_or_labelled_takes_part_only_where_it_may_and_what_costs_nothing_never():
    for piece in (Piece(1, "a", thousandths=1), Piece(1, "a", labelled=True)):
        assert Part(Scope(), weighed=True).means(piece)
        assert not Part(Scope()).means(piece)
    assert Part(Scope()).means(Piece(1, "a"))
    assert not Part(Scope()).means(Piece(0, "a"))
    assert not Part(Scope(frozenset("b"))).means(Piece(1, "a"))


def test_ties_are_settled_by_price_number_and_measure():
    order = [Piece(2, "a"), Piece(1, "a"), Piece(1, "a", ("x",)), Piece(1, "a", thousandths=3), Piece(1, "b")]
    assert dearest_first(reversed(order)) == order


# How terms are read


def test_a_kind_nobody_knows_is_refused_with_the_nearest():
    assert set(kinds()) >= {"percent", "n-for-m", "bundle", "points"}
    wrong(
        lambda: build("precent", "p", {}),
        "kind",
        "there is no promotion of kind 'precent'; did you mean 'percent'?",
    )


class Floaty(Promotion):
    """Somebody's kind, with `takes` for what it takes off."""

    takes = staticmethod(lambda pieces: pieces[0].price_minor / 2)

    def __init__(self, id, terms):
        super().__init__(id, terms)
        self.parts = (Part(terms.scope(), 2),)

    def takes_off(self, pieces):
        return type(self).takes(pieces)


class Below(Floaty):
    takes = staticmethod(lambda pieces: -1)


class Curious(Floaty):
    takes = staticmethod(lambda pieces: 100 * (pieces[0].gtin == pieces[1].gtin))


class Crashing(Floaty):
    takes = staticmethod(lambda pieces: pieces[7])


class Nothing(Floaty):
    def __init__(self, id, terms):
        super().__init__(id, terms)
        self.parts = ()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Floaty, "takes_off gave 649.5; it must be whole minor units, and not below 0"),
        (Below, "takes_off gave -1"),
        (Curious, "looks at which articles the pieces are"),
        (Crashing, "cannot be made: IndexError"),
        (Nothing, "parts is empty"),
    ],
)
def test_a_mistake_in_somebodys_kind_is_said_before_it_runs(monkeypatch, kind, said):
    point = EntryPoint(kind.__name__, f"{__name__}:{kind.__name__}", "emma.promotions")
    monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[self.name])
    monkeypatch.setattr("checkout.promotions.kinds", lambda: {"theirs": point, "broken": "never looked at"})
    with pytest.raises(WrongTerms, match="kind 'theirs' cannot") as refused:
        build("theirs", "p", {})
    assert refused.value.key == "kind"
    assert said in str(refused.value)


def test_a_word_nobody_reads_is_refused_with_the_nearest():
    terms = {"percent": 10, "unitl": dt.date(2026, 1, 1)}
    wrong(lambda: build("percent", "p", terms), "unitl", "there is no term 'unitl'; did you mean 'until'?")
    parts = {"percent": 10, "parts": [{"group": "x"}]}
    wrong(
        lambda: build("mix-and-match", "p", parts),
        "group",
        "there is no term 'group'; did you mean 'groups'?",
    )


def test_the_nearest_word_or_all_there_are():
    assert nearest("mno", ["tue", "mon"]) == "; did you mean 'mon'?"
    assert nearest("sat", ["sun", "sat", "sta"]) == "; did you mean 'sat'?"
    assert nearest("zzz", ["tue", "mon"]) == "; there are: mon, tue"


PERCENT = "percent is {}; it must be a whole number from 1 to 100"


@pytest.mark.parametrize(
    ("kind", "terms", "key", "sentence"),
    [
        ("percent", {}, "percent", "needs percent: a whole number from 1 to 100"),
        ("percent", {"percent": 0}, "percent", PERCENT.format(0)),
        ("percent", {"percent": 101}, "percent", PERCENT.format(101)),
        ("percent", {"percent": True}, "percent", PERCENT.format(True)),
        ("percent", {"percent": 1.5}, "percent", PERCENT.format(1.5)),
        ("percent", {"percent": 9, "group": 1}, "group", "group is 1; it must be a text"),
        ("percent", {"percent": 9, "gtin": 1}, "gtin", "gtin is 1; it must be a text"),
        ("percent", {"percent": 9, "groups": "x"}, "groups", "groups is 'x'; it must be a list of texts"),
        ("percent", {"percent": 9, "gtins": [1]}, "gtins", "gtins is [1]; it must be a list of texts"),
        (
            "percent",
            {"percent": 9, "without": [""]},
            "without",
            "without is ['']; it must be a list of texts",
        ),
        ("percent", {"percent": 9, "coupon": []}, "coupon", "coupon is []; it must be a text"),
        (
            "percent",
            {"percent": 9, "customers": 1},
            "customers",
            "customers is 1; it must be a list of texts",
        ),
        ("percent", {"percent": 9, "days": ["mo"]}, "days", "there is no day 'mo'; did you mean 'mon'?"),
        ("percent", {"percent": 9, "from": "x"}, "from", "from is 'x'; it must be a date like 2026-12-24"),
        ("amount", {}, "off", "needs off: an amount like 2.50"),
        ("amount", {"off": 0.001}, "off", "off is 0.001; it must be an amount like 2.50"),
        ("amount", {"off": -1}, "off", "off is -1; it must be an amount like 2.50"),
        ("amount", {"off": True}, "off", "off is True; it must be an amount like 2.50"),
        ("amount", {"off": "1"}, "off", "off is '1'; it must be an amount like 2.50"),
        ("amount", {"off": float("inf")}, "off", "off is inf; it must be an amount like 2.50"),
        ("n-for-m", {"take": 1, "pay": 1}, "take", "take is 1; it must be a whole number from 2 to 99"),
        ("n-for-m", {"take": 100, "pay": 1}, "take", "take is 100; it must be a whole number from 2 to 99"),
        ("n-for-m", {"take": 3, "pay": 3}, "pay", "pay is 3; it must be a whole number from 1 to 2"),
        ("n-for-m", {"take": 3, "pay": 0}, "pay", "pay is 0; it must be a whole number from 1 to 2"),
        ("cheapest-free", {"take": 1}, "take", "take is 1; it must be a whole number from 2 to 99"),
        ("cheapest-free", {"take": 2, "percent": 0}, "percent", PERCENT.format(0)),
        ("cheapest-free", {"take": 2, "percent": 101}, "percent", PERCENT.format(101)),
        ("steps", {}, "steps", "needs steps: a table like { 3 = 5, 6 = 10 }"),
        ("steps", {"steps": {}}, "steps", "steps is {}; it must be a table like { 3 = 5, 6 = 10 }"),
        ("steps", {"steps": {"x": 1}}, "steps", "steps is 'x'; it must be a number of pieces from 1 to 99"),
        ("steps", {"steps": {0: 1}}, "steps", "steps is 0; it must be a number of pieces from 1 to 99"),
        ("steps", {"steps": {100: 1}}, "steps", "steps is 100; it must be a number of pieces from 1 to 99"),
        ("steps", {"steps": {2: 0}}, "steps", "steps is 0; it must be a percentage from 1 to 100"),
        ("steps", {"steps": {2: 101}}, "steps", "steps is 101; it must be a percentage from 1 to 100"),
        ("steps", {"steps": {2: True}}, "steps", "steps is True; it must be a percentage from 1 to 100"),
        ("steps", {"steps": {2: "9"}}, "steps", "steps is '9'; it must be a percentage from 1 to 100"),
        ("steps", {"steps": {2: 9, 3: 8}}, "steps", "more pieces must not get fewer per cent"),
        ("mix-and-match", {"off": 1}, "parts", "parts is (); it must be a list of tables"),
        ("mix-and-match", {"off": 1, "parts": [1]}, "parts", "parts is [1]; it must be a list of tables"),
        ("mix-and-match", {"off": 1, "parts": 1}, "parts", "parts is 1; it must be a list of tables"),
        ("mix-and-match", {"off": 1, "parts": [{}] * 9}, "parts", "parts are 9; there may be 8"),
        (
            "mix-and-match",
            {"off": 1, "parts": [{"pieces": 100}]},
            "pieces",
            "pieces is 100; it must be a whole number from 1 to 99",
        ),
        (
            "mix-and-match",
            {"off": 1, "parts": [{"pieces": 0}]},
            "pieces",
            "pieces is 0; it must be a whole number from 1 to 99",
        ),
        ("bundle", {"off": 1, "gtins": ["a"]}, "gtins", "a bundle has from 2 to 8 articles"),
        ("bundle", {"off": 1, "gtins": list("abcdefghi")}, "gtins", "a bundle has from 2 to 8 articles"),
        ("bundle", {"gtins": ["a", "b"]}, "price", "needs one of price, off and percent"),
        ("bundle", {"price": 1, "off": 1}, "off", "needs one of price, off and percent"),
        ("bundle", {"price": 1, "off": 1, "percent": 1}, "percent", "needs one of price, off and percent"),
        ("bundle", {"percent": 101}, "percent", PERCENT.format(101)),
        ("bundle", {"percent": 0}, "percent", PERCENT.format(0)),
        ("threshold", {"spend": 9, "price": 1}, "price", "a threshold gives off or percent, not a price"),
        ("threshold", {"spend": 9, "off": 9.01}, "off", "it would give more than must be spent"),
        ("threshold", {"off": 1}, "spend", "needs spend: an amount like 2.50"),
        ("points", {"times": 1}, "times", "times is 1; it must be a whole number from 2 to 100"),
        ("points", {"times": 101}, "times", "times is 101; it must be a whole number from 2 to 100"),
        (
            "percent",
            {"percent": 9, "hours": "17"},
            "hours",
            "hours is '17'; it must be a time from and to, like \"17:00-19:00\"",
        ),
        (
            "percent",
            {"percent": 9, "from": dt.date(2026, 2, 1), "until": dt.date(2026, 1, 31)},
            "until",
            "ends on 2026-01-31, before it begins on 2026-02-01",
        ),
    ],
)
def test_a_wrong_term_is_refused_by_its_name(kind, terms, key, sentence):
    wrong(lambda: build(kind, "p", terms), key, sentence)


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        ("percent", {"percent": 1}),
        ("percent", {"percent": 100, "from": dt.date(2026, 2, 1), "until": dt.date(2026, 2, 1)}),
        ("n-for-m", {"take": 2, "pay": 1}),
        ("n-for-m", {"take": 99, "pay": 98}),
        ("cheapest-free", {"take": 99, "percent": 1}),
        ("steps", {"steps": {1: 1, 99: 100}}),
        ("steps", {"steps": {1: 5, 2: 5}}),
        ("mix-and-match", {"percent": 1, "parts": [{"pieces": 99}] * 8}),
        ("bundle", {"percent": 100, "gtins": list("abcdefgh")}),
        ("threshold", {"spend": 9, "off": 9}),
        ("points", {"times": 100}),
        ("amount", {"off": Decimal("0")}),
    ],
)
def test_the_last_that_is_allowed_is(kind, terms):
    assert build(kind, "p", terms).id == "p"


def test_an_amount_is_read_to_the_cent():
    assert [Terms({"off": off}).minor("off") for off in (2.5, 0.29, 3, Decimal("1.10"))] == [
        250,
        29,
        300,
        110,
    ]


def test_one_article_and_several_are_read_together():
    scope = Terms({"gtin": "a", "gtins": ["b"], "groups": ["g"], "without": ["w"]}).scope()
    assert scope == Scope(frozenset("ab"), frozenset("g"), frozenset("w"))
    assert Terms({"gtins": ("b",)}).scope() == Scope(frozenset("b"))
    assert Terms({}).scope() == Scope()


# When


def when(**terms):
    return Terms(terms, BERLIN).when()


def at(text):
    return dt.datetime.fromisoformat(text)


def test_nothing_written_means_always():
    assert when() == When(BERLIN)
    assert build("percent", "p", {"percent": 9}).when == When(dt.UTC)
    assert build("percent", "p", {"percent": 9}, BERLIN).when.timezone is BERLIN


def test_days_are_whole_days_of_the_shop():
    sale = when(**{"from": dt.date(2026, 11, 21), "until": dt.date(2026, 11, 22)})
    moments = ["2026-11-20T22:59Z", "2026-11-20T23:00Z", "2026-11-22T22:59Z", "2026-11-22T23:00Z"]
    assert [sale.holds(at(moment)) for moment in moments] == [False, True, True, False]


def test_weekdays_and_hours_are_by_the_clock_on_the_wall():
    assert when(days=["sat"]).holds(at("2026-11-21T10:00Z"))
    assert not when(days=["sun", "mon"]).holds(at("2026-11-21T10:00Z"))
    happy = when(hours="17:00 - 19:00")
    assert [happy.holds(at(f"2026-11-21T{t}Z")) for t in ("15:59", "16:00", "17:59", "18:00")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert when(hours="09:00-09:00").holds(at("2026-11-21T16:00Z"))  # once round the clock
    night = when(hours="22:00-02:00")
    assert [night.holds(at(f"2026-11-21T{t}Z")) for t in ("20:59", "21:00", "00:59", "01:00")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_coupons_and_customers_open_it():
    assert not when(coupon="c").holds(at("2026-11-21T10:00Z"))
    assert not when(coupon="c").holds(at("2026-11-21T10:00Z"), ["d"])
    assert when(coupon="c").holds(at("2026-11-21T10:00Z"), ["d", "c"])
    assert not when(customers=["staff"]).holds(at("2026-11-21T10:00Z"))
    assert when(customers=["staff"]).holds(at("2026-11-21T10:00Z"), customer_group="staff")
