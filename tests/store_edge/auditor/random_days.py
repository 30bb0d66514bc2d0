"""Days at a counter as chance has them: everything that may be sold, brought back, given up and counted."""

from __future__ import annotations

import random
from collections.abc import Callable

from checkout.basket import GOODS
from checkout.errors import Refused
from checkout.payment import PROVIDED
from checkout.staff import RIGHTS, Clerk
from tests.conftest import Shop, answer_or_reason

CLERK = Clerk("clerk-1", RIGHTS)
SECOND = Clerk("clerk-2", RIGHTS)
GOODS_SOLD = tuple(one.gtin for one in (Shop.milk, Shop.wine, Shop.cola, Shop.shirt))
LABELLED = "2808151012341"
"""Apples, weighed and labelled."""
CARDS = ("girocard", "Visa credit", "Mastercard", "something else")
CARDS_AT_ONCE = 40


class Days:
    """Two lanes and one clerk, whose days are closed one after the other. The same seed lives the same."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.chance = random.Random(seed)
        self.codes = shop.cards.print_blank(CARDS_AT_ONCE, CLERK)
        self.sold: list[str] = []
        self.paper: list[str] = []
        for lane in ("1", "2"):
            shop.drawers.put_float(lane, 50_000, CLERK)

    def live(self, closings: int, acts: int) -> None:
        for _ in range(closings):
            for _ in range(acts):
                self.act(self.chance.choice(("1", "2")))
                self.shop.clock.forward(seconds=self.chance.randint(5, 90))
            self.shop.days.close_day(CLERK, though_paying=True)
            self.shop.clock.forward(hours=24)

    def act(self, lane: str) -> None:
        """One thing, whether it is possible just now or not."""
        usual = [self.shopping] * 6 + [self.pay] * 6
        seldom = [
            self.empties, self.bring_back, self.gift_card, self.cheaper, self.park, self.resume, self.void,
            self.give_up, self.move_cash, self.count, self.change, self.eat_in, self.back_without_receipt,
        ]  # fmt: skip
        chosen = self.chance.choice([*usual, *seldom])
        answer_or_reason(lambda: chosen(lane))

    # The basket

    def shopping(self, lane: str) -> None:
        for _ in range(self.chance.randint(1, 4)):
            code = self.chance.choice([*GOODS_SOLD, LABELLED])
            self.shop.till.scan(lane, code, how="serial")

    def empties(self, lane: str) -> None:
        self.shop.till.empties.take_empties(lane, "crate", self.chance.randint(1, 3), clerk=CLERK)

    def bring_back(self, lane: str) -> None:
        receipt = self._one_of(self.shop.receipts())
        line = self.chance.randint(1, len(receipt.lines))
        self.shop.returns.bring_back(
            lane, str(receipt.number), line, 1, reason="changed_mind", clerk=CLERK, second=SECOND
        )

    def back_without_receipt(self, lane: str) -> None:
        self.shop.returns.bring_back_without_receipt(
            lane, self.shop.milk.gtin, 1, reason="damaged", clerk=CLERK, second=SECOND
        )

    def gift_card(self, lane: str) -> None:
        if len(self.sold) == len(self.codes):
            self.codes += self.shop.cards.print_blank(CARDS_AT_ONCE, CLERK)
        code = self.codes[len(self.sold)]
        self.shop.cards.sell(lane, code, self.chance.choice((1000, 2500)))
        self.sold.append(code)

    def cheaper(self, lane: str) -> None:
        line = self._line(lane)
        price_minor = self.chance.randint(1, line.unit_price_minor)
        self.shop.till.terms.override_price(lane, line.number, price_minor, "damaged", CLERK, SECOND)

    def change(self, lane: str) -> None:
        self.shop.till.change_quantity(lane, self._line(lane).number, self.chance.randint(1, 5))

    def void(self, lane: str) -> None:
        self.shop.till.void(lane, self._line(lane).number)

    def eat_in(self, lane: str) -> None:
        self.shop.till.terms.eat_in(lane, self.chance.random() < 0.5)

    def park(self, lane: str) -> None:
        self.paper.append(self.shop.parking.park(lane).code)

    def resume(self, lane: str) -> None:
        self.shop.parking.resume(lane, self._one_of(self.paper))

    def give_up(self, lane: str) -> None:
        answer_or_reason(lambda: self.shop.pay_desk.give_back(lane))
        self.shop.till.cancel(lane)

    # The money

    def pay(self, lane: str) -> None:
        ways: list[Callable[[str], object]] = [
            self.in_cash,
            self.by_card,
            self.by_provider,
            self.by_gift_card,
            self.out,
        ]
        self.chance.choice([self.in_cash, self.by_card, *ways])(lane)
        basket = self.shop.basket(lane)
        if basket is not None and basket.state == "paid":
            self.shop.till.cancel(lane)

    def in_cash(self, lane: str) -> None:
        self.shop.pay_desk.pay_cash(lane, self.chance.choice((500, 2000, 5000, 10_000)))

    def by_card(self, lane: str) -> None:
        self.shop.cashier.ask_payment(lane)
        self._goes_through(lane, self.chance.choice(CARDS))

    def by_gift_card(self, lane: str) -> None:
        self.shop.pay_with_gift_card(self._one_of(self.sold), lane=lane)

    def out(self, lane: str) -> None:
        way = self.chance.random()
        if self.sold and way < 0.4:
            self.shop.pay_desk.pay_out_on_gift_card(lane, self._one_of(self.sold))
        elif way < 0.6:
            self.shop.cashier.ask_refund(lane, CLERK)
            self._goes_through(lane, "girocard")
        else:
            self.shop.pay_desk.pay_out_cash(lane)

    def by_provider(self, lane: str) -> None:
        self.shop.cashier.ask_payment(lane, tender=self.chance.choice(PROVIDED), mandate="mandate-1")
        self._goes_through(lane, "")

    def _goes_through(self, lane: str, name: str) -> None:
        asked = self.shop.payment(lane)
        if asked is None:  # nothing was due
            return
        self.shop.cashier.send(asked.id, "device-1", 7)
        self.shop.cashier.taken(asked.id, 8, name, "answer")

    def move_cash(self, lane: str) -> None:
        amount_minor = self.chance.randint(1, 3000)
        drawers = self.shop.drawers
        self.chance.choice(
            [
                lambda: drawers.drop(lane, amount_minor, CLERK),
                lambda: drawers.pay_in(lane, amount_minor, "found", CLERK),
                lambda: drawers.pay_out(lane, amount_minor, "postage", CLERK),
            ]
        )()

    def count(self, lane: str) -> None:
        expected = self.shop.drawers.expected(lane, CLERK)
        self.shop.drawers.count(lane, max(0, expected + self.chance.choice((0, 0, -5, 120))), CLERK)

    def _line(self, lane: str):  # type: ignore[no-untyped-def]
        basket = self.shop.basket(lane)
        if basket is None:
            raise Refused("basket_empty")
        return self._one_of([line for line in basket.standing if line.kind == GOODS])

    def _one_of(self, things):  # type: ignore[no-untyped-def]
        if not things:
            raise Refused("basket_empty")
        return self.chance.choice(things)
