"""Anything that can be done at a counter, in any order; `counter_model.py` says what must hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from checkout import events, payment
from checkout.basket import OPEN, Basket
from checkout.catalogue import ListPrice
from checkout.coupons import Coupon
from checkout.loss import OUTCOMES, REASONS, Sight
from checkout.loyalty.ledger import Bought
from checkout.payment import Payment
from checkout.pricing import priced
from checkout.promotions import build
from checkout.returns import REASONS as WHY_BACK
from checkout.shopper import Membership, PersonalOffer, VisitCard
from checkout.staff import RIGHTS, By, Clerk
from tests.checkout.conftest import MemoryShop
from tests.checkout.counter_model import Bystander, as_it_stands, laws_of
from tests.conftest import Shop, answer_or_reason, with_check_digit

ANNA, BERT, CARLA = Clerk("anna", RIGHTS), Clerk("bert", frozenset({"serve"})), Clerk("carla", RIGHTS)

# The shop in which it plays

FOR_STAFF = ListPrice(dt.datetime.fromisoformat("2026-01-01"), 99, group="staff")
MILK = replace(Shop.milk, prices=(FOR_STAFF,))
WINE = replace(Shop.wine, age_min=16, groups=("alcohol",), quantity_max=12)
GIN = replace(Shop.rolls, item="", price_minor=1799, vat="standard", age_min=18, groups=("alcohol",))
COFFEE = replace(Shop.milk, gtin=with_check_digit("952000100099"), price_minor=250, vat="milk_drink")
SHELF = (MILK, WINE, GIN, COFFEE, Shop.apples, Shop.shirt, Shop.cola)
RUNNING = (
    build("n-for-m", "three-for-two", {"gtin": MILK.gtin, "take": 3, "pay": 2}),
    build("threshold", "five-off", {"spend": 40.0, "off": 5.0}),
    build("percent", "staff", {"percent": 7, "groups": ["alcohol"], "customers": ["staff"]}),
    build("percent", "wine-coupon", {"percent": 20, "gtin": WINE.gtin, "coupon": "wine"}),
    build("points", "points", {"times": 3, "gtin": COFFEE.gtin}),
)
COUPONS = (
    Coupon("euro", "EURO", {"de": "1 Euro"}, amount_minor=100, goods_minor_min=500, times_max=2),
    Coupon("tenth", "TENTH", {"de": "10 %"}, percent=10),
    Coupon("wine", "WINE20", {"de": "Wein"}, promotion="wine-coupon", times_max=1),
)
LABEL, BROKEN_LABEL = "2808151012341", "2808159012343"
VOUCHERS = [with_check_digit(f"980{number:05}{minor:04}") for number, minor in ((1, 125), (2, 800))]
PIECES = [article.gtin for article in SHELF if article.unit == "piece"]
GOODS = [*PIECES, LABEL]
CODES = [
    *GOODS,
    BROKEN_LABEL,
    with_check_digit("952000100999"),
    *VOUCHERS,
    *(coupon.number for coupon in COUPONS),
]

LANES = st.sampled_from(["1", "1", "2"])
WHICH = st.integers(0, 30)
"""Which of what there is, counted around."""
SOME_GOODS = st.lists(st.sampled_from(GOODS), min_size=1, max_size=5)
CLERKS = st.sampled_from([ANNA, ANNA, BERT])
SECONDS = st.sampled_from([None, ANNA, CARLA])
TWICE = st.booleans()
TAGS = [Shop.shirt_tag(MemoryShop(), serial) for serial in range(1, 5)]  # type: ignore[arg-type]
LAID = st.lists(st.sampled_from(TAGS), max_size=3)

Act = Callable[[str], object]


class Counter(RuleBasedStateMachine):
    """A shop with two lanes, one member who comes again and again, and staff."""

    def __init__(self, new_shop: Callable[..., MemoryShop]) -> None:
        super().__init__()
        self.shop = new_shop(coupons=COUPONS)
        self.shop.put_on_the_shelf(*SHELF)
        self.shop.run(*RUNNING)
        self.bystander = Bystander([Bought("before", self.shop.clock().date(), 500_00)])
        self.keys = 0
        self.cards = self.shop.cards.print_blank(3, ANNA)
        for lane in ("1", "2"):
            self.shop.drawers.put_float(lane, 20_00, ANNA)

    # What every act is held to

    def does(self, act: Act, twice: bool = False) -> bool:
        """Do something; False if it is refused, and then nothing has changed. Asked twice it is done once."""
        before, heard = as_it_stands(self.sheet), len(self.sheet.announced)
        self.keys += 1
        key = f"k{self.keys}"
        refused = answer_or_reason(lambda: act(key))[1]
        if refused:
            said = [event for event, _ in self.sheet.announced[heard:]]
            assert _but_calls(as_it_stands(self.sheet)) == _but_calls(before), f"{refused} changed something"
            assert all(isinstance(event, events.ScanRefused | events.TaskOpened) for event in said)
            return False
        if twice:
            before, heard = as_it_stands(self.sheet), len(self.sheet.announced)
            act(key)
            assert as_it_stands(self.sheet) == before, "asked twice, done twice"
            assert len(self.sheet.announced) == heard, "asked twice, announced twice"
        return True

    @property
    def sheet(self) -> Any:
        return self.shop.books.sheet

    def basket(self, lane: str) -> Basket | None:
        return self.sheet.basket_on(lane)

    def line(self, lane: str, which: int) -> int:
        """The number of a line that stands there; 1 if nothing does."""
        basket = self.basket(lane)
        standing = basket.standing if basket else ()
        return standing[which % len(standing)].number if standing else 1

    @invariant()
    def every_law_holds(self) -> None:
        today = self.shop.clock().date()
        self.bystander.listen(self.sheet.announced, today)
        for law, holds in laws_of(self.sheet, self.bystander, today):
            assert holds, law

    @initialize(codes=SOME_GOODS, more=SOME_GOODS)
    def the_morning(self, codes, more):
        """Somebody has bought a gift card and tagged shirts, a member is here, something is parked."""
        self.does(lambda key: self.shop.cards.sell("1", self.cards[0], 25_00))
        self.does(lambda key: self.shop.till.lay_down("1", TAGS[:2]))
        self.a_stranger_shops("1", codes)
        self.a_member_shops("1", [COFFEE.gtin, COFFEE.gtin, *codes], 10)
        self.scan_many("2", more)
        self.does(lambda key: self.shop.parking.park("2"))
        self.scan_many("1", more)

    # Goods

    @rule(lane=LANES, codes=SOME_GOODS)
    def scan_many(self, lane, codes):
        for code in codes:
            self.does(lambda key, code=code: self.shop.till.scan(lane, code, how="serial", request_key=key))

    @rule(lane=LANES, code=st.sampled_from(CODES), twice=TWICE)
    def scan(self, lane, code, twice):
        self.does(lambda key: self.shop.till.scan(lane, code, how="serial", request_key=key), twice)

    @rule(lane=LANES, code=st.sampled_from(GOODS))
    def scan_and_think_better_of_it(self, lane, code):
        """Voiding restores the former state exactly."""
        basket = self.basket(lane)
        if basket is None or basket.state != OPEN or basket.circumstances.empties:
            return
        before = as_it_stands(self.sheet)
        if self.does(lambda key: self.shop.till.scan(lane, code, how="serial")):
            self.does(lambda key: self.shop.till.void(lane, len(self.basket(lane).lines)))
            assert as_it_stands(self.sheet) == before, "voiding restores the former state exactly"

    @rule(lane=LANES, weight_g=st.integers(0, 5_000), twice=TWICE)
    def weigh(self, lane, weight_g, twice):
        act = partial(self.shop.till.add_measured, lane, Shop.apples.gtin, weight_g=weight_g)
        self.does(lambda key: act(request_key=key), twice)

    @rule(lane=LANES, tags=LAID)
    def lay_down(self, lane, tags):
        self.does(lambda key: self.shop.till.lay_down(lane, tags))

    @rule(lane=LANES, tags=LAID)
    def lift(self, lane, tags):
        self.does(lambda key: self.shop.till.lift(lane, tags))

    @rule(lane=LANES, which=WHICH, quantity=st.sampled_from([0, 1, 2, 3, 5, 12, 60, 1000]), twice=TWICE)
    def change_quantity(self, lane, which, quantity, twice):
        act = partial(self.shop.till.change_quantity, lane, self.line(lane, which), quantity)
        self.does(lambda key: act(request_key=key), twice)

    @rule(lane=LANES, which=WHICH, twice=TWICE)
    def void(self, lane, which, twice):
        number = self.line(lane, which)
        self.does(lambda key: self.shop.till.void(lane, number, request_key=key), twice)

    @rule(lane=LANES, by=st.sampled_from([None, By(ANNA), By(ANNA, "", CARLA)]), twice=TWICE)
    def cancel(self, lane, by, twice):
        self.does(lambda key: self.shop.till.cancel(lane, request_key=key, by=by), twice)

    @rule(article=st.sampled_from([MILK, GIN]), price_minor=st.integers(1, 3_000))
    def the_price_list_changes(self, article, price_minor):
        shown = {id: _prices(basket) for id, basket in self.sheet.baskets.items()}
        self.shop.put_on_the_shelf(replace(article, price_minor=price_minor))
        assert shown == {id: _prices(basket) for id, basket in self.sheet.baskets.items()}

    @rule(article=st.sampled_from(SHELF), back=st.sampled_from([True, True, False]))
    def recall(self, article, back):
        act = self.shop.recalls.lift if back else self.shop.recalls.recall
        act(article.gtin, "")

    # Terms

    @rule(lane=LANES, eat_in=st.booleans(), twice=TWICE)
    def eat_in(self, lane, eat_in, twice):
        before = self.basket(lane)
        done = self.does(lambda key: self.shop.till.terms.eat_in(lane, eat_in, request_key=key), twice)
        if done and before is not None and before.state == OPEN:
            assert self.basket(lane).total_minor == before.total_minor, "eaten here it costs the same"

    @rule(lane=LANES, group=st.sampled_from(["", "staff"]), twice=TWICE)
    def sell_to(self, lane, group, twice):
        self.does(lambda key: self.shop.till.terms.sell_to(lane, group, request_key=key), twice)

    @rule(
        lane=LANES, which=WHICH, price_minor=st.integers(-1, 2_000), clerk=CLERKS, second=SECONDS, twice=TWICE
    )
    def override(self, lane, which, price_minor, clerk, second, twice):
        number = self.line(lane, which)
        act = partial(
            self.shop.till.terms.override_price, lane, number, price_minor, "damaged", clerk, second
        )
        self.does(lambda key: act(request_key=key), twice)

    @rule(lane=LANES, which=WHICH, clerk=CLERKS)
    def take_back_override(self, lane, which, clerk):
        number = self.line(lane, which)
        self.does(lambda key: self.shop.till.terms.take_back_override(lane, number, clerk))

    @rule(lane=LANES, years=st.sampled_from([0, 16, 18, 18]), clerk=CLERKS, twice=TWICE)
    def look_at_the_age(self, lane, years, clerk, twice):
        act = partial(self.shop.till.terms.confirm_age, lane, clerk, years)
        self.does(lambda key: act(request_key=key), twice)

    # The shopper

    @rule(lane=LANES, fresh=st.booleans(), twice=TWICE)
    def identify(self, lane, fresh, twice):
        text = f"EMMA1.t{self.keys if fresh else 0}"
        self.does(lambda key: self.shop.till.scan(lane, text, how="camera", request_key=key), twice)

    @rule(lane=LANES, percent=st.integers(0, 60))
    def head_office_answers(self, lane, percent):
        basket = self.basket(lane)
        if basket is None or not basket.visit or self.sheet.visit_card(basket.visit):
            return
        points = self.bystander.points(self.shop.clock().date()).balance
        ends_at = (self.shop.clock() + dt.timedelta(hours=4)).isoformat()
        member = Membership(points, max(0, points) if len(self.sheet.cards) == 0 else 0, ends_at)
        offer = PersonalOffer("offer", Shop.shirt.gtin, percent, {}) if percent else None
        card = VisitCard(True, offer=offer, membership=member)
        self.does(lambda key: self.shop.till.visits.welcome(basket.visit, lane, card))

    @rule(lane=LANES)
    def dismiss(self, lane):
        self.does(lambda key: self.shop.till.visits.dismiss(lane))

    @rule(lane=LANES, twice=TWICE)
    def decline_offer(self, lane, twice):
        self.does(lambda key: self.shop.till.visits.decline_offer(lane, request_key=key), twice)

    # Empties and coupons

    @rule(lane=LANES, on=st.booleans(), twice=TWICE)
    def empties(self, lane, on, twice):
        desk = self.shop.till.empties
        act = partial(desk.begin if on else desk.end, lane)
        self.does(lambda key: act(request_key=key), twice)

    @rule(
        lane=LANES,
        what=st.sampled_from(["single-use", "crate-20", Shop.cola.gtin, "x"]),
        many=WHICH,
        twice=TWICE,
    )
    def hand_back(self, lane, what, many, twice):
        act = partial(self.shop.till.empties.take_empties, lane, what, many, clerk=ANNA)
        self.does(lambda key: act(request_key=key), twice)

    @rule(lane=LANES, which=WHICH, twice=TWICE)
    def keep_coupon(self, lane, which, twice):
        name = COUPONS[which % len(COUPONS)].name
        self.does(lambda key: self.shop.till.coupons.take_back(lane, name, request_key=key), twice)

    # Parking

    @rule(lane=LANES, twice=TWICE)
    def park(self, lane, twice):
        self.does(lambda key: self.shop.parking.park(lane, request_key=key), twice)

    @rule(lane=LANES)
    def walk_away(self, lane):
        """In a shop that parks what was left behind."""
        basket = self.basket(lane)
        if basket is not None and basket.state == OPEN:
            with self.shop.books.page() as page:
                self.shop.parking.park_left(page, basket, "left")

    @precondition(lambda self: self.sheet.parked_baskets)
    @rule(lane=LANES, which=WHICH, twice=TWICE)
    def resume(self, lane, which, twice):
        waiting = list(self.sheet.parked_baskets.values())
        code = waiting[which % len(waiting)].code
        self.does(lambda key: self.shop.till.scan(lane, code, how="serial", request_key=key), twice)

    @rule(hours=st.sampled_from([0.01, 1, 5, 24 * 31]))
    def time_passes(self, hours):
        self.shop.clock.forward(hours=hours)
        self.shop.parking.expire()

    @rule()
    def the_shop_closes(self):
        self.shop.parking.close_day()

    # Money

    @rule(lane=LANES)
    def settle(self, lane):
        """What an ordinary shopper does at the end."""
        self.does(lambda key: self.shop.till.terms.confirm_age(lane, ANNA, 18))
        self.does(lambda key: self.shop.pay_desk.pay_out_cash(lane))
        self.does(lambda key: self.shop.cashier.ask_payment(lane))
        while self.attempts(payment.ASKED):
            self.the_terminal_answers(True)

    @rule(lane=LANES, codes=SOME_GOODS)
    def a_stranger_shops(self, lane, codes):
        self.scan_many(lane, codes)
        self.settle(lane)

    @rule(lane=LANES, codes=SOME_GOODS, percent=st.integers(0, 60))
    def a_member_shops(self, lane, codes, percent):
        self.identify(lane, True, False)
        self.head_office_answers(lane, percent)
        self.scan_many(lane, codes)
        self.pay_with_points(lane, 0, False)
        self.settle(lane)

    @rule(lane=LANES, codes=SOME_GOODS, first_minor=st.sampled_from([100, 500, 10_000]))
    def somebody_pays_in_parts(self, lane, codes, first_minor):
        self.scan_many(lane, codes)
        self.does(lambda key: self.shop.till.terms.confirm_age(lane, ANNA, 18))
        self.pay_cash(lane, first_minor, False)
        self.use_gift_card(lane, 0, False, False)
        self.ask_for_a_card(lane, 0, False)

    @rule(lane=LANES, receipt=WHICH, line=WHICH, codes=SOME_GOODS)
    def an_exchange(self, lane, receipt, line, codes):
        self.bring_back(lane, receipt, line, 1, "damaged", CARLA, False)
        self.scan_many(lane, codes)
        self.settle(lane)

    @rule(lane=LANES, amount_minor=st.sampled_from([0, 0, 100, 1_000]), twice=TWICE)
    def ask_for_a_card(self, lane, amount_minor, twice):
        act = partial(self.shop.cashier.ask_payment, lane, amount_minor=amount_minor)
        self.does(lambda key: act(request_key=key), twice)

    @rule(lane=LANES, given_minor=st.sampled_from([0, 1, 500, 2_000, 10_000, 50_000]), twice=TWICE)
    def pay_cash(self, lane, given_minor, twice):
        act = partial(self.shop.pay_desk.pay_cash, lane, given_minor)
        self.does(lambda key: act(request_key=key), twice)

    @rule(lane=LANES, twice=TWICE)
    def pay_out(self, lane, twice):
        self.does(lambda key: self.shop.pay_desk.pay_out_cash(lane, request_key=key), twice)

    @rule(lane=LANES, amount_minor=st.sampled_from([0, 0, 50]), twice=TWICE)
    def pay_with_points(self, lane, amount_minor, twice):
        act = partial(self.shop.pay_desk.pay_points, lane, amount_minor)
        self.does(lambda key: act(request_key=key), twice)

    @rule(lane=LANES, which=WHICH, worth_minor=st.sampled_from([99, 1_000, 2_500]), twice=TWICE)
    def sell_gift_card(self, lane, which, worth_minor, twice):
        act = partial(self.shop.cards.sell, lane, self.cards[which % len(self.cards)], worth_minor)
        self.does(lambda key: act(request_key=key), twice)

    @rule(lane=LANES, which=WHICH, out=st.booleans(), twice=TWICE)
    def use_gift_card(self, lane, which, out, twice):
        desk, code = self.shop.pay_desk, self.cards[which % len(self.cards)]
        if out:
            self.does(lambda key: desk.pay_out_on_gift_card(lane, code, request_key=key), twice)
            return
        self.does(lambda key: self.shop.till.gift_cards.hand_in(lane, code, key), twice)
        self.does(lambda key: desk.pay_gift_card(lane, request_key=key), twice)

    @rule(lane=LANES, twice=TWICE)
    def take_the_gift_card_back(self, lane, twice):
        self.does(lambda key: self.shop.till.gift_cards.take_back(lane, key), twice)

    @rule(lane=LANES, clerk=CLERKS, twice=TWICE)
    def put_it_on_a_card(self, lane, clerk, twice):
        self.does(lambda key: self.shop.cashier.ask_refund(lane, clerk, key), twice)

    @rule(lane=LANES, twice=TWICE)
    def give_up_paying(self, lane, twice):
        self.does(lambda key: self.shop.pay_desk.give_back(lane, request_key=key), twice)

    @rule(lane=LANES, twice=TWICE)
    def stop(self, lane, twice):
        self.does(lambda key: self.shop.cashier.stop_payment(lane, request_key=key), twice)

    def attempts(self, *in_states: str) -> list[Payment]:
        return [p for p in self.sheet.payments.values() if p.state in in_states and p.tender == payment.CARD]

    @precondition(lambda self: self.attempts(payment.ASKED))
    @rule(taken=st.sampled_from([True, True, True, False]))
    def the_terminal_answers(self, taken):
        asked = self.attempts(payment.ASKED)[0]
        self.does(lambda key: self.shop.cashier.send(asked.id, "terminal-1", 7))
        if taken:
            self.does(lambda key: self.shop.cashier.taken(asked.id, 8, "girocard", "answer"), False)
        else:
            self.does(lambda key: self.shop.cashier.declined(asked.id, "card"))

    @rule(
        which=WHICH, answer=st.sampled_from(["send", "unknown", "taken", "declined", "after all", "returned"])
    )
    def some_answer_comes(self, which, answer):
        """In time or late, to what is open or long over: told twice, done once."""
        payments = [p for p in self.sheet.payments.values() if p.tender == payment.CARD]
        if not payments:
            return
        id, cashier = payments[which % len(payments)].id, self.shop.cashier
        acts: dict[str, Callable[[], object]] = {
            "send": lambda: cashier.send(id, "terminal-1", 7),
            "unknown": lambda: cashier.unknown(id),
            "taken": lambda: cashier.taken(id, 8, "girocard", "answer"),
            "declined": lambda: cashier.declined(id, "card"),
            "after all": lambda: cashier.taken_after_all(id, 8),
            "returned": lambda: self.shop.pay_desk.returned(id),
        }
        self.does(lambda key: acts[answer](), twice=answer != "send")

    # What comes back

    @rule(
        lane=LANES,
        receipt=WHICH,
        line=WHICH,
        many=st.integers(1, 4),
        why=st.sampled_from(sorted(WHY_BACK)),
        second=SECONDS,
        twice=TWICE,
    )
    def bring_back(self, lane, receipt, line, many, why, second, twice):
        receipts = self.shop.receipts()
        if not receipts:
            return
        found = receipts[receipt % len(receipts)]
        number = line % len(found.lines) + 1
        act = partial(self.shop.returns.bring_back, lane, str(found.number), number, many)
        self.does(lambda key: act(reason=why, clerk=ANNA, second=second, request_key=key), twice)

    @rule(
        lane=LANES,
        code=st.sampled_from(GOODS),
        many=st.integers(1, 4),
        second=SECONDS,
        twice=TWICE,
    )
    def bring_back_without_receipt(self, lane, code, many, second, twice):
        act = partial(self.shop.returns.bring_back_without_receipt, lane, code, many, reason="wrong_size")
        self.does(lambda key: act(clerk=ANNA, second=second, request_key=key), twice)

    # Colleagues

    @rule(lane=LANES, bag_g=st.integers(0, 3_000), seen=st.integers(0, 9))
    def look_at_the_bag(self, lane, bag_g, seen):
        self.does(lambda key: self.shop.watch.weighed(lane, bag_g))
        self.does(lambda key: self.shop.watch.saw(lane, Sight(seen, 0.9)))

    @precondition(lambda self: any(kind in REASONS for kind, _, _ in self.sheet.tasks.values()))
    @rule(outcome=st.sampled_from(sorted(OUTCOMES)))
    def a_colleague_looks(self, outcome):
        task = next(id for id, (kind, _, _) in self.sheet.tasks.items() if kind in REASONS)
        self.does(lambda key: self.shop.watch.checked(task, ANNA, outcome, int(outcome == "forgotten")))

    # Laws that need an act of their own

    @rule(lane=LANES, order=st.randoms(use_true_random=False))
    def in_another_order(self, lane, order):
        """The order of scans does not matter for the total."""
        basket = self.basket(lane)
        if basket is None or basket.state != OPEN:
            return
        shuffled = order.sample(basket.lines, len(basket.lines))
        lines = tuple(replace(line, number=number) for number, line in enumerate(shuffled, start=1))
        again = priced(replace(basket, lines=lines), self.sheet.promotions(basket.visit))
        again = self.sheet.coupons.applied(again)
        assert again.total_minor == basket.total_minor, "the order of scans does not matter for the total"

    @rule()
    def what_was_promised_is_booked(self):
        """Each member's receipt says the points that head office books for it."""
        for receipt in self.shop.receipts():
            sale = self.bystander.sold.get(receipt.number)
            if sale is not None and receipt.points is not None:
                entries = [
                    e
                    for e in self.bystander.points(self.shop.clock().date()).entries
                    if e.sale == sale.basket
                ]
                booked = sum(e.points for e in entries if e.kind == "earned")
                assert receipt.points.earned == booked, "the points promised are the points booked"


def _prices(basket: Basket) -> list[int]:
    return [line.unit_price_minor for line in basket.standing]


def _but_calls(state: Any) -> Any:
    """Whoever is refused may have called a colleague."""
    return {word: what for word, what in state.items() if word != "tasks"}


def play(new_shop: Callable[..., MemoryShop], runs: int, steps: int) -> None:
    chosen = settings(
        max_examples=runs,
        stateful_step_count=steps,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(partial(Counter, new_shop), settings=chosen)


def test_whatever_is_done_at_the_counter_its_laws_hold(new_memory_shop: Callable[..., MemoryShop]) -> None:
    play(new_memory_shop, runs=60, steps=30)


@pytest.mark.long
def test_whatever_is_done_in_a_thousand_long_days_its_laws_hold(
    new_memory_shop: Callable[..., MemoryShop],
) -> None:
    play(new_memory_shop, runs=1_000, steps=50)
