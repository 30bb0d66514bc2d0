"""What a shopper is likely to buy next, learnt from other shoppers and from what this one bought.

The crowd and the shopper's own rhythm give clues for each candidate (`clues`); boosted trees (`trees`) weigh
them, learnt on the same retailer's shoppers. While they learn, a shopper meets a crowd without themselves:
the shoppers are dealt into folds, each compared with the others. Nothing here is tuned to one shop.

Whoever learns from people needs their consent first: this room takes histories and asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from central.recommend.clues import NAMES, ClueRules, clues
from central.recommend.crowd import Crowd, CrowdRules, Example, Floats, History, Items, gather
from central.recommend.histories import Basket, Item, Shopper
from central.recommend.trees import Forest, TreeRules, grow

Progress = Callable[[str, float], None]
Known = tuple[tuple[Basket, ...], Basket]
"""The baskets before, and the one that came next."""


class TooFewShoppers(Exception):
    """There is nothing to learn from: fewer shoppers with a known next basket than folds."""


@dataclass(frozen=True, slots=True)
class LearningRules:
    """Limits of what is looked at, so that learning and serving take no longer for more shoppers."""

    seed: int = 20261122
    folds: int = 4
    baskets_max: int = 50
    """Of each shopper, the latest."""
    crowd_lines_max: int = 1_000_000
    """Lines of history in the crowd."""
    examples_max: int = 12_000
    """Baskets that the trees learn to foretell."""
    steps_back_max: int = 8
    """Of each shopper, where there are few: the next basket, the one before it, and so on."""
    rows_max: int = 200_000
    """Candidates that the trees see: all that were bought, and as many of the others as fit."""
    crowd: CrowdRules = field(default_factory=CrowdRules)
    clues: ClueRules = field(default_factory=ClueRules)
    trees: TreeRules = field(default_factory=TreeRules)


@dataclass(frozen=True, slots=True)
class Pick:
    """An item for the next basket. `score` orders picks and is no probability.

    `because` is "due" (bought `times` times, and its usual gap is over), "often", "again" (bought before),
    "others" (shoppers like this one buy it more than most do) or "popular".
    """

    item: Item
    score: float
    because: str
    times: int


@dataclass(frozen=True, slots=True)
class NextBasket:
    """What was learnt. `items` names the crowd's item numbers."""

    items: tuple[Item, ...]
    numbers: dict[Item, int]
    crowd: Crowd
    forest: Forest
    rules: LearningRules

    def picks(self, past: Sequence[Basket], many: int = 10) -> list[Pick]:
        """The `many` likeliest items after `past`, oldest basket first; ties by the crowd's order of items.

        Who never bought anything gets what is bought most.
        """
        own: dict[Item, int] = {}
        numbered = tuple(
            np.array([self._number(item, own) for item in basket], np.intp)
            for basket in past[-self.rules.baskets_max :]
            if basket
        )
        names = [*own]
        if not numbered:
            best = np.argsort(-self.crowd.popular[:-1], kind="stable")[:many]
            share = self.crowd.popular / self.crowd.shoppers
            return [Pick(self.items[item], float(share[item]), "popular", 0) for item in best]
        candidates, table = clues(self.crowd, numbered, self.rules.clues)
        score = self.forest.score(table)
        found = []
        for row in np.argsort(-score, kind="stable")[:many]:
            number = candidates[row]
            item = self.items[number] if number < len(self.items) else names[number - len(self.items)]
            found.append(Pick(item, float(score[row]), _because(table[row]), int(table[row][_TIMES])))
        return found

    def _number(self, item: Item, own: dict[Item, int]) -> int:
        """The crowd's number of an item, else one above all of them, dealt in `own`."""
        known = self.numbers.get(item)
        return own.setdefault(item, len(self.items) + len(own)) if known is None else known


_TIMES, _DUE, _LIFT = NAMES.index("times"), NAMES.index("due"), NAMES.index("neighbours_next_lift")
_OFTEN_MIN = 3


