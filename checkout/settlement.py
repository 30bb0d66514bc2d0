"""What a basket still costs, and what follows when that is nothing: a completed sale with its receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from checkout import basket as states
from checkout import events, gift_cards, ledger
from checkout.basket import VOUCHER, Basket, Line
from checkout.coupon_desk import may_hold_paper, used_up
from checkout.errors import Refused
from checkout.gift_cards import GIFT_CARD
from checkout.loss import BLOCKING
from checkout.loyalty.purse import Purse
from checkout.payment import CARD, OWED, Payment, sum_of
from checkout.ports import Chance, Page
from checkout.pricing import points_times, priced
from checkout.receipt import Receipt, Shop, write_receipt
from checkout.restrictions import SaleBan, refuse_unchecked
from checkout.returns import take_home


def wanted_part(amount_minor: int, due_minor: int) -> int:
    """What was named of what is due, 0 for "as much as possible". Raises `Refused`."""
    if amount_minor < 0:
        raise Refused("amount_not_possible")
    if amount_minor > due_minor:
        raise Refused("more_than_due", due_minor=due_minor)
    return amount_minor


def reopened(page: Page, basket: Basket) -> Basket:
    """Nothing is paid of it (any more): it may change again. Stays as it is while a part is held."""
    if basket.state != states.PAYING or page.held_payments(basket.id):
        return basket
    # An offer may have come or gone while the amount was frozen.
    basket = priced(basket.in_state(states.OPEN), page.promotions(basket.visit))
    basket = page.coupons.applied(basket)
    page.save_basket(basket)
    return basket


class Settlement:
    """The end of every sale, however it was paid."""

    def __init__(
        self,
        *,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        shop: Shop,
        names: Mapping[str, Mapping[str, str]],
        timezone: dt.tzinfo,
        bans: Sequence[SaleBan],
        purse: Purse,
        before_payment: Callable[[str], None],
        paper_wait: dt.timedelta,
    ) -> None:
        """`names` are what promotions are called, by their ids and in each language.

        `before_payment` calls whoever must look at a lane's basket first, on a page of its own: a refusal
        must not tear the call out again. `paper_wait` is how long head office may take to say whether
        paper is good.
        """
        self._paper_wait = paper_wait
        self.before_payment = before_payment
        self._names = names
        self._bans = bans
        self.purse = purse
        self.shop = shop
        self.clock = clock
        self.chance = chance
        self._timezone = timezone

    def today(self) -> dt.date:
        """The day it is in the shop."""
        return self.clock().astimezone(self._timezone).date()

    def due(self, page: Page, basket: Basket | None) -> tuple[Basket, int]:
        """The basket to pay and what is due, however it is to be paid; negative where the shop pays.

        Raises Refused: basket_empty; what an unpaid basket may be held back for (`restrictions`, `loss`);
        paper_being_checked; basket_being_paid while an attempt is open; money_going_back.
        """
        if basket is None or basket.state == states.PAID or not basket.standing:
            raise Refused("basket_empty")
        if basket.state == states.OPEN:
            if not BLOCKING.isdisjoint(page.called_about(basket.id)):
                raise Refused("check_waiting")
            now = self.clock()
            refuse_unchecked(basket, self._bans, now.astimezone(self._timezone))
            if may_hold_paper(basket) and page.still_asked(basket.id, now - self._paper_wait):
                raise Refused("paper_being_checked")
            return basket, basket.total_minor
        if page.open_payment(basket.id) is not None:
            raise Refused("basket_being_paid")
        held = page.held_payments(basket.id)
        if any(part.state == OWED for part in held):
            raise Refused("money_going_back")
        return basket, basket.total_minor - sum_of(held)

    def book(self, page: Page, basket: Basket, part: Payment) -> Basket:
        """Keep a part that was taken, and complete the sale if it was the last."""
        page.save_payment(part)
        whole = part.amount_minor == basket.total_minor
        parts = [part] if whole else page.held_payments(basket.id)
        left_minor = basket.total_minor - sum_of(parts)
        page.announce(_booked(part, left_minor), part.lane)
        if left_minor == 0:
            return self.complete(page, basket, parts, part.clerk)
        if basket.state == states.OPEN:
            basket = basket.in_state(states.PAYING)
            page.save_basket(basket)
        return basket

    def complete(self, page: Page, basket: Basket, parts: Sequence[Payment], clerk: str) -> Basket:
        """Write the receipt, sell what was held, and free what was kept of the shopper."""
        articles = page.articles_among({line.gtin for line in basket.standing})
        receipt = write_receipt(
            basket,
            parts,
            number=page.next_receipt_number(),
            link=self.chance.secret(),
            shop=self.shop,
            at=self.clock().isoformat(timespec="seconds"),
            articles={**articles, GIFT_CARD.gtin: GIFT_CARD},
            names=self._names,
            clerk=clerk,
        )
        awards = points_times(basket, page.promotions(basket.visit))
        card = page.visit_card(basket.visit)
        receipt = replace(receipt, points=self.purse.told(card, basket, awards))
        basket = basket.in_state(states.PAID)
        page.save_basket(basket)
        page.save_receipt(receipt, basket.id)
        for line in basket.standing:
            if line.kind == VOUCHER:
                self._activate(page, line, basket.lane, receipt.number)
        page.sell_epcs(basket.id)
        take_home(page, basket, receipt)
        for redeemed in used_up(page, basket):
            page.announce(redeemed, basket.lane)
        if basket.visit:
            page.end_visit(basket.visit)
        times = [self.purse.times(line, awards) for line in basket.standing]
        offer = card.offer if card else None
        sale = replace(
            _sale_completed(basket, receipt, parts, times),
            opened_at=self._on_the_wall(basket.opened_at),
            offer=events.OfferHeld(offer.offer, offer.gtin, offer.percent) if offer else None,
        )
        page.announce(sale, basket.lane)
        return basket

    def _on_the_wall(self, moment: str) -> str:
        """A moment (ISO 8601) by the shop's clock, without its zone."""
        here = dt.datetime.fromisoformat(moment).astimezone(self._timezone)
        return here.replace(tzinfo=None).isoformat(timespec="seconds")

    def _activate(self, page: Page, line: Line, lane: str, receipt: int) -> None:
        """A gift card is worth something from the moment it is paid for."""
        card = page.gift_card(line.epc)
        assert card is not None, "a card lies in one basket only, and was blank then"
        expires_on = gift_cards.good_until(self.today()).isoformat()
        page.save_gift_card(replace(card, state=gift_cards.ACTIVE, expires_on=expires_on))
        book_on_card(page, card.reference, ledger.SOLD, line.total_minor, str(receipt), lane)


