"""What the emulated terminal says and prints about a booking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hardware.zvt.books import PAYMENT, REVERSAL, Booking
from hardware.zvt.codec import encode
from hardware.zvt.codes import APPROVED
from hardware.zvt.fields import bcd, ll_length
from hardware.zvt.framing import frame
from hardware.zvt.message import Message
from hardware.zvt.reports import CARD_BRANDS, PrintLine, PrintTextBlock, StatusInformation
from hardware.zvt.tlv import CHARSET, END_OF_TEXT, RECEIPT_KIND, TEXT_LINE, TEXT_LINES, Tlv

TERMINAL_ID = "52500009"
CURRENCY = 978
VERSION = "EMMA 1.0"
CARD_NUMBER = bytes.fromhex("6799999999999999999f")
"""A made-up card, sent as terminals send it: whoever surfaces it is caught by the tests."""
SENDS_TEXT = 0x82
"""Config byte of a registration (2.1): receipts are the shop's (02), and come as text (80)."""
LAST_LINE = 0x80
_HEADS = {PAYMENT: "KUNDENBELEG", REVERSAL: "STORNOBELEG"}


def approval(booking: Booking, when: datetime) -> bytes:
    """Status-Information as terminals send it: with the card's number and a TLV container."""
    status = StatusInformation(
        APPROVED,
        booking.amount_minor,
        booking.receipt_number,
        CURRENCY,
        trace_number=booking.receipt_number,
        original_trace_number=booking.original or None,
        time=f"{when:%H%M%S}",
        date=f"{when:%m%d}",
        terminal_id=TERMINAL_ID,
        card_type=0x05,
        card_name="girocard\0",
        tlv=(Tlv(0x1F10, b"\x01"),),
    )
    card = b"\x22" + ll_length(len(CARD_NUMBER), 2) + CARD_NUMBER
    return frame(StatusInformation.CONTROL, status.body() + card)


def receipt(booking: Booking, config_byte: int | None) -> list[bytes]:
    """The receipt as text, where the ECR registered for that."""
    euro, cents = divmod(booking.amount_minor, 100)
    lines = (
        _HEADS.get(booking.kind, "GUTSCHRIFT"),
        f"Beleg {booking.receipt_number:04}",
        f"Karte {CARD_NUMBER.hex()[:-1]}",
        f"EUR {euro},{cents:02}",
    )
    return [encode(message) for message in printed(lines, config_byte)]


def printed(lines: Sequence[str], config_byte: int | None) -> list[Message]:
    """These lines for the shop's printer, line by line; none where the terminal prints by itself."""
    if config_byte is None or config_byte & SENDS_TEXT != SENDS_TEXT:
        return []
    return [*(PrintLine(0x00, line) for line in lines), PrintLine(LAST_LINE)]


def text_block(lines: Sequence[str], config_byte: int | None) -> list[Message]:
    """These lines as one block, for administration."""
    if config_byte is None or config_byte & SENDS_TEXT != SENDS_TEXT:
        return []
    rows = (*(Tlv(TEXT_LINE, line.encode(CHARSET)) for line in lines), Tlv(END_OF_TEXT, b"\xff"))
    return [PrintTextBlock(tlv=(Tlv(RECEIPT_KIND, b"\x03"), Tlv(TEXT_LINES, rows)))]


def totals(bookings: Sequence[Booking], when: datetime) -> StatusInformation:
    """What the day came to, as End-of-Day tells it. Every emulated card is a girocard."""
    signs = {PAYMENT: 1}
    sum_minor = max(0, sum(signs.get(it.kind, -1) * it.amount_minor for it in bookings))
    numbers = [it.receipt_number for it in bookings]
    first, last = (numbers[0], numbers[-1]) if numbers else (0, 0)
    girocard = bytes([min(len(bookings), 0xFF)]) + bcd(sum_minor, 6)
    others = (b"\x00" + bcd(0, 6)) * (len(CARD_BRANDS) - 1)
    return StatusInformation(
        APPROVED,
        sum_minor,
        time=f"{when:%H%M%S}",
        date=f"{when:%m%d}",
        totals=bcd(first, 2) + bcd(last, 2) + girocard + others,
    )
