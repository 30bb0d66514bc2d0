"""What 200 promotions cost: one more line, all lines anew, and the memory of a long basket."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

from table import Row, is_quick, quantile, report, say

from checkout.basket import Basket
from checkout.division import forget
from checkout.pricing import priced
from checkout.promotions import Promotion
from tests.checkout.promoted import BASKET_LINES, a_market, basket_of, promotions

MARKETS, MARKETS_QUICK = 30, 3
SHORT, LAST = 10, 30
"""The first lines of a basket, and its last."""
ONE_MORE_MS_MAX, ONE_MORE_LONG_MS_MAX, ALL_MS_MAX = 1.0, 5.0, 20.0
MEMORY_MB_MAX = 2.0
GROWTH_MAX = 2.2
LENGTHS = (300, 600, 1_200)


def spent_ms(basket: Basket, running: Sequence[Promotion]) -> tuple[float, Basket]:
    """Processor time of pricing it, and the priced basket."""
    cpu_s = time.process_time()
    found = priced(basket, running)
    return (time.process_time() - cpu_s) * 1000, found


def main() -> None:
    early, late, memory = [], [], []
    by_length: dict[int, list[float]] = {length: [] for length in LENGTHS}
    for seed in range(MARKETS_QUICK if is_quick() else MARKETS):
        chance = Random(seed)
        articles, offers = a_market(chance)
        running = promotions(offers)
        lines = [chance.choice(articles) for _ in range(LENGTHS[-1])]
        basket = basket_of([])
        priced(basket_of(lines), running)  # the promotions have been asked about these goods before
        for number, line in enumerate(lines[:BASKET_LINES], start=1):
            ms, basket = spent_ms(basket.with_line(replace(line, number=number)), running)
            if number <= SHORT:
                early.append(ms)
            elif number > BASKET_LINES - LAST:
                late.append(ms)
        for length in LENGTHS:
            whole = basket_of(lines[:length])
            priced(whole, running)
            forget()
            gc.collect()  # what was measured before must not be paid for here
            by_length[length].append(spent_ms(whole, running)[0])
        tracemalloc.start()
        kept = priced(basket_of([replace(line) for line in lines[:BASKET_LINES]]), running)
        memory.append(tracemalloc.get_traced_memory()[0] / 1e6)
        tracemalloc.stop()
        assert kept.lines
        say(f"market {seed + 1}")
    report(
        "Pricing with 200 competing promotions, processor time",
        [
            _row(f"one more line, line 1-{SHORT}", early, ONE_MORE_MS_MAX),
            _row(f"one more line, line {BASKET_LINES - LAST + 1}-{BASKET_LINES}", late, ONE_MORE_LONG_MS_MAX),
            _row(f"all {BASKET_LINES} lines anew, nothing remembered", by_length[BASKET_LINES], ALL_MS_MAX),
            *(Row(f"all {length} lines anew", "cpu ms", by_length[length]) for length in LENGTHS[1:]),
            *(_growth(by_length, shorter, longer) for shorter, longer in pairwise(LENGTHS)),
            Row(
                f"memory of a basket of {BASKET_LINES} lines and its pricing",
                "MB",
                memory,
                f"<= {MEMORY_MB_MAX:.0f} MB",
                max(memory) <= MEMORY_MB_MAX,
            ),
        ],
    )


def _growth(by_length: Mapping[int, Sequence[float]], shorter: int, longer: int) -> Row:
    """How many times a longer basket's time is the shorter one's, market by market."""
    times = [long / short for short, long in zip(by_length[shorter], by_length[longer], strict=True)]
    met = quantile(times, 0.5) <= GROWTH_MAX
    return Row(f"{longer} lines for {shorter}", "times", times, f"<= {GROWTH_MAX:g}", met)


def _row(what: str, values: list[float], most_ms: float) -> Row:
    return Row(what, "cpu ms", values, f"<= {most_ms:g} ms", quantile(values, 0.5) <= most_ms)


if __name__ == "__main__":
    main()
