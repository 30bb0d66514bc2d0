"""What may be remembered of a person: visits and purchases that they agreed to, then and now.

The purpose (`history`, or `loyalty` for points) must be granted today, or nothing is looked at; and it must
have been granted when the code was shown and again when it was paid for, so that switching it on does not
bring back what was bought while it was off. What was bought while it was on is there again after an off and
an on: it was agreed to, and taking consent back does not undo what it covered until then (GDPR Art. 7(3)).

A person may have several accounts (`central.profiles.person`). Each answers for its own visits: an account
that did not agree adds nothing, whatever the others said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from central.db import tables
from central.profiles import consent
from central.profiles.consent import Purpose
from central.profiles.identity import Claim, visits_of
from central.profiles.person import keys_of
from central.profiles.purchases import Purchase, purchases_at
from central.profiles.seal import PersonKey


@dataclass(frozen=True, slots=True)
class Remembered:
    """Both newest first. `shown_ms` says when each visit's code was shown, by our clock.

    `whole` are the visits that are remembered from their beginning, also before the code was shown: that
    takes consent to `journey`, then and now.
    """

    visits: tuple[Claim, ...]
    purchases: tuple[Purchase, ...]
    shown_ms: Mapping[tuple[str, str], int]
    whole: frozenset[tuple[str, str]] = frozenset()


def remembered(
    connection: sa.Connection,
    key: PersonKey,
    *,
    since_ms: int,
    visits_max: int,
    purpose: Purpose = "history",
) -> Remembered | None:
    """At most `visits_max` visits since then, with their purchases; None without consent to that now."""
    if not consent.agreed(consent.in_force(connection, key.account), purpose):
        return None
    known = [_of_account(connection, one, since_ms, purpose) for one in keys_of(connection, key)]
    visits = [visit for one in known for visit in one.visits]
    visits.sort(key=lambda claim: (-claim.time_ms, claim.place))
    kept = {claim.place for claim in visits[:visits_max]}
    shown_ms = {place: at_ms for one in known for place, at_ms in one.shown_ms.items() if place in kept}
    bought = [sale for one in known for sale in one.purchases if (sale.store, sale.visit) in kept]
    bought.sort(key=lambda sale: (-sale.time_ms, sale.place))
    whole = frozenset[tuple[str, str]]().union(*(one.whole for one in known))
    return Remembered(tuple(visits[:visits_max]), tuple(bought), shown_ms, whole & kept)


def _of_account(connection: sa.Connection, key: PersonKey, since_ms: int, purpose: Purpose) -> Remembered:
    given = consent.in_force(connection, key.account)
    if not consent.agreed(given, purpose):
        return Remembered((), (), {})
    shown = _shown(connection, key, visits_of(connection, key, since_ms))
    by_place = {
        claim.place: (claim, at_ms) for claim, at_ms in shown if consent.agreed(given, purpose, at_ms)
    }
    bought = [
        sale
        for sale in purchases_at(connection, list(by_place))
        if consent.agreed(given, purpose, moment_ms(sale.time_ms, *by_place[sale.store, sale.visit]))
    ]
    visits = tuple(claim for claim, _ in by_place.values())
    shown_ms = {place: at_ms for place, (_, at_ms) in by_place.items()}
    joined = consent.agreed(given, "journey")
    whole = {place for place, at_ms in shown_ms.items() if consent.agreed(given, "journey", at_ms)}
    return Remembered(visits, tuple(bought), shown_ms, frozenset(whole if joined else ()))


def _shown(connection: sa.Connection, key: PersonKey, visits: list[Claim]) -> list[tuple[Claim, int]]:
    """Each visit with the moment its code was shown, in ms since 1970.

    The moment is the visit's own, however late the store hands it in. But it is the store's clock that
    tells it, and answers are dated by ours: so it is held within the life of the token, which we dated
    too. A store whose clock is wrong is wrong by those few minutes at most.
    """
    t = tables.tokens.c
    rows = connection.execute(sa.select(t.jti, t.issued_ms, t.expires_ms).where(t.key_id == key.key_id))
    life = {row.jti: (row.issued_ms, row.expires_ms) for row in rows}
    return [(claim, _within(claim.time_ms, *life[claim.jti])) for claim in visits]


def _within(moment_ms: int, first_ms: int, last_ms: int) -> int:
    return max(first_ms, min(moment_ms, last_ms))


def moment_ms(time_ms: int, claim: Claim, shown_ms: int) -> int:
    """When something of a visit happened, by our clock: as long after its code as the store's clock says."""
    return shown_ms + max(0, time_ms - claim.time_ms)
