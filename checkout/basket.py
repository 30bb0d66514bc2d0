"""A basket is one value with a version; every change makes a new one."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from operator import attrgetter

from checkout.errors import Refused
from checkout.events import LineAdded
from checkout.money import price_of_measure

LINES_MAX = 1000
QUANTITY_MAX = 999

OPEN, PAYING, PAID, CLOSED, CANCELLED = "open", "paying", "paid", "closed", "cancelled"
PARKED = "parked"
NEXT_STATES = {
    OPEN: (PAYING, CANCELLED, PAID, PARKED),  # straight to paid when there is nothing to pay
    PAYING: (OPEN, PAID),
    PAID: (CLOSED,),
    CLOSED: (),
    CANCELLED: (),
    PARKED: (OPEN, CANCELLED),
}


GOODS, EMPTIES, RETURNED, VOUCHER = "goods", "empties", "returned", "voucher"
"""What a line can be: something bought, empties handed back, something brought back, a gift card."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What one promotion, coupon or member of staff takes off a line; `by` is its id."""

    by: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Returned:
    """Why goods came back, and what is undone: pieces (from 1) of a receipt's line, by its numbers.

    Receipt and line are 0 and `pieces` empty where there was no receipt. `epc` is the tag of a tagged piece;
    `clerk` took it back, `second` looked on ("" if nobody had to).
    """

    reason: str
    receipt: int = 0
    line: int = 0
    pieces: tuple[int, ...] = ()
    epc: str = ""
    clerk: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """A price that staff set, as `unit_price_minor` is meant; for the whole line if its price is fixed."""

    price_minor: int
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One entry on the till roll. `changed` is the basket version that touched it last.

    `unit_price_minor` is per piece, kilogram or metre, and negative where the shop pays: for empties and
    for goods brought back. `vat` is the article's tax class, `vat_bp` the rate it has in this basket.
    `groups` are what promotions and sale bans may mean it by. `deposit_minor` comes on top of each piece,
    taxed as it is. `age_min` is the age in years that it is sold from.
    """

    number: int
    gtin: str
    quantity: int
    weight_g: int
    unit_price_minor: int
    vat_bp: int
    how: str
    changed: int
    fixed_minor: int = 0
    """The whole line's price where a label from the scale or a former receipt fixed it; 0 otherwise."""
    reductions: tuple[Reduction, ...] = ()
    epc: str = ""
    voided: bool = False
    kind: str = GOODS
    vat: str = ""
    groups: tuple[str, ...] = ()
    length_mm: int = 0
    deposit_minor: int = 0
    returned: Returned | None = None
    age_min: int = 0
    override: Override | None = None

    @property
    def gross_minor(self) -> int:
        """The price of the goods before any reduction, without deposit."""
        if self.fixed_minor:
            return self.fixed_minor
        return self.costs_at(self.unit_price_minor)

    def costs_at(self, unit_price_minor: int) -> int:
        """What so much of it costs at another price per piece, kilogram or metre."""
        if self.weight_g or self.length_mm:
            return price_of_measure(unit_price_minor, self.weight_g or self.length_mm)
        return unit_price_minor * self.quantity

    @property
    def discount_minor(self) -> int:
        return sum(reduction.amount_minor for reduction in self.reductions) if self.reductions else 0

    @property
    def deposit_total_minor(self) -> int:
        return self.deposit_minor * self.quantity

    @property
    def total_minor(self) -> int:
        """What the shopper pays for it; negative where the shop does."""
        if self.voided:
            return 0
        return self.gross_minor - self.discount_minor + self.deposit_minor * self.quantity

    @property
    def countable(self) -> bool:
        """True where a quantity makes sense: not where a measure, a tag or a receipt says how much."""
        measured = self.weight_g or self.length_mm or self.fixed_minor
        return not (measured or self.epc) and self.kind in (GOODS, EMPTIES)

    def reduced(self, reductions: tuple[Reduction, ...], version: int) -> Line:
        """The line with these reductions, touched by this version of its basket."""
        # Not by `dataclasses.replace`: on a long roll that would cost as much as finding the reductions.
        values = list(_values_of(self))
        values[_REDUCTIONS], values[_CHANGED] = reductions, version
        return Line(*values)


_FIELDS = [field.name for field in fields(Line)]
_REDUCTIONS, _CHANGED = _FIELDS.index("reductions"), _FIELDS.index("changed")
_values_of = attrgetter(*_FIELDS)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for a whole basket; every default is the ordinary purchase.

    `eat_in` taxes food as a meal. `age_confirmed` is the age in years that staff have confirmed.
    `customer_group` has prices of its own. `coupons` are those handed in, in their order, by the names
    that the shop's list gives them. While `empties` is set, a scan hands back instead of buying.
    `gift_card` is the reference of the card that lies ready to pay with.
    """

    eat_in: bool = False
    age_confirmed: int = 0
    customer_group: str = ""
    coupons: tuple[str, ...] = ()
    empties: bool = False
    gift_card: str = ""


ORDINARY = Circumstances()


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
    circumstances: Circumstances = ORDINARY

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

    def resumed_on(self, lane: str) -> Basket:
        """A parked basket, open again on whichever lane its shopper stands at now."""
        return replace(self.in_state(OPEN), lane=lane)

    def _next_version(self, lines: tuple[Line, ...], state: str) -> Basket:
        # Written out: `dataclasses.replace` costs as much as all the rest of a scan's arithmetic.
        version = self.version + 1
        return Basket(
            self.id,
            self.lane,
            state,
            version,
            lines,
            self.language,
            self.opened_at,
            self.visit,
            self.circumstances,
        )


@dataclass(frozen=True, slots=True)
class Parked:
    """Where a basket waits. Whoever has `code` may go on with it; `at` and `until` are ISO 8601 in UTC."""

    basket: str
    code: str
    lane: str
    at: str
    until: str


def checked_quantity(quantity: int) -> int:
    if not 1 <= quantity <= QUANTITY_MAX:
        raise Refused("quantity_not_possible", limit=QUANTITY_MAX)
    return quantity


def still_there(basket: Basket | None) -> Basket:
    """What a repeated request is answered with; Refused(basket_empty) if the basket was given up since."""
    if basket is None:
        raise Refused("basket_empty")
    return basket


def line_added(basket: Basket, line: Line) -> LineAdded:
    """What is announced of a line that the basket has now."""
    return LineAdded(
        basket.id,
        basket.version,
        line.number,
        line.gtin,
        line.quantity,
        line.weight_g,
        line.unit_price_minor,
        line.total_minor,
        line.vat_bp,
        line.how,
        line.epc,
        line.length_mm,
    )
