"""Seeded goods and promotions to try pricing on, and what exhaustive search finds the best to be.

`best_by_hand` knows the promotions by their written terms only, and shares nothing with the engine.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from checkout.basket import OPEN, ORDINARY, Basket, Circumstances, Line
from checkout.promotions import Piece, Promotion, build

OPENED_AT = "2026-11-21T10:00:00+00:00"
Terms = dict[str, Any]


@dataclass(frozen=True)
class Offer:
    """A promotion as it is written in a file."""

    id: str
    kind: str
    terms: Mapping[str, Any]

    def promotion(self) -> Promotion:
        return build(self.kind, self.id, self.terms)


def promotions(offers: Sequence[Offer]) -> tuple[Promotion, ...]:
    return tuple(offer.promotion() for offer in offers)


def line(gtin: str, price_minor: int, quantity: int = 1, groups: tuple[str, ...] = (), **more: Any) -> Line:
    return Line(
        0, gtin, quantity, more.pop("weight_g", 0), price_minor, 700, "serial", 1, groups=groups, **more
    )


def basket_of(lines: Sequence[Line], circumstances: Circumstances = ORDINARY) -> Basket:
    """A basket with these lines in this order, numbered anew."""
    numbered = tuple(_numbered(line, number) for number, line in enumerate(lines, start=1))
    return Basket("b", "1", OPEN, 2, numbered, "de", OPENED_AT, circumstances=circumstances)


def _numbered(line: Line, number: int) -> Line:
    return replace(line, number=number)


# Seeded


def some_lines(chance: Random, count: int, groups: int, quantity_max: int = 1) -> list[Line]:
    """Different articles, each in one or two groups, many at the same round prices."""
    lines = []
    for i in range(count):
        price_minor = chance.choice([99, 149, 199, 249, 299, 499, chance.randint(19, 1999)])
        in_groups = tuple(f"g{n}" for n in sorted({chance.randrange(groups), chance.randrange(groups)}))
        lines.append(line(f"a{i}", price_minor, chance.randint(1, quantity_max), in_groups))
    return lines


def some_offers(chance: Random, count: int, gtins: Sequence[str], groups: int) -> list[Offer]:
    """Promotions of every kind that takes money off, all in one group, so that they compete."""
    return [_some_offer(chance, f"p{i:03}", gtins, groups) for i in range(count)]


def for_everything(offer: Offer) -> Offer:
    """The offer for all goods there are; a bundle keeps its articles."""
    terms = dict(offer.terms)
    if offer.kind != "bundle":
        terms = {key: value for key, value in terms.items() if key not in ("gtins", "groups")}
    if "parts" in terms:
        terms["parts"] = [{"pieces": part["pieces"]} for part in terms["parts"]]
    return replace(offer, terms=terms)


def _some_offer(chance: Random, id: str, gtins: Sequence[str], groups: int) -> Offer:
    scope: Terms = {"groups": [f"g{chance.randrange(groups)}"]}
    if chance.random() < 0.3:
        scope = {"gtins": chance.sample(list(gtins), min(len(gtins), chance.randint(1, 6)))}
    take = chance.randint(2, 4)
    kind, own = chance.choice(list(_own_terms(chance, gtins, groups, take).items()))
    return Offer(id, kind, own if kind in ("bundle", "mix-and-match") else own | scope)


def _own_terms(chance: Random, gtins: Sequence[str], groups: int, take: int) -> dict[str, Terms]:
    return {
        "percent": {"percent": chance.randint(1, 60)},
        "amount": {"off": chance.choice([0.1, 0.5, 1.0, 2.5])},
        "fixed-price": {"price": chance.choice([0.99, 1.49, 1.99])},
        "n-for-m": {"take": take, "pay": chance.randint(1, take - 1)},
        "cheapest-free": {"take": take, "percent": chance.choice([50, 100])},
        "steps": {"steps": {"2": chance.randint(1, 20), "4": chance.randint(20, 50)}},
        "mix-and-match": {**_effect(chance), "parts": _parts(chance, groups)},
        "bundle": {**_effect(chance), "gtins": chance.sample(list(gtins), min(3, len(gtins)))},
        "threshold": {"group": "", "spend": 10.0, "off": chance.choice([1.0, 3.0, 5.0])},
    }


def _effect(chance: Random) -> Terms:
    return chance.choice([{"price": 3.99}, {"off": 1.5}, {"percent": 25}])


def _parts(chance: Random, groups: int) -> list[Terms]:
    return [
        {"groups": [f"g{chance.randrange(groups)}"], "pieces": chance.randint(1, 2)}
        for _ in range(chance.randint(1, 2))
    ]


# By hand


def best_by_hand(lines: Sequence[Line], offers: Sequence[Offer]) -> int:
    """The most that any division of the pieces among the offers takes off; tries them all.

    All offers are in one group. A set of pieces is a bit mask; at most some twelve pieces are feasible.
    """
    pieces = [line for line in lines for _ in range(line.quantity)]
    best = [0] * (1 << len(pieces))
    for offer in offers:
        deals = [_deal_by_hand(offer, _members(pieces, mask)) for mask in range(len(best))]
        before, once = list(best), offer.kind in ("steps", "threshold")
        for mask in range(1, len(best)):
            for rest in _submasks(mask):
                if deal := deals[mask ^ rest]:
                    best[mask] = max(best[mask], deal + (before if once else best)[rest])
    return best[-1]


def _members(pieces: Sequence[Line], mask: int) -> list[Line]:
    return [piece for k, piece in enumerate(pieces) if mask >> k & 1]


def _submasks(mask: int) -> Iterator[int]:
    sub = mask
    while True:
        yield sub
        if not sub:
            return
        sub = (sub - 1) & mask


def meant_by(terms: Mapping[str, Any], piece: Line) -> bool:
    if "groups" not in terms and "gtins" not in terms:
        return True
    return piece.gtin in terms.get("gtins", ()) or bool(set(terms.get("groups", ())) & set(piece.groups))


def percent_of_price(amount_minor: int, percent: int) -> int:
    return (amount_minor * percent + 50) // 100


def _deal_by_hand(offer: Offer, members: Sequence[Line]) -> int:
    """What one deal of exactly these pieces takes off; 0 if they are none."""
    terms, prices = offer.terms, sorted(piece.unit_price_minor for piece in members)
    total = sum(prices)
    if offer.kind in ("mix-and-match", "bundle"):
        parts = terms["parts"] if offer.kind == "mix-and-match" else [{"gtins": [g]} for g in terms["gtins"]]
        if not _served([part for part in parts for _ in range(part.get("pieces", 1))], members):
            return 0
        if "price" in terms:
            return max(0, total - round(terms["price"] * 100))
        if "off" in terms:
            return min(total, round(terms["off"] * 100))
        return sum(percent_of_price(price, terms["percent"]) for price in prices)
    if not all(meant_by(terms, piece) for piece in members):
        return 0
    if offer.kind in ("n-for-m", "cheapest-free"):
        if len(members) != terms["take"]:
            return 0
        free = terms["take"] - terms["pay"] if offer.kind == "n-for-m" else 1
        return percent_of_price(sum(prices[:free]), terms.get("percent", 100))
    if offer.kind == "steps":
        reached = [percent for count, percent in terms["steps"].items() if int(count) <= len(members)]
        return sum(percent_of_price(price, max(reached, default=0)) for price in prices)
    if offer.kind == "threshold":
        return round(terms["off"] * 100) if total >= terms["spend"] * 100 else 0
    if len(members) != 1:
        return 0
    if offer.kind == "percent":
        return percent_of_price(total, terms["percent"])
    if offer.kind == "amount":
        return min(total, round(terms["off"] * 100))
    return max(0, total - round(terms["price"] * 100))


def _served(places: Sequence[Mapping[str, Any]], members: Sequence[Line]) -> bool:
    """Whether the pieces fill all places, each its own."""
    if len(places) != len(members):
        return False
    return any(
        all(meant_by(place, piece) for place, piece in zip(places, order, strict=True))
        for order in itertools.permutations(members)
    )


# Large


ARTICLES, FAMILIES, OFFERS, BASKET_LINES = 2_000, 300, 200, 300


def a_market(chance: Random) -> tuple[list[Line], list[Offer]]:
    """A market's articles, each in one or two families, and its 200 promotions, all competing."""
    articles = some_lines(chance, ARTICLES, FAMILIES)
    return articles, some_offers(chance, OFFERS, [line.gtin for line in articles], FAMILIES)


# What pricing has to do


def wanted_pieces(lines: Sequence[Line], running: Sequence[Promotion]) -> int:
    """How often a piece is wanted by a promotion for several, of those that find enough for a deal at all."""
    pieces = [Piece(line.unit_price_minor, line.gtin, line.groups) for line in lines]
    wanted = 0
    for promotion in running:
        found = [sum(part.means(piece) for piece in pieces) for part in promotion.parts]
        several = len(found) > 1 or promotion.parts[0].count > 1 or promotion.parts[0].open_ended
        if several and all(n >= part.count for n, part in zip(found, promotion.parts, strict=True)):
            wanted += sum(found)
    return wanted


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called to do some work: what a busy machine cannot change."""
    calls = 0

    def count(_frame: object, event: str, _of: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls
