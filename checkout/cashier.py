"""The cashier: from "please pay" to a written receipt.

A screen only asks; the terminal's agent sends, and comes back with what it
found out. Nothing here talks to a terminal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from checkout import basket as states
from checkout import events, payment
from checkout.basket import Basket
from checkout.catalogue import Article
from checkout.errors import Refused
from checkout.payment import Payment
from checkout.ports import Books, Chance, Page
from checkout.pricing import priced
from checkout.receipt import Receipt, Shop, write_receipt


class Cashier:
    """The use cases of payment, for all lanes of one store."""

    def __init__(
        self,
        books: Books,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        shop: Shop,
        has_terminal: Callable[[str], bool] = lambda lane: True,
    ) -> None:
        """`has_terminal` says of a lane whether somebody there can take the money."""
        self._books = books
        self._has_terminal = has_terminal
        self._clock = clock
        self._chance = chance
        self._shop = shop

    def ask_payment(self, lane: str, request_key: str = "") -> Basket:
        """Freeze the basket and ask for its total; asking twice asks once. Raises `Refused`."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            repeated = page.seen_before(request_key)
            if basket is not None and (basket.state == states.PAYING or repeated):
                return basket
            if basket is None or basket.state == states.PAID or not basket.standing:
                raise Refused("basket_empty")
            if basket.total_minor == 0:
                return self._settle(page, basket, None)
            if not self._has_terminal(lane):
                raise Refused("no_terminal")
            basket = basket.in_state(states.PAYING)
            page.save_basket(basket)
            asked = Payment(
                self._chance.id(),
                basket.id,
                lane,
                basket.total_minor,
                payment.ASKED,
                asked_at=self._clock().isoformat(),
            )
            page.save_payment(asked)
            page.announce(
                events.PaymentAsked(basket.id, asked.id, asked.amount_minor, self._shop.currency), lane
            )
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
            page.announce(
                events.PaymentSent(sent.basket, sent.id, sent.amount_minor, terminal, receipt_before),
                sent.lane,
            )
            return sent

    def progressed(self, sent: Payment, status: int) -> None:
        """The terminal says what it is doing."""
        with self._books.page() as page:
            page.announce(events.PaymentProgressed(sent.basket, sent.id, status), sent.lane)

    def enquired(self, sent: Payment) -> None:
        """No answer came: the terminal is being asked what became of it."""
        with self._books.page() as page:
            page.announce(events.PaymentEnquired(sent.basket, sent.id), sent.lane)

    def taken(self, payment_id: str, receipt_number: int, card_name: str, found_by: str) -> Basket:
        """Money moved: complete the sale and write its receipt, all on one page.

        Raises Refused(payment_not_open) if the payment was already declined.
        Told twice, it settles once.
        """
        with self._books.page() as page:
            found, basket = self._payment_and_basket(page, payment_id)
            if found.state == payment.TAKEN:
                return basket
            taken = found.in_state(
                payment.TAKEN, receipt_number=receipt_number, card_name=card_name, found_by=found_by
            )
            page.save_payment(taken)
            page.announce(
                events.PaymentTaken(
                    taken.basket, taken.id, taken.amount_minor, taken.terminal, receipt_number, found_by
                ),
                taken.lane,
            )
            page.close_tasks(taken.id, "taken")
            return self._settle(page, basket, taken)

    def taken_after_all(self, payment_id: str, receipt_number: int) -> None:
        """Money moved for a payment that counts as not made: staff give it back. Told twice, called once."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None or found.state != payment.DECLINED or found.receipt_number == receipt_number:
                return
            page.save_payment(replace(found, receipt_number=receipt_number))
            page.open_task("payment_taken_after_all", found.id, found.lane)

    def declined(self, payment_id: str, reason: str) -> None:
        """No money moved: the basket is open again. Told twice, it is declined once."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None or found.state == payment.DECLINED:
                return
            self._decline(page, found, reason)

    def unknown(self, payment_id: str) -> None:
        """Nobody can tell whether money moved: staff decide; it is never asked for again."""
        with self._books.page() as page:
            found = page.payment(payment_id)
            if found is None or found.state != payment.SENT:
                return
            page.save_payment(found.in_state(payment.UNKNOWN))
            page.announce(events.PaymentUnknown(found.basket, found.id), found.lane)
            page.open_task("payment_unknown", found.id, found.lane)

    # How it is done

    def _payment_and_basket(self, page: Page, payment_id: str) -> tuple[Payment, Basket]:
        found = page.payment(payment_id)
        basket = page.basket(found.basket) if found else None
        if found is None or basket is None:
            raise Refused("payment_not_open")
        return found, basket

    def _decline(self, page: Page, found: Payment, reason: str) -> None:
        page.save_payment(found.in_state(payment.DECLINED))
        basket = page.basket(found.basket)
        if basket is not None and basket.state == states.PAYING:
            # An offer may have come or gone while the amount was frozen.
            page.save_basket(priced(basket.in_state(states.OPEN), page.promotions(basket.visit)))
        page.announce(events.PaymentDeclined(found.basket, found.id, reason), found.lane)
        page.close_tasks(found.id, "declined")

    def _settle(self, page: Page, basket: Basket, taken: Payment | None) -> Basket:
        assert taken is None or taken.amount_minor == basket.total_minor
        receipt = write_receipt(
            basket,
            taken,
            number=page.next_receipt_number(),
            link=self._chance.secret(),
            shop=self._shop,
            at=self._clock().isoformat(timespec="seconds"),
            article=lambda gtin: _known(page, gtin),
        )
        basket = basket.in_state(states.PAID)
        page.save_basket(basket)
        page.save_receipt(receipt, basket.id)
        page.sell_epcs(basket.id)
        if basket.visit:
            page.end_visit(basket.visit)
        page.announce(_sale_completed(basket, receipt, taken), basket.lane)
        return basket


def _known(page: Page, gtin: str) -> Article:
    article = page.article(gtin)
    assert article is not None, "articles in an open basket are never deleted"
    return article


def _sale_completed(basket: Basket, receipt: Receipt, taken: Payment | None) -> events.SaleCompleted:
    return events.SaleCompleted(
        basket=basket.id,
        receipt=receipt.number,
        total_minor=receipt.total_minor,
        currency=receipt.shop.currency,
        lines=tuple(
            events.SoldLine(line.gtin, line.quantity, line.weight_g, line.total_minor, line.vat_bp)
            for line in receipt.lines
        ),
        vat=receipt.vat,
        visit=basket.visit,
        paid_by=receipt.paid_by,
        payment=taken.id if taken else "",
    )