def _because(row: Floats) -> str:
    if row[_TIMES] > 1 and row[_DUE] >= 1:
        return "due"
    if row[_TIMES] >= _OFTEN_MIN:
        return "often"
    if row[_TIMES] > 0:
        return "again"
    return "others" if row[_LIFT] > 0 else "popular"


def learn(
    shoppers: Iterable[Shopper],
    rules: LearningRules = LearningRules(),
    progress: Progress = lambda what, done: None,
) -> NextBasket:
    """Learn from shoppers whose next basket is known; for others their last one is taken for it.

    The same shoppers in the same order give the same answers. Raises `TooFewShoppers`.
    """
    chance = np.random.default_rng(rules.seed)
    whole = [shopper for one in shoppers if (shopper := _complete(one))]
    if len(whole) < rules.folds:
        raise TooFewShoppers(
            f"only {len(whole)} shoppers have a basket and a next one; {rules.folds} are needed"
        )
    whole = _sample(whole, rules, chance)
    items = tuple(
        sorted({item for past, nexts in whole for basket in (*past, nexts) for item in basket}, key=_order)
    )
    numbers = {item: number for number, item in enumerate(items)}
    examples = [
        Example(number, tuple(_numbered(basket, numbers) for basket in past), _numbered(nexts, numbers))
        for number, (past, nexts) in enumerate(whole)
    ]
    table, bought = _table(examples, len(items), rules, chance, progress)
    forest = grow(table, bought, rules.trees, lambda done: progress("weighing the clues", done))
    return NextBasket(items, numbers, gather(examples, len(items), rules.crowd), forest, rules)


def _order(item: Item) -> tuple[bool, Item]:
    return (isinstance(item, str), item)


def _numbered(basket: Basket, numbers: dict[Item, int]) -> Items:
    return np.array([numbers[item] for item in basket], np.intp)


def _complete(shopper: Shopper) -> Known | None:
    past, nexts = shopper.past, shopper.came_next
    if not nexts and past:
        past, nexts = past[:-1], past[-1]
    return (past, nexts) if past else None


def _sample(whole: list[Known], rules: LearningRules, chance: np.random.Generator) -> list[Known]:
    """As many shoppers as the crowd has room for, each with their latest baskets."""
    taken: list[Known] = []
    lines = 0
    for number in chance.permutation(len(whole)):
        past, nexts = whole[number]
        past = past[-rules.baskets_max :]
        lines += sum(len(basket) for basket in past)
        if lines > rules.crowd_lines_max and len(taken) >= rules.folds:
            break
        taken.append((past, nexts))
    return taken


def _table(
    examples: list[Example], items: int, rules: LearningRules, chance: np.random.Generator, progress: Progress
) -> tuple[Floats, NDArray[np.bool_]]:
    """The clues of candidates, and which were bought; shoppers of a fold meet the crowd of the others."""
    tables, boughts = [], []
    each = min(rules.steps_back_max, max(1, rules.examples_max // len(examples)))
    asked = min(len(examples), rules.examples_max)
    rows_each = rules.rows_max / (asked * each)
    for fold in range(rules.folds):
        crowd = gather([one for one in examples if one.shopper % rules.folds != fold], items, rules.crowd)
        for one in examples[fold : asked : rules.folds]:
            for past, nexts in _steps_back(one, each):
                candidates, table = clues(crowd, past, rules.clues)
                bought = np.isin(candidates, nexts)
                kept = bought | (chance.random(len(candidates)) < rows_each / len(candidates))
                tables.append(table[kept])
                boughts.append(bought[kept])
            progress("comparing shoppers", (one.shopper // rules.folds / asked) + fold / rules.folds)
    return np.concatenate(tables), np.concatenate(boughts)


def _steps_back(example: Example, many: int) -> Iterator[tuple[History, Items]]:
    """The next basket and what came before it, then the last one and what came before that, and so on."""
    yield example.past, example.came_next
    for back in range(1, min(many, len(example.past) - 1)):
        yield example.past[:-back], example.past[-back]
