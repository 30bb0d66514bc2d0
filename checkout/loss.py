"""Loss prevention: does what lies in the bag, what was seen and what leaves fit what was scanned?

Pure rules on evidence that comes in as values: settled grams, what a camera is sure of, tags at the gate. A
mismatch is a question to a colleague, never a verdict on a shopper: most have an innocent cause, such as a
bag of one's own, a child on the scale, or an article whose pack has changed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from checkout.basket import Basket, Line

WEIGHT, SIGHT, TAG, SPOT = "weight_mismatch", "sight_mismatch", "unpaid_tag", "spot_check"
REASONS = frozenset({WEIGHT, SIGHT, TAG, SPOT})
BLOCKING = frozenset({WEIGHT, SIGHT, SPOT})
"""Payment waits until a colleague has looked; about a basket."""

APPROVED, NOTHING, FORGOTTEN, INTERVENED = "approved", "nothing", "forgotten", "intervened"
OUTCOMES = frozenset({APPROVED, NOTHING, FORGOTTEN, INTERVENED})
"""Let pass without a rescan; rescanned and right; lines had been forgotten; a colleague took over."""


# What the bag weighs

UNEXPECTED, MISSING, REMOVED = "unexpected_item", "item_missing", "item_removed"

SCALE_G = 10.0
"""A scale of class III with e = 5 g may be off by two e up to 10 kg in use (EN 45501, section 3.5)."""
SURE_SIGMAS = 4.0
"""How far beyond an article's own spread a weight must lie: 1 in 16,000 honest ones, were they normal."""
TRUSTED_FROM = 3
"""An article's weight counts once it was seen so often; before, its line may weigh anything."""
SAMPLES_KEPT = 50
"""Older samples fade: a new pack is learned within some dozens of purchases."""
FIRST_SPREAD = 0.1
"""The share of its weight by which an article may differ while only one was seen."""
LEAST_SPREAD_G = 1.0
PIECE_G_MAX = 30_000


@dataclass(frozen=True, slots=True)
class Learned:
    """What one piece of an article weighs: a running mean and variance that forget slowly."""

    mean_g: float
    variance_g2: float
    seen: int = 1

    @classmethod
    def first(cls, piece_g: float) -> Learned:
        return cls(piece_g, (FIRST_SPREAD * piece_g) ** 2)

    def with_sample(self, piece_g: float) -> Learned:
        """One more piece seen (West 1979, with a weight that never falls below 1/SAMPLES_KEPT)."""
        share = 1 / min(self.seen + 1, SAMPLES_KEPT)
        off_g = piece_g - self.mean_g
        variance_g2 = (1 - share) * (self.variance_g2 + share * off_g**2)
        return Learned(self.mean_g + share * off_g, max(variance_g2, LEAST_SPREAD_G**2), self.seen + 1)

    @property
    def trusted(self) -> bool:
        return self.seen >= TRUSTED_FROM

    def allows(self, piece_g: float) -> bool:
        return abs(piece_g - self.mean_g) <= SCALE_G + SURE_SIGMAS * math.sqrt(self.variance_g2)


WeightOf = Callable[[str], Learned | None]
"""GTIN -> what is known of its weight."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the lines should weigh together, how far off that may be, and whether some may weigh anything."""

    mean_g: float
    tolerance_g: float
    open_end: bool


def expected_weight(lines: Iterable[Line], weight_of: WeightOf) -> Expected:
    """Sum of the lines that lie in the bag: weighed goods exactly, pieces by what was learned."""
    mean_g = variance_g2 = 0.0
    open_end = False
    for line in lines:
        learned = weight_of(line.gtin)
        if line.weight_g:
            mean_g += line.weight_g
        elif learned is None or not learned.trusted or line.length_mm:
            open_end = True
        else:
            mean_g += line.quantity * learned.mean_g
            # Each piece differs by itself, and the mean is only known from so many.
            kept = min(learned.seen, SAMPLES_KEPT)
            variance_g2 += learned.variance_g2 * (line.quantity + line.quantity**2 / kept)
    return Expected(mean_g, SCALE_G + SURE_SIGMAS * math.sqrt(variance_g2), open_end)


@dataclass(frozen=True, slots=True)
class Bag:
    """The bagging area beside one basket: what it weighs, and since when that does not fit.

    `fitting_g` fitted last, at basket `version` with `lines` lines. `allowed_g` is what a colleague let pass.
    `verdict` is "" while all is well; `since` is ISO 8601 in UTC.
    """

    bag_g: int = 0
    fitting_g: int = 0
    version: int = 0
    lines: int = 0
    allowed_g: float = 0.0
    verdict: str = ""
    since: str = ""


