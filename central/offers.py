"""One offer with its reason: some percent off an article that this person buys often.

Small frozen rules, the same answer for the same past. Not the same article too soon again, not what was
tapped away, and only a few a week: an offer is a courtesy, not a campaign.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from central.clock import DAY_MS
from central.recommend.usual import Usual


@dataclass(frozen=True, slots=True)
class OfferRules:
    percent: int = 10
    times_min: int = 3
    week_max: int = 3
    rest_d: int = 7
    declined_rest_d: int = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """`percent` off one article; `reason` by language, for the shopper to read."""

    offer: str
    gtin: str
    percent: int
    reason: dict[str, str]


@dataclass(frozen=True, slots=True)
class Past:
    """An offer made before. `at_ms` in ms since 1970."""

    gtin: str
    at_ms: int
    declined: bool


def choose_offer(
    usual: Sequence[Usual],
    past: Iterable[Past],
    *,
    store: str,
    visit: str,
    now_ms: int,
    rules: OfferRules = OfferRules(),
) -> Offer | None:
    """The offer for this visit, or None. The strongest usual article that is not at rest has it."""
    made = list(past)
    if sum(now_ms - old.at_ms < 7 * DAY_MS for old in made) >= rules.week_max:
        return None
    resting = {old.gtin for old in made if now_ms - old.at_ms < _rest_ms(old, rules)}
    for article in usual:
        if article.times >= rules.times_min and article.gtin not in resting:
            return Offer(
                hashlib.sha256(f"{store}|{visit}|{article.gtin}".encode()).hexdigest()[:16],
                article.gtin,
                rules.percent,
                _reason(article.times),
            )
    return None


def _rest_ms(old: Past, rules: OfferRules) -> int:
    return (rules.declined_rest_d if old.declined else rules.rest_d) * DAY_MS


def _reason(times: int) -> dict[str, str]:
    return {
        "de": f"Weil Sie das gern kaufen: schon {times}-mal.",
        "en": f"Because you like to buy this: {times} times so far.",
    }
