"""A basket is one value with a version; every change makes a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from checkout.errors import Refused
from checkout.money import price_of_weight

LINES_MAX = 1000
QUANTITY_MAX = 999

OPEN, PAYING, PAID, CLOSED, CANCELLED = "open", "paying", "paid", "closed", "cancelled"
NEXT_STATES = {
    OPEN: (PAYING, CANCELLED, PAID),  # straight to paid when there is nothing to pay
    PAYING: (OPEN, PAID),
    PAID: (CLOSED,),
    CLOSED: (),
    CANCELLED: (),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry on the till roll. `changed` is the basket version that touched it last."""

    number: int
    gtin: str
    quantity: int
    weight_g: int
    unit_price_minor: int
    vat_bp: int
    how: str
    changed: int
    fixed_minor: int = 0
    """The whole line's price where a label from the scale fixed it; 0 otherwise."""
    discount_minor: int = 0
    offer: str = ""
    """Which offer gave the discount; "" if none did."""
    epc: str = ""
    voided: bool = False

    @property
    def gross_minor(self) -> int:
        """The price before any offer."""
        if self.fixed_minor:
            return self.fixed_minor
        if self.weight_g:
            return price_of_weight(self.unit_price_minor, self.weight_g)
        return self.unit_price_minor * self.quantity

    @property
    def total_minor(self) -> int:
        return 0 if self.voided else self.gross_minor - self.discount_minor

    @property
    def countable(self) -> bool:
        """True where a quantity makes sense: not for weighed goods, not for a single tagged piece."""
        return not (self.weight_g or self.fixed_minor or self.epc)


@dataclass(frozen=True)
class Basket:
    """What one shopper wants to buy on one lane. `visit` is "" for a stranger.

    A basket never changes, so its sums are made once (and need room beside the fields: no slots).
    """

    id: str
    lane: str
    state: str
    version: int
    lines: tuple[Line, ...]
    language: str
    opened_at: str
    visit: str = ""

    @cached_property
    def total_minor(self) -> int:
        return sum(line.total_minor for line in self.lines)

    @cached_property
    def standing(self) -> tuple[Line, ...]:
        """The lines that count: not voided."""
        return tuple(line for line in self.lines if not line.voided)

    @cached_property
    def pieces(self) -> int:
        """How many things lie in it; a weighed bag is one thing."""
        return sum(line.quantity for line in self.standing)

    def line(self, number: int) -> Line:
        """The standing line with that number; Refused(line_gone) otherwise."""
        if not 1 <= number <= len(self.lines) or self.lines[number - 1].voided:
            raise Refused("line_gone", line=number)
        return self.lines[number - 1]

    def with_line(self, line: Line) -> Basket:
        """One more line at the end of the roll."""
        if len(self.lines) >= LINES_MAX:
            raise Refused("basket_full", limit=LINES_MAX)
        return self._next_version((*self.lines, line), self.state)

    def with_changed_line(self, line: Line) -> Basket:
        changed = replace(line, changed=self.version + 1)
        lines = (*self.lines[: line.number - 1], changed, *self.lines[line.number :])
        return self._next_version(lines, self.state)

    def in_state(self, state: str) -> Basket:
        assert state in NEXT_STATES[self.state], (self.state, state)
        return self._next_version(self.lines, state)

    def _next_version(self, lines: tuple[Line, ...], state: str) -> Basket:
        # Written out: `dataclasses.replace` costs as much as all the rest of a scan's arithmetic.
        version = self.version + 1
        return Basket(self.id, self.lane, state, version, lines, self.language, self.opened_at, self.visit)


def checked_quantity(quantity: int) -> int:
    if not 1 <= quantity <= QUANTITY_MAX:
        raise Refused("quantity_not_possible", limit=QUANTITY_MAX)
    return quantity
