"""A payment: asked -> sent -> taken | declined | unknown -> resolved.

    asked --> sent --> taken --> owed --> returned
      |        |  `--> unknown --> taken | declined | reversing
      `--------`-----> declined                            `--> declined

The states that a payment may go through. `sent` is written down before the
first byte leaves for the terminal, so that after any crash an answer is looked
for, and money is never asked for twice. What the store takes by itself (cash,
a gift card, points) is taken at once. A basket may be paid in several parts;
a part of a sale that is given up goes back: taken -> returned, and what came
over a terminal or a provider by way of `owed`, until that is done there, by
itself or by a colleague. Where the shop pays out on a card, that is a payment
of a negative amount.

A provider (card on file, bank transfer) knows a payment by its id, so what
became of it can always be found out in the end: where staff could not wait,
`reversing` means that nothing is left to be charged, or goes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from checkout.errors import Refused

CARD, CASH, GIFT_CARD, POINTS = "card", "cash", "gift_card", "points"
"""How somebody pays: by a terminal, or with what the store itself can take and give back."""
ON_FILE, TRANSFER = "on_file", "transfer"
"""By a provider: with the card that the shopper left there, or by the shopper's bank and a code to scan."""
PROVIDED = (ON_FILE, TRANSFER)
ASKED, SENT, TAKEN, DECLINED, UNKNOWN = "asked", "sent", "taken", "declined", "unknown"
OWED, RETURNED, REVERSING = "owed", "returned", "reversing"
NEXT_STATES = {
    ASKED: (SENT, DECLINED),
    SENT: (TAKEN, DECLINED, UNKNOWN),
    UNKNOWN: (TAKEN, DECLINED, REVERSING),
    REVERSING: (DECLINED,),
    TAKEN: (OWED, RETURNED),
    OWED: (RETURNED,),
    DECLINED: (),
    RETURNED: (),
}
OPEN_STATES = (ASKED, SENT, UNKNOWN)
HELD_STATES = (TAKEN, OWED)
"""The shop has this money."""
ONCE_TAKEN = (TAKEN, OWED, RETURNED)
RECEIPT_NUMBER_MAX = 9999
"""A terminal counts its receipts in four digits, then begins again at 1 (ZVT, PA00P015, BMP 87)."""
RECEIPTS_MISSED_MAX = 100
"""More than a terminal can have written since a payment was sent; further on is another terminal's count."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to be paid, all of a basket's total or a part; negative where the shop pays out.

    `receipt_before` is the terminal's last receipt number before it was asked. `asked_at` and `sent_at` are
    ISO 8601 in UTC, "" as long as that has not happened. Of cash: `given_minor` is what was put down, and
    `rounding_minor` what rounding puts on the amount. Of a gift card: its reference, and what is left on it.
    Of points: the `visit` that they were lent to. `clerk` took the money or asked for it, "" for a shopper
    alone. While it is owed, `back_asked_at` is when the terminal was asked to give it back, "" if staff do.
    Of a card on file: `mandate`, the provider's id for the shopper's leave, kept only until it is answered.
    Of a transfer: `code`, what is shown to be scanned, what came in for it in all, and what was paid back.
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
    tender: str = CARD
    given_minor: int = 0
    rounding_minor: int = 0
    gift_card: str = ""
    left_minor: int = 0
    visit: str = ""
    clerk: str = ""
    back_asked_at: str = ""
    mandate: str = ""
    code: str = ""
    received_minor: int = 0
    paid_back_minor: int = 0

    @property
    def goes_out(self) -> bool:
        """Whether the shop is the one that pays."""
        return self.amount_minor < 0

    @property
    def back_minor(self) -> int:
        """What came in and is not ours to keep; nobody can say as long as it is open."""
        if self.state in OPEN_STATES:
            return 0
        kept_minor = max(0, self.amount_minor) if self.state in ONCE_TAKEN else 0
        return max(0, self.received_minor - kept_minor - self.paid_back_minor)

    @property
    def change_minor(self) -> int:
        """What goes back over the counter at once."""
        return self.given_minor - self.kept_minor if self.tender == CASH else 0

    @property
    def kept_minor(self) -> int:
        """What it changes in the drawer, the account or on the card: the amount, rounded."""
        return self.amount_minor + self.rounding_minor

    def in_state(self, state: str, **facts: object) -> Payment:
        """The payment one step on; Refused(payment_not_open) if that step is not allowed."""
        if state not in NEXT_STATES[self.state]:
            raise Refused("payment_not_open", state=self.state)
        mandate = self.mandate if state in OPEN_STATES else ""
        return replace(self, state=state, mandate=mandate, **facts)  # type: ignore[arg-type]


def sum_of(payments: Iterable[Payment]) -> int:
    return sum(payment.amount_minor for payment in payments)


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
    return is_newer(receipt_number, payment.receipt_before) and amount_minor == abs(payment.amount_minor)
