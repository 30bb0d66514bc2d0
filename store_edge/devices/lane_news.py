"""Whether anything has happened since one last looked: what shows a lane's state looks again only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkout import events

if TYPE_CHECKING:
    from store_edge.db.journal import Journal

COMING_AND_GOING = frozenset(
    kind.__name__
    for kind in (
        events.BasketOpened,
        events.BasketCancelled,
        events.BasketParked,
        events.BasketResumed,
        events.SaleCompleted,
        events.LaneFreed,
        events.TaskOpened,
        events.TaskDone,
        events.DeviceLost,
        events.DeviceBack,
    )
)
"""What changes how a lane is, seen from afar."""
LINES_TOO = COMING_AND_GOING | {
    kind.__name__
    for kind in (
        events.LineAdded,
        events.LineChanged,
        events.LineVoided,
        events.PriceOverridden,
        events.PaymentAsked,
        events.PaymentDeclined,
    )
}
"""What changes the newest line and the total."""


class LaneNews:
    """A reader of the journal that cares for nothing in it but that it goes on."""

    def __init__(self, journal: Journal, kinds: frozenset[str]) -> None:
        """Only these kinds are worth waking for."""
        self._journal = journal
        self._kinds = kinds
        self._place = journal.last_number()

    def wait(self, within_s: float) -> bool:
        """True as soon as something has happened, on whatever lane; False if nothing did."""
        entries = self._journal.wait(self._place, within_s, kinds=self._kinds)
        if entries:
            self._place = entries[-1].number
        return bool(entries)
