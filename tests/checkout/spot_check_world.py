"""A seeded world of honest and forgetful baskets, to see what the spot checks catch and whom they bother.

The figures say that the machinery works where there is something to find, not how much is stolen anywhere:
the world is made up. One basket in fifty has something in it that was not scanned; such baskets have, on
average, more voids, longer pauses and more of what is sought, and overlap widely with honest ones.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from checkout.spot_check import Budget, Experience, Facts, drawn, learned

FORGETFUL_SHARE = 0.02


@dataclass
class Tally:
    """Of honest and of forgetful baskets: how many, and how many were checked."""

    honest: int = 0
    honest_checked: int = 0
    forgetful: int = 0
    caught: int = 0

    @property
    def bothered(self) -> float:
        return self.honest_checked / self.honest

    @property
    def caught_share(self) -> float:
        return self.caught / self.forgetful

    @property
    def checked_share(self) -> float:
        return (self.honest_checked + self.caught) / (self.honest + self.forgetful)


def basket(chance: random.Random, *, telling: bool) -> tuple[Facts, bool]:
    """Facts in the order of `FEATURES`, and whether something in it was not scanned."""
    forgetful = chance.random() < FORGETFUL_SHARE
    odd = forgetful and telling
    voids = sum(chance.random() < (0.3 if odd else 0.08) for _ in range(4)) / 4
    typed = chance.betavariate(1, 6 if odd else 12)
    pauses = chance.betavariate(3 if odd else 2, 8)
    worth = chance.betavariate(2, 4 if odd else 5)
    sought = chance.betavariate(2, 4) if chance.random() < (0.5 if odd else 0.15) else 0.0
    return (1.0, voids, typed, pauses, worth, sought), forgetful


def live(
    seed: int, baskets: int, experience: Experience, *, telling: bool = True
) -> tuple[Experience, Tally]:
    """So many baskets, each checked or not, each outcome fed back: what was learned, and the tally."""
    chance, budget, tally = random.Random(seed), Budget(), Tally()
    for _ in range(baskets):
        facts, forgetful = basket(chance, telling=telling)
        experience, draw = drawn(experience, facts, budget, chance.random())
        if forgetful:
            tally.forgetful += 1
            tally.caught += draw.chosen
        else:
            tally.honest += 1
            tally.honest_checked += draw.chosen
        if draw.chosen:
            experience = learned(experience, draw, forgetful)
    return experience, tally


def interval(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval, 95 %."""
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return middle - half, middle + half
