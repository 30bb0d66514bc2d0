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


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to be paid. `receipt_before` is the terminal's last receipt number before it was asked."""

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

    def in_state(self, state: str, **facts: object) -> Payment:
        """The payment one step on; Refused(payment_not_open) if that step is not allowed."""
        if state not in NEXT_STATES[self.state]:
            raise Refused("payment_not_open", state=self.state)
        return replace(self, state=state, **facts)  # type: ignore[arg-type]


def answers(payment: Payment, amount_minor: int, receipt_number: int) -> bool:
    """True if a transaction that the terminal remembers can only be this payment.

    The terminal may be repeating the previous customer's payment: its receipt
    number must be another than the one before, and the amount the same.
    """
    return receipt_number != payment.receipt_before and amount_minor == payment.amount_minor
