"""What was last said on each lane: the part of a screen that is not in the basket.

A refusal, what the terminal is doing, whether the receipt was printed, whether help is on its way: all of it
went through the journal. The board reads on from where it stopped, so a look costs the new entries only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from checkout.events import WeighingAsked
from store_edge.db.journal import PAGE_ENTRIES_MAX, Entry, Journal

LOOK_BACK_ENTRIES = 2_000
"""How far a new board reads back: enough to know what the shoppers of all lanes are in the middle of."""
LANES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the shopper; `number` is its journal entry.

    `kind` is refused, declined, not_refunded, age, looked or unweighed.
    """

    kind: str
    reason: str
    number: int


@dataclass(frozen=True, slots=True)
class LaneSaid:
    """The latest of each kind. `changed` is the journal number of what changed this last."""

    notice: Notice | None = None
    terminal_status: int | None = None
    stop_asked: bool = False
    enquired: bool = False
    """The terminal's answer is missing, and it is asked what became of the payment."""
    code_shown: bool = False
    """There is something to scan to pay with."""
    received_minor: int = 0
    """What came in by the bank for the payment under way."""
    unknown: bool = False
    """Nobody can tell whether the payment was made."""
    receipt: int = 0
    printed: str = ""
    """ "yes", or why not: paper, gone, late; "" while nobody knows."""
    help_asked: bool = False
    help_task: str = ""
    weighing: WeighingAsked | None = None
    """What is to be laid on the scale now."""
    identified_at: str = ""
    """When the shopper said who they are: ISO 8601, "" for a stranger."""
    key_on: bool = False
    """A colleague's key is turned."""
    changed: int = 0


Facts = dict[str, Any]
Hearing = Callable[[LaneSaid, Entry, Facts], LaneSaid]


def _next_shopper(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return LaneSaid(help_asked=said.help_asked, help_task=said.help_task, key_on=said.key_on)


_DISMISSALS = {
    "token_used": "token_used",
    "token_unknown": "token_forged",
    "token_expired": "token_expired",
}
"""Head office's no to a visit, as the refusal that the shopper reads."""


def _all_well(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, notice=None)


def _scan_refused(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, notice=Notice("refused", str(facts["reason"]), entry.number))


def _age_checked(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, notice=Notice("age", "", entry.number) if facts["taken_off"] else None)


def _identified(said: LaneSaid, entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, notice=None, identified_at=entry.at)


def _dismissed(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    reason = _DISMISSALS.get(str(facts["reason"]))
    notice = Notice("refused", reason, entry.number) if reason else None
    return replace(said, notice=notice, identified_at="")


def _payment_begins(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    """Asked for, taken in part or given back: what the terminal did before is past."""
    return replace(
        said,
        notice=None,
        terminal_status=None,
        stop_asked=False,
        enquired=False,
        unknown=False,
        code_shown=False,
        received_minor=0,
    )


def _progressed(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, terminal_status=int(facts["status"]))


def _code_shown(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, code_shown=True)


def _received(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, received_minor=int(facts["received_minor"]))


def _stop_asked(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, stop_asked=True)


def _enquired(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, enquired=True)


def _unknown(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, unknown=True)


def _declined(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, notice=Notice("declined", str(facts["reason"]), entry.number))


def _refund_declined(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, notice=Notice("not_refunded", str(facts["reason"]), entry.number))


def _sold(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, notice=None, receipt=int(facts["receipt"]), printed="", identified_at="")


def _printed(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    if facts["receipt"] != said.receipt:
        return said
    return replace(said, printed="yes" if entry.type == "ReceiptPrinted" else str(facts["reason"]))


def _looked(said: LaneSaid, entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, notice=Notice("looked", "", entry.number))


def _weighing_asked(said: LaneSaid, entry: Entry, _facts: Facts) -> LaneSaid:
    asked = entry.event()
    assert isinstance(asked, WeighingAsked)
    return replace(said, notice=None, weighing=asked)


def _weighed(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, weighing=None) if _is_this(said, facts) else said


def _not_weighed(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    if not _is_this(said, facts):
        return said
    reason = str(facts["reason"])
    told = None if reason in ("shopper", "late") else Notice("unweighed", reason, entry.number)
    return replace(said, weighing=None, notice=told or said.notice)


def _is_this(said: LaneSaid, facts: Facts) -> bool:
    return said.weighing is not None and said.weighing.weighing == facts["weighing"]


def _help_asked(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, help_asked=True)


def _task_opened(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, help_task=str(facts["task"])) if facts["kind"] == "help" else said


def _task_done(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    if facts["task"] != said.help_task:
        return said
    return replace(said, help_asked=False, help_task="")


def _key_turned(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, key_on=bool(facts["on"]))


HEARINGS: dict[str, Hearing] = {
    "BasketOpened": _next_shopper,
    "BasketCancelled": _next_shopper,
    "BasketParked": _next_shopper,
    "BasketResumed": _next_shopper,
    "LineAdded": _all_well,
    "LineChanged": _all_well,
    "LineVoided": _all_well,
    "CouponHandedIn": _all_well,
    "CouponTakenBack": _all_well,
    "GiftCardHandedIn": _all_well,
    "GiftCardTakenBack": _all_well,
    "ScanRefused": _scan_refused,
    "AgeChecked": _age_checked,
    "ShopperIdentified": _identified,
    "ShopperDismissed": _dismissed,
    "PaymentAsked": _payment_begins,
    "CardRefundAsked": _payment_begins,
    "CardRefundMade": _payment_begins,
    "CardRefundDeclined": _refund_declined,
    "CardRefundUnknown": _unknown,
    "PaymentProgressed": _progressed,
    "PaymentCodeShown": _code_shown,
    "TransferReceived": _received,
    "PaymentStopAsked": _stop_asked,
    "PaymentEnquired": _enquired,
    "PaymentUnknown": _unknown,
    "PaymentDeclined": _declined,
    "PaymentTaken": _payment_begins,
    "PaymentReturned": _payment_begins,
    "RefundAsked": _payment_begins,
    "SaleCompleted": _sold,
    "ReceiptPrinted": _printed,
    "ReceiptNotPrinted": _printed,
    "LossChecked": _looked,
    "WeighingAsked": _weighing_asked,
    "Weighed": _weighed,
    "WeighingFailed": _not_weighed,
    "HelpAsked": _help_asked,
    "TaskOpened": _task_opened,
    "TaskDone": _task_done,
    "KeyTurned": _key_turned,
}


class LaneBoard:
    """What was last said, by lane; may be asked from any thread."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._lanes: dict[str, LaneSaid] = {}
        self._read_to = max(0, journal.last_number() - LOOK_BACK_ENTRIES)

    def look(self, lane: str) -> tuple[int, LaneSaid]:
        """The number of the last entry read, and what was said on a lane up to it."""
        with self._lock:
            while entries := self._journal.read(self._read_to):
                for entry in entries:
                    self._hear(entry)
                self._read_to = entries[-1].number
                if len(entries) < PAGE_ENTRIES_MAX:
                    break
            return self._read_to, self._lanes.get(lane, LaneSaid())

    def _hear(self, entry: Entry) -> None:
        hearing = HEARINGS.get(entry.type)
        if hearing is None or not entry.lane or len(self._lanes) > LANES_MAX:
            return
        before = self._lanes.get(entry.lane, LaneSaid())
        after = hearing(before, entry, entry.facts)
        if after != before:
            self._lanes[entry.lane] = replace(after, changed=entry.number)
