"""The next basket: what is read, what the clues say, what is learnt, and that no future is looked at."""

from __future__ import annotations

import gzip
import json
import os
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from central.recommend.basket_score import (
    NothingToJudge,
    bootstrap,
    by_frequency,
    figures,
    item_popularity,
    score_baskets,
)
from central.recommend.clues import NAMES, clues
from central.recommend.crowd import Example, gather
from central.recommend.histories import BadHistories, Basket, Shopper, read_histories
from central.recommend.next_basket import LearningRules, NextBasket, TooFewShoppers, learn
from central.recommend.trees import TreeRules, grow
from kiosk_ui.cli import main

REAL = Path(os.environ.get("EMMA_SHARED", "../shared")) / "data" / "baskets" / "tafeng_dev.jsonl.gz"
FAST = LearningRules(folds=2, steps_back_max=1, trees=TreeRules(trees=12, depth=3))
PAIRS = {"pasta": "sauce", "rusk": "jam", "tea": "milk", "rice": "beans", "oats": "honey"}


def shoppers(many: int, seed: int = 1) -> list[Shopper]:
    """Everyone buys bread every second time; who bought pasta and the like lacks its partner next time."""
    chance = random.Random(seed)
    made = []
    for name in range(many):
        past: list[Basket] = []
        for number in range(chance.randint(4, 7)):
            staple = ("bread",) if number % 2 == 0 else ()
            past.append((*staple, f"odd-{chance.randrange(40)}"))
        last = chance.choice([*PAIRS])
        past[-1] = (*past[-1], last)
        bread = ("bread",) if len(past) % 2 == 0 else ()
        made.append(Shopper(f"{seed}-{name}", tuple(past), (*bread, PAIRS[last])))
    return made


@pytest.fixture(scope="module")
def people() -> list[Shopper]:
    return shoppers(300)


@pytest.fixture(scope="module")
def model(people: list[Shopper]) -> NextBasket:
    return learn(people, FAST)


def write(path: Path, some: list[Shopper], *, with_next: bool = True) -> Path:
    lines = [{"u": one.name, "h": one.past} | ({"f": one.came_next} if with_next else {}) for one in some]
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def test_what_goes_together_and_what_is_due_is_found(model: NextBasket) -> None:
    for past in [one.past for one in shoppers(30, seed=2)]:
        picks = model.picks(past, 2)
        partner = next(PAIRS[item] for item in past[-1] if item in PAIRS)
        expected = {partner, "bread"} if len(past) % 2 == 0 else {partner}
        assert expected <= {pick.item for pick in picks}
        assert {pick.because for pick in picks if pick.item == partner} == {"others"}
    due = model.picks((("bread",), ("odd-1",), ("bread",), ("odd-2", "tea")))
    assert [(pick.because, pick.times) for pick in due if pick.item == "bread"] == [("due", 2)]


def test_the_same_shoppers_give_the_same_picks(people: list[Shopper]) -> None:
    past = people[0].past
    assert learn(people[:100], FAST).picks(past) == learn(people[:100], FAST).picks(past)


def test_items_that_nobody_else_buys_are_candidates_too(model: NextBasket) -> None:
    assert "saffron" in {pick.item for pick in model.picks([("saffron",)] * 6)}
    assert {pick.item for pick in model.picks([("saffron",)] * 6, 500)} > {"saffron", "bread"}


def test_a_newcomer_gets_what_is_bought_most(model: NextBasket) -> None:
    picks = model.picks((), 3)
    assert picks[0].item == "bread"
    assert {pick.because for pick in picks} == {"popular"}


def test_where_the_next_basket_is_not_known_the_last_one_is_learnt_from(people: list[Shopper]) -> None:
    known = [Shopper(one.name, (*one.past, one.came_next)) for one in people[:60]]
    assert learn(known, FAST).picks(people[0].past) == learn(people[:60], FAST).picks(people[0].past)


def test_too_few_shoppers_are_refused() -> None:
    with pytest.raises(TooFewShoppers, match="only 2 shoppers"):
        learn([*shoppers(2), Shopper("new", (("bread",),))], replace(FAST, folds=3))


def test_the_crowd_is_limited(people: list[Shopper]) -> None:
    limited = replace(FAST, crowd_lines_max=300, baskets_max=3)
    model = learn(people, limited)
    assert 30 < model.crowd.shoppers < 75
    assert model.crowd.own.shape[0] == model.crowd.shoppers


def test_rhythm_clues_by_hand() -> None:
    crowd = gather([Example(n, (np.array([0, 1]), np.array([n])), np.array([2])) for n in range(3)], 4)
    items, table = clues(
        crowd, [np.array([0]), np.array([1, 3]), np.array([0]), np.array([1]), np.array([5])]
    )
    row = dict(zip(NAMES, table[list(items).index(0)].tolist(), strict=True))
    assert [row[name] for name in ("times", "since", "first", "gap")] == [2, 2, 4, 2]
    assert row["due"] == pytest.approx(1.5)
    assert row["faded"] == pytest.approx(0.9**2 + 0.9**4)
    assert row["known"] == 3
    two = dict(zip(NAMES, table[list(items).index(2)].tolist(), strict=True))
    assert (two["times"], two["popular"], two["neighbours_next"]) == (0, 3, pytest.approx(1))
    assert 5 in items  # bought by this shopper only
    assert 4 not in items  # the column of what nobody bought is no item


