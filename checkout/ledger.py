"""The store's own ledger: cash in drawers and balances on gift cards, in double entry.

Money is never made here, only moved: a posting takes an amount from one account
and puts it on another, so all accounts together always sum to zero. Postings
are appended and never changed; what was wrong is posted back.
"""

from __future__ import annotations

from dataclasses import dataclass

from checkout.errors import Refused

TAKINGS, GIFT_CARDS, OFFICE, DIFFERENCE = "takings", "gift_cards", "office", "difference"
"""Where money comes from and goes to: sales, gift cards sold and used up, the safe, what did not add up."""
AMOUNT_MINOR_MAX = 100_000_000
"""More in one posting (a million) is a slip of the finger."""
SALE, PAYOUT, RETURNED = "sale", "payout", "returned"
FLOAT, DROP, PAID_IN, PAID_OUT, COUNTED = "float", "drop", "paid_in", "paid_out", "difference"
SOLD, REDEEMED, PAID_ON = "sold", "redeemed", "paid_on"


@dataclass(frozen=True, slots=True)
class Posting:
    """So much goes from `source` to `target`; negative the other way.

    `why` is one of the words above, `about` the payment, receipt or reason; `by` a clerk's id.
    """

    why: str
    source: str
    target: str
    amount_minor: int
    about: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One side of a posting as it stands in the books; `balance_minor` is the account's after it."""

    number: int
    account: str
    why: str
    amount_minor: int
    balance_minor: int
    at: str


def drawer_of(lane: str) -> str:
    return f"drawer:{lane}"


def is_drawer(account: str) -> bool:
    return account.startswith("drawer:")


def card_account(reference: str) -> str:
    return f"card:{reference}"


def checked_amount(amount_minor: int) -> int:
    """Refused(amount_not_possible) for what nobody can put on a counter."""
    if not 0 < amount_minor <= AMOUNT_MINOR_MAX:
        raise Refused("amount_not_possible", limit_minor=AMOUNT_MINOR_MAX)
    return amount_minor
