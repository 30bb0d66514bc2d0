"""Gift cards at the counter: printed, sold, handed in to pay with or taken back, looked at, blocked."""

from __future__ import annotations

from dataclasses import replace

from checkout import events, ledger
from checkout.basket import PAYING, VOUCHER, Basket, Line
from checkout.errors import Refused
from checkout.gift_cards import (
    ACTIVE,
    BLANK,
    BLOCKED,
    GIFT_CARD,
    LOAD_MINOR_MAX,
    LOAD_MINOR_MIN,
    GiftCard,
    new_code,
    reference_of,
)
from checkout.ports import Books, Chance, Page
from checkout.staff import Clerk
from checkout.steps import Steps

PRINT_MAX = 1_000


class GiftCardDesk:
    """The use cases of gift cards; taking money off one that was handed in is the pay desk's."""

    def __init__(self, books: Books, steps: Steps, *, chance: Chance) -> None:
        self._books = books
        self._chance = chance
        self._steps = steps

    def print_blank(self, many: int, clerk: Clerk) -> list[str]:
        """Codes of new cards, worth nothing until they are sold. They are told once and kept nowhere."""
        clerk.must("cash")
        if not 0 < many <= PRINT_MAX:
            raise Refused("quantity_not_possible", limit=PRINT_MAX)
        codes = [new_code(self._chance.secret()) for _ in range(many)]
        with self._books.page() as page:
            for code in codes:
                page.save_gift_card(GiftCard(reference_of(code)))
        return codes

    def sell(self, lane: str, code: str, amount_minor: int, request_key: str = "") -> Basket:
        """Put a blank card into the basket, with so much on it once it is paid for. Raises `Refused`."""
        with self._books.page() as page:
            basket = page.basket_on(lane)
            if page.seen_before(request_key) and basket is not None:
                return basket
            card = _known(page, code)
            if card.state != BLANK:
                raise Refused("gift_card_sold")
            if not LOAD_MINOR_MIN <= amount_minor <= LOAD_MINOR_MAX:
                raise Refused("amount_not_possible", limit_minor=LOAD_MINOR_MAX)
            if page.epc_holder(card.reference) is not None:
                raise Refused("tag_in_other_basket")
            basket = self._steps.put(page, lane, _line(card.reference, amount_minor))
            page.hold_epc(card.reference, basket.id)
            return basket

    def hand_in(self, lane: str, code: str, request_key: str = "", language: str = "") -> Basket:
        """Lay a card ready to pay with, in place of any before: nothing is taken off it yet.

        Raises Refused: basket_being_paid in mid-attempt, gift_card_empty, or why the card is not good.
        """
        with self._books.page() as page:
            basket = self._payable(page, lane) or self._steps.opened(page, lane, language)
            if page.seen_before(request_key):
                return basket
            card = _known(page, code)
            card.must_be_good(self._steps.today())
            if page.balance(ledger.card_account(card.reference)) <= 0:
                raise Refused("gift_card_empty")
            if basket.circumstances.gift_card == card.reference:
                return basket
            basket = _with_card(page, basket, card.reference)
            page.announce(events.GiftCardHandedIn(basket.id, basket.version, card.reference), lane)
            return basket

    def take_back(self, lane: str, request_key: str = "") -> Basket:
        """The shopper would rather not pay with it; what was taken off it stays paid. Raises `Refused`."""
        with self._books.page() as page:
            basket = self._payable(page, lane) or self._steps.to_change(page, lane)
            reference = basket.circumstances.gift_card
            if page.seen_before(request_key) or not reference:
                return basket
            basket = _with_card(page, basket, "")
            page.announce(events.GiftCardTakenBack(basket.id, basket.version, reference), lane)
            return basket

    def ready(self, basket: Basket) -> int:
        """What is on the card that lies ready to pay with, in minor units; 0 without one."""
        reference = basket.circumstances.gift_card
        if not reference:
            return 0
        with self._books.page() as page:
            return page.balance(ledger.card_account(reference))

    def balance(self, code: str) -> tuple[GiftCard, int]:
        """The card, and what is on it in minor units. Raises `Refused`."""
        with self._books.page() as page:
            card = _known(page, code)
            return card, page.balance(ledger.card_account(card.reference))

    def block(self, reference: str, clerk: Clerk) -> None:
        """Nobody can pay with it any more; what is on it stays owed to its owner. Raises `Refused`."""
        clerk.must("cash")
        with self._books.page() as page:
            card = page.gift_card(reference)
            if card is None or card.state != ACTIVE:
                raise Refused("gift_card_unknown")
            page.save_gift_card(replace(card, state=BLOCKED))
            page.announce(events.GiftCardBlocked(reference, clerk.id))

    def _payable(self, page: Page, lane: str) -> Basket | None:
        """A basket of which a part is paid, between two attempts."""
        basket = page.basket_on(lane)
        if basket is None or basket.state != PAYING or page.open_payment(basket.id) is not None:
            return None
        return basket


def _with_card(page: Page, basket: Basket, reference: str) -> Basket:
    """Prices do not depend on it, so they stand as they are."""
    circumstances = replace(basket.circumstances, gift_card=reference)
    basket = replace(basket, version=basket.version + 1, circumstances=circumstances)
    page.save_basket(basket)
    return basket


def _line(reference: str, amount_minor: int) -> Line:
    """A gift card in a basket. Like a tagged piece it is held by one basket, by its reference."""
    return Line(
        number=0,
        gtin=GIFT_CARD.gtin,
        quantity=1,
        weight_g=0,
        unit_price_minor=amount_minor,
        vat_bp=0,
        how="typed",
        changed=0,
        epc=reference,
        kind=VOUCHER,
        vat=GIFT_CARD.vat,
    )


def _known(page: Page, code: str) -> GiftCard:
    card = page.gift_card(reference_of(code))
    if card is None:
        raise Refused("gift_card_unknown")
    return card
