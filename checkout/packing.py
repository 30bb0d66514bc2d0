"""Of deals that want the same pieces, the set that shares none and gains most.

If deals could be made in part, the best set were the answer of a linear programme, and simple to find. Its
dual prices say what each piece is worth in it: no set of whole deals gains more than all pieces are worth.
So they bound the depth-first search, and most deals fall out before it begins.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple

PIVOTS_MAX = 60
EPSILON = 1e-7
"""What is nearer to nothing than this is nothing: the linear programme is reckoned in floats."""

Need = tuple[tuple[int, int], ...]
"""How many pieces a deal takes of each pile: pairs of a pile's number and a count."""


class Option(NamedTuple):
    """One deal of promotion number `promotion`; `taken` has the number of each piece's pile, part by part."""

    net_minor: int
    off_minor: int
    promotion: int
    taken: tuple[int, ...]

    @property
    def uses(self) -> tuple[int, ...]:
        return tuple(sorted(self.taken))


def fits(taken: Sequence[int], left: Sequence[int]) -> bool:
    for i in taken:  # noqa: SIM110 - twice as fast as all()
        if left[i] < taken.count(i):
            return False
    return True


def take(taken: Sequence[int], left: list[int]) -> None:
    for i in taken:
        left[i] -= 1


def put_back(taken: Sequence[int], left: list[int]) -> None:
    for i in taken:
        left[i] += 1


def gain_above(option: Option, asked: Sequence[float]) -> float:
    """What an option gains above what is asked for its pieces."""
    return option.net_minor - sum([asked[i] for i in option.taken])


def gain(options: Sequence[Option], asked: Sequence[float] | None = None) -> float:
    """What options gain together, above what is asked for their pieces if anything is."""
    if asked is None:
        return sum([option.net_minor for option in options])
    return sum([gain_above(option, asked) for option in options])


def densest(
    plans: Sequence[Option], left: list[int], asked: Sequence[float]
) -> tuple[list[Option], list[int]]:
    """The options made of what is `left`, most gain per piece first, and who came away without one."""
    made: list[Option] = []
    disappointed = set()
    for option in sorted(plans, key=lambda o: (-gain_above(o, asked) / len(o.taken), o.promotion, o.taken)):
        if fits(option.taken, left):
            take(option.taken, left)
            made.append(option)
        else:
            disappointed.add(option.promotion)
    return made, sorted(disappointed)


def dual_prices(gains: Sequence[int], needs: Sequence[Need], free: Sequence[int]) -> list[float]:
    """A price for each pile, so that no deal's pieces cost less than its gain: it bounds every packing.

    The simplex method, from where no deal is made; only what is not zero is kept of its rows. The bound is
    the lowest there is if `PIVOTS_MAX` allows.
    """
    deals = len(gains)
    rows: list[dict[int, float]] = [{deals + i: 1.0} for i in range(len(free))]
    for k, need in enumerate(needs):
        for i, count in need:
            rows[i][k] = count
    to_gain = {k: -float(gain) for k, gain in enumerate(gains)}
    left = [float(count) for count in free]
    for _ in range(PIVOTS_MAX):
        column = min(to_gain, key=to_gain.__getitem__, default=-1)
        if column < 0 or to_gain[column] > -EPSILON:
            break
        _, tight = min(
            (left[i] / row[column], i) for i, row in enumerate(rows) if column in row and row[column] > 0
        )
        _pivot(rows, left, to_gain, tight, column)
    prices = [max(0.0, to_gain.get(deals + i, 0.0)) for i in range(len(free))]
    for gain, need in zip(gains, needs, strict=True):  # where it ended early, or by a rounding
        short = gain - sum(prices[i] * count for i, count in need)
        if short > 0:
            prices[need[0][0]] += short / need[0][1]
    return prices


def _pivot(
    rows: list[dict[int, float]], left: list[float], to_gain: dict[int, float], tight: int, column: int
) -> None:
    """Make as much of a column as the tight row allows."""
    by = rows[tight][column]
    row = rows[tight] = {j: value / by for j, value in rows[tight].items()}
    left[tight] /= by
    for i, other in enumerate([*rows, to_gain]):
        times = other.get(column, 0.0)
        if i == tight or not times:
            continue
        for j, value in row.items():
            changed = other.get(j, 0.0) - times * value
            if -EPSILON < changed < EPSILON:
                other.pop(j, None)
            else:
                other[j] = changed
        if i < len(left):
            left[i] -= times * left[tight]


def search(
    options: Sequence[Option], free: Sequence[int], made: list[Option], once: Set[int], nodes_max: int
) -> list[Option]:
    """The best packing that is found within so many nodes, at least as good as `made`.

    Promotions in `once` make one deal at most: each has a pile of its own, with one piece on it.
    """
    own_pile = {promotion: len(free) + k for k, promotion in enumerate(sorted(once))}
    left = [*free, *[1] * len(own_pile)]
    needs = [_need(option, own_pile) for option in options]
    prices = dual_prices([option.net_minor for option in options], needs, left)
    costs = [sum(prices[i] * count for i, count in need) for need in needs]
    best, best_net = made, sum(option.net_minor for option in made)
    bound = sum(price * count for price, count in zip(prices, left, strict=True))
    of_first: list[list[tuple[Option, Need, float]]] = [[] for _ in left]
    for option, need, cost in sorted(zip(options, needs, costs, strict=True), key=_gain_first):
        if bound - cost + option.net_minor + EPSILON >= best_net + 1:
            of_first[need[0][0]].append((option, need, cost))
    chosen: list[Option] = []
    reached: dict[tuple[int, ...], int] = {}
    nodes = 0

    def descend(pile: int, start: int, net: int, bound: float) -> None:
        """Decide for the deals whose dearest piece lies on this pile, from number `start` on."""
        nonlocal best, best_net, nodes
        if net > best_net:
            best, best_net = list(chosen), net
        here = (pile, start, *left)
        if reached.get(here, -1) >= net:
            return
        reached[here] = net
        while pile < len(left):
            if net + bound + EPSILON < best_net + 1 or nodes >= nodes_max:
                return
            for k in range(start, len(of_first[pile]) if left[pile] else 0):
                option, need, cost = of_first[pile][k]
                if all(left[i] >= count for i, count in need):
                    nodes += 1
                    for i, count in need:
                        left[i] -= count
                    chosen.append(option)
                    descend(pile, k, net + option.net_minor, bound - cost)
                    chosen.pop()
                    for i, count in need:
                        left[i] += count
            bound -= prices[pile] * left[pile]
            pile, start = pile + 1, 0

    descend(0, 0, 0, bound)
    return best


def _need(option: Option, own_pile: dict[int, int]) -> Need:
    piles = sorted(set(option.taken))
    need = [(i, option.taken.count(i)) for i in piles]
    if option.promotion in own_pile:
        need.append((own_pile[option.promotion], 1))
    return tuple(need)


def _gain_first(found: tuple[Option, Need, float]) -> tuple[int, tuple[int, ...]]:
    return -found[0].net_minor, found[0].taken
