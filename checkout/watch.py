"""The watch: evidence comes in, questions to a colleague go out, and their answers are learned from.

Nothing here is told to a shopper but that somebody will be right with them, and that only where they wait.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from checkout import basket as states
from checkout import events, gs1, loss, spot_check
from checkout.basket import Basket
from checkout.errors import Refused
from checkout.loss import Bag, Learned, Sight
from checkout.phone_lane import till_of
from checkout.ports import Books, Page
from checkout.spot_check import Budget, Draw, Experience
from checkout.staff import Clerk

PATIENCE_S = 8.0
"""So long a bag may not fit before anybody is called: scanning and laying down take a moment each."""
GATE_AGAIN_S = 300.0
"""Tags that a colleague has just looked at do not call the next one."""
EVERYWHERE = "store"
"""Where the one experience of the spot checks is kept."""
FORGOTTEN_MAX = 999


@dataclass(frozen=True, slots=True)
class GatePass:
    """Tags of ours that went through a gate unpaid, all at once; `at` is ISO 8601 in UTC."""

    tags: tuple[str, ...]
    at: str


class Watch:
    """The use cases of loss prevention, for all lanes of one store."""

    def __init__(
        self,
        books: Books,
        *,
        clock: Callable[[], dt.datetime],
        lot: Callable[[], float],
        spot_lanes: Collection[str] = (),
        budget: Budget = Budget(),  # noqa: B008  (a frozen value)
    ) -> None:
        """`lot` draws an unpredictable number from 0 to 1; on `spot_lanes` shoppers scan by themselves."""
        self._books = books
        self._clock = clock
        self._lot = lot
        self._spot_lanes = frozenset(spot_lanes)
        self._budget = budget

    # Evidence

    def weighed(self, lane: str, bag_g: int) -> bool:
        """The bagging area shows a settled weight; True while it fits or there is no open basket.

        What does not fit is to be told again and again: a bag that fits again takes its question back.
        """
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if basket is None or basket.state != states.OPEN or bag_g < 0:
                return True
            weight_of = _weights(page)
            before = page.remembered(Bag, basket.id) or Bag()
            if (lesson := loss.lesson(before, basket, bag_g, weight_of)) is not None:
                page.remember(*lesson)
            bag = loss.weigh(before, basket, bag_g, self._clock().isoformat(), weight_of)
            page.remember(basket.id, bag)
            if not bag.verdict:
                page.close_tasks(basket.id, "fits", kind=loss.WEIGHT)
            elif self._seconds_since(bag.since) >= PATIENCE_S:
                page.open_task(loss.WEIGHT, basket.id, lane)
            return not bag.verdict

    def saw(self, lane: str, sight: Sight) -> None:
        """The camera over the goods is done counting."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if basket is None or basket.state != states.OPEN:
                return
            if loss.sees_more(basket, sight):
                page.open_task(loss.SIGHT, basket.id, lane)
            else:
                page.close_tasks(basket.id, "fits", kind=loss.SIGHT)

    def passed_gate(self, epcs: Iterable[bytes]) -> None:
        """Tags went through the gate, all in one pass; one question for all that nobody paid for."""
        with self._books.page() as page:
            tags = [epc.hex().upper() for epc in epcs]
            unpaid = loss.unpaid_tags(tags, lambda tag: _is_ours(page, tag), page.epc_holder)
            if not unpaid or any(self._just_seen(page, tag) for tag in unpaid):
                return
            for tag in unpaid:
                page.remember(tag, GatePass(unpaid, self._clock().isoformat()))
            page.open_task(loss.TAG, unpaid[0], "")

    def before_payment(self, lane: str) -> None:
        """The shopper would like to pay: whoever must look first is called now."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if basket is None or basket.state != states.OPEN or not basket.standing:
                return
            bag = page.remembered(Bag, basket.id)
            if bag is not None and bag.verdict:
                page.open_task(loss.WEIGHT, basket.id, lane)
            if till_of(lane) in self._spot_lanes and self._draw(page, basket).chosen:
                page.open_task(loss.SPOT, basket.id, lane)

    # Answers

    def checked(self, task: str, clerk: Clerk, outcome: str, forgotten: int = 0) -> None:
        """A colleague looked: `outcome` of `loss.OUTCOMES`, `forgotten` is how many lines were not scanned.

        Told twice, it is announced once. Raises Refused: not_allowed, quantity_not_possible.
        """
        assert outcome in loss.OUTCOMES, outcome
        clerk.must("serve")
        least = 1 if outcome == loss.FORGOTTEN else 0
        if not least <= forgotten <= FORGOTTEN_MAX:
            raise Refused("quantity_not_possible", limit=FORGOTTEN_MAX)
        with self._books.page() as page:
            waiting = page.waiting_task(task)
            if waiting is None or waiting.kind not in loss.REASONS:
                return
            basket = page.basket(waiting.about) if waiting.kind in loss.BLOCKING else None
            if basket is not None:
                self._learn(page, basket, waiting.kind, outcome)
            page.close_task(task, outcome)
            page.announce(
                events.LossChecked(
                    basket.id if basket else "", task, waiting.kind, outcome, forgotten, clerk.id
                ),
                waiting.lane,
            )

    # How it is done

    def _draw(self, page: Page, basket: Basket) -> Draw:
        """The basket's one draw, as the basket is now."""
        experience = page.remembered(Experience, EVERYWHERE) or Experience()
        facts = spot_check.facts_of(basket, self._clock(), self._budget)
        known = page.remembered(Draw, basket.id)
        if known is None:
            after, draw = spot_check.drawn(experience, facts, self._budget, self._lot())
        else:
            after, draw = spot_check.again(experience, known, facts, self._budget)
        if after != experience:
            page.remember(EVERYWHERE, after)
        page.remember(basket.id, draw)
        return draw

    def _learn(self, page: Page, basket: Basket, kind: str, outcome: str) -> None:
        bag, draw = page.remembered(Bag, basket.id), page.remembered(Draw, basket.id)
        if kind == loss.WEIGHT and bag is not None:
            page.remember(basket.id, loss.approved(bag, basket, _weights(page)))
        if kind == loss.SPOT and draw is not None:
            page.remember(basket.id, replace(draw, checked=True))
            if outcome in (loss.NOTHING, loss.FORGOTTEN):  # else nobody knows what a rescan would have found
                experience = page.remembered(Experience, EVERYWHERE) or Experience()
                found = outcome == loss.FORGOTTEN
                page.remember(EVERYWHERE, spot_check.learned(experience, draw, found))

    def _just_seen(self, page: Page, tag: str) -> bool:
        seen = page.remembered(GatePass, tag)
        return seen is not None and 0 <= self._seconds_since(seen.at) < GATE_AGAIN_S

    def _seconds_since(self, at: str) -> float:
        return (self._clock() - dt.datetime.fromisoformat(at)).total_seconds()


def _weights(page: Page) -> loss.WeightOf:
    return lambda gtin: page.remembered(Learned, gtin)


def _is_ours(page: Page, tag: str) -> bool:
    try:
        return page.article(gs1.gtin_of_epc(bytes.fromhex(tag))) is not None
    except Refused:
        return False
