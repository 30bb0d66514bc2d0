"""How good next baskets are, on shoppers whose next basket is known: ours beside what one would do by hand.

Recall@10 is the share of the true basket among ten picks, PHR@10 the share of shoppers with any hit. NDCG@10
discounts a hit at place p by log2(p + 1) and divides by the gain of an ideal order of the *whole* true
basket, so that a basket of more than ten items cannot reach 1. All are means over those with a next basket.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from central.recommend.histories import Basket, Item, Shopper
from central.recommend.next_basket import LearningRules, Progress, learn

PLACES = 10
DRAWS = 2_000
SEED = 7
KEYS = ("recall_at_10", "ndcg_at_10", "phr_at_10")
Floats = NDArray[np.floating]
Rank = Callable[[Sequence[Basket]], list[Item]]


class NothingToJudge(Exception):
    """No shopper of the test has a next basket."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One way of picking: the means of `KEYS`, their 95 % intervals, and of what ours has more (paired)."""

    name: str
    mean: tuple[float, ...]
    interval: tuple[tuple[float, float], ...]
    ours_more: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class BasketScore:
    """`ours` beside `others`. `left_out` test shoppers have no next basket; `twice` stood in both files.

    `learn_s` by the clock; `ms_per_user` is processor time, so that other programs do not count.
    """

    ours: Judged
    others: tuple[Judged, ...]
    shoppers: int
    left_out: int
    learnt_from: int
    twice: int
    learn_s: float
    ms_per_user: float

    def as_json(self) -> dict[str, object]:
        """The figures by name; intervals as [low, high]."""
        figures: dict[str, object] = dict(zip(KEYS, self.ours.mean, strict=True))
        figures |= {f"{key}_95": list(pair) for key, pair in zip(KEYS, self.ours.interval, strict=True)}
        figures |= {"ms_per_user": self.ms_per_user, "learn_s": self.learn_s}
        figures |= {"users": self.shoppers, "users_left_out": self.left_out}
        figures |= {"users_learnt_from": self.learnt_from, "users_in_both_files": self.twice}
        return figures | {
            one.name: dict(zip(KEYS, one.mean, strict=True))
            | {f"{key}_ours_more_95": list(pair) for key, pair in zip(KEYS, one.ours_more, strict=True)}
            for one in self.others
        }


def score_baskets(
    train: Sequence[Shopper],
    test: Sequence[Shopper],
    rules: LearningRules | None = None,
    progress: Progress = lambda what, done: None,
) -> BasketScore:
    """Learn from `train`, pick for each shopper of `test` from their past alone, compare with what came next.

    A shopper with the same name and past in both is not learnt from: their next basket would be known. Raises
    `NothingToJudge`, `TooFewShoppers`.
    """
    judged = [shopper for shopper in test if shopper.came_next]
    if not judged:
        raise NothingToJudge("no shopper of the test has a next basket (`f`)")
    tested = {(shopper.name, shopper.past) for shopper in test}
    others = [shopper for shopper in train if (shopper.name, shopper.past) not in tested]
    began_s = time.perf_counter()
    model = learn(others, rules or LearningRules(), progress)
    learn_s = time.perf_counter() - began_s
    serving_s = 0.0
    hits: list[tuple[float, ...]] = []
    for number, shopper in enumerate(judged):
        began_s = time.process_time()
        picks = [pick.item for pick in model.picks(shopper.past, PLACES)]
        serving_s += time.process_time() - began_s
        hits.append(figures(picks, shopper.came_next))
        progress("picking", (number + 1) / len(judged))
    ours = np.array(hits)
    popularity = item_popularity(others)
    by_hand = {"own frequency": by_frequency(popularity), "popular": by_frequency(popularity, own=False)}
    compared = [
        _judged(name, np.array([figures(rank(one.past), one.came_next) for one in judged]), ours)
        for name, rank in by_hand.items()
    ]
    return BasketScore(
        _judged("next basket", ours),
        tuple(compared),
        len(judged),
        len(test) - len(judged),
        len(others),
        len(train) - len(others),
        learn_s,
        serving_s / len(judged) * 1000,
    )


def figures(picks: Sequence[Item], came_next: Basket) -> tuple[float, float, float]:
    """Recall, NDCG and hit (0 or 1) of the first ten `picks` for one next basket, which is not empty."""
    wanted = set(came_next)
    places = [place for place, item in enumerate(picks[:PLACES]) if item in wanted]
    return len(places) / len(wanted), _gain(places) / _gain(range(len(wanted))), float(bool(places))


def _gain(places: Sequence[int]) -> float:
    return float(sum(1 / np.log2(place + 2) for place in places))


def item_popularity(shoppers: Sequence[Shopper]) -> Counter[Item]:
    """In how many past baskets each item lies."""
    return Counter(item for shopper in shoppers for basket in shopper.past for item in basket)


def by_frequency(popularity: Counter[Item], *, own: bool = True) -> Rank:
    """Ranks by how many `own` baskets held an item, ties and what is missing by popularity, then by name."""
    best = sorted(popularity, key=lambda item: (-popularity[item], isinstance(item, str), item))
    place = {item: number for number, item in enumerate(best)}

    def rank(past: Sequence[Basket]) -> list[Item]:
        times = Counter(item for basket in past for item in basket) if own else Counter[Item]()
        theirs = sorted(times, key=lambda item: (-times[item], place.get(item, len(place)), str(item)))
        return [*theirs, *(item for item in best[: PLACES + len(theirs)] if item not in times)][:PLACES]

    return rank


def _judged(name: str, hits: Floats, ours: Floats | None = None) -> Judged:
    more = () if ours is None else bootstrap(ours - hits)
    return Judged(name, tuple(hits.mean(axis=0).tolist()), bootstrap(hits), more)


def bootstrap(values: Floats) -> tuple[tuple[float, float], ...]:
    """The 95 % interval of each column's mean, shoppers (rows) drawn again and again; seeded.

    Differences of two ways on the same shoppers make it a paired one.
    """
    chance = np.random.default_rng(SEED)
    means = np.stack(
        [values[chance.integers(0, len(values), len(values))].mean(axis=0) for _ in range(DRAWS)]
    )
    low, high = np.quantile(means, (0.025, 0.975), axis=0)
    return tuple(zip(low.tolist(), high.tolist(), strict=True))
