"""What 200 promotions cost: one more line, all lines anew, and the memory of a long basket."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from random import Random

from table import Row, is_quick, quantile, report, say

from checkout.basket import Basket
from checkout.division import forget
from checkout.pricing import priced
from checkout.promotions import Promotion
from tests.checkout.promoted import BASKET_LINES, a_market, basket_of, calls_of, promotions, wanted_pieces

MARKETS, MARKETS_QUICK = 30, 3
SHORT, LAST = 10, 30
"""The first lines of a basket, and its last."""
ONE_MORE_MS_MAX, ONE_MORE_LONG_MS_MAX, ALL_MS_MAX = 1.0, 5.0, 20.0
MEMORY_MB_MAX = 2.0
GROWTH_MAX = 1.1
"""How much more a piece that promotions want may cost in a basket that is twice as long."""
LENGTHS = (300, 600, 1_200)


def spent_ms(basket: Basket, running: Sequence[Promotion]) -> tuple[float, Basket]:
    """Processor time of pricing it, and the priced basket."""
    cpu_s = time.process_time()
    found = priced(basket, running)
    return (time.process_time() - cpu_s) * 1000, found


def main() -> None:
    early, late, memory = [], [], []
    by_length: dict[int, list[float]] = {length: [] for length in LENGTHS}
    wanted: dict[int, list[float]] = {length: [] for length in LENGTHS}
    calls: dict[int, list[float]] = {length: [] for length in LENGTHS}
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
            forget()
            calls[length].append(calls_of(partial(priced, whole, running)))
            wanted[length].append(wanted_pieces(lines[:length], running))
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
            *(
                row
                for shorter, longer in pairwise(LENGTHS)
                for row in _growths(by_length, calls, wanted, shorter, longer)
            ),
            Row(
                f"memory of a basket of {BASKET_LINES} lines and its pricing",
                "MB",
                memory,
                f"<= {MEMORY_MB_MAX:.0f} MB",
                max(memory) <= MEMORY_MB_MAX,
            ),
        ],
    )


ByLength = Mapping[int, Sequence[float]]


def _growths(spent: ByLength, calls: ByLength, wanted: ByLength, shorter: int, longer: int) -> list[Row]:
    """How many times a longer basket's figures are the shorter one's, market by market.

    The target is for what each wanted piece costs, in calls: twice the lines have more than twice the pieces
    that promotions can make deals of, and calls are the same on a busy machine.
    """
    time = _times(spent, shorter, longer)
    more_calls, more_wanted = _times(calls, shorter, longer), _times(wanted, shorter, longer)
    each = [a / b for a, b in zip(more_calls, more_wanted, strict=True)]
    what, met = f"{longer} lines for {shorter}", quantile(each, 0.5) <= GROWTH_MAX
    return [
        Row(f"{what}: time", "times", time),
        Row(f"{what}: pieces that promotions want", "times", more_wanted),
        Row(f"{what}: calls for each of these", "times", each, f"<= {GROWTH_MAX:g}", met),
    ]


def _times(by_length: ByLength, shorter: int, longer: int) -> list[float]:
    return [long / short for short, long in zip(by_length[shorter], by_length[longer], strict=True)]


def _row(what: str, values: list[float], most_ms: float) -> Row:
    return Row(what, "cpu ms", values, f"<= {most_ms:g} ms", quantile(values, 0.5) <= most_ms)


if __name__ == "__main__":
    main()
