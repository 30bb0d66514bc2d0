"""What stands on a receipt, row by row. Paper, page and PDF draw these rows, so that they never differ.

A medium has a hand of its own for figures: narrow on paper, with the currency's sign on a screen.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from checkout.receipt import Process, Receipt, ReceiptLine, Tendered, receipt_code
from checkout.receipt_words import words_in

VAT_LETTERS = string.ascii_uppercase


class Hand(Protocol):
    """How a medium writes figures, in the receipt's language."""

    times: str
    """Between a quantity and a price."""

    def money(self, amount_minor: int) -> str: ...
    def thousandths(self, amount: int) -> str:
        """Grams as kilograms, millimetres as metres, without the unit."""

    def rate(self, rate_bp: int) -> str: ...
    def moment(self, at: str) -> str:
        """A moment (ISO 8601, UTC) in the shop's time."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text across the receipt. `role` is sign (the seller's name), seller, aside, section or thanks."""

    text: str
    role: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A word and its value at the two edges. `role` is facts, sum or fiscal (small, and may be long)."""

    left: str
    right: str
    role: str = "sum"


@dataclass(frozen=True, slots=True)
class Total:
    """What is to be paid. `label` names the currency, as `text` need not."""

    word: str
    label: str
    text: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Note:
    """Below a line: how much of it, what it saves, its deposit, where it comes back from."""

    left: str
    right: str = ""
    role: str = "detail"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the basket: its price before reductions and deposit, and the letter of its tax rate."""

    name: str
    price: str
    letter: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class VatTable:
    """A row each of letter and rate, net, tax and gross. `heads` has a word for each of these columns."""

    heads: tuple[str, str, str, str]
    rows: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A square code with its caption."""

    data: str
    caption: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Here something else begins."""


Row = Text | Pair | Total | Item | VatTable | Code | Rule


def rows_of(receipt: Receipt, hand: Hand, *, language: str = "", address: str = "") -> Iterator[Row]:
    """The receipt in its own or another language; `address` is that of the digital one, "" if it has none.

    All that the law wants is there: UStDV § 33 (seller, day, quantity and kind, gross amount and rate) and
    KassenSichV § 6 (times, transaction, serial numbers, counter and signature, or that the device was out).
    """
    words = words_in(language or receipt.language)
    letters = {part.rate_bp: VAT_LETTERS[i] for i, part in enumerate(receipt.vat)}
    yield Text(receipt.shop.name, "sign")
    for part in receipt.shop.address:
        yield Text(part, "seller")
    yield Text(f"{words['tax_number']} {receipt.shop.tax_number}", "seller")
    number = f"{words['receipt']} {receipt.number} · {words['lane']} {receipt.lane}"
    yield Pair(number, hand.moment(receipt.at), "facts")
    yield Rule()
    if receipt.eat_in:
        yield Text(words["eat_in"], "aside")
    for line in receipt.lines:
        yield _item(line, receipt, letters[line.vat_bp], words, hand, language or receipt.language)
    yield Rule()
    yield from _sums(receipt, words, hand)
    yield Rule()
    yield _vat(receipt, letters, words, hand)
    yield from _points(receipt, words)
    if receipt.process is not None:
        yield from _process(receipt.process, words, hand)
    if receipt.process_code:
        yield Code(receipt.process_code, words["process_code"])
    yield Code(receipt_code(receipt, address), words["scan" if address else "scan_return"])
    yield Text(words["thanks"], "thanks")


def called(names: Mapping[str, str], language: str) -> str:
    """The name in a language, else in the first one there is."""
    return names.get(language) or next(iter(names.values()))


