"""A receipt as data; paper and screen render it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from checkout.basket import Basket
from checkout.catalogue import Article
from checkout.events import VatPart
from checkout.payment import Payment
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
    gtin: str
    name: Mapping[str, str]
    quantity: int
    weight_g: int
    unit_price_minor: int
    discount_minor: int
    total_minor: int
    vat_bp: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """`link` is the unguessable end of the digital receipt's address. `at` is ISO 8601 in UTC."""

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

    @property
    def saved_minor(self) -> int:
        return sum(line.discount_minor for line in self.lines)


def write_receipt(
    basket: Basket,
    payment: Payment | None,
    *,
    number: int,
    link: str,
    shop: Shop,
    at: str,
    article: Callable[[str], Article],
) -> Receipt:
    """Write down a sale. The lines' totals and the VAT table's gross amounts each sum to the total."""
    lines = tuple(
        ReceiptLine(
            line.gtin,
            article(line.gtin).name,
            line.quantity,
            line.weight_g,
            line.unit_price_minor,
            line.discount_minor,
            line.total_minor,
            line.vat_bp,
        )
        for line in basket.standing
    )
    vat = vat_table((line.vat_bp, line.total_minor) for line in lines)
    assert sum(part.gross_minor for part in vat) == basket.total_minor
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
        paid_by="card" if payment else "nothing",
        card_name=payment.card_name if payment else "",
        terminal=payment.terminal if payment else "",
        terminal_receipt=payment.receipt_number if payment else 0,
    )
