"""The cashier: from "please pay by card" to a written receipt, and money that goes back to a card.

A screen only asks; the agent of a terminal or a provider sends, and comes back
with what it found out. Nothing here talks to either. A refund is a payment of a
negative amount, so it walks through the same states: what was sent is never sent
again. What the store takes by itself, without a terminal, is in `pay_desk.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from checkout import basket as states
from checkout import events, payment
from checkout.basket import Basket
from checkout.errors import Refused
from checkout.loyalty.purse import Purse
from checkout.payment import Payment
from checkout.ports import Books, Chance, Page
from checkout.receipt import Shop
from checkout.restrictions import SaleBan
from checkout.settlement import Settlement, reopened, wanted_part
from checkout.staff import By, Clerk, acted


class Cashier:
    """The use cases of paying by card, for all lanes of one store."""

    def __init__(
        self,
        books: Books,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        shop: Shop,
        names: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        has_terminal: Callable[[str], bool] = lambda lane: True,
        has_provider: Callable[[str, str], bool] = lambda tender, lane: False,
        timezone: dt.tzinfo = dt.UTC,
        bans: Sequence[SaleBan] = (),
        purse: Purse | None = None,
        before_payment: Callable[[str], None] = lambda lane: None,
        paper_wait: dt.timedelta = dt.timedelta(),
    ) -> None:
        """`names` are what promotions are called, by their ids and in each language.

        `has_terminal` says of a lane whether somebody there can take cards, `has_provider` of a tender and a
        lane whether that is offered there. `bans` are the hours at which
        some things are not sold, by the clock of `timezone`. `before_payment` calls whoever must look at the
        lane's basket first; `paper_wait` is how long head office may take to say whether paper is good.
        `settlement` is for the pay desk.
        """
        self._books = books
        self._has_terminal = has_terminal
        self._has_provider = has_provider
        self._clock = clock
        self._chance = chance
        self.settlement = Settlement(
            clock=clock,
            chance=chance,
            shop=shop,
            names=names,
            timezone=timezone,
            bans=bans,
            purse=purse or Purse(clock=clock),
            before_payment=before_payment,
            paper_wait=paper_wait,
        )

    def ask_payment(
        self,
        lane: str,
        request_key: str = "",
        amount_minor: int = 0,
        clerk: Clerk | None = None,
        *,
        tender: str = payment.CARD,
        mandate: str = "",
    ) -> Basket:
        """Freeze the basket and ask for what is due, or for `amount_minor` of it; asking twice asks once.

        `tender` is card, transfer or on_file: with the known shopper's own card, where no `mandate` says
        another one; Refused(no_card_on_file) where there is none. Raises `Refused`;
        Refused(shop_pays_out) as often as it is asked where the shop has to pay: staff are called, once, and
        choose how.
        """
        self.settlement.before_payment(lane)
        with self._books.page() as page:
            basket = page.basket_on(lane)
            repeated = page.seen_before(request_key)
            if basket is not None and (self._is_asking(page, basket) or (repeated and not _pays_out(basket))):
                return basket
            basket, due_minor = self.settlement.due(page, basket)
            if due_minor == 0:
                return self.settlement.complete(page, basket, (), clerk.id if clerk else "")
            if due_minor > 0:
                part_minor = wanted_part(amount_minor, due_minor) or due_minor
                return self._ask(page, basket, part_minor, clerk, tender, mandate)
            if not repeated:
                page.open_task("payout", basket.id, lane)
        raise Refused("shop_pays_out")  # on a page that stays: the task must not be torn out with it

    def ask_refund(self, lane: str, clerk: Clerk, request_key: str = "") -> Basket:
        """Freeze a basket that the shop has to pay for, and ask the terminal to put it on a card.

        Asking twice asks once. Raises Refused: not_allowed, shopper_pays, no_terminal, and what any payment
        may be refused for.
        """
        clerk.must("serve")
        with self._books.page() as page:
            basket = page.basket_on(lane)
            repeated = page.seen_before(request_key)
            if basket is not None and (repeated or self._is_asking(page, basket)):
                return basket
            basket, due_minor = self.settlement.due(page, basket)
            if due_minor >= 0:
                raise Refused("shopper_pays")
            return self._ask(page, basket, due_minor, clerk)

    def _is_asking(self, page: Page, basket: Basket) -> bool:
        return basket.state == states.PAYING and page.open_payment(basket.id) is not None

    def _ask(
        self,
        page: Page,
        basket: Basket,
        amount_minor: int,
        clerk: Clerk | None,
        tender: str = payment.CARD,
        mandate: str = "",
    ) -> Basket:
        if tender == payment.CARD and not self._has_terminal(basket.lane):
            raise Refused("no_terminal")
        if tender != payment.CARD and not self._has_provider(tender, basket.lane):
            raise Refused("not_offered_here")
        if tender == payment.ON_FILE and not mandate:
            mandate = _mandate_of(page, basket)
        if basket.state == states.OPEN:
            basket = basket.in_state(states.PAYING)
            page.save_basket(basket)
        asked = Payment(
            self._chance.id(),
            basket.id,
            basket.lane,
            amount_minor,
            payment.ASKED,
            asked_at=self._clock().isoformat(),
            clerk=clerk.id if clerk else "",
            tender=tender,
            mandate=mandate,
        )
        page.save_payment(asked)
        currency = self.settlement.shop.currency
        if asked.goes_out:
            asking: events.Event = events.CardRefundAsked(basket.id, asked.id, -amount_minor, currency)
        else:
            asking = events.PaymentAsked(basket.id, asked.id, amount_minor, currency, tender)
        page.announce(asking, basket.lane)
        return basket

    def stop_payment(self, lane: str, request_key: str = "") -> None:
        """The shopper would rather not: at once if nothing was sent, else the terminal is asked to let go."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            open_payment = page.open_payment(basket.id) if basket else None
            repeated = page.seen_before(request_key)
            if open_payment is None or repeated:
                return
            if open_payment.state == payment.ASKED:
                self._decline(page, open_payment, "shopper")
            else:
                page.announce(events.PaymentStopAsked(open_payment.basket, open_payment.id), lane)

    def send(self, payment_id: str, terminal: str, receipt_before: int) -> Payment | None:
        """Write down that the terminal is about to be asked. None if the payment is no longer wanted."""
        with self._books.page() as page:
            asked = page.payment(payment_id)
            if asked is None or asked.state != payment.ASKED:
                return None
            sent = asked.in_state(
                payment.SENT,
                terminal=terminal,
                receipt_before=receipt_before,
                sent_at=self._clock().isoformat(),
            )
            page.save_payment(sent)
            what = events.CardRefundSent if sent.goes_out else events.PaymentSent
            amount_minor = abs(sent.amount_minor)
            page.announce(what(sent.basket, sent.id, amount_minor, terminal, receipt_before), sent.lane)
            return sent

    def progressed(self, sent: Payment, status: int) -> None:
        """The terminal says what it is doing."""
        with self._books.page() as page:
            page.announce(events.PaymentProgressed(sent.basket, sent.id, status), sent.lane)

    def enquired(self, sent: Payment) -> None:
        """No answer came: the terminal is being asked what became of it."""
        with self._books.page() as page:
            page.announce(events.PaymentEnquired(sent.basket, sent.id), sent.lane)

    def taken(
        self, payment_id: str, receipt_number: int, card_name: str, found_by: str, by: By | None = None
    ) -> Basket:
        """Money moved: complete the sale and write its receipt, all on one page, or wait for the rest.

        Raises Refused(payment_not_open) if the payment was already declined.
        Told twice, it settles once.
        """
        with self._books.page() as page:
            found, basket = self._payment_and_basket(page, payment_id)
            if found.state in payment.ONCE_TAKEN:
                return basket
            taken = found.in_state(
                payment.TAKEN, receipt_number=receipt_number, card_name=card_name, found_by=found_by
            )
            acted(page, by, "paid", taken.id, taken.lane)
            page.close_tasks(taken.id, "taken")
            return self.settlement.book(page, basket, taken)

    def taken_after_all(self, payment_id: str, receipt_number: int) -> None:
        """Money moved for a payment that counts as not made: staff put it right. Told twice, called once."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None or found.state != payment.DECLINED or found.receipt_number == receipt_number:
                return
            page.save_payment(replace(found, receipt_number=receipt_number))
            kind = "refund_made_after_all" if found.goes_out else "payment_taken_after_all"
            page.open_task(kind, found.id, found.lane)

    def declined(self, payment_id: str, reason: str, by: By | None = None) -> None:
        """No money moved: the basket is open again, unless a part is paid. Told twice, declined once."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None or found.state in (payment.DECLINED, payment.REVERSING):
                return
            acted(page, by, "unpaid", found.id, found.lane)
            self._decline(page, found, reason)

    def unknown(self, payment_id: str) -> None:
        """Nobody can tell whether money moved: staff decide; it is never asked for again."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None or found.state != payment.SENT:
                return
            page.save_payment(found.in_state(payment.UNKNOWN))
            what = events.CardRefundUnknown if found.goes_out else events.PaymentUnknown
            page.announce(what(found.basket, found.id), found.lane)
            page.open_task("refund_unknown" if found.goes_out else "payment_unknown", found.id, found.lane)

    # How it is done

    def _payment_and_basket(self, page: Page, payment_id: str) -> tuple[Payment, Basket]:
        found = page.payment(payment_id)
        basket = page.basket(found.basket) if found else None
        if found is None or basket is None:
            raise Refused("payment_not_open")
        return found, basket

    def _decline(self, page: Page, found: Payment, reason: str) -> None:
        """What only a provider knows the end of is taken back there; the shopper need not wait for that."""
        in_doubt = found.state == payment.UNKNOWN and found.tender in payment.PROVIDED and reason == "staff"
        declined = found.in_state(payment.REVERSING if in_doubt else payment.DECLINED)
        page.save_payment(declined)
        basket = page.basket(found.basket)
        if basket is not None:
            reopened(page, basket)
        what = events.CardRefundDeclined if found.goes_out else events.PaymentDeclined
        page.announce(what(found.basket, found.id, reason), found.lane)
        page.close_tasks(found.id, "declined")
        if declined.back_minor and not in_doubt:
            page.open_task("pay_back", declined.id, declined.lane)


def _mandate_of(page: Page, basket: Basket) -> str:
    card = page.visit_card(basket.visit) if basket.visit else None
    if card is None or card.on_file is None:
        raise Refused("no_card_on_file")
    return card.on_file.mandate


def _pays_out(basket: Basket) -> bool:
    """Whether its shopper is still to be paid."""
    return basket.state == states.OPEN and basket.total_minor < 0