def book_on_card(page: Page, reference: str, why: str, amount_minor: int, about: str, lane: str) -> int:
    """Change a card's balance, in the ledger and in the journal; gives what is on it now."""
    account = ledger.card_account(reference)
    page.post(ledger.Posting(why, ledger.GIFT_CARDS, account, amount_minor, about))
    balance_minor = page.balance(account)
    page.announce(events.GiftCardBooked(reference, why, amount_minor, balance_minor, about), lane)
    return balance_minor


def _booked(part: Payment, left_minor: int) -> events.Event:
    if part.tender == CARD and part.goes_out:
        return events.CardRefundMade(
            part.basket, part.id, -part.amount_minor, part.terminal, part.receipt_number, part.found_by
        )
    return events.PaymentTaken(
        part.basket,
        part.id,
        part.amount_minor,
        part.terminal,
        part.receipt_number,
        part.found_by,
        part.tender,
        left_minor,
    )


def _sale_completed(
    basket: Basket, receipt: Receipt, parts: Sequence[Payment], points_times: Sequence[int]
) -> events.SaleCompleted:
    return events.SaleCompleted(
        basket=basket.id,
        receipt=receipt.number,
        total_minor=receipt.total_minor,
        currency=receipt.shop.currency,
        lines=tuple(
            events.SoldLine(
                line.gtin,
                line.quantity,
                line.weight_g,
                line.total_minor,
                line.vat_bp,
                line.kind,
                line.discount_minor,
                line.deposit_minor,
                times,
                was.unit_price_minor,
                was.length_mm,
                was.fixed_minor,
                was.groups,
                tuple(events.Taken(reduction.by, reduction.amount_minor) for reduction in was.reductions),
            )
            for line, was, times in zip(receipt.lines, basket.standing, points_times, strict=True)
        ),
        vat=receipt.vat,
        visit=basket.visit,
        paid_by=receipt.paid_by,
        payment=parts[0].id if len(parts) == 1 else "",
        tenders=tuple(
            events.TenderPart(part.tender, part.amount_minor, part.id, part.rounding_minor) for part in parts
        ),
        customer_group=basket.circumstances.customer_group,
        coupons=basket.circumstances.coupons,
    )
