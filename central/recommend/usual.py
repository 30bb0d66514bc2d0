"""What you usually buy: how often, and how lately.

Each purchase of an article counts once, however many pieces; its weight halves every `half_life_d` days.
An article is usual from `times_min` purchases on. Only goods are bought, and only what is not brought back:
empties, returns and gift cards stand on receipts too and say nothing of what somebody likes. Nothing is
learned from other people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from central.clock import DAY_MS
from central.profiles.purchases import BoughtLine, Purchase
from checkout.basket import GOODS


@dataclass(frozen=True, slots=True)
class UsualRules:
    half_life_d: int = 45
    times_min: int = 2


@dataclass(frozen=True, slots=True)
class Usual:
    """An article bought `times` times; `score` is its weight today."""

    gtin: str
    times: int
    score: float


def usual(
    purchases: Iterable[Purchase], now_ms: int, *, limit: int, rules: UsualRules = UsualRules()
) -> list[Usual]:
    """The articles bought most often of late, first the strongest; ties by GTIN.

    A purchase dated in the future (a store's clock ran ahead) counts as if it were today.
    """
    ages: dict[str, list[float]] = defaultdict(list)
    for purchase in purchases:
        age_d = max(0, now_ms - purchase.time_ms) / DAY_MS
        for gtin in {line.gtin for line in purchase.lines if _was_bought(line)}:
            ages[gtin].append(age_d)
    found = [
        Usual(gtin, len(some), sum(0.5 ** (age / rules.half_life_d) for age in sorted(some)))
        for gtin, some in ages.items()
        if len(some) >= rules.times_min
    ]
    found.sort(key=lambda article: (-article.score, article.gtin))
    return found[:limit]


def _was_bought(line: BoughtLine) -> bool:
    if line.kind != GOODS or (line.brought_back and line.brought_back >= line.quantity):
        return False
    return line.quantity > 0 or line.weight_g > 0
