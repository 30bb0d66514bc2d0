"""What was last said on each lane: the part of a screen that is not in the basket.

A refusal, what the terminal is doing, whether the receipt was printed, whether help is on its way: all of it
went through the journal. The board reads on from where it stopped, so a look costs the new entries only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from store_edge.db.journal import PAGE_ENTRIES_MAX, Entry, Journal

LOOK_BACK_ENTRIES = 2_000
"""How far a new board reads back: enough to know what the shoppers of all lanes are in the middle of."""
LANES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the shopper. `kind` is refused or declined; `number` is its journal entry."""

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
    unknown: bool = False
    """Nobody can tell whether the payment was made."""
    receipt: int = 0
    printed: str = ""
    """ "yes", or why not: paper, gone, late; "" while nobody knows."""
    help_asked: bool = False
    help_task: str = ""
    identified_at: str = ""
    """When the shopper said who they are: ISO 8601, "" for a stranger."""
    changed: int = 0


Facts = dict[str, Any]
Hearing = Callable[[LaneSaid, Entry, Facts], LaneSaid]


def _next_shopper(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return LaneSaid(help_asked=said.help_asked, help_task=said.help_task)


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


def _identified(said: LaneSaid, entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, notice=None, identified_at=entry.at)


def _dismissed(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    reason = _DISMISSALS.get(str(facts["reason"]))
    notice = Notice("refused", reason, entry.number) if reason else None
    return replace(said, notice=notice, identified_at="")


def _payment_asked(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, notice=None, terminal_status=None, stop_asked=False, enquired=False, unknown=False)


def _progressed(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, terminal_status=int(facts["status"]))


def _stop_asked(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, stop_asked=True)


def _enquired(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, enquired=True)


def _unknown(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, unknown=True)


def _declined(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, notice=Notice("declined", str(facts["reason"]), entry.number))


def _sold(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, notice=None, receipt=int(facts["receipt"]), printed="", identified_at="")


def _printed(said: LaneSaid, entry: Entry, facts: Facts) -> LaneSaid:
    if facts["receipt"] != said.receipt:
        return said
    return replace(said, printed="yes" if entry.type == "ReceiptPrinted" else str(facts["reason"]))


def _help_asked(said: LaneSaid, _entry: Entry, _facts: Facts) -> LaneSaid:
    return replace(said, help_asked=True)


def _task_opened(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    return replace(said, help_task=str(facts["task"])) if facts["kind"] == "help" else said


def _task_done(said: LaneSaid, _entry: Entry, facts: Facts) -> LaneSaid:
    if facts["task"] != said.help_task:
        return said
    return replace(said, help_asked=False, help_task="")


HEARINGS: dict[str, Hearing] = {
    "BasketOpened": _next_shopper,
    "BasketCancelled": _next_shopper,
    "LineAdded": _all_well,
    "LineChanged": _all_well,
    "LineVoided": _all_well,
    "ScanRefused": _scan_refused,
    "ShopperIdentified": _identified,
    "ShopperDismissed": _dismissed,
    "PaymentAsked": _payment_asked,
    "PaymentProgressed": _progressed,
    "PaymentStopAsked": _stop_asked,
    "PaymentEnquired": _enquired,
    "PaymentUnknown": _unknown,
    "PaymentDeclined": _declined,
    "SaleCompleted": _sold,
    "ReceiptPrinted": _printed,
    "ReceiptNotPrinted": _printed,
    "HelpAsked": _help_asked,
    "TaskOpened": _task_opened,
    "TaskDone": _task_done,
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
