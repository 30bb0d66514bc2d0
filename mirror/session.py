"""A stay in a cabin: from the first garment that arrives to the end of all that was known of it.

A cabin has one session at most. When its last garment leaves, the session stands empty for a moment: what was
here before, what staff bring, or the same style in another size may follow. Anything else is the next
shopper's, and begins a new one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from checkout.errors import Refused
from mirror.requests import Request

GARMENTS_MAX = 60
"""More tags at once are no shopper's garments."""
GONE_MAX = 120
QUESTIONS_MAX = 20
REQUESTS_MAX = 30
"""Of garments gone, questions and requests that are over, so many are remembered: the newest."""
REQUESTS_WAITING_MAX = 8
"""Staff are not sent for more at once."""


@dataclass(frozen=True, slots=True)
class Garment:
    """A tagged piece that hangs in the cabin. `since` is ISO 8601 in UTC; `style` is of its article."""

    epc: str
    gtin: str
    style: str
    since: str
    saved: bool = False
    basket: str = ""
    """The basket that it was bought into, "" if it was not."""
    swapped_for: str = ""
    """The GTIN of the same style that left as this one came."""


@dataclass(frozen=True, slots=True)
class Question:
    """A tag that may hang here or next door: "is this yours?". `chance_bp` of 10,000 that it is here."""

    epc: str
    gtin: str
    chance_bp: int


@dataclass(frozen=True, slots=True)
class Left:
    """A garment that was here and has left, at that moment (ISO 8601 in UTC)."""

    epc: str
    gtin: str
    style: str
    at: str


@dataclass(frozen=True, slots=True)
class Forsaken:
    """A garment that hangs in a cabin after its session; `told` once staff know of it."""

    epc: str
    gtin: str
    cabin: str
    since: str
    told: bool = False


@dataclass(frozen=True, slots=True)
class FittingSession:
    """One stay. Moments are ISO 8601 in UTC; `touched_at` is the last one at which somebody did anything."""

    id: str
    cabin: str
    since: str
    touched_at: str
    garments: tuple[Garment, ...] = ()
    questions: tuple[Question, ...] = ()
    requests: tuple[Request, ...] = ()
    gone: tuple[Left, ...] = ()
    denied: tuple[str, ...] = ()
    """Tags of which the shopper said that they are not theirs."""
    visit: str = ""
    language: str = ""
    scene: str = ""
    empty_since: str = ""
    """When the last garment left, "" while one is there."""
    staff_called: bool = False
    owner: int = 1
    """Grows when nobody knows any more whose stay it is: what the one before was handed is void then."""
    version: int = 1

    def garment(self, epc: str) -> Garment | None:
        return next((garment for garment in self.garments if garment.epc == epc), None)

    def of_article(self, gtin: str) -> Garment:
        """The first garment of an article. Raises Refused(garment_gone)."""
        for garment in self.garments:
            if garment.gtin == gtin:
                return garment
        raise Refused("garment_gone")

    @property
    def tried(self) -> frozenset[str]:
        """The articles that are here, or were."""
        return frozenset([one.gtin for one in self.garments] + [one.gtin for one in self.gone])

    @property
    def waiting(self) -> tuple[Request, ...]:
        """The requests that the shopper still waits for."""
        return tuple(request for request in self.requests if request.waits)

    def changed(self, at: str, **facts: object) -> FittingSession:
        """The next version."""
        return replace(self, touched_at=at, version=self.version + 1, **facts)  # type: ignore[arg-type]
