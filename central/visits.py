"""A customer shows a token: which visit has it, and what head office may say to that visit.

A token is for one visit over the whole chain. The first visit to redeem it has it for ever; the same
visit may ask again and hears the same, as far as the person still agrees.
"""

from __future__ import annotations

import logging
from datetime import datetime

import msgspec
import sqlalchemy as sa

from central import loyalty
from central.centre import Centre
from central.clock import DAY_MS, from_ms
from central.db import tables
from central.db.upsert import insert_or_add
from central.offers import Offer, Past, choose_offer
from central.profiles import consent
from central.profiles.card import CardOnFile, card_of
from central.profiles.identity import holder_of, token_of_visit, visit_of_token
from central.profiles.profile import read_profile
from central.profiles.remembered import remembered
from central.profiles.seal import PersonKey
from central.recommend.usual import usual
from central.tokens import Forged, jti_of

log = logging.getLogger(__name__)


class TokenUnknown(Exception):
    """No token of ours, or its owner was erased."""


class TokenExpired(Exception):
    """A token of ours, never used, and too old now."""


class TokenUsed(Exception):
    """The token belongs to another visit, or the visit to another token."""


class UsualArticle(msgspec.Struct, frozen=True):
    """An article that the person bought `times` times."""

    gtin: str
    times: int


class Membership(msgspec.Struct, frozen=True):
    """A member's points, and how many of them this visit may spend until `lease_ends_at` without asking.

    `points` is below nothing for a member who owes some. `tier` is the status, a word per language.
    """

    points: int
    lease: int
    lease_ends_at: datetime
    tier: dict[str, str] | None = None


class Welcome(msgspec.Struct, frozen=True):
    """What head office says to a visit. Without consent to personalisation: nothing personal.

    `greeting` is the name that the person wants to be called by. `membership` needs consent to loyalty, and
    nothing else; `on_file` needs none: whoever leaves a card wants to pay with it, until it is taken away.
    """

    visit: str
    personal: bool = False
    greeting: str | None = None
    usual: tuple[UsualArticle, ...] = ()
    offer: Offer | None = None
    membership: Membership | None = None
    on_file: CardOnFile | None = None


def welcome(centre: Centre, store: str, visit: str, token: str, lane: str) -> Welcome:
    """Redeem `token` (its text, or its `jti` where the store has kept only that) for this visit.

    Raises `TokenUnknown`, `TokenExpired`, `TokenUsed`, `Busy`.
    """
    try:
        jti = jti_of(token, centre.signer.public)
    except Forged as error:
        raise TokenUnknown from error
    with centre.database.write("people") as connection:
        seen = [{"store": store, "last_seen_ms": centre.now_ms()}]
        key = holder_of(connection, jti)
        if key is None:
            raise TokenUnknown
        _redeem(centre, connection, jti, store, visit, lane)
        insert_or_add(connection, tables.stores, seen, top=("last_seen_ms",))
        answer = _answer(centre, connection, key, store, visit)
        member = _membership(centre, connection, key, store, visit)
        restricted = read_profile(connection, key).restricted_ms is not None
        card = None if restricted else card_of(connection, key)
        answer = msgspec.structs.replace(answer, membership=member, on_file=card)
    log.info("visit welcomed store=%s visit=%s personal=%s", store, visit, answer.personal)
    return answer


def _redeem(centre: Centre, connection: sa.Connection, jti: str, store: str, visit: str, lane: str) -> None:
    used_for = visit_of_token(connection, jti)
    shown_here = token_of_visit(connection, store, visit)
    if used_for and used_for.place != (store, visit):
        raise TokenUsed
    if shown_here and shown_here.jti != jti:
        raise TokenUsed
    if used_for and not used_for.epoch:
        return
    t = tables.tokens
    expires_ms = connection.execute(sa.select(t.c.expires_ms).where(t.c.jti == jti)).scalar_one()
    late_ms = centre.now_ms() - expires_ms
    if used_for is None and late_ms > centre.settings.token_grace_s * 1000:
        raise TokenExpired
    row = {"jti": jti, "store": store, "visit": visit, "lane": lane, "at_ms": centre.now_ms()}
    connection.execute(sa.insert(tables.redemptions), row)


