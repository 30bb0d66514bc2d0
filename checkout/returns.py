"""Goods brought back: with a receipt or without, in part, in exchange for others.

A return is a line of kind "returned" in an ordinary basket, negative where a sale is positive. So an
exchange is one basket with both, and what is left over is paid or paid out by the cashier as ever.

What a piece is worth is fixed by its place on its line: the cents that a promotion or a rounding left over
are spread over the pieces once and for all. Whoever brings back all of them, one by one, in any order, gets
exactly what was paid. The deposit goes back with full goods; empties have lines and rules of their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from checkout import basket as states
from checkout.basket import GOODS, RETURNED, Basket, Line, Returned, checked_quantity, still_there
from checkout.catalogue import Article
from checkout.errors import Refused
from checkout.events import GoodsReturned
from checkout.money import divide_half_up
from checkout.ports import Books, Page
from checkout.pricing import priced
from checkout.receipt import Receipt, ReceiptLine, read_receipt_code
from checkout.staff import Clerk, four_eyes
from checkout.steps import Steps
from checkout.tax import vat_bp

FAULTY = frozenset({"damaged", "recalled", "wrong_article"})
"""Reasons that are the shop's fault: then everything comes back, for two years (BGB §§ 434, 437, 438)."""
FAULT_DAYS_MIN = 730
"""Two years: no shop can grant less (BGB § 438 (1) no. 3)."""
REASONS = FAULTY | {"wrong_size", "not_as_expected", "changed_mind"}
"""Why goods come back. The others are the shop's goodwill, within its own rules."""


@dataclass(frozen=True, slots=True)
class ReturnRules:
    """What the shop grants. Above the amounts, a second pair of eyes is needed for the basket's returns.

    Groups and departments in `excluded` come back only when they are faulty; `without_receipt` says whether
    anything does that nobody has the receipt of.
    """

    goodwill_days: int = 30
    fault_days: int = FAULT_DAYS_MIN
    alone_minor_max: int = 100_00
    alone_without_receipt_minor_max: int = 30_00
    excluded: frozenset[str] = frozenset()
    without_receipt: bool = True

    def exclude(self, article: Article) -> bool:
        return not article.returnable or not self.excluded.isdisjoint(article.promoted_as)


LowestPrice = Callable[[Page, Article], int]
"""The lowest price of an article in the last 30 days, in minor units; today's where nobody kept others."""


def price_of_today(_page: Page, article: Article) -> int:
    return article.price_minor


class ReturnsDesk:
    """The use cases of bringing back, for all lanes of one store. All need a clerk's right "returns"."""

    def __init__(
        self,
        books: Books,
        steps: Steps,
        *,
        shop: str,
        rules: ReturnRules = ReturnRules(),
        lowest_price: LowestPrice = price_of_today,
    ) -> None:
        """`shop` is the store's id: receipts of other stores are refused as such."""
        self._books = books
        self._steps = steps
        self._shop = shop
        self.rules = rules
        self._lowest_price = lowest_price

    def find(self, text: str) -> tuple[Receipt, tuple[int, ...]]:
        """A receipt by its number, code or digital address, and how many pieces of each line are left.

        Raises Refused: receipt_unknown, receipt_of_other_store.
        """
        with self._books.page() as page:
            receipt = self._receipt(page, text)
            return receipt, tuple(
                line.quantity - len(page.returned_pieces(receipt.number, number)) if line.kind == GOODS else 0
                for number, line in enumerate(receipt.lines, start=1)
            )

    def bring_back(
        self,
        lane: str,
        receipt: str,
        line_number: int,
        quantity: int,
        *,
        reason: str,
        clerk: Clerk,
        second: Clerk | None = None,
        request_key: str = "",
    ) -> Basket:
        """Take back so many pieces of a receipt's line, for what was paid for them.

        `receipt` is what `find` reads; a weighed line counts as one piece. Raises Refused: not_allowed,
        receipt_unknown, receipt_of_other_store, line_gone, not_returnable, return_too_late,
        returned_already, quantity_not_possible, second_person_needed, and what any line may be refused for.
        """
        assert reason in REASONS, reason
        clerk.must("returns")
        with self._books.page() as page:
            if page.seen_before(request_key):
                return still_there(page.basket_on(lane))
            found = self._receipt(page, receipt)
            sold = _sold_line(found, line_number)
            self._check_returnable(page, found, sold, reason)
            pieces = _free_pieces(page, found.number, line_number, sold, quantity)
            by = Returned(
                reason, found.number, line_number, pieces, sold.epc, clerk.id, second.id if second else ""
            )
            basket = self._steps.put(page, lane, _line_of_receipt(sold, by))
            page.hold_pieces(by, basket.id)
            self._check_eyes(basket, clerk, second)
            return basket

    def bring_back_without_receipt(
        self,
        lane: str,
        gtin: str,
        quantity: int,
        *,
        reason: str,
        clerk: Clerk,
        second: Clerk | None = None,
        request_key: str = "",
    ) -> Basket:
        """Take back pieces that nobody can tell the receipt of, for what they cost at the least.

        That is what they would cost alone today, promotions included, or the lowest price of the last 30
        days: so nobody gains by buying cheap and bringing back dear. Raises Refused: not_allowed,
        code_unknown, receipt_needed for what is weighed or measured, and where the shop takes nothing back
        without, not_returnable, second_person_needed.
        """
        assert reason in REASONS, reason
        clerk.must("returns")
        with self._books.page() as page:
            if page.seen_before(request_key):
                return still_there(page.basket_on(lane))
            article = page.article(gtin)
            if article is None:
                raise Refused("code_unknown")
            if article.unit != "piece" or not self.rules.without_receipt:
                raise Refused("receipt_needed")
            if self.rules.exclude(article) and reason not in FAULTY:
                raise Refused("not_returnable")
            line = self._line_without_receipt(page, article, checked_quantity(quantity))
            by = Returned(reason, clerk=clerk.id, second=second.id if second else "")
            basket = self._steps.put(page, lane, _negative(line, by))
            self._check_eyes(basket, clerk, second)
            return basket

    # How it is done

    def _receipt(self, page: Page, text: str) -> Receipt:
        code = read_receipt_code(text)
        if code.shop not in ("", self._shop):
            raise Refused("receipt_of_other_store")
        found = page.receipt(code.number) if code.number else page.receipt_by_link(code.link)
        if found is None:
            raise Refused("receipt_unknown")
        return found

    def _check_returnable(self, page: Page, receipt: Receipt, sold: ReceiptLine, reason: str) -> None:
        faulty = reason in FAULTY
        article = page.article(sold.gtin)
        if sold.kind != GOODS or not (faulty or article is None or not self.rules.exclude(article)):
            raise Refused("not_returnable")
        days_max = self.rules.fault_days if faulty else self.rules.goodwill_days
        if self._steps.today() - self._steps.day_of(receipt.at) > dt.timedelta(days=days_max):
            raise Refused("return_too_late", limit=days_max)

    def _check_eyes(self, basket: Basket, clerk: Clerk, second: Clerk | None) -> None:
        """Counted over the whole basket: many small returns are a large one."""
        returned = [line for line in basket.standing if line.returned is not None]
        unproved = [line for line in returned if line.returned is not None and not line.returned.receipt]
        if (
            -sum(line.total_minor for line in returned) > self.rules.alone_minor_max
            or -sum(line.total_minor for line in unproved) > self.rules.alone_without_receipt_minor_max
        ):
            four_eyes(clerk, second)

    def _line_without_receipt(self, page: Page, article: Article, quantity: int) -> Line:
        """What so many pieces would be, sold alone today."""
        line = Line(
            number=1,
            gtin=article.gtin,
            quantity=quantity,
            weight_g=0,
            unit_price_minor=min(article.price_minor, self._lowest_price(page, article)),
            vat_bp=vat_bp(article.vat, self._steps.today()),
            how="returned",
            changed=1,
            groups=article.promoted_as,
            deposit_minor=article.deposit_minor,
        )
        alone = Basket("", "", states.OPEN, 1, (line,), "", self._steps.now().isoformat())
        return priced(alone, page.promotions("")).lines[0]


