"""What was done at a visit and stands on no receipt: weighed, put back, help asked for.

What was done before the code was shown was a stranger's doing, by the order of the journal and not by a
clock. It joins the journey only where the person agreed to that (`Remembered.whole`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from central.db import tables
from central.profiles.identity import Claim
from central.profiles.remembered import Remembered

_IN_MAX = 250  # triples in one IN list


@dataclass(frozen=True, slots=True)
class Doing:
    """`kind` is weighed, put_back or help_asked; `gtin` "" where about no article. `time_ms` since 1970."""

    store: str
    epoch: str
    number: int
    lane: str
    time_ms: int
    visit: str
    kind: str
    gtin: str


def doings_of(connection: sa.Connection, known: Remembered) -> list[Doing]:
    """What was done at these visits, as far as it may be remembered."""
    visits = {(claim.store, claim.epoch, claim.basket): claim for claim in known.visits if claim.basket}
    places = sorted(visits)
    found: list[Doing] = []
    for start in range(0, len(places), _IN_MAX):
        found += _part(connection, known, visits, places[start : start + _IN_MAX])
    return found


def _part(
    connection: sa.Connection,
    known: Remembered,
    visits: dict[tuple[str, str, str], Claim],
    places: list[tuple[str, str, str]],
) -> Iterable[Doing]:
    d = tables.doings.c
    columns = (d.store, d.epoch, d.basket, d.number, d.lane, d.time_ms, d.kind, d.gtin)
    rows = connection.execute(sa.select(*columns).where(sa.tuple_(d.store, d.epoch, d.basket).in_(places)))
    for row in rows:
        claim = visits[row.store, row.epoch, row.basket]
        if row.number > claim.number or claim.place in known.whole:
            yield Doing(
                row.store, row.epoch, row.number, row.lane, row.time_ms, claim.visit, row.kind, row.gtin
            )