def test_trees_find_a_rule_of_two_clues_and_nothing_in_noise() -> None:
    chance = np.random.default_rng(3)
    table = chance.random((4000, 4))
    bought = (table[:, 0] > 0.5) != (table[:, 2] > 0.3)
    forest = grow(table[:3000], bought[:3000])
    assert ((forest.score(table[3000:]) > 0) == bought[3000:]).mean() > 0.97
    noise = grow(table[:3000], chance.random(3000) > 0.5, TreeRules(trees=20))
    assert abs(((noise.score(table[3000:]) > 0) == bought[3000:]).mean() - 0.5) < 0.06


def test_figures_by_hand() -> None:
    assert figures([1, 2, 3], (2, 9)) == pytest.approx((0.5, (1 / np.log2(3)) / (1 + 1 / np.log2(3)), 1.0))
    assert figures([1, 2], (3,)) == (0.0, 0.0, 0.0)
    twelve = tuple(range(12))
    ideal = sum(1 / np.log2(place + 2) for place in range(12))
    assert figures([*twelve], twelve) == pytest.approx(
        (10 / 12, (ideal - 1 / np.log2(12) - 1 / np.log2(13)) / ideal, 1)
    )


def test_own_frequency_with_ties_by_popularity() -> None:
    popularity = item_popularity([Shopper(1, ((1, 2), (2, 3), (3, 2)))])
    assert by_frequency(popularity)([(1,), (3, 7), (7,)]) == [7, 3, 1, 2]
    assert by_frequency(popularity, own=False)([(7,)]) == [2, 3, 1]


def test_an_interval_covers_the_mean_and_shrinks() -> None:
    chance = np.random.default_rng(1)
    low, high = bootstrap(chance.normal(1.0, 1.0, (400, 1)))[0]
    assert low < 1.0 < high
    assert 0.15 < high - low < 0.25


def test_the_future_is_only_compared_with(people: list[Shopper]) -> None:
    """Other futures change the figures and not one pick; who stands in both files teaches nothing."""
    test = people[:20]
    swapped = [replace(one, came_next=("never-sold",)) for one in test]
    for judged in (test, swapped):
        score = score_baskets(people, judged, FAST)
        assert (score.twice, score.learnt_from, score.shoppers) == (20, 280, 20)
        assert (score.ours.mean[0] == 0) == (judged is swapped)
    with pytest.raises(NothingToJudge):
        score_baskets(people, [replace(one, came_next=()) for one in test], FAST)


def test_the_command_prints_figures_for_any_two_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = tmp_path / "train.jsonl.gz"
    train.write_bytes(gzip.compress(write(tmp_path / "plain", shoppers(40)).read_bytes()))
    test = write(tmp_path / "test.jsonl", shoppers(20, seed=5))
    assert main(["score", "baskets", str(train), str(test), "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found["recall_at_10"] > found["popular"]["recall_at_10"]
    assert found["recall_at_10_95"][0] <= found["recall_at_10"] <= found["recall_at_10_95"][1]
    assert {"ndcg_at_10", "phr_at_10", "ms_per_user"} <= found.keys()
    assert "weighing the clues     100 %" in said.err
    assert main(["score", "baskets", str(train), str(test)]) == 0
    assert "20 shoppers judged, 40 learnt from" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no shoppers"),
        (b'{"u": 1, "h": [[1]], "f": [2]}\n\n{"u": 2, "h"', "line 3: Input data was truncated"),
        (b'{"u": 1, "f": [2]}', "line 1: Object missing required field `h`"),
        (b'{"u": 1, "h": [1, 2]}', "line 1: Expected `array`, got `int` - at `$.h[0]`"),
        (b'{"u": 1, "h": [[1.5]]}', "line 1: Expected `int | str`, got `float`"),
        (b"\x1f\x8bnonsense", "histories"),
        (gzip.compress(b'{"u": 1, "h": [[1]]}\n' * 900, mtime=0)[:-9], "breaks off after line"),
        (b'{"u": 1, "h": [["\xff"]]}', "line 1: 'utf-8'"),
    ],
)
def test_bad_files_are_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    file = tmp_path / "histories"
    file.write_bytes(content)
    assert main(["score", "baskets", str(file), str(file)]) == 2
    said = capsys.readouterr().err
    assert str(file) in said
    assert words in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadHistories, match=r"none\.jsonl: No such file"):
        read_histories(tmp_path / "none.jsonl")


def test_empty_baskets_and_repeated_items_count_for_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text('{"u": 1, "h": [[], [3, 3, "x"]], "f": [4, 4], "part": "train"}', "utf-8")
    assert read_histories(file) == [Shopper(1, ((3, "x"),), (4,))]


@pytest.mark.skipif(not REAL.exists(), reason="shopping histories are not in the shared folder")
def test_real_shoppers_are_foretold_better_than_by_frequency() -> None:
    some = read_histories(REAL)[:1600]
    rules = LearningRules(folds=2, steps_back_max=1, trees=TreeRules(trees=25, step=0.2, depth=4))
    score = score_baskets(some[:1000], some[1000:], rules)
    assert score.ours.mean[0] > 0.14
    assert score.others[0].ours_more[0][0] > 0
