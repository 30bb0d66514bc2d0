"""What a person agreed to, purpose by purpose, with its proof: which text, when, where (GDPR Art. 7(1)).

Every answer stays; the newest one of a purpose counts, and it is looked up whenever something is read, so
taking consent back works at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa

from central.db import tables

Purpose = Literal["history", "personalisation", "loyalty"]
PURPOSES: tuple[str, ...] = get_args(Purpose)


class TooManyChanges(Exception):
    """An account has given consent more often than `consent_changes_max`. Taking it back always works."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a person. `at_ms` in ms since 1970."""

    purpose: str
    granted: bool
    text_version: str
    place: str
    at_ms: int


def record(connection: sa.Connection, account: str, answer: Answer, *, changes_max: int) -> Answer:
    """Keep an answer; the same answer to the same text again is the one already kept.

    Raises `TooManyChanges`.
    """
    given = answers(connection, account)
    newest = next((old for old in reversed(given) if old.purpose == answer.purpose), None)
    if newest and (newest.granted, newest.text_version) == (answer.granted, answer.text_version):
        return newest
    if answer.granted and len(given) >= changes_max:
        raise TooManyChanges
    row = {
        "account": account,
        "number": len(given) + 1,
        "purpose": answer.purpose,
        "granted": answer.granted,
        "text_version": answer.text_version,
        "place": answer.place,
        "at_ms": answer.at_ms,
    }
    connection.execute(sa.insert(tables.consents), row)
    return answer


def answers(connection: sa.Connection, account: str) -> list[Answer]:
    """Every answer ever given by this account, oldest first."""
    c = tables.consents
    rows = connection.execute(
        sa.select(c.c.purpose, c.c.granted, c.c.text_version, c.c.place, c.c.at_ms)
        .where(c.c.account == account)
        .order_by(c.c.number)
    )
    return [Answer(*row) for row in rows]


def agreed(given: Sequence[Answer], purpose: Purpose, at_ms: int | None = None) -> bool:
    """Whether these answers, oldest first, allow the purpose at a moment (None: now); silence is no."""
    until = [one for one in given if one.purpose == purpose and (at_ms is None or one.at_ms <= at_ms)]
    return bool(until) and until[-1].granted


def granted(connection: sa.Connection, account: str) -> frozenset[str]:
    """The purposes that the person agrees to now."""
    given = answers(connection, account)
    return frozenset(purpose for purpose in get_args(Purpose) if agreed(given, purpose))
