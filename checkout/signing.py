"""One business process and its signature: where it stands, and what its receipt may say of it.

    (new)   begun      open      the device has begun a transaction
    open    signed     signed    and ended it in time
    open    given up   owed      the receipt could not wait: it says that the device is out
    owed    signed     late      the device ended the transaction afterwards; the receipt stays as it is
    (new)   given up   out       the device never heard of it, and nothing is signed afterwards
    out     begun      owed      it was just about to hear of it
    owed    lost       out       the device is another one now
    signed  begun      open      an order that somebody goes on with: another transaction

A receipt says the same for ever: what was given up is never shown as signed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from checkout.fiscal import ORDER
from checkout.receipt import Process

OPEN, SIGNED, OWED, LATE, OUT = "open", "signed", "owed", "late", "out"
UNFINISHED = (OPEN, OWED)
"""The device has a transaction that must be ended."""


@dataclass(frozen=True, slots=True)
class Signing:
    """One process. `till` and `device` are serial numbers; times are ISO 8601 in UTC.

    `started_at` and `finished_at` are the device's, `given_up_at` the till's own; `signature` is base64,
    `code` the receipt's code (DSFinV-K, annex I). What was given up before it began has the till's start.
    """

    basket: str
    till: str
    state: str
    started_at: str
    device: str = ""
    transaction: int = 0
    process_type: str = ""
    process_data: str = ""
    finished_at: str = ""
    counter: int = 0
    signature: str = ""
    code: str = ""
    given_up_at: str = ""
    ordered_at: str = ""

    @property
    def is_over(self) -> bool:
        """Its receipt is decided, and the device has nothing more to hear of it."""
        return self.state not in UNFINISHED and self.process_type != ORDER

    @property
    def can_be_printed(self) -> bool:
        """Whether a receipt need not wait for it any more."""
        return self.state != OPEN and self.process_type != ORDER

    def process(self) -> Process | None:
        """What the receipt says of it; None as long as it may still be signed in time."""
        if not self.can_be_printed:
            return None
        if self.state != SIGNED:
            return Process(self.till, self.started_at, self.given_up_at, ordered_at=self.ordered_at)
        return Process(
            self.till,
            self.started_at,
            self.finished_at,
            self.device,
            self.transaction,
            self.counter,
            self.signature,
            self.ordered_at,
        )

    def kept_apart(self) -> Signing:
        """An order under a name of its own: its basket goes on, and is signed again."""
        return replace(self, basket=f"{self.basket}#{self.transaction}")

    def lost(self) -> Signing:
        """Its transaction went with its device: nobody will ever end it."""
        assert self.state == OWED
        return replace(self, state=OUT)

    def signed(
        self,
        process_type: str,
        process_data: str,
        *,
        finished_at: str,
        counter: int,
        signature: str,
        code: str,
    ) -> Signing:
        """The device has ended its transaction."""
        assert self.state in UNFINISHED
        return replace(
            self,
            state=SIGNED if self.state == OPEN else LATE,
            process_type=process_type,
            process_data=process_data,
            finished_at=finished_at,
            counter=counter,
            signature=signature,
            code=code,
        )


def begun(
    before: Signing | None, basket: str, till: str, *, device: str, transaction: int, started_at: str
) -> Signing:
    """The device has begun a transaction for a basket, of which `before` is known."""
    if before is not None and before.state == OUT:
        return replace(before, state=OWED, device=device, transaction=transaction)
    return Signing(basket, till, OPEN, started_at, device, transaction, ordered_at=_first_order(before))


def given_up(
    before: Signing | None,
    basket: str,
    till: str,
    *,
    opened_at: str,
    at: str,
    process_type: str,
    process_data: str,
) -> Signing | None:
    """The receipt goes without a signature; None where it has one, or was given up before."""
    if before is None or before.state != OPEN:
        if before is not None and before.process_type != ORDER:
            return None
        before = Signing(basket, till, OUT, opened_at, ordered_at=_first_order(before))
    return replace(
        before,
        state=OWED if before.state == OPEN else OUT,
        process_type=process_type,
        process_data=process_data,
        given_up_at=at,
    )


def _first_order(before: Signing | None) -> str:
    """When the first order of a process began that goes on now; "" for one that is new."""
    if before is None or before.process_type != ORDER:
        return ""
    return before.ordered_at or before.started_at