def _item(
    line: ReceiptLine, receipt: Receipt, letter: str, words: Mapping[str, str], hand: Hand, language: str
) -> Item:
    goods_minor = line.total_minor + line.discount_minor - line.deposit_minor
    notes = [*_how_much(line, words, hand), *_reductions(line, receipt, words, hand, language)]
    if line.deposit_minor:
        each = hand.money(abs(line.deposit_minor) // line.quantity)
        many = f" {line.quantity} {hand.times} {each}" if line.quantity > 1 else ""
        notes.append(Note(words["deposit"] + many, hand.money(line.deposit_minor), "deposit"))
    if line.returned is not None:
        of = line.returned
        whence = words["returned"].format(receipt=of.receipt, line=of.line)
        notes.append(Note(whence if of.receipt else words["returned_without"], role="returned"))
    return Item(called(line.name, language), hand.money(goods_minor), letter, tuple(notes))


def _how_much(line: ReceiptLine, words: Mapping[str, str], hand: Hand) -> Iterator[Note]:
    each = hand.money(abs(line.unit_price_minor))
    if line.weight_g:
        yield Note(f"{hand.thousandths(line.weight_g)} kg {hand.times} {each}/kg")
    elif line.length_mm:
        yield Note(f"{hand.thousandths(line.length_mm)} m {hand.times} {each}/m")
    elif line.quantity > 1 and line.returned is not None:  # worth what was paid, which need not divide evenly
        yield Note(f"{line.quantity} {words['pieces']}")
    elif line.quantity > 1:
        yield Note(f"{line.quantity} {hand.times} {each}")


def _reductions(
    line: ReceiptLine, receipt: Receipt, words: Mapping[str, str], hand: Hand, language: str
) -> Iterator[Note]:
    for reduction in line.reductions:
        names = receipt.names.get(reduction.by)
        name = called(names, language) if names else words["offer"]
        yield Note(name, hand.money(-reduction.amount_minor), "saving")
    if line.discount_minor and not line.reductions:  # written before lines told who gave what
        yield Note(words["saved"], hand.money(-line.discount_minor), "saving")


def _sums(receipt: Receipt, words: Mapping[str, str], hand: Hand) -> Iterator[Row]:
    total = hand.money(receipt.total_minor)
    label = f"{words['total']} {receipt.shop.currency}"
    yield Total(words["total"], label, total, receipt.total_minor)
    if receipt.saved_minor:
        yield Pair(words["saved"], hand.money(receipt.saved_minor))
    for part in receipt.tenders:
        yield from _tendered(part, words, hand)
    if receipt.paid_by == "card" and not receipt.tenders:
        yield Pair(
            words["paid_by" if receipt.total_minor >= 0 else "paid_back"], receipt.card_name or words["card"]
        )
    if receipt.terminal_receipt and receipt.paid_by != "nothing":
        yield Pair(words["terminal_receipt"], str(receipt.terminal_receipt))


def _tendered(part: Tendered, words: Mapping[str, str], hand: Hand) -> Iterator[Pair]:
    """One row for what counts, and for cash how it came about."""
    how = part.name or words.get(part.kind, part.kind)
    yield Pair(
        how if part.amount_minor >= 0 else f"{words['paid_back']} {how}", hand.money(part.amount_minor)
    )
    for name, amount_minor in (
        ("rounding", part.rounding_minor),
        ("given", part.given_minor),
        ("change", part.change_minor),
        ("left_on_card", part.left_minor),
    ):
        if amount_minor:
            yield Pair(words[name], hand.money(amount_minor))


def _vat(receipt: Receipt, letters: Mapping[int, str], words: Mapping[str, str], hand: Hand) -> VatTable:
    return VatTable(
        (words["vat"], words["net"], words["vat"], words["gross"]),
        tuple(
            (
                f"{letters[part.rate_bp]} {hand.rate(part.rate_bp)}",
                hand.money(part.net_minor),
                hand.money(part.vat_minor),
                hand.money(part.gross_minor),
            )
            for part in receipt.vat
        ),
    )


def _points(receipt: Receipt, words: Mapping[str, str]) -> Iterator[Row]:
    if receipt.points is None:
        return
    points = receipt.points
    yield Rule()
    yield Pair(words["points_before"], str(points.before))
    if points.spent:
        yield Pair(words["points_spent"], str(-points.spent))
    if points.earned:
        yield Pair(words["points_earned"], str(points.earned))
    yield Pair(words["points_after"], str(points.after))


def _process(process: Process, words: Mapping[str, str], hand: Hand) -> Iterator[Row]:
    """What the signing device says of it; where it was out, that it was (AEAO to § 146a, 7.3)."""
    yield Rule()
    yield Text(words["process" if process.signed else "device_out"], "section")
    for name in ("ordered_at", "started_at", "finished_at"):
        if at := getattr(process, name):
            yield Pair(words[name], hand.moment(at), "fiscal")
    yield Pair(words["till"], process.till, "fiscal")
    if process.signed:
        for name in ("device", "transaction", "counter", "value"):
            yield Pair(words[name], str(getattr(process, name)), "fiscal")