def weigh(bag: Bag, basket: Basket, bag_g: int, now: str, weight_of: WeightOf) -> Bag:
    """The bag after a settled reading. What does not fit keeps its `since` as long as it is the same."""
    base_g, new = _since_it_fitted(bag, basket)
    expected = expected_weight(new, weight_of)
    verdict = _verdict(bag, bag_g - base_g, bag_g, expected)
    if verdict:
        return replace(bag, bag_g=bag_g, verdict=verdict, since=bag.since if verdict == bag.verdict else now)
    fits = replace(bag, bag_g=bag_g, verdict="", since="")
    if expected.open_end and not (len(new) == 1 and bag_g - base_g > SCALE_G):
        return fits  # what may weigh anything may lie there or not: it is still to come
    return replace(fits, fitting_g=bag_g, version=basket.version, lines=len(basket.lines))


def _since_it_fitted(bag: Bag, basket: Basket) -> tuple[float, Sequence[Line]]:
    """What surely lies there, and the lines that come on top: those since it last fitted, else all.

    So a large bag is judged as finely as a small one: its earlier pieces have been weighed already.
    """
    if bag.version and all(line.changed <= bag.version for line in basket.lines[: bag.lines]):
        return bag.fitting_g, [line for line in basket.lines[bag.lines :] if not line.voided]
    return bag.allowed_g, basket.standing


def _verdict(bag: Bag, new_g: float, bag_g: int, expected: Expected) -> str:
    off_g = new_g - expected.mean_g
    if off_g > expected.tolerance_g:
        return "" if expected.open_end else UNEXPECTED
    if off_g < -expected.tolerance_g:
        return REMOVED if bag_g < bag.fitting_g - SCALE_G else MISSING
    return ""


def lesson(bag: Bag, basket: Basket, bag_g: int, weight_of: WeightOf) -> tuple[str, Learned] | None:
    """What the newest line teaches about its article: (GTIN, what is known from now on), or None.

    Only where nothing else can have changed the weight: the bag fitted, then one line came.
    """
    if not bag.verdict and bag.version and len(basket.lines) == bag.lines + 1:
        line = basket.lines[-1]
        untouched = all(one.changed <= bag.version for one in basket.lines[:-1])
        piece_g = (bag_g - bag.fitting_g) / line.quantity
        plain = not (line.voided or line.weight_g or line.length_mm)
        if untouched and plain and SCALE_G < piece_g <= PIECE_G_MAX:
            known = weight_of(line.gtin)
            if known is None:
                return line.gtin, Learned.first(piece_g)
            if known.allows(piece_g) or not known.trusted:
                return line.gtin, known.with_sample(piece_g)
    return None


def approved(bag: Bag, basket: Basket, weight_of: WeightOf) -> Bag:
    """A colleague looked: what lies there now is right, whatever it weighs."""
    off_g = bag.bag_g - expected_weight(basket.standing, weight_of).mean_g
    return replace(
        bag,
        allowed_g=off_g,
        fitting_g=bag.bag_g,
        version=basket.version,
        lines=len(basket.lines),
        verdict="",
        since="",
    )


# What the camera saw

SIGHT_SURE_MIN = 0.9


@dataclass(frozen=True, slots=True)
class Sight:
    """What a camera counts where the goods lie: pieces, and pieces of groups it knows; `sure` from 0 to 1."""

    pieces: int
    sure: float
    groups: Mapping[str, int] = field(default_factory=dict)


def sees_more(basket: Basket, sight: Sight) -> bool:
    """True if something was seen that was not scanned. Less is no question: things lie on one another."""
    if sight.sure < SIGHT_SURE_MIN:
        return False
    scanned: Counter[str] = Counter()
    for line in basket.standing:
        for group in line.groups:
            scanned[group] += line.quantity
    return sight.pieces > basket.pieces or any(n > scanned[group] for group, n in sight.groups.items())


# What leaves

GATE_TAGS_MAX = 200


def unpaid_tags(
    epcs: Sequence[str], is_ours: Callable[[str], bool], holder: Callable[[str], str | None]
) -> tuple[str, ...]:
    """The tags (upper-case hex) of our goods that nobody paid for; at most `GATE_TAGS_MAX` are looked at."""
    return tuple(epc for epc in sorted(set(epcs))[:GATE_TAGS_MAX] if is_ours(epc) and holder(epc) != "sold")
