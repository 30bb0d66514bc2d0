"""What the ends of ZVT dialogues mean.

A payment is approved only when the dialogue came to its end: a Status-Information
with result 00 whose acknowledgement was lost may still be reversed by the
terminal (PA00P015, 2.2), so nothing less than the Completion counts.
"""

from __future__ import annotations

from hardware.errors import Busy, Garbled, OutcomeUnknown
from hardware.readings import CardOutcome, DayTotals, LastPayment
from hardware.zvt.codes import (
    ALREADY_REVERSED,
    APPROVED,
    PARTLY_ISSUED,
    PLEASE_WAIT,
    RECEIVER_NOT_READY,
    UNKNOWN_COMMAND,
    sentence,
)
from hardware.zvt.fields import printable
from hardware.zvt.reports import read_totals
from hardware.zvt.session import NOT_ISSUED, Dialogue, State

NOTHING_STORED = UNKNOWN_COMMAND
"""With this code a terminal aborts Repeat Receipt when it has no transaction to repeat."""


def payment_outcome(dialogue: Dialogue, amount_minor: int) -> CardOutcome:
    """What an ended Authorisation or Refund means.

    Raises Busy when the terminal refused to begin for now, OutcomeUnknown when
    what it said does not settle the matter (another amount, two results, no result).
    """
    _began(dialogue)
    if dialogue.state is State.REFUSED:
        return CardOutcome(False, amount_minor, None, dialogue.refusal or UNKNOWN_COMMAND)
    if dialogue.goods == NOT_ISSUED:
        return _given_back(dialogue, amount_minor)
    status = dialogue.status
    if dialogue.contradicted:
        raise OutcomeUnknown("the terminal told two different results")
    if dialogue.goods.answer == PARTLY_ISSUED and dialogue.goods.amount_minor is not None:
        amount_minor = dialogue.goods.amount_minor
    elif status is not None and status.amount_minor not in (None, amount_minor) and _approved(dialogue):
        raise OutcomeUnknown("the terminal approved another amount")
    return _settled(dialogue, amount_minor)


def reversal_outcome(dialogue: Dialogue) -> CardOutcome:
    """What an ended Reversal means; "already reversed" is a yes, so that asking again does no harm.

    Raises as `payment_outcome` does.
    """
    _began(dialogue)
    status = dialogue.status
    amount_minor = status.amount_minor if status is not None and status.amount_minor is not None else 0
    if ALREADY_REVERSED in (dialogue.refusal, status.result_code if status is not None else None):
        return CardOutcome(True, amount_minor, None, ALREADY_REVERSED, text=sentence(ALREADY_REVERSED))
    if dialogue.state is State.REFUSED:
        return CardOutcome(False, 0, None, dialogue.refusal or UNKNOWN_COMMAND)
    if dialogue.contradicted:
        raise OutcomeUnknown("the terminal told two different results")
    return _settled(dialogue, amount_minor)


def last_payment(dialogue: Dialogue) -> LastPayment | None:
    """What an ended Repeat Receipt means; None when the terminal remembers no transaction.

    A terminal that cannot tell raises, for its silence would read as "not charged":
    Busy when it will not tell now, Garbled when it tells no result, amount or receipt number.
    The last transaction may have undone a payment: then it took no money, and the amount is 0.
    """
    status = dialogue.status
    if dialogue.state is State.ABORTED and dialogue.refusal == NOTHING_STORED and status is None:
        return None
    if dialogue.state is not State.COMPLETED:
        raise Busy(f"the terminal does not tell its last payment now (code {dialogue.refusal or 0:02X})")
    if status is None or status.result_code is None or status.amount_minor is None:
        raise Garbled("the terminal does not tell how its last payment ended")
    if status.receipt_number is None and status.result_code == APPROVED:
        raise Garbled("the terminal does not tell the receipt number of its last payment")
    if status.original_trace_number is not None:
        return LastPayment(0, status.receipt_number or 0, False)
    return LastPayment(status.amount_minor, status.receipt_number or 0, status.result_code == APPROVED)


def day_totals(dialogue: Dialogue) -> DayTotals:
    """What an ended End-of-Day means. Raises Busy when the day was not closed, Garbled for half totals."""
    done_or_busy(dialogue)
    status = dialogue.status
    if status is None or status.result_code not in (None, APPROVED):
        raise Busy(sentence(status.result_code or 0) if status is not None else "the terminal told no totals")
    first, last, brands = read_totals(status.totals) if status.totals is not None else (0, 0, ())
    by_brand = tuple((total.brand, total.count, total.amount_minor) for total in brands)
    return DayTotals(status.amount_minor or 0, first, last, by_brand)


def done_or_busy(dialogue: Dialogue) -> None:
    """Raises Busy, in words, where the terminal did not do what it was asked and no money hangs on it."""
    if dialogue.state is not State.COMPLETED:
        raise Busy(f"{sentence(dialogue.refusal or UNKNOWN_COMMAND)} (code {dialogue.refusal or 0:02X})")


def _began(dialogue: Dialogue) -> None:
    if dialogue.state is State.REFUSED and dialogue.refusal in (PLEASE_WAIT, RECEIVER_NOT_READY):
        raise Busy(f"the terminal is busy (code {dialogue.refusal:02X})")


def _approved(dialogue: Dialogue) -> bool:
    return dialogue.status is not None and dialogue.status.result_code == APPROVED


def _settled(dialogue: Dialogue, amount_minor: int) -> CardOutcome:
    status, result = dialogue.status, dialogue.status.result_code if dialogue.status is not None else None
    text = "" if status is None else printable(status.text)
    if dialogue.state is State.COMPLETED and status is not None and result == APPROVED:
        return CardOutcome(
            True, amount_minor, status.receipt_number, APPROVED, printable(status.card_name), text
        )
    code = result or dialogue.refusal
    if dialogue.ended and result != APPROVED and code:
        return CardOutcome(False, amount_minor, None, code, text=text)
    raise OutcomeUnknown("the terminal ended the payment without saying how")


def _given_back(dialogue: Dialogue, amount_minor: int) -> CardOutcome:
    """No goods came out, and the terminal was told so: it reverses by itself, and ends with Abort."""
    if dialogue.state is not State.ABORTED or dialogue.refusal is None:
        raise OutcomeUnknown("the terminal does not tell whether it gave the money back")
    return CardOutcome(False, amount_minor, None, dialogue.refusal)
