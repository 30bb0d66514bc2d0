"""The door for who is who and for a person's rights: links, reviews, blocks, copies, the register."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import msgspec
import sqlalchemy as sa

from central import linking, rights, tokens
from central.api import people_bodies as bodies
from central.api.bodies import Points
from central.api.of_account import NO_ACCOUNT, account_shown, of_account, proof_shown
from central.api.points import shown as points_shown
from central.api.problems import No
from central.api.route import Call, Route
from central.clock import from_ms
from central.db import tables
from central.ingest import replay_parked
from central.linking import ConsentMissing, Named
from central.loyalty import member_of
from central.profiles import links, register, review
from central.profiles.kinds import KINDS, IdentifierWrong
from central.profiles.links import Link, LinkUnknown, ProofNotForThis
from central.profiles.profile import AccountErased, AccountUnknown, key_of
from central.profiles.register import Done

Given = TypeVar("Given")
FORMAT = "emma-copy/1"
_NODE = re.compile(r"([a-z_]{1,20}):[0-9a-f]{32}")
_place = msgspec.json.Decoder(tuple[int, str])


def _told(answer: Callable[[Call], Given]) -> Callable[[Call], Given]:
    """Say no properly to what cannot be linked."""

    @wraps(answer)
    def checked(call: Call) -> Given:
        try:
            return answer(call)
        except IdentifierWrong as error:
            raise No("identifier-wrong", str(error)) from error
        except ProofNotForThis as error:
            raise No("proof-not-for-this") from error
        except ConsentMissing as error:
            raise No("consent-missing", "journey") from error
        except LinkUnknown as error:
            raise No("link-unknown") from error
        except AccountUnknown as error:
            raise No("account-unknown") from error
        except AccountErased as error:
            raise No("account-erased") from error

    return checked


@_told
def _link(call: Call) -> bodies.LinkRow:
    ask: bodies.LinkAsk = call.ask
    one, another = (Named(told.kind, told.value) for told in (ask.one, ask.another))
    return _row(linking.link(call.centre, one, another, ask.proof, call.store))


@_told
def _revoke(call: Call) -> bodies.LinkRow:
    ask: bodies.RevocationAsk = call.ask
    return _row(linking.revoke(call.centre, call.where["link"], ask.why, call.store, ask.account))


@_told
def _look_up(call: Call) -> bodies.LookedUp:
    ask: bodies.IdentifierAsk = call.ask
    if ask.kind not in KINDS or ask.kind == "account":
        raise No("identifier-wrong", "an account is looked up by its address")
    found = linking.look_up(call.centre, Named(ask.kind, ask.value))
    return bodies.LookedUp(found.node, list(found.accounts), found.blocked)


@of_account
def _identity(call: Call) -> bodies.Identity:
    with call.centre.database.read() as connection:
        return _identity_of(call, connection)


def _identity_of(call: Call, connection: sa.Connection) -> bodies.Identity:
    key = key_of(connection, call.where["account"])
    who = rights.identity_of(connection, key, call.centre.settings.limits.links_page)
    return bodies.Identity(
        list(who.accounts),
        list(who.person.identifiers),
        list(who.person.contested),
        list(who.person.troubles),
        [_row(link) for link in who.links],
    )


def _reviews(call: Call) -> bodies.Reviews:
    with call.centre.database.read() as connection:
        found = review.queue(connection, call.centre.settings.limits.reviews_page)
    return bodies.Reviews(
        [bodies.ReviewRow(one.review, one.kind, one.about, list(one.accounts), one.alike) for one in found]
    )


def _settle(call: Call) -> None:
    ask: bodies.ReviewAsk = call.ask
    centre = call.centre
    try:
        with centre.database.write("people") as connection:
            review.settle(connection, call.where["review"], ask.outcome, call.store, centre.now_ms())
    except review.ReviewUnknown as error:
        raise No("review-unknown") from error


def _blocks(call: Call) -> bodies.Blocks:
    b = tables.blocked
    newest = sa.select(b).order_by(b.c.at_ms.desc(), b.c.node).limit(call.centre.settings.limits.links_page)
    with call.centre.database.read() as connection:
        rows = connection.execute(newest).all()
    return bodies.Blocks([bodies.BlockRow(row.node, row.why, row.source, from_ms(row.at_ms)) for row in rows])


def _block(call: Call) -> None:
    ask: bodies.BlockAsk = call.ask
    with call.centre.database.write("people") as connection:
        links.block(connection, _blockable(call), ask.why, call.store, call.centre.now_ms())


def _unblock(call: Call) -> None:
    with call.centre.database.write("people") as connection:
        links.unblock(connection, _blockable(call))


def _blockable(call: Call) -> str:
    node = call.where["node"]
    match = _NODE.fullmatch(node)
    if match is None or match[1] not in KINDS or match[1] == "account":
        raise No("identifier-wrong", "a node that is no account's is needed")
    return node


@of_account
def _correct(call: Call) -> None:
    ask: bodies.CorrectionAsk = call.ask
    rights.correct(call.centre, call.where["account"], ask.nickname, ask.language, call.store)


@of_account
def _restrict(call: Call) -> None:
    ask: bodies.RestrictionAsk = call.ask
    rights.restrict(call.centre, call.where["account"], ask.restricted, call.store)


@of_account
def _object(call: Call) -> bodies.AnswersGiven:
    ask: bodies.ObjectionAsk = call.ask
    said = rights.objection(call.centre, call.where["account"], ask.text_version, ask.place, call.store)
    return bodies.AnswersGiven([proof_shown(answer) for answer in said])


@of_account
def _gpc(call: Call) -> bodies.AnswersGiven:
    ask: bodies.TextAsk = call.ask
    said = rights.hear_gpc(call.centre, call.where["account"], ask.text_version, call.store)
    return bodies.AnswersGiven([proof_shown(answer) for answer in said])


@of_account
def _copy(call: Call) -> bodies.Copy:
    centre, account = call.centre, call.where["account"]
    limits = centre.settings.limits
    rights.note_copy(centre, account, call.store)
    with centre.database.read() as connection:
        key = key_of(connection, account)
        member = member_of(
            connection, key, centre.settings.programme, centre.now_ms(), visits_max=limits.ledger_visits_max
        )
        return bodies.Copy(
            FORMAT,
            centre.clock(),
            account_shown(connection, key),
            _identity_of(call, connection),
            points_shown(member, limits.ledger_visits_max) if member else Points(False),
            [_entry(done) for done in register.entries(connection, limits.register_page, account=account)],
        )


def _register(call: Call) -> bodies.Register:
    page = call.centre.settings.limits.register_page
    cursor = call.query.get("cursor", "")
    try:
        before = _place.decode(tokens.decode(cursor)) if cursor else None
    except ValueError as error:
        raise No("cursor-unknown") from error
    with call.centre.database.read() as connection:
        done = register.entries(connection, page + 1, account=call.query.get("account", ""), before=before)
    shown = done[:page]
    last = msgspec.json.encode((shown[-1].at_ms, shown[-1].entry)) if len(done) > page else b""
    return bodies.Register([_entry(one) for one in shown], tokens.encode(last) or None)


def _replay(call: Call) -> bodies.Replayed:
    mended, parked = replay_parked(call.centre.database, call.centre.settings.limits)
    return bodies.Replayed(mended, parked)


def _row(link: Link) -> bodies.LinkRow:
    revoked_at = None if link.revoked_ms is None else from_ms(link.revoked_ms)
    return bodies.LinkRow(
        link.link, link.node, link.other, link.proof, link.source, from_ms(link.at_ms),
        revoked_at, link.revoked_by, link.why,
    )  # fmt: skip


def _entry(done: Done) -> bodies.RegisterRow:
    return bodies.RegisterRow(
        done.entry, done.account, done.act, done.source, done.detail, from_ms(done.at_ms)
    )


ROUTES = (
    Route(
        "POST", "/links", "linkIdentifiers", "Two identifiers are one person's, by a proof",
        "office", _link, bodies.LinkRow, 201, takes=bodies.LinkAsk,
        says=(*NO_ACCOUNT, "identifier-wrong", "proof-not-for-this", "consent-missing"),
    ),
    Route(
        "POST", "/links/{link}/revocation", "revokeLink", "Take a link back: all is as if it had never been",
        "office", _revoke, bodies.LinkRow, takes=bodies.RevocationAsk, says=(*NO_ACCOUNT, "link-unknown"),
    ),
    Route(
        "POST", "/lookups", "lookUpCustomer", "Whom an identifier leads to",
        "office", _look_up, bodies.LookedUp, takes=bodies.IdentifierAsk, says=("identifier-wrong",),
    ),
    Route(
        "GET", "/accounts/{account}/identity", "readIdentity", "All accounts and identifiers of one person",
        "office", _identity, bodies.Identity, says=NO_ACCOUNT,
    ),
    Route(
        "GET", "/reviews", "listReviews", "Shared things and likely matches, for a person to decide",
        "office", _reviews, bodies.Reviews,
    ),
    Route(
        "PUT", "/reviews/{review}", "settleReview", "Somebody has looked at it",
        "office", _settle, None, 204, takes=bodies.ReviewAsk, says=("review-unknown",),
    ),
    Route(
        "GET", "/blocks", "listBlocks", "Identifiers that lead to nobody, newest first",
        "office", _blocks, bodies.Blocks,
    ),
    Route(
        "PUT", "/blocks/{node}", "blockIdentifier", "From now on this identifier leads to nobody",
        "office", _block, None, 204, takes=bodies.BlockAsk, says=("identifier-wrong",),
    ),
    Route(
        "DELETE", "/blocks/{node}", "unblockIdentifier", "This identifier may lead to somebody again",
        "office", _unblock, None, 204, says=("identifier-wrong",),
    ),
    Route(
        "PUT", "/accounts/{account}", "correctAccount", "Put right a customer's nickname and language",
        "office", _correct, None, 204, takes=bodies.CorrectionAsk, says=NO_ACCOUNT,
    ),
    Route(
        "PUT", "/accounts/{account}/restriction", "restrictAccount", "Keep what is stored and use none of it",
        "office", _restrict, None, 204, takes=bodies.RestrictionAsk, says=NO_ACCOUNT,
    ),
    Route(
        "POST", "/accounts/{account}/objection", "objectToAll", "Take back everything that was agreed to",
        "office", _object, bodies.AnswersGiven, takes=bodies.ObjectionAsk, says=NO_ACCOUNT,
    ),
    Route(
        "POST", "/accounts/{account}/gpc", "hearPrivacyControl", "The customer's browser sent Sec-GPC: 1",
        "office", _gpc, bodies.AnswersGiven, takes=bodies.TextAsk, says=NO_ACCOUNT,
    ),
    Route(
        "POST", "/accounts/{account}/copies", "copyAccount", "All that is stored, to take along; it is noted",
        "office", _copy, bodies.Copy, 201, says=NO_ACCOUNT,
    ),
    Route(
        "GET", "/register", "readRegister", "What was done with people's data, newest first",
        "office", _register, bodies.Register, query=("account", "cursor"), says=("cursor-unknown",),
    ),
    Route(
        "POST", "/parked/replay", "replayParked", "Read events once more that did not fit their type",
        "office", _replay, bodies.Replayed,
    ),
)  # fmt: skip
