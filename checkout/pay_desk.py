"""The pay desk: what the store takes by itself, on the spot: cash, gift cards, points; and what it pays out.

A basket may be paid in parts, in any order, cards among them (`cashier.py`).
While a part is held the basket is frozen. Whoever gives the sale up gets every
part back: what the store took by itself at once, a card's part by the terminal
it was paid at, or by staff there. Until then the basket stays frozen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checkout import basket as states
from checkout import events, ledger, payment
from checkout.basket import Basket
from checkout.errors import Refused
from checkout.gift_cards import GiftCard, reference_of
from checkout.ledger import Posting
from checkout.money import divide_half_up
from checkout.payment import CARD, CASH, GIFT_CARD, POINTS, PROVIDED, Payment
from checkout.ports import Books, Page
from checkout.settlement import Settlement, book_on_card, reopened, wanted_part
from checkout.staff import Clerk

CASH_MINOR_MAX = 1_000_000
"""More cash than this (10,000) is not put on a counter (GwG § 10 (6a) would want to know who it is)."""
ROUND_TO_MINOR = 5


Take = Callable[[Page, Basket, int], Payment]
"""Takes a part of a basket's due amount, and says what it took."""


class PayDesk:
    """The use cases of paying without a terminal, for all lanes of one store."""

    def __init__(
        self,
        books: Books,
        settlement: Settlement,
        *,
        takes_cash: Callable[[str], bool] = lambda lane: True,
        rounds_cash: bool = False,
        undoes_cards: Callable[[str], bool] = lambda lane: False,
    ) -> None:
        """`takes_cash` says which lanes have a drawer; `rounds_cash` whether cash is rounded to 5 cents.

        `undoes_cards` says on which lanes a terminal gives a card's part back when it is asked to.
        """
        self._books = books
        self._settlement = settlement
        self._takes_cash = takes_cash
        self._rounds_cash = rounds_cash
        self._undoes_cards = undoes_cards

    def pay_cash(
        self, lane: str, given_minor: int, request_key: str = "", clerk: Clerk | None = None
    ) -> Basket:
        """So much was put on the counter: a part, or all with change. Raises `Refused`."""

        def take(page: Page, basket: Basket, due_minor: int) -> Payment:
            rounded_minor = self._rounded(due_minor)
            if not min(1, rounded_minor) <= given_minor <= CASH_MINOR_MAX:
                raise Refused("amount_not_possible", limit_minor=CASH_MINOR_MAX)
            if given_minor >= rounded_minor:
                part = self._cash(basket, due_minor, given_minor, rounded_minor - due_minor)
            else:
                part = self._cash(basket, given_minor, given_minor, 0)
            _into_drawer(page, part, ledger.SALE, part.kept_minor)
            return part

        return self._pay(lane, request_key, self._cash_lane(take), clerk)

    def pay_gift_card(
        self, lane: str, amount_minor: int = 0, request_key: str = "", clerk: Clerk | None = None
    ) -> Basket:
        """Take `amount_minor` off the gift card that was handed in, or all that is due and on it.

        What is left on it can still be used for a later part. Raises `Refused`.
        """

        def take(page: Page, basket: Basket, due_minor: int) -> Payment:
            card, balance_minor = self._good_card(page, basket.circumstances.gift_card)
            if balance_minor <= 0:
                raise Refused("gift_card_empty")
            taken_minor = wanted_part(amount_minor, due_minor) or min(due_minor, balance_minor)
            if taken_minor > balance_minor:
                raise Refused("gift_card_short", balance_minor=balance_minor)
            return self._on_card(page, basket, card, ledger.REDEEMED, taken_minor)

        return self._pay(lane, request_key, take, clerk)

    def pay_points(
        self, lane: str, amount_minor: int = 0, request_key: str = "", clerk: Clerk | None = None
    ) -> Basket:
        """Spend the shopper's points on what is due, or on `amount_minor` of it. Raises `Refused`."""

        def take(page: Page, basket: Basket, due_minor: int) -> Payment:
            id = self._settlement.chance.id()
            wanted_minor = wanted_part(amount_minor, due_minor) or due_minor
            taken_minor = self._settlement.purse.spend(page, basket, wanted_minor, id)
            assert 0 < taken_minor <= wanted_minor
            return replace(self._part(basket, POINTS, taken_minor, id), visit=basket.visit)

        return self._pay(lane, request_key, take, clerk)

    def pay_out_cash(self, lane: str, request_key: str = "", clerk: Clerk | None = None) -> Basket:
        """Give the shopper what a negative total says. Raises `Refused`, also where too little lies there."""

        def take(page: Page, basket: Basket, due_minor: int) -> Payment:
            rounding_minor = self._rounded(due_minor) - due_minor
            part = self._cash(basket, due_minor, due_minor + rounding_minor, rounding_minor)
            if page.balance(ledger.drawer_of(lane)) < -part.kept_minor:
                raise Refused("drawer_short")
            _into_drawer(page, part, ledger.PAYOUT, part.kept_minor)
            return part

        return self._pay(lane, request_key, self._cash_lane(take), clerk, out=True)

    def pay_out_on_gift_card(
        self, lane: str, code: str, request_key: str = "", clerk: Clerk | None = None
    ) -> Basket:
        """Put what a negative total says on a gift card that is in use. Raises `Refused`."""

        def take(page: Page, basket: Basket, due_minor: int) -> Payment:
            card, _balance_minor = self._good_card(page, reference_of(code))
            return self._on_card(page, basket, card, ledger.PAID_ON, due_minor)

        return self._pay(lane, request_key, take, clerk, out=True)

    def give_back(self, lane: str, request_key: str = "") -> Basket | None:
        """The shopper gives the sale up after a part was taken. Refused(basket_being_paid) in mid-attempt.

        What the store took by itself is back at once, and the basket is open again; for a card's part the
        basket waits until the terminal, or staff, gave it back.
        """
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if page.seen_before(request_key) or basket is None or basket.state != states.PAYING:
                return basket
            if page.open_payment(basket.id) is not None:
                raise Refused("basket_being_paid")
            for part in page.held_payments(basket.id):
                if part.state == payment.TAKEN:
                    self._give_back(page, basket, part)
            return reopened(page, basket)

    def undoing(self, owed: Payment, receipt_before: int) -> None:
        """The terminal is about to be asked to undo a card's part. It may be asked again: it undoes once."""
        sent = events.CardRefundSent(owed.basket, owed.id, owed.amount_minor, owed.terminal, receipt_before)
        with self._books.page() as page:
            page.announce(sent, owed.lane)

    def left_to_staff(self, payment_id: str, reason: str) -> None:
        """The terminal did not undo a card's part, or nobody can tell: staff do. Told twice, called once."""
        with self._books.page() as page:
            owed = page.payment(payment_id)
            if owed is None or owed.state != payment.OWED or not owed.back_asked_at:
                return
            page.save_payment(replace(owed, back_asked_at=""))
            page.announce(events.CardRefundDeclined(owed.basket, owed.id, reason), owed.lane)
            page.open_task("refund_due", owed.id, owed.lane)

    def returned(self, payment_id: str) -> None:
        """A card's part is back, by the terminal or by staff at it. Told twice, it is booked once."""
        with self._books.page() as page:
            owed = page.payment(payment_id)
            if owed is None or owed.state != payment.OWED:
                return
            page.close_tasks(owed.id, "returned")
            _book_returned(page, owed)
            basket = page.basket(owed.basket)
            if basket is not None:
                reopened(page, basket)

    # How it is done

    def _pay(
        self, lane: str, request_key: str, take: Take, clerk: Clerk | None, *, out: bool = False
    ) -> Basket:
        who = clerk.id if clerk else ""
        self._settlement.before_payment(lane)
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if page.seen_before(request_key) and basket is not None:
                return basket
            basket, due_minor = self._settlement.due(page, basket)
            if due_minor == 0:
                return self._settlement.complete(page, basket, (), who)
            if (due_minor < 0) != out:
                raise Refused("shop_pays_out" if due_minor < 0 else "shopper_pays")
            return self._settlement.book(page, basket, replace(take(page, basket, due_minor), clerk=who))

    def _cash_lane(self, take: Take) -> Take:
        def only_here(page: Page, basket: Basket, due_minor: int) -> Payment:
            if not self._takes_cash(basket.lane):
                raise Refused("no_cash_here")
            return take(page, basket, due_minor)

        return only_here

    def _rounded(self, amount_minor: int) -> int:
        if not self._rounds_cash:
            return amount_minor
        return divide_half_up(amount_minor, ROUND_TO_MINOR) * ROUND_TO_MINOR

    def _part(self, basket: Basket, tender: str, amount_minor: int, id: str = "") -> Payment:
        at = self._settlement.clock().isoformat()
        id = id or self._settlement.chance.id()
        taken = Payment(id, basket.id, basket.lane, amount_minor, payment.TAKEN, tender=tender)
        return replace(taken, asked_at=at, found_by="counter")

    def _cash(self, basket: Basket, amount_minor: int, given_minor: int, rounding_minor: int) -> Payment:
        part = self._part(basket, CASH, amount_minor)
        return replace(part, given_minor=given_minor, rounding_minor=rounding_minor)

    def _on_card(self, page: Page, basket: Basket, card: GiftCard, why: str, amount_minor: int) -> Payment:
        part = self._part(basket, GIFT_CARD, amount_minor)
        left_minor = book_on_card(page, card.reference, why, -amount_minor, part.id, basket.lane)
        return replace(part, gift_card=card.reference, left_minor=left_minor)

    def _good_card(self, page: Page, reference: str) -> tuple[GiftCard, int]:
        """The card, and what is on it. Raises `Refused` if it is not good."""
        card = page.gift_card(reference) if reference else None
        if card is None:
            raise Refused("gift_card_unknown")
        card.must_be_good(self._settlement.today())
        return card, page.balance(ledger.card_account(card.reference))

    def _give_back(self, page: Page, basket: Basket, part: Payment) -> None:
        if part.tender in (CARD, *PROVIDED):
            undone = part.tender == CARD and self._undoes_cards(part.lane)
            at = self._settlement.clock().isoformat() if undone else ""
            page.save_payment(part.in_state(payment.OWED, back_asked_at=at))
            page.announce(events.RefundAsked(part.basket, part.id, part.amount_minor), part.lane)
            if not undone:
                page.open_task("refund_due", part.id, part.lane)
            return
        if part.tender == CASH:
            _into_drawer(page, part, ledger.RETURNED, -part.kept_minor)
        elif part.tender == GIFT_CARD:
            book_on_card(page, part.gift_card, ledger.RETURNED, part.amount_minor, part.id, part.lane)
        else:
            self._settlement.purse.give_back(page, part)
        _book_returned(page, part)


def _into_drawer(page: Page, part: Payment, why: str, amount_minor: int) -> None:
    page.post(Posting(why, ledger.TAKINGS, ledger.drawer_of(part.lane), amount_minor, part.id))


def _book_returned(page: Page, part: Payment) -> None:
    page.save_payment(part.in_state(payment.RETURNED))
    page.announce(events.PaymentReturned(part.basket, part.id, part.tender, part.amount_minor), part.lane)
