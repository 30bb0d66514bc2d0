"""A payment: asked -> sent -> taken | declined | unknown -> resolved.

The states that a payment may go through. `sent` is written down before the
first byte leaves for the terminal, so that after any crash an answer is looked
for, and money is never asked for twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from checkout.errors import Refused

ASKED, SENT, TAKEN, DECLINED, UNKNOWN = "asked", "sent", "taken", "declined", "unknown"
NEXT_STATES = {
    ASKED: (SENT, DECLINED),
    SENT: (TAKEN, DECLINED, UNKNOWN),
    UNKNOWN: (TAKEN, DECLINED),
    TAKEN: (),
    DECLINED: (),
}
OPEN_STATES = (ASKED, SENT, UNKNOWN)
RECEIPT_NUMBER_MAX = 9999
"""A terminal counts its receipts in four digits, then begins again at 1 (ZVT, PA00P015, BMP 87)."""
RECEIPTS_MISSED_MAX = 100
"""More than a terminal can have written since a payment was sent; further on is another terminal's count."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to be paid. `receipt_before` is the terminal's last receipt number before it was asked.

    `asked_at` and `sent_at` are ISO 8601 in UTC, "" as long as that has not happened.
    """

    id: str
    basket: str
    lane: str
    amount_minor: int
    state: str
    terminal: str = ""
    receipt_before: int = 0
    receipt_number: int = 0
    card_name: str = ""
    found_by: str = ""
    asked_at: str = ""
    sent_at: str = ""

    def in_state(self, state: str, **facts: object) -> Payment:
        """The payment one step on; Refused(payment_not_open) if that step is not allowed."""
        if state not in NEXT_STATES[self.state]:
            raise Refused("payment_not_open", state=self.state)
        return replace(self, state=state, **facts)  # type: ignore[arg-type]


def is_newer(receipt_number: int, before: int) -> bool:
    """True if a terminal that stood at `before` (0: no receipt yet) wrote that number afterwards.

    The count wraps from 9999 to 1, so "newer" is a few steps ahead of the one before. "Another number" would
    not do: a terminal exchanged for one that stands elsewhere, or set back, repeats what somebody else paid.
    A number of 0 was not told, and proves nothing.
    """
    if not before or not receipt_number:
        return receipt_number > 0
    return 0 < (receipt_number - before) % RECEIPT_NUMBER_MAX <= RECEIPTS_MISSED_MAX


def answers(payment: Payment, amount_minor: int, receipt_number: int) -> bool:
    """True if a transaction that the terminal remembers can only be this payment.

    The terminal may be repeating the previous customer's payment: its receipt
    number must be newer than the one before, and the amount the same.
    """
    return is_newer(receipt_number, payment.receipt_before) and amount_minor == payment.amount_minor
