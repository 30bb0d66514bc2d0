"""The search for the deals that save most, where promotions want the same pieces.

A table has *piles* of equal pieces and the promotions that want them. An *option* is a deal that could be
made; its `net_minor` is what it takes off above what its pieces are worth without it, where each goes to the
best promotion for it alone. Options that share no piece add up: a weighted set packing.

A small table is searched **exactly**: all options are written down and the best set of them is found
(`checkout.packing`). A large one is divided in three steps, whose work grows with its pieces:

1. **Auction**: each promotion plans its best deals on all pieces, as if it were alone. What is wanted more
   often than it is there gets dearer, by the bid of the first who goes without, and all plan again.
2. **Fill**: the plans' densest deals are made, and who came away empty-handed plans again on what is left.
3. **Improve**: each promotion that got less than it could have alone may go first with all that it touches,
   and stays first if the whole gets better.

All of it depends on prices and ids only, never on the order of scanning or the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import comb

from checkout.packing import Option, densest, gain, gain_above, put_back, search, take
from checkout.promotions import Part, Piece, Promotion

PILES_EXACT, PROMOTIONS_EXACT, PIECES_EXACT = 12, 8, 40
"""Up to here the answer is the best there is; tested against an exhaustive search."""
OPTIONS_MAX = 8_000
NODES_MAX = 20_000
"""How many steps the exact search may take."""
AUCTION_ROUNDS, AUCTION_UNTRIED = 3, 1
"""How often all promotions plan anew, and after how many rounds the plans are worth a try."""
IMPROVEMENTS_MAX = 60
PREFIXES_MAX = 16
BULK_PIECES = 48
"""Of a pile higher than twice this, all but so many pieces go at once to the deal that is best for them."""


@dataclass(frozen=True, slots=True)
class Pile:
    """`count` equal pieces, each worth so much off by itself; who wants them, and for which of its parts."""

    piece: Piece
    count: int
    worth_minor: int
    wanted_by: tuple[tuple[Promotion, int], ...]


class Table:
    """Piles, dearest first, and the promotions that want them, in the order of their ids."""

    def __init__(self, promotions: Sequence[Promotion], piles: Sequence[Pile]) -> None:
        self.promotions = promotions
        self.piles = piles
        self._everybody = range(len(promotions))
        self._for_nothing = [0.0] * len(piles)
        self._alone: list[float] = []
        self._options: dict[tuple[int, tuple[int, ...]], Option] = {}
        self.wanted: list[list[list[int]]] = [[[] for _ in promotion.parts] for promotion in promotions]
        number = {promotion: p for p, promotion in enumerate(promotions)}
        for i, pile in enumerate(piles):
            for promotion, part in pile.wanted_by:
                self.wanted[number[promotion]][part].append(i)
        self.touches = [frozenset(chain.from_iterable(parts)) for parts in self.wanted]
        self._wanting = [sorted({number[promotion] for promotion, _ in pile.wanted_by}) for pile in piles]
        self.once = frozenset(p for p, promotion in enumerate(promotions) if promotion.parts[0].open_ended)

    def best(self) -> list[Option]:
        """The deals to make; the best there are on a small table, good ones on a large one."""
        free = [pile.count for pile in self.piles]
        bulk = self._bulk(free)
        options = self._all_options(free) if self._is_small(free) else None
        if options is None:
            return bulk + self._improved(self._auction(free), free)
        return bulk + search(options, free, self.fill(free, self._everybody), self.once, NODES_MAX)

    def _is_small(self, free: Sequence[int]) -> bool:
        few = len(self.piles) <= PILES_EXACT and len(self.promotions) <= PROMOTIONS_EXACT
        return few and sum(free) <= PIECES_EXACT

    def option(self, promotion: int, taken: tuple[int, ...]) -> Option:
        known = self._options.get((promotion, taken))
        if known is None:
            piles = [self.piles[i] for i in taken]
            off_minor = self.promotions[promotion].takes_off([pile.piece for pile in piles])
            off_minor = min(off_minor, sum([pile.piece.price_minor for pile in piles]))
            net_minor = off_minor - sum([pile.worth_minor for pile in piles])
            known = self._options[promotion, taken] = Option(net_minor, off_minor, promotion, taken)
        return known

    # The auction

    def _auction(self, free: Sequence[int]) -> list[Option]:
        """The best division that a round ends in. `asked` is what the pieces of each pile cost by then."""
        asked = [0.0] * len(free)
        plans = [self._plan(p, free, asked) for p in self._everybody]
        self._alone = [gain(plan) for plan in plans]
        made: list[Option] = []
        for number in range(AUCTION_ROUNDS):
            dearer = self._raise(asked, plans, free)
            for p, touched in enumerate(self.touches):
                if not touched.isdisjoint(dearer):
                    plans[p] = self._plan(p, free, asked)
            if number >= AUCTION_UNTRIED:
                made = max(made, self._filled_up(plans, free, asked), key=gain)
        return made

    def _raise(self, asked: list[float], plans: Sequence[Sequence[Option]], free: Sequence[int]) -> list[int]:
        """Each pile gets dearer by the highest bid that goes without, and cheaper if some of it is left."""
        bids: list[list[float]] = [[] for _ in free]
        for option in chain.from_iterable(plans):
            bid = gain_above(option, asked) / len(option.taken)
            for i in option.taken:
                bids[i].append(bid)
        changed = []
        for i, (offered, count) in enumerate(zip(bids, free, strict=True)):
            if len(offered) > count:
                asked[i] += sorted(offered, reverse=True)[count]
                changed.append(i)
            elif len(offered) < count and asked[i]:
                asked[i] /= 2
                changed.append(i)
        return changed

    def _filled_up(
        self, plans: Sequence[Sequence[Option]], free: Sequence[int], asked: Sequence[float]
    ) -> list[Option]:
        """The plans as far as they fit, and what can be made of the rest."""
        left = list(free)
        made, _ = densest([*chain.from_iterable(plans)], left, asked)
        used_up = self.once.intersection(option.promotion for option in made)
        return made + self.fill(left, [p for p in self._everybody if p not in used_up])

    # Filling

    def fill(self, free: Sequence[int], planning: Sequence[int]) -> list[Option]:
        """Deals made of the free pieces by these promotions; first what gains most per piece."""
        left = list(free)
        made: list[Option] = []
        while planning:
            plans = [option for p in planning for option in self._plan(p, left, self._for_nothing)]
            more, planning = densest(plans, left, self._for_nothing)
            made += more
        return made

    def _plan(self, promotion: int, free: Sequence[int], asked: Sequence[float]) -> list[Option]:
        """The best deals that one promotion finds on the free pieces, at what is asked for them."""
        parts = self.promotions[promotion].parts
        if len(parts) > 1:
            return self._plan_of_parts(promotion, parts, free, asked)
        sequence = [i for i in self.wanted[promotion][0] for _ in range(free[i])]
        if len(sequence) < parts[0].count:
            return []
        share = {
            i: (self.piles[i].worth_minor + asked[i]) / self.piles[i].piece.price_minor for i in sequence
        }
        if parts[0].open_ended:
            modest = sorted(sequence, key=lambda i: (share[i], i))
            return self._plan_open_ended(promotion, parts[0].count, modest, asked)
        plan = self._plan_in_a_row(promotion, parts[0].count, sequence, asked)
        least = min(share.values())
        modest = [i for i in sequence if share[i] == least]
        if len(modest) == len(sequence):
            return plan
        without_others = self._plan_in_a_row(promotion, parts[0].count, modest, asked)  # they do better alone
        return max(plan, without_others, key=lambda plan: gain(plan, asked))

    def _plan_in_a_row(
        self, promotion: int, count: int, sequence: Sequence[int], asked: Sequence[float]
    ) -> list[Option]:
        """Deals of neighbours in the order of prices, some left out between them: the best such row."""
        best = [0.0] * (len(sequence) + 1)
        last: list[Option | None] = [None] * (len(sequence) + 1)
        for end in range(count, len(sequence) + 1):
            option = self.option(promotion, tuple(sequence[end - count : end]))
            with_it = best[end - count] + gain_above(option, asked)
            best[end] = best[end - 1]
            if with_it > best[end]:
                best[end], last[end] = with_it, option
        plan, end = [], len(sequence)
        while end > 0:
            option_here = last[end]
            if option_here is not None:
                plan.append(option_here)
            end -= count if option_here is not None else 1
        return plan

    def _plan_open_ended(
        self, promotion: int, count: int, modest: list[int], asked: Sequence[float]
    ) -> list[Option]:
        """One deal: of all, or of those that lose least by it, who come first."""
        step = max(1, (len(modest) - count) // PREFIXES_MAX)
        lengths = [*range(max(count, 1), len(modest), step), len(modest)]
        options = (self.option(promotion, tuple(sorted(modest[:length]))) for length in lengths)
        # Of equal ones the widest: the amount is split over all that earned it.
        best = max(options, key=lambda option: (gain_above(option, asked), len(option.taken)))
        return [best] if gain_above(best, asked) > 0 else []

    def _plan_of_parts(
        self, promotion: int, parts: Sequence[Part], free: Sequence[int], asked: Sequence[float]
    ) -> list[Option]:
        """Deal after deal, of the pieces that cost most above their worth, or of those least missed."""

        def dear(i: int) -> tuple[float, ...]:
            return (self.piles[i].worth_minor + asked[i] - self.piles[i].piece.price_minor,)

        def unmissed(i: int) -> tuple[float, ...]:
            pile = self.piles[i]
            return (pile.worth_minor + asked[i], len(pile.wanted_by), pile.piece.price_minor)

        plans = (
            self._deal_after_deal(promotion, parts, list(free), asked, rank) for rank in (dear, unmissed)
        )
        return max(plans, key=lambda plan: gain(plan, asked))

    def _deal_after_deal(
        self,
        promotion: int,
        parts: Sequence[Part],
        left: list[int],
        asked: Sequence[float],
        rank: Callable[[int], tuple[float, ...]],
    ) -> list[Option]:
        ranked = [sorted(wanted, key=rank, reverse=True) for wanted in self.wanted[promotion]]
        plan: list[Option] = []
        while True:
            taken: list[int] = []
            for part, wanted in zip(parts, ranked, strict=True):
                chosen = _from_the_end(wanted, part.count, left)
                if len(chosen) < part.count:
                    return plan
                taken += sorted(chosen)
            option = self.option(promotion, tuple(taken))
            if gain_above(option, asked) <= 0:
                return plan
            plan.append(option)

    def _bulk(self, free: list[int]) -> list[Option]:
        """Of very high piles, what goes to the best deal of such pieces alone; `free` keeps the rest."""
        made: list[Option] = []
        for i, pile in enumerate(self.piles):
            if pile.count <= 2 * BULK_PIECES:
                continue
            alike = [
                self.option(p, (i,) * promotion.parts[0].count)
                for p, promotion in enumerate(self.promotions)
                if len(promotion.parts) == 1 and not promotion.parts[0].open_ended and i in self.touches[p]
            ]
            best = max(alike, key=lambda o: (o.net_minor / len(o.taken), -o.promotion), default=None)
            if best is not None and best.net_minor > 0:
                times = (pile.count - BULK_PIECES) // len(best.taken)
                free[i] -= times * len(best.taken)
                made += [best] * times
        return made

    # Improving

    def _improved(self, made: Iterable[Option], free: Sequence[int]) -> list[Option]:
        """Each promotion that had more alone goes first with all that it touches, if that is better.

        Only what it touches is divided anew: the rest stays as it is, and is not looked at.
        """
        made_by: list[list[Option]] = [[] for _ in self.promotions]
        left = list(free)
        for option in made:
            made_by[option.promotion].append(option)
            take(option.taken, left)
        for promotion in range(min(len(self.promotions), IMPROVEMENTS_MAX)):
            if gain(made_by[promotion]) < self._alone[promotion]:
                self._let_go_first(promotion, made_by, left)
        return list(chain.from_iterable(made_by))

    def _let_go_first(self, promotion: int, made_by: list[list[Option]], left: list[int]) -> None:
        """Undo all that a promotion touches, and divide that anew. `left` is what nobody has."""
        touched, neighbours = self.touches[promotion], self._neighbours(promotion)
        kept, undone = {}, []
        for p in (promotion, *neighbours):
            kept[p] = [option for option in made_by[p] if touched.isdisjoint(option.taken)]
            undone += [option for option in made_by[p] if not touched.isdisjoint(option.taken)]
        here = list(left)
        for option in undone:
            put_back(option.taken, here)
        anew = self._plan(promotion, here, self._for_nothing)
        for option in anew:
            take(option.taken, here)
        anew += self.fill(here, [p for p in neighbours if not (p in self.once and kept[p])])
        if gain(anew) <= gain(undone):
            return
        for p, options in kept.items():
            made_by[p] = options
        for option in undone:
            put_back(option.taken, left)
        for option in anew:
            made_by[option.promotion].append(option)
            take(option.taken, left)

    def _neighbours(self, promotion: int) -> list[int]:
        """Who wants some of the same pieces."""
        wanting = set(chain.from_iterable(self._wanting[i] for i in self.touches[promotion]))
        return sorted(wanting - {promotion})

    # Writing all options down

    def _all_options(self, free: Sequence[int]) -> list[Option] | None:
        """Each option with a gain, of those that use the same up the best; None if there are too many."""
        if sum(self._estimate(p, free) for p in self._everybody) > OPTIONS_MAX:
            return None
        best: dict[tuple[tuple[int, ...], int], Option] = {}
        for p, promotion in enumerate(self.promotions):
            for taken in self._takings(p, promotion.parts, free):
                option = self.option(p, taken)
                alike = (option.uses, p if p in self.once else -1)
                known = best.get(alike)
                if option.net_minor > 0 and (known is None or option.net_minor > known.net_minor):
                    best[alike] = option
        return list(best.values())

    def _estimate(self, promotion: int, free: Sequence[int]) -> int:
        """Not fewer than the deals that are possible."""
        parts = self.promotions[promotion].parts
        if parts[0].open_ended:
            ways = 1
            for i in self._contested(promotion):
                ways *= free[i] + 1
            return ways
        ways = 1
        for part, wanted in zip(parts, self.wanted[promotion], strict=True):
            piles, pieces = len(wanted), sum(min(free[i], part.count) for i in wanted)
            ways *= min(comb(pieces, part.count), comb(max(piles + part.count - 1, 0), part.count))
        return ways

    def _contested(self, promotion: int) -> list[int]:
        """Piles that an open-ended promotion need not have: somebody else has a use for them."""
        return [
            i
            for i in self.wanted[promotion][0]
            if self.piles[i].worth_minor or self._wanting[i] != [promotion]
        ]

    def _takings(
        self, promotion: int, parts: Sequence[Part], free: Sequence[int]
    ) -> Iterator[tuple[int, ...]]:
        if parts[0].open_ended:
            yield from self._open_takings(promotion, parts[0].count, free)
            return
        yield from self._part_takings(promotion, parts, 0, list(free))

    def _open_takings(self, promotion: int, least: int, free: Sequence[int]) -> Iterator[tuple[int, ...]]:
        contested = self._contested(promotion)
        sure = [i for i in self.wanted[promotion][0] if i not in contested for _ in range(free[i])]
        chosen: list[tuple[int, ...]] = [()]
        for i in contested:
            chosen = [(*some, *(i,) * n) for some in chosen for n in range(free[i] + 1)]
        for some in chosen:
            if len(sure) + len(some) >= max(least, 1):
                yield tuple(sorted((*sure, *some)))

    def _part_takings(
        self, promotion: int, parts: Sequence[Part], part: int, left: list[int]
    ) -> Iterator[tuple[int, ...]]:
        if part == len(parts):
            yield ()
            return
        for chosen in _choices(self.wanted[promotion][part], parts[part].count, left):
            take(chosen, left)
            for rest in self._part_takings(promotion, parts, part + 1, left):
                yield chosen + rest
            put_back(chosen, left)


def _choices(piles: Sequence[int], count: int, free: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All ways to take so many pieces from these piles, dearest first."""
    if count == 0:
        yield ()
        return
    for k, i in enumerate(piles):
        for n in range(min(free[i], count), 0, -1):
            for rest in _choices(piles[k + 1 :], count - n, free):
                yield (i,) * n + rest


def _from_the_end(piles: list[int], count: int, left: list[int]) -> list[int]:
    """Takes so many pieces from the last of these piles, as long as there are any; drops empty piles."""
    chosen: list[int] = []
    while piles and len(chosen) < count:
        if left[piles[-1]]:
            left[piles[-1]] -= 1
            chosen.append(piles[-1])
        else:
            piles.pop()
    return chosen
