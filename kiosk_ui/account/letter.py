"""What stands in the letter, worked out from head office's answers: the switches and the visits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kiosk_ui.account.api import Account, Entry, Line, Page, Proof
from kiosk_ui.account.purposes import Purpose

VISITS_STEP = 8
VISITS_MAX = 2_000
ENTRIES_SHOWN = 20

ArticleWords = Callable[[str], tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class Switch:
    """A purpose, whether it is on, and the last answer given to it."""

    purpose: Purpose
    on: bool
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Thing:
    """A line of a receipt in words; `name` is the GTIN where nobody knows a better one."""

    name: str
    picture: str
    quantity: int
    weight_g: int
    total_minor: int

    @property
    def count(self) -> int:
        """What a person counts: pieces, and each weighed bag as one."""
        return 1 if self.weight_g else self.quantity


@dataclass(slots=True)
class Visit:
    """One time in a shop: when, where, and the receipts. `seen` if the code itself was seen there."""

    when: datetime
    store: str
    lane: str
    sales: list[Entry] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)

    @property
    def total_minor(self) -> int:
        """In the minor unit of `currency`."""
        return sum(sale.total_minor or 0 for sale in self.sales)

    @property
    def currency(self) -> str:
        return next((sale.currency for sale in self.sales if sale.currency), "EUR")

    @property
    def receipts(self) -> list[int]:
        return sorted(sale.receipt for sale in self.sales if sale.receipt is not None)


@dataclass(frozen=True, slots=True)
class Visits:
    """The newest visits; `more` says whether there are older ones."""

    allowed: bool
    shown: Sequence[Visit]
    more: bool


def switches(account: Account, purposes: Iterable[Purpose]) -> list[Switch]:
    """Every purpose with its state and its newest proof."""
    newest = {proof.purpose: proof for proof in account.proofs}
    return [
        Switch(purpose, getattr(account.consents, purpose.name), newest.get(purpose.name))
        for purpose in purposes
    ]


def visits(pages: Iterable[Page], wanted: int, words: ArticleWords | None) -> Visits:
    """The newest `wanted` visits with what was bought at each; turns no more pages than that needs.

    A purchase comes before its visit, and other visits may lie between, so one page is read on until one
    visit more than wanted is known.
    """
    found: dict[tuple[str, str], Visit] = {}
    allowed = True
    for page in pages:
        allowed = page.history
        for entry in page.items:
            _put(found, entry, words)
        if len(found) > wanted:
            break
    newest = list(found.values())
    return Visits(allowed, newest[:wanted], len(newest) > wanted)


def _put(found: dict[tuple[str, str], Visit], entry: Entry, words: ArticleWords | None) -> None:
    visit = found.setdefault((entry.store, entry.visit), Visit(entry.time, entry.store, entry.lane))
    visit.lane = visit.lane or entry.lane
    if entry.kind == "purchase":
        visit.sales.append(entry)
        visit.things += [_thing(line, words) for line in entry.lines]


def _thing(line: Line, words: ArticleWords | None) -> Thing:
    name, picture = (words(line.gtin) if words else None) or (line.gtin, "")
    return Thing(name, picture, line.quantity, line.weight_g, line.total_minor)
