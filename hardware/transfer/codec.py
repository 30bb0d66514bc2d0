"""The words of a bank that tells of money as it comes in: REST with JSON, no bank's own.

    GET  /account                        whose account it is
    GET  /entries?contains=RF...         all that was booked with this in its remittance
    GET  /notifications                  what was booked and not receipted yet, oldest first
    POST /notifications/{entry}/receipt  we have that

An entry has the names and values of camt.054 (ISO 20022, BankToCustomerDebitCreditNotification: AcctSvcrRef,
Amt, CdtDbtInd, Sts, BookgDt, Ustrd). As with EBICS, what was not receipted comes again. Who paid is told by
real banks too, and is not read here: nobody in the shop needs to know.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from hardware.errors import Garbled

CREDIT, BOOKED, EURO = "CRDT", "BOOK", "EUR"
ENTRIES_MAX = 100


class Account(Struct, frozen=True):
    name: str
    iban: str
    bic: str = ""


class Entry(Struct, frozen=True):
    """One booking. `amount` as camt writes it: euros and cents with a dot."""

    account_servicer_reference: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,35}$")]
    amount: Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,12})\.[0-9]{2}$")]
    currency: str
    credit_debit: str
    status: str
    booked_at: str
    remittance: Annotated[str, Meta(max_length=140)] = ""

    @property
    def amount_minor(self) -> int:
        return int(self.amount.replace(".", ""))

    @property
    def came_in(self) -> bool:
        """Euros that are truly ours now."""
        return (self.credit_debit, self.status, self.currency) == (CREDIT, BOOKED, EURO)


class Entries(Struct, frozen=True):
    entries: Annotated[list[Entry], Meta(max_length=ENTRIES_MAX)]


_M = TypeVar("_M")
encode = msgspec.json.encode


def decode(body: bytes, kind: type[_M]) -> _M:
    """A message of this kind. Raises Garbled."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Garbled(f"the bank says no {kind.__name__}") from None
