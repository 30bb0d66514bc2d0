"""Spot checks: which baskets a colleague scans again before they are paid, and no more than agreed.

A basket's score is a logistic sum of a few plain facts about the basket, each of which can be said aloud.
Who the shopper is does not enter, nor anything from another day: nobody agreed to their purchases being used
for that (GDPR, articles 5(1)(b) and 22). The riskiest baskets share a fixed budget of all; a random few are
checked whatever their score, so that nobody can be sure to pass, and the score learns from what it would not
have chosen. Every outcome is fed back.

The budget is a purse: every basket pays a little in, every check takes one out, and from an empty purse only
the random few are checked. So it holds for all baskets together, however the scores drift; and honest ones
are checked no more often than all, as long as the score does not choose them rather than others.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace

from checkout.basket import Basket

FEATURES = ("always", "voids", "typed", "pauses", "worth", "sought")
FIRST_WEIGHTS = (-4.0, 1.0, 0.5, 0.5, 0.5, 1.0)
"""A guess to begin with, the same direction for all: it is the outcomes that teach."""

VOIDS_MANY = 4
PAUSE_LONG_S = 120.0
WORTH_MUCH_MINOR = 10_000

BINS = 60
SCORE_LEAST, SCORE_STEP = -8.0, 0.2
MEMORY_BASKETS = 1_000
"""Over how many baskets the spread of scores is remembered."""
WARM_UP_BASKETS = 200
"""Before so many were seen nobody knows what a high score is: only the random few are checked."""
AIM = 0.9
"""The share of the budget that is aimed at; the rest is for chance."""
PURSE_MAX = 20.0
"""So many checks are saved up in quiet hours, and no more."""
LEARN_RATE = 0.02
FADE = 1e-4
IMPORTANCE_MAX = 20.0
"""A random check stands for the many like it that were not chosen, but not for more than this."""

Facts = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `share_max` of all baskets are checked, `random_share` of all by chance alone."""

    share_max: float = 0.05
    random_share: float = 0.01
    sought: frozenset[str] = frozenset()
    """Groups of articles that are stolen more often than others."""


@dataclass(frozen=True, slots=True)
class Experience:
    """What the outcomes have taught: a weight for each of `FEATURES`, and how often each score came."""

    weights: tuple[float, ...] = FIRST_WEIGHTS
    scores: tuple[float, ...] = (0.0,) * BINS
    baskets: int = 0
    purse: float = 0.0


@dataclass(frozen=True, slots=True)
class Draw:
    """One basket's lot, drawn once: neither asking again nor scanning on draws another.

    `checked` once a colleague has looked.
    """

    lot: float
    chance: float = 0.0
    facts: Facts = ()
    checked: bool = False

    @property
    def chosen(self) -> bool:
        return not self.checked and self.lot < self.chance


def facts_of(basket: Basket, now: dt.datetime, budget: Budget) -> Facts:
    """The basket in numbers from 0 to 1, in the order of `FEATURES`."""
    standing = basket.standing
    lines = max(1, len(standing))
    waited_s = (now - dt.datetime.fromisoformat(basket.opened_at)).total_seconds()
    return (
        1.0,
        min(1.0, (len(basket.lines) - len(standing)) / VOIDS_MANY),
        sum(line.how == "typed" for line in standing) / lines,
        min(1.0, max(0.0, waited_s) / max(1, basket.pieces) / PAUSE_LONG_S),
        min(1.0, max(0, basket.total_minor) / WORTH_MUCH_MINOR),
        sum(not budget.sought.isdisjoint(line.groups) for line in standing) / lines,
    )


def drawn(experience: Experience, facts: Facts, budget: Budget, lot: float) -> tuple[Experience, Draw]:
    """A new basket's draw, and the experience that has counted it. `lot` is a random number from 0 to 1."""
    bin_ = _bin(_score(experience, facts))
    faded = [count * (1 - 1 / MEMORY_BASKETS) for count in experience.scores]
    faded[bin_] += 1
    purse = min(PURSE_MAX, experience.purse + AIM * budget.share_max)
    counted = replace(experience, scores=tuple(faded), baskets=experience.baskets + 1, purse=purse)
    return again(counted, Draw(lot), facts, budget)


def again(experience: Experience, draw: Draw, facts: Facts, budget: Budget) -> tuple[Experience, Draw]:
    """The same lot, the basket as it is now: chosen once, it stays chosen."""
    if draw.checked or draw.chosen:
        return experience, draw
    draw = replace(draw, facts=facts, chance=chance_of_check(experience, facts, budget))
    return replace(experience, purse=experience.purse - draw.chosen), draw


def chance_of_check(experience: Experience, facts: Facts, budget: Budget) -> float:
    """How probable a check is: the random share, and what is left of the budget from the top score down."""
    if experience.baskets < WARM_UP_BASKETS or experience.purse < 1:
        return budget.random_share
    bin_ = _bin(_score(experience, facts))
    total = sum(experience.scores)
    above = sum(experience.scores[bin_ + 1 :]) / total
    here = experience.scores[bin_] / total
    room = (budget.share_max - budget.random_share) / (1 - budget.random_share)
    by_risk = min(1.0, max(0.0, (room - above) / here)) if here else float(above < room)
    return budget.random_share + (1 - budget.random_share) * by_risk


def learned(experience: Experience, draw: Draw, found: bool) -> Experience:
    """One outcome fed back: a step of logistic regression, weighted by how improbable the check was."""
    importance = min(1 / draw.chance, IMPORTANCE_MAX) if draw.chance else 0.0
    missed = found - 1 / (1 + math.exp(-_score(experience, draw.facts)))
    step = LEARN_RATE * importance * missed
    weights = tuple(
        (1 - FADE) * weight + step * fact for weight, fact in zip(experience.weights, draw.facts, strict=True)
    )
    return replace(experience, weights=weights)


def because(experience: Experience, facts: Facts) -> tuple[str, ...]:
    """The features that raised the score, the strongest first: what a colleague may be told."""
    shares = zip(FEATURES[1:], experience.weights[1:], facts[1:], strict=True)
    raised = sorted(
        ((weight * fact, name) for name, weight, fact in shares if weight * fact > 0), reverse=True
    )
    return tuple(name for _share, name in raised)


def _score(experience: Experience, facts: Facts) -> float:
    """The logit; the share of baskets like this in which something was forgotten is 1/(1+e^-score)."""
    return sum(weight * fact for weight, fact in zip(experience.weights, facts, strict=True))


def _bin(score: float) -> int:
    return min(BINS - 1, max(0, int((score - SCORE_LEAST) / SCORE_STEP)))
