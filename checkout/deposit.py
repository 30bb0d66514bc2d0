"""Deposit (Pfand): what kinds there are, what each is worth, and what comes back.

Single-use drinks packaging carries 25 cents by law (VerpackG § 31 (1)); what
reusable bottles and crates carry is custom, so a shop may say otherwise. A crate
with bottles is one kind made of others. Each kind has a number of its own, from
the range that GS1 leaves to shops, so that it can stand on a line as an article.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from checkout.basket import EMPTIES, Basket
from checkout.catalogue import DEPOSIT, Article
from checkout.errors import Refused
from checkout.vouchers import VoucherForms

CONTENTS_DEEP_MAX = 3
"""A pallet of crates of bottles; deeper is a circle."""


@dataclass(frozen=True, slots=True)
class DepositKind:
    """One kind of empty. `contains` counts other kinds in it, whose amounts come on top of its own.

    `vat` is the tax class of what comes back without its article being known; `taken` is False for
    kinds that this shop does not take back.
    """

    id: str
    gtin: str
    name: Mapping[str, str]
    amount_minor: int = 0
    contains: Mapping[str, int] = field(default_factory=dict)
    vat: str = "standard"
    taken: bool = True


GERMANY = (
    DepositKind("single-use", "2000000000251", {"de": "Einwegpfand", "en": "Single-use empty"}, 25),
    DepositKind("bottle-8", "2000000000084", {"de": "Mehrwegflasche", "en": "Reusable bottle, beer"}, 8),
    DepositKind("bottle-15", "2000000000152", {"de": "Mehrwegflasche", "en": "Reusable bottle"}, 15),
    DepositKind("crate", "2000000001500", {"de": "Leerer Kasten", "en": "Empty crate"}, 150),
    DepositKind(
        "crate-20",
        "2000000003108",
        {"de": "Kasten mit 20 Flaschen", "en": "Crate of 20 bottles"},
        contains={"crate": 1, "bottle-8": 20},
    ),
    DepositKind(
        "crate-12",
        "2000000003306",
        {"de": "Kasten mit 12 Flaschen", "en": "Crate of 12 bottles"},
        contains={"crate": 1, "bottle-15": 12},
    ),
)
VOUCHER = DepositKind("voucher", "2000000000992", {"de": "Leergutbon", "en": "Empties voucher"})
"""What a voucher's line is called; its worth stands on the voucher."""


class DepositKinds:
    """The kinds of one shop, by their ids. ValueError names a part that does not exist, and the nearest."""

    def __init__(self, kinds: Iterable[DepositKind] = GERMANY) -> None:
        self._kinds = {kind.id: kind for kind in kinds}
        self._amounts = {id: self._sum(id, CONTENTS_DEEP_MAX) for id in self._kinds}

    def __iter__(self) -> Iterator[DepositKind]:
        return iter(self._kinds.values())

    def amount_minor(self, id: str) -> int:
        """What a kind is worth with all that is in it. Raises ValueError."""
        return self._amounts[self._known(id).id]

    def taken(self, id: str) -> bool:
        """Whether empties of this kind come back here; of an article without a kind they do."""
        return id not in self._kinds or self._kinds[id].taken

    def gtin(self, id: str) -> str:
        """The number of a kind; what is no kind is taken for an article's number already."""
        return self._kinds[id].gtin if id in self._kinds else id

    def articles(self) -> tuple[Article, ...]:
        """The kinds and the voucher as entries of the catalogue: they cost nothing but their deposit."""
        return tuple(
            Article(
                kind.gtin,
                kind.name,
                price_minor=0,
                unit="piece",
                vat=kind.vat,
                department=DEPOSIT,
                deposit=kind.id,
                deposit_minor=self._amounts.get(kind.id, 0),
            )
            for kind in (*self, VOUCHER)
        )

    def _known(self, id: str) -> DepositKind:
        if id not in self._kinds:
            near = get_close_matches(id, self._kinds, n=1, cutoff=0.0)
            raise ValueError(f"deposit {id!r} is not known; did you mean {near[0]!r}?" if near else id)
        return self._kinds[id]

    def _sum(self, id: str, deep: int) -> int:
        kind = self._known(id)
        if not deep:
            raise ValueError(f"deposit {id!r} contains itself")
        return kind.amount_minor + sum(
            many * self._sum(part, deep - 1) for part, many in kind.contains.items()
        )


@dataclass(frozen=True, slots=True)
class EmptiesLimits:
    """How much may be handed back into one basket: pieces, and their worth with and without staff."""

    pieces_max: int = 200
    minor_max: int = 100_00
    unattended_minor_max: int = 5_00


@dataclass(frozen=True, slots=True)
class EmptiesRules:
    """What this shop takes back: kinds, how much at once, and which vouchers."""

    kinds: DepositKinds = field(default_factory=DepositKinds)
    limits: EmptiesLimits = field(default_factory=EmptiesLimits)
    vouchers: VoucherForms = field(default_factory=VoucherForms)


def refuse_above_limits(basket: Basket, limits: EmptiesLimits, *, attended: bool) -> None:
    """Raises Refused(empties_limit) if more empties lie in the basket than are taken at once.

    Vouchers do not count: a machine has seen what they stand for.
    """
    by_hand = [line for line in basket.standing if line.kind == EMPTIES and line.countable]
    minor_max = limits.minor_max if attended else limits.unattended_minor_max
    if sum(line.quantity for line in by_hand) > limits.pieces_max:
        raise Refused("empties_limit", pieces=limits.pieces_max)
    if -sum(line.total_minor for line in by_hand) > minor_max:
        raise Refused("empties_limit", amount_minor=minor_max)