def _answer(centre: Centre, connection: sa.Connection, key: PersonKey, store: str, visit: str) -> Welcome:
    agreed = consent.granted(connection, key.account, "screen")
    if "personalisation" not in agreed:
        return Welcome(visit)
    answer = _kept(connection, key, store, visit)
    if answer is None:
        answer = _compose(centre, connection, key, store, visit)
        sealed = key.seal(msgspec.json.encode(answer), _label(store, visit), centre.chance)
        row = {"store": store, "visit": visit, "key_id": key.key_id, "sealed": sealed}
        connection.execute(sa.insert(tables.answers), row | {"at_ms": centre.now_ms()})
    if "history" not in agreed:
        return Welcome(visit, True, answer.greeting)
    return answer


def _membership(
    centre: Centre, connection: sa.Connection, key: PersonKey, store: str, visit: str
) -> Membership | None:
    programme, now_ms = centre.settings.programme, centre.now_ms()
    visits_max = centre.settings.limits.ledger_visits_max
    member = loyalty.member_of(connection, key, programme, now_ms, visits_max=visits_max)
    if member is None:
        return None
    lease = loyalty.lend(connection, member, store, visit, programme, now_ms)
    tier = member.ledger.tier
    return Membership(
        member.ledger.balance, lease.points, from_ms(lease.ends_ms), dict(tier.name) if tier else None
    )


def _compose(centre: Centre, connection: sa.Connection, key: PersonKey, store: str, visit: str) -> Welcome:
    nickname = read_profile(connection, key).nickname
    limits, now_ms = centre.settings.limits, centre.now_ms()
    known = remembered(connection, key, since_ms=centre.since_ms(), visits_max=limits.visits_read_max)
    if known is None:
        return Welcome(visit, True, nickname)
    articles = usual(known.purchases, now_ms, limit=limits.usual_max)
    offer = choose_offer(articles, _past(connection, key), store=store, visit=visit, now_ms=now_ms)
    listed = tuple(UsualArticle(article.gtin, article.times) for article in articles)
    return Welcome(visit, True, nickname, listed, offer)


def _kept(connection: sa.Connection, key: PersonKey, store: str, visit: str) -> Welcome | None:
    a = tables.answers
    sealed = connection.execute(
        sa.select(a.c.sealed).where(a.c.store == store, a.c.visit == visit, a.c.key_id == key.key_id)
    ).scalar_one_or_none()
    return None if sealed is None else _unsealed(key, store, visit, sealed)


def _past(connection: sa.Connection, key: PersonKey) -> list[Past]:
    """The offers made to this person, as far back as answers are kept."""
    a, d = tables.answers.c, tables.declined.c
    rows = connection.execute(
        sa.select(a.store, a.visit, a.sealed, a.at_ms).where(a.key_id == key.key_id)
    ).all()
    theirs = sa.select(a.store, a.visit).where(a.key_id == key.key_id)
    away = connection.execute(
        sa.select(d.store, d.visit, d.offer).where(sa.tuple_(d.store, d.visit).in_(theirs))
    )
    declined = {(row.store, row.visit, row.offer) for row in away}
    past: list[Past] = []
    for store, visit, sealed, at_ms in rows:
        offer = _unsealed(key, store, visit, sealed).offer
        if offer:
            past.append(Past(offer.gtin, at_ms, (store, visit, offer.offer) in declined))
    return past


def _unsealed(key: PersonKey, store: str, visit: str, sealed: bytes) -> Welcome:
    return msgspec.json.decode(key.unseal(bytes(sealed), _label(store, visit)), type=Welcome)


def _label(store: str, visit: str) -> str:
    return f"answers:{store}:{visit}"


def drop_old_answers(connection: sa.Connection, now_ms: int, answers_d: int) -> int:
    """Delete answers older than `answers_d` days; returns how many."""
    a = tables.answers
    return connection.execute(sa.delete(a).where(a.c.at_ms < now_ms - answers_d * DAY_MS)).rowcount