def worth_minor(paid_minor: int, pieces: int, piece: int) -> int:
    """What one piece of a line is worth, of 1 to `pieces`: the difference of two rounded shares.

    Over all pieces it sums to what was paid for the line, whatever does not divide evenly.
    """
    return divide_half_up(paid_minor * piece, pieces) - divide_half_up(paid_minor * (piece - 1), pieces)


def take_home(page: Page, basket: Basket, receipt: Receipt) -> None:
    """The basket is paid: what was brought back is the shop's again, and its tags can be sold once more."""
    for line in basket.standing:
        if line.returned is None:
            continue
        of = line.returned
        if of.epc:
            page.free_epc(of.epc)
        page.announce(
            GoodsReturned(
                basket=basket.id,
                receipt=receipt.number,
                line=line.number,
                gtin=line.gtin,
                quantity=line.quantity,
                weight_g=line.weight_g,
                length_mm=line.length_mm,
                total_minor=line.total_minor,
                reason=of.reason,
                of_receipt=of.receipt,
                of_line=of.line,
                epc=of.epc,
                clerk=of.clerk,
                second=of.second,
            ),
            basket.lane,
        )


def _sold_line(receipt: Receipt, number: int) -> ReceiptLine:
    if not 1 <= number <= len(receipt.lines):
        raise Refused("line_gone", line=number)
    return receipt.lines[number - 1]


def _free_pieces(page: Page, receipt: int, number: int, sold: ReceiptLine, quantity: int) -> tuple[int, ...]:
    """The first pieces of a line that nobody has brought back, counted from 1."""
    gone = page.returned_pieces(receipt, number)
    free = [piece for piece in range(1, sold.quantity + 1) if piece not in gone]
    if not free:
        raise Refused("returned_already")
    if not 1 <= quantity <= len(free):
        raise Refused("quantity_not_possible", limit=len(free))
    return tuple(free[:quantity])


def _line_of_receipt(sold: ReceiptLine, by: Returned) -> Line:
    goods_minor = sold.total_minor - sold.deposit_minor
    refund_minor = sum(worth_minor(goods_minor, sold.quantity, piece) for piece in by.pieces)
    return Line(
        number=0,
        gtin=sold.gtin,
        quantity=len(by.pieces),
        weight_g=sold.weight_g,
        unit_price_minor=-sold.unit_price_minor if refund_minor else 0,  # given away, so worth nothing
        vat_bp=sold.vat_bp,
        how="returned",
        changed=0,
        fixed_minor=-refund_minor,
        kind=RETURNED,
        length_mm=sold.length_mm,
        deposit_minor=-(sold.deposit_minor // sold.quantity),
        returned=by,
    )


def _negative(line: Line, by: Returned) -> Line:
    """A line that was priced as if it were sold, the other way round."""
    goods_minor = line.gross_minor - line.discount_minor
    return Line(
        number=0,
        gtin=line.gtin,
        quantity=line.quantity,
        weight_g=0,
        unit_price_minor=-line.unit_price_minor if goods_minor else 0,
        vat_bp=line.vat_bp,
        how="returned",
        changed=0,
        fixed_minor=-goods_minor,
        kind=RETURNED,
        deposit_minor=-line.deposit_minor,
        returned=by,
    )
