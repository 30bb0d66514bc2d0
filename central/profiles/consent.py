"""What a person agreed to, purpose by purpose, with its proof: which text, when, where (GDPR Art. 7(1)).

Every answer stays; the newest one of a purpose counts, and it is looked up whenever something is read, so
taking consent back works at once. An answer may be about one channel of a purpose: what is done there needs a
yes to the purpose, and no newer no about the channel; where a person is sought out (e-mail, push), a yes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa

from central.db import tables

Purpose = Literal["history", "personalisation", "loyalty", "journey"]
PURPOSES: tuple[str, ...] = get_args(Purpose)
Channel = Literal["screen", "receipt", "email", "push"]
CHANNELS: tuple[str, ...] = get_args(Channel)
_SOUGHT_OUT = frozenset({"email", "push"})
GPC_COVERS: tuple[str, ...] = ("journey",)
"""What a browser's Global Privacy Control says no to: putting together what one did in several places."""
GPC_PLACE = "Sec-GPC"


class TooManyChanges(Exception):
    """An account has given consent more often than `consent_changes_max`. Taking it back always works."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a person. `channel` "" is the purpose as a whole. `at_ms` in ms since 1970."""

    purpose: str
    granted: bool
    text_version: str
    place: str
    at_ms: int
    channel: str = ""

    @property
    def about(self) -> tuple[str, str]:
        return (self.purpose, self.channel)


def record(connection: sa.Connection, account: str, answer: Answer, *, changes_max: int) -> Answer:
    """Keep an answer; the same answer to the same text again is the one already kept.

    Raises `TooManyChanges`.
    """
    given = answers(connection, account)
    newest = next((old for old in reversed(given) if old.about == answer.about), None)
    if newest and (newest.granted, newest.text_version) == (answer.granted, answer.text_version):
        return newest
    if answer.granted and len(given) >= changes_max:
        raise TooManyChanges
    _keep(connection, account, len(given) + 1, answer)
    return answer


def _keep(connection: sa.Connection, account: str, number: int, answer: Answer) -> None:
    row = {
        "account": account,
        "number": number,
        "purpose": answer.purpose,
        "granted": answer.granted,
        "text_version": answer.text_version,
        "place": answer.place,
        "at_ms": answer.at_ms,
        "channel": answer.channel,
    }
    connection.execute(sa.insert(tables.consents), row)


def answers(connection: sa.Connection, account: str) -> list[Answer]:
    """Every answer ever given by this account, oldest first."""
    c = tables.consents
    rows = connection.execute(
        sa.select(c.c.purpose, c.c.granted, c.c.text_version, c.c.place, c.c.at_ms, c.c.channel)
        .where(c.c.account == account)
        .order_by(c.c.number)
    )
    return [Answer(*row) for row in rows]


def in_force(connection: sa.Connection, account: str) -> list[Answer]:
    """The answers that may be acted on: none while the account is restricted (GDPR Art. 18)."""
    p = tables.persons.c
    restricted = connection.execute(sa.select(p.restricted_ms).where(p.account == account)).scalar()
    return [] if restricted is not None else answers(connection, account)


def agreed(
    given: Sequence[Answer], purpose: Purpose, at_ms: int | None = None, channel: Channel | None = None
) -> bool:
    """Whether these answers, oldest first, allow the purpose at a moment (None: now); silence is no."""
    whole = _newest(given, (purpose, ""), at_ms)
    if whole is None or not whole.granted or channel is None:
        return whole is not None and whole.granted
    there = _newest(given, (purpose, channel), at_ms)
    return there.granted if there else channel not in _SOUGHT_OUT


def _newest(given: Sequence[Answer], about: tuple[str, str], at_ms: int | None) -> Answer | None:
    told = (one for one in reversed(given) if one.about == about and (at_ms is None or one.at_ms <= at_ms))
    return next(told, None)


def granted(connection: sa.Connection, account: str, channel: Channel | None = None) -> frozenset[str]:
    """The purposes that the person agrees to now."""
    given = in_force(connection, account)
    return frozenset(purpose for purpose in get_args(Purpose) if agreed(given, purpose, channel=channel))


def hear_gpc(connection: sa.Connection, account: str, text_version: str, now_ms: int) -> tuple[Answer, ...]:
    """A browser said Sec-GPC: 1. What it covers is off, unless its owner said yes where it was heard before.

    Returns what was said now; it is kept even where the answer was no already, as proof of who said it.
    """
    given = answers(connection, account)
    if any(one.place == GPC_PLACE for one in given):
        return ()
    no = tuple(Answer(purpose, False, text_version, GPC_PLACE, now_ms) for purpose in GPC_COVERS)
    for number, one in enumerate(no, start=len(given) + 1):
        _keep(connection, account, number, one)
    return no
