"""A receipt as data: what was sold, brought back, taxed and paid. `checkout.receipt_rows` puts it into words.

Its code finds it again at the counter: whoever holds the receipt may bring goods back, nobody can guess it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from checkout.basket import GOODS, Basket, Line, Reduction, Returned
from checkout.catalogue import Article
from checkout.errors import Refused
from checkout.events import VatPart
from checkout.payment import CARD, Payment, sum_of
from checkout.tax import vat_table


@dataclass(frozen=True, slots=True)
class Shop:
    """Who sells: what German law wants on every receipt (UStDV § 33, KassenSichV § 6)."""

    id: str
    name: str
    address: tuple[str, ...]
    tax_number: str
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One standing line of the basket. `deposit_minor` is the whole line's, and part of its total."""

    gtin: str
    name: Mapping[str, str]
    quantity: int
    weight_g: int
    unit_price_minor: int
    discount_minor: int
    total_minor: int
    vat_bp: int
    kind: str = GOODS
    reductions: tuple[Reduction, ...] = ()
    length_mm: int = 0
    deposit_minor: int = 0
    epc: str = ""
    returned: Returned | None = None


@dataclass(frozen=True, slots=True)
class Tendered:
    """One part of the payment; `amount_minor` sum to the receipt's total, and are negative for a payout.

    Of cash `given_minor - change_minor == amount_minor + rounding_minor`; for the others all three are 0.
    `name` is the card's; `left_minor` what is left on a gift card.
    """

    kind: str
    amount_minor: int
    given_minor: int = 0
    change_minor: int = 0
    rounding_minor: int = 0
    name: str = ""
    left_minor: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """What is known of a business process when its receipt is printed.

    Times are ISO 8601 in UTC: the device's if it signed, the till's own if not. `till` and `device` are
    serial numbers. `ordered_at` is when the first order began, where the process went on after one.
    """

    till: str
    started_at: str
    finished_at: str
    device: str = ""
    transaction: int = 0
    counter: int = 0
    value: str = ""
    ordered_at: str = ""

    @property
    def signed(self) -> bool:
        return bool(self.transaction and self.value)


@dataclass(frozen=True, slots=True)
class Points:
    """The shopper's points before this purchase and after it, with what it gave and what it cost."""

    before: int
    after: int
    earned: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """`link` is the unguessable end of the digital receipt's address. `at` is ISO 8601 in UTC.

    `paid_by` is the one tender's kind, "several" or "nothing"; `card_name` and `terminal` the first card's.
    `names` says what promotions were called, by their ids and in each language, on the day of the purchase.
    `process` is what the signing device knows of it, and `process_code` the same as a code (DSFinV-K,
    annex I). `clerk` took the last part of the money, by an id; "" where the shopper was alone.
    """

    number: int
    link: str
    shop: Shop
    lane: str
    at: str
    language: str
    lines: tuple[ReceiptLine, ...]
    vat: tuple[VatPart, ...]
    total_minor: int
    paid_by: str
    card_name: str = ""
    terminal: str = ""
    terminal_receipt: int = 0
    tenders: tuple[Tendered, ...] = ()
    points: Points | None = None
    eat_in: bool = False
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    process: Process | None = None
    process_code: str = ""
    clerk: str = ""

    @property
    def saved_minor(self) -> int:
        return sum(line.discount_minor for line in self.lines)


def write_receipt(
    basket: Basket,
    parts: Sequence[Payment],
    *,
    number: int,
    link: str,
    shop: Shop,
    at: str,
    articles: Mapping[str, Article],
    names: Mapping[str, Mapping[str, str]],
    clerk: str = "",
) -> Receipt:
    """Write down a sale. Lines, the VAT table's gross amounts and the parts paid each sum to the total."""
    lines = tuple(_receipt_line(line, articles[line.gtin].name) for line in basket.standing)
    vat = vat_table((line.vat_bp, line.total_minor) for line in lines)
    assert sum(part.gross_minor for part in vat) == sum_of(parts) == basket.total_minor
    kinds = {part.tender for part in parts}
    card = next((part for part in parts if part.tender == CARD), None)
    given = {reduction.by for line in lines for reduction in line.reductions}
    return Receipt(
        number=number,
        link=link,
        shop=shop,
        lane=basket.lane,
        at=at,
        language=basket.language,
        lines=lines,
        vat=vat,
        total_minor=basket.total_minor,
        paid_by="several" if len(kinds) > 1 else next(iter(kinds), "nothing"),
        card_name=card.card_name if card else "",
        terminal=card.terminal if card else "",
        terminal_receipt=card.receipt_number if card else 0,
        tenders=tuple(_tendered(part) for part in parts),
        eat_in=basket.circumstances.eat_in,
        names={by: called for by, called in names.items() if by in given},
        clerk=clerk,
    )


def _tendered(part: Payment) -> Tendered:
    return Tendered(
        part.tender,
        part.amount_minor,
        part.given_minor,
        part.change_minor,
        part.rounding_minor,
        part.card_name,
        part.left_minor,
    )


def _receipt_line(line: Line, name: Mapping[str, str]) -> ReceiptLine:
    return ReceiptLine(
        line.gtin,
        name,
        line.quantity,
        line.weight_g,
        line.unit_price_minor,
        line.discount_minor,
        line.total_minor,
        line.vat_bp,
        line.kind,
        line.reductions,
        line.length_mm,
        line.deposit_total_minor,
        line.epc,
        line.returned,
    )


# The code on it

CODE_CHARS_MAX = 300
_NUMBER = re.compile(r"[1-9][0-9]{0,15}")
_CODE = re.compile(r"EMMAR1\.(?P<shop>[^#]+)\.(?P<link>[A-Za-z0-9_-]+)")
_ADDRESS = re.compile(r"https?://[^/]+/r/(?P<link>[A-Za-z0-9_-]+)(?:\.pdf)?(?:\?[^#]*)?(?:#(?P<shop>.+))?")


@dataclass(frozen=True, slots=True)
class ReceiptCode:
    """Which receipt is meant: by its number or its link. `shop` is "" where the code does not say."""

    number: int = 0
    link: str = ""
    shop: str = ""


def receipt_code(receipt: Receipt, address: str = "") -> str:
    """What the code on a receipt says: the digital one's address if it has one, and always whose it is.

    What stands behind the # is not sent by a browser; at the counter it tells another store's receipt.
    """
    return f"{address}#{receipt.shop.id}" if address else f"EMMAR1.{receipt.shop.id}.{receipt.link}"


def read_receipt_code(text: str) -> ReceiptCode:
    """A typed number, a scanned code or a digital receipt's address. Raises Refused(receipt_unknown)."""
    text = text.strip()
    if len(text) <= CODE_CHARS_MAX:
        if _NUMBER.fullmatch(text):
            return ReceiptCode(number=int(text))
        if found := _CODE.fullmatch(text) or _ADDRESS.fullmatch(text):
            return ReceiptCode(link=found["link"], shop=found["shop"] or "")
    raise Refused("receipt_unknown")
