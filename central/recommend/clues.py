"""What speaks for each item that a shopper may buy next: their own rhythm, and what the crowd did.

Candidates are everything that the shopper bought, and the strongest of what the crowd suggests. Time is
counted in baskets: a history without dates has clues as good as one with dates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from central.recommend.crowd import Crowd, Floats, History, Items, direction

NEVER = 99.0
"""Stands for a time that has not come: older than any basket that is looked at."""


@dataclass(frozen=True, slots=True)
class ClueRules:
    neighbours: int = 1000
    by_likeness: int = 60
    by_others: int = 30
    own_max: int = 300
    item_doubt: float = 20.0
    rare: float = 1e-5


_HOW = ("lift", "rank")
OWN = ("times", "share", "since", "first", "gap", "due", "faded_fast", "faded")
LIKELY = ("neighbours_next", "led_by_any", "neighbours_had", "taste", "led_by_last", "popular")
CROWD = (
    "trend",
    "known",
    "latest",
    "again",
    "at_once",
    *(f"{name}_{how}" for name in LIKELY[:3] for how in _HOW),
)
ABOUT = ("baskets", "basket_size", "last_size", "items", "newness", "company")
NAMES = (*OWN, *LIKELY, *CROWD, *ABOUT)
"""The columns of a table of clues."""

_NEVER_BOUGHT = np.array([0.0, 0.0, NEVER, NEVER, NEVER, 0.0, 0.0, 0.0])


def clues(crowd: Crowd, past: History, rules: ClueRules = ClueRules()) -> tuple[Items, Floats]:
    """The candidates after `past` (at least one basket) and their clues (candidates, `NAMES`).

    Item numbers at or above the crowd's are items that only this shopper ever bought.
    """
    items, own = _rhythm(past)
    nobodys = len(crowd.popular) - 1
    likely, company = _likely(crowd, [np.unique(np.minimum(basket, nobodys)) for basket in past], rules)
    wide = (rules.by_likeness, rules.by_likeness, *[rules.by_others] * (len(LIKELY) - 2))
    suggested = [_best(score[:nobodys], many) for score, many in zip(likely, wide, strict=True)]
    theirs = items[np.argsort(-own[:, -1], kind="stable")[: rules.own_max]]
    candidates = np.unique(np.concatenate([theirs, *suggested]))
    place = np.searchsorted(items, candidates).clip(max=len(items) - 1)
    rhythm = np.where((items[place] == candidates)[:, None], own[place], _NEVER_BOUGHT)
    among = np.minimum(candidates, nobodys)
    likely = likely[:, among]
    sizes = np.array([len(basket) for basket in past])
    about = [len(past), sizes.mean(), sizes[-1], len(items), len(items) / sizes.sum(), company]
    table = [rhythm, likely.T, _crowd(crowd, likely, among, rules), np.tile(about, (len(among), 1))]
    return candidates, np.hstack(table).astype(np.float32)


def _rhythm(past: History) -> tuple[Items, Floats]:
    """Each item of a history and its clues `OWN`; ages and gaps are counted in baskets."""
    ages = np.concatenate([np.full(len(basket), age) for age, basket in enumerate(reversed(past))])
    items, place = np.unique(np.concatenate(past[::-1]), return_inverse=True)
    times = np.bincount(place)
    since, first = np.full(len(items), len(past)), np.zeros(len(items), np.intp)
    np.minimum.at(since, place, ages)
    np.maximum.at(first, place, ages)
    often = times > 1
    gap = np.where(often, (first - since) / np.maximum(times - 1, 1), NEVER)
    due = np.where(often, (since + 1) / gap, 0.0)
    faded = [np.bincount(place, fading**ages) for fading in (0.7, 0.9)]
    return items, np.stack([times, times / len(past), since, first, gap, due, *faded], axis=1)


def _likely(crowd: Crowd, past: History, rules: ClueRules) -> tuple[Floats, float]:
    """How likely each item looks by each of `LIKELY` (6, items), and how much like others this shopper is."""
    items, weights = direction(past, crowd.rules.fading)
    likeness = crowd.alike[items].T @ weights
    near = _best(likeness, rules.neighbours)
    closeness = likeness[near] ** 2
    closeness /= closeness.sum() + 1e-9
    faded = weights / weights.max()
    led = crowd.leads[items].T @ (faded / (crowd.known[items] + rules.item_doubt))
    led_on = crowd.leads_on[past[-1]].T @ (1 / (crowd.latest[past[-1]] + rules.item_doubt))
    weights = weights.astype(np.float32)  # as the matrices, or numpy copies each of them
    wish = (weights @ crowd.taste[items]) @ crowd.wish
    nexts, had = crowd.nexts[near].T @ closeness, crowd.own[near].T @ closeness
    return np.stack([nexts, led, had, wish, led_on, crowd.popular]), float(likeness.sum())


def _crowd(crowd: Crowd, likely: Floats, among: Items, rules: ClueRules) -> Floats:
    """The clues `CROWD` of the items `among`, whose `LIKELY` are the rows of `likely`."""
    popular = crowd.popular[among] / crowd.shoppers + rules.rare
    known = crowd.known[among] / crowd.shoppers + rules.rare
    columns = [np.log(popular / known), crowd.known[among], crowd.latest[among], crowd.again[among]]
    columns.append(crowd.at_once[among])
    for score in likely[:3]:
        columns += [np.log((score + rules.rare) / popular), np.argsort(np.argsort(-score, kind="stable"))]
    return np.stack(columns, axis=1)


def _best(score: Floats, many: int) -> Items:
    """The places of the `many` highest scores above nothing, in no order."""
    if many < len(score):
        found = np.argpartition(-score, many)[:many]
    else:
        found = np.arange(len(score))
    return found[score[found] > 0]
