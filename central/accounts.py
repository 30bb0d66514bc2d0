"""What a customer does with their account: open it, sign in, show a code, agree, take it back."""

from __future__ import annotations

import logging
from datetime import datetime

import sqlalchemy as sa

from central import keys
from central.centre import Centre
from central.clock import DAY_MS, from_ms
from central.db import tables
from central.paper import drop_ended
from central.profiles import consent, identity, links, register
from central.profiles.card import CardOnFile, leave, take_away
from central.profiles.consent import Answer
from central.profiles.profile import create_profile, key_of
from central.visits import drop_old_answers

log = logging.getLogger(__name__)


class TooManyTokens(Exception):
    """More than `tokens_live_max` unexpired tokens of one account."""


def open_account(
    centre: Centre,
    nickname: str,
    language: str,
    consents: dict[str, bool],
    *,
    place: str,
    text_version: str,
    sign_in_key: str = "",
) -> tuple[str, str]:
    """A new customer: (account, sign-in key). The key is kept only as a digest. Raises `Busy`."""
    now_ms = centre.now_ms()
    secret = sign_in_key or keys.new_secret(centre.chance)
    with centre.database.write("people") as connection:
        key = create_profile(connection, nickname, language, now_ms, centre.chance)
        identity.link(connection, key, identity.SIGN_IN, secret, now_ms, centre.chance)
        for purpose, yes in sorted(consents.items()):
            answer = Answer(purpose, yes, text_version, place, now_ms)
            consent.record(connection, key.account, answer, changes_max=len(consent.PURPOSES))
    log.info("account opened account=%s", key.account)
    return key.account, secret


def sign_in(centre: Centre, secret: str) -> str | None:
    """The account that this sign-in key opens, or None."""
    with centre.database.read() as connection:
        person = identity.person_of(connection, identity.SIGN_IN, secret)
    return person.account if person else None


def change_consent(
    centre: Centre, account: str, purpose: str, yes: bool, *, text_version: str, place: str, channel: str = ""
) -> Answer:
    """Record an answer to a purpose, or to one channel of it.

    Raises `AccountUnknown`, `AccountErased`, `TooManyChanges`, `Busy`.
    """
    changes_max = centre.settings.limits.consent_changes_max
    with centre.database.write("people") as connection:
        key_of(connection, account)
        answer = Answer(purpose, yes, text_version, place, centre.now_ms(), channel)
        kept = consent.record(connection, account, answer, changes_max=changes_max)
    log.info("consent recorded account=%s purpose=%s granted=%s", account, purpose, yes)
    return kept


def leave_card(centre: Centre, account: str, card: CardOnFile) -> None:
    """From now on its owner may pay with this card. Raises `AccountUnknown`, `AccountErased`, `Busy`."""
    with centre.database.write("people") as connection:
        leave(connection, key_of(connection, account), card, centre.now_ms(), centre.chance)
    log.info("card left account=%s", account)


def take_card_away(centre: Centre, account: str) -> None:
    """No store hears of the card any more. Raises `AccountUnknown`, `AccountErased`, `Busy`."""
    with centre.database.write("people") as connection:
        take_away(connection, key_of(connection, account))
    log.info("card taken away account=%s", account)


def issue_token(centre: Centre, account: str) -> tuple[str, datetime]:
    """A fresh token and when it ends. Raises `AccountUnknown`, `AccountErased`, `TooManyTokens`, `Busy`."""
    jti, now_ms = centre.chance(16).hex(), centre.now_ms()
    # Whole seconds, as the token's text says it; rounded up, so that none lives shorter than promised.
    expires_s = -(-now_ms // 1000) + centre.settings.token_life_s
    with centre.database.write("people") as connection:
        key = key_of(connection, account)
        t = tables.tokens
        live = sa.select(sa.func.count()).where(t.c.key_id == key.key_id, t.c.expires_ms > now_ms)
        if connection.execute(live).scalar_one() >= centre.settings.limits.tokens_live_max:
            raise TooManyTokens
        row = {
            "jti": jti,
            "key_id": key.key_id,
            "sealed": key.seal(account.encode(), f"tokens:{jti}", centre.chance),
            "issued_ms": now_ms,
            "expires_ms": expires_s * 1000,
        }
        connection.execute(sa.insert(t), row)
    log.info("token issued account=%s", account)
    return centre.signer.sign(jti, expires_s), from_ms(expires_s * 1000)


def forget_old(centre: Centre) -> tuple[int, int]:
    """Delete what is past its retention: (tokens that no visit ever showed, answers to visits).

    Claims of paper whose time is over go with them, links, and the register's old entries.
    """
    retention, now_ms = centre.settings.retention, centre.now_ms()
    t = tables.tokens
    shown = sa.union(sa.select(tables.claims.c.jti), sa.select(tables.redemptions.c.jti))
    with centre.database.write("people") as connection:
        unused = connection.execute(
            sa.delete(t).where(t.c.expires_ms < now_ms - retention.tokens_d * DAY_MS, t.c.jti.not_in(shown))
        ).rowcount
        answers = drop_old_answers(connection, now_ms, retention.answers_d)
        drop_ended(connection, now_ms)
        links.forget_old(connection, now_ms, retention.revoked_links_d)
        register.forget_old(connection, now_ms, retention.register_d)
    centre.database.wipe_journal()
    log.info("retention kept tokens=%d answers=%d", unused, answers)
    return unused, answers
