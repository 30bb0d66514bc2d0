"""The door for people: the account pages and the office, which speak for a customer or look after stores."""

from __future__ import annotations

import sqlalchemy as sa

from central import accounts, alarms
from central.api import bodies, points
from central.api.of_account import NO_ACCOUNT, account_shown, of_account, proof_shown
from central.api.problems import No
from central.api.route import Call, Route
from central.clock import from_ms
from central.db import tables
from central.loyalty import member_of
from central.profiles import consent
from central.profiles.card import CardOnFile
from central.profiles.consent import TooManyChanges
from central.profiles.erase import erase
from central.profiles.profile import key_of
from central.profiles.timeline import CursorUnknown, Entry, read_timeline


def _open(call: Call) -> bodies.AccountOpened:
    ask: bodies.AccountAsk = call.ask
    answers = {purpose: getattr(ask.consents, purpose) for purpose in consent.PURPOSES}
    consents = {purpose: said for purpose, said in answers.items() if said is not None}
    account, key = accounts.open_account(
        call.centre,
        ask.nickname,
        ask.language,
        consents,
        place=ask.place,
        text_version=ask.text_version,
    )
    return bodies.AccountOpened(account, key)


def _sign_in(call: Call) -> bodies.SessionOpened:
    ask: bodies.SessionAsk = call.ask
    account = accounts.sign_in(call.centre, ask.key)
    if account is None:
        raise No("sign-in-wrong")
    return bodies.SessionOpened(account)


@of_account
def _read(call: Call) -> bodies.Account:
    with call.centre.database.read() as connection:
        return account_shown(connection, key_of(connection, call.where["account"]))


@of_account
def _timeline(call: Call) -> bodies.Timeline:
    centre, limits = call.centre, call.centre.settings.limits
    try:
        with centre.database.read() as connection:
            page = read_timeline(
                connection,
                key_of(connection, call.where["account"]),
                since_ms=centre.since_ms(),
                visits_max=limits.visits_read_max,
                page=limits.timeline_page,
                cursor=call.query.get("cursor", ""),
            )
    except CursorUnknown as error:
        raise No("cursor-unknown") from error
    return bodies.Timeline(page.history, [_entry(entry) for entry in page.entries], page.cursor)


@of_account
def _points(call: Call) -> bodies.Points:
    centre = call.centre
    limits = centre.settings.limits
    with centre.database.read() as connection:
        member = member_of(
            connection,
            key_of(connection, call.where["account"]),
            centre.settings.programme,
            centre.now_ms(),
            visits_max=limits.ledger_visits_max,
        )
    return points.shown(member, limits.points_page) if member else bodies.Points(False)


@of_account
def _consent(call: Call) -> bodies.ConsentProof:
    ask: bodies.ConsentAsk = call.ask
    purpose = call.where["purpose"]
    if purpose not in consent.PURPOSES:
        raise No("purpose-unknown")
    try:
        answer = accounts.change_consent(
            call.centre,
            call.where["account"],
            purpose,
            ask.granted,
            text_version=ask.text_version,
            place=ask.place,
            channel=ask.channel,
        )
    except TooManyChanges as error:
        raise No("too-many-changes") from error
    return proof_shown(answer)


@of_account
def _leave_card(call: Call) -> None:
    ask: bodies.CardAsk = call.ask
    accounts.leave_card(call.centre, call.where["account"], CardOnFile(ask.mandate, ask.label))


@of_account
def _take_card_away(call: Call) -> None:
    accounts.take_card_away(call.centre, call.where["account"])


@of_account
def _token(call: Call) -> bodies.TokenIssued:
    try:
        token, expires_at = accounts.issue_token(call.centre, call.where["account"])
    except accounts.TooManyTokens as error:
        raise No("too-many-tokens") from error
    return bodies.TokenIssued(token, expires_at)


@of_account
def _erase(call: Call) -> None:
    erase(call.centre, call.where["account"], call.store)


def _stores(call: Call) -> bodies.Stores:
    s, e, p = tables.stores.c, tables.store_epochs.c, tables.parked.c
    with call.centre.database.read() as connection:
        seen: dict[str, int] = {
            row.store: row.last_seen_ms for row in connection.execute(sa.select(s.store, s.last_seen_ms))
        }
        counted = connection.execute(
            sa.select(e.store, sa.func.sum(e.events), sa.func.max(e.time_max_ms)).group_by(e.store)
        )
        told: dict[str, tuple[int, int]] = {store: (int(count), last) for store, count, last in counted}
        grouped = connection.execute(sa.select(p.store, sa.func.count()).group_by(p.store))
        parked: dict[str, int] = {row[0]: row[1] for row in grouped}
    rows = [
        bodies.Store(
            store,
            from_ms(seen[store]) if store in seen else None,
            from_ms(told[store][1]) if store in told else None,
            told[store][0] if store in told else 0,
            parked.get(store, 0),
        )
        for store in sorted(seen.keys() | told.keys())
    ]
    return bodies.Stores(rows)


def _alarms(call: Call) -> bodies.Alarms:
    with call.centre.database.read() as connection:
        found = alarms.newest(connection, call.centre.settings.limits.alarms_page)
    return bodies.Alarms(
        [
            bodies.AlarmRow(
                a.kind, a.store, a.about, from_ms(a.first_ms), from_ms(a.last_ms), a.times, a.amount_minor
            )
            for a in found
        ]
    )


def _entry(entry: Entry) -> bodies.TimelineEntry:
    shown = bodies.TimelineEntry(entry.kind, from_ms(entry.time_ms), entry.store, entry.lane, entry.visit)
    sale = entry.purchase
    if sale:
        shown.receipt, shown.total_minor, shown.currency = sale.receipt, sale.total_minor, sale.currency
        shown.lines = [
            bodies.TimelineLine(line.gtin, line.quantity, line.weight_g, line.total_minor, line.kind)
            for line in sale.lines
        ]
    if entry.doing:
        shown.kind, shown.gtin = entry.doing.kind, entry.doing.gtin or None
    return shown


ROUTES = (
    Route(
        "POST", "/accounts", "openAccount", "A new customer, with what they agree to",
        "office", _open, bodies.AccountOpened, 201, takes=bodies.AccountAsk,
    ),
    Route(
        "POST", "/sessions", "signIn", "Which account a sign-in key opens",
        "office", _sign_in, bodies.SessionOpened, takes=bodies.SessionAsk, says=("sign-in-wrong",),
    ),
    Route(
        "GET", "/accounts/{account}", "readAccount", "What is stored about a customer, with every consent",
        "office", _read, bodies.Account, says=NO_ACCOUNT,
    ),
    Route(
        "GET", "/accounts/{account}/timeline", "readTimeline", "Visits and purchases, newest first",
        "office", _timeline, bodies.Timeline, query=("cursor",), says=(*NO_ACCOUNT, "cursor-unknown"),
    ),
    Route(
        "GET", "/accounts/{account}/points", "readPoints", "Points: what gave them, took them, expires when",
        "office", _points, bodies.Points, says=NO_ACCOUNT,
    ),
    Route(
        "PUT", "/accounts/{account}/consents/{purpose}", "changeConsent", "Agree, or take it back",
        "office", _consent, bodies.ConsentProof, takes=bodies.ConsentAsk,
        says=(*NO_ACCOUNT, "purpose-unknown", "too-many-changes"),
    ),
    Route(
        "PUT", "/accounts/{account}/card", "leaveCard", "The card that the customer left with the provider",
        "office", _leave_card, None, 204, takes=bodies.CardAsk, says=NO_ACCOUNT,
    ),
    Route(
        "DELETE", "/accounts/{account}/card", "takeCardAway", "No till may charge a card of theirs any more",
        "office", _take_card_away, None, 204, says=NO_ACCOUNT,
    ),
    Route(
        "POST", "/accounts/{account}/tokens", "issueToken", "A one-time token to show in a store",
        "office", _token, bodies.TokenIssued, 201, says=(*NO_ACCOUNT, "too-many-tokens"),
    ),
    Route(
        "DELETE", "/accounts/{account}", "eraseAccount", "Forget a customer; receipts stay, nobody's",
        "office", _erase, None, 204, says=("account-unknown",),
    ),
    Route(
        "GET", "/stores", "listStores", "Every store, when it was last heard of, and how much it told",
        "office", _stores, bodies.Stores,
    ),
    Route(
        "GET", "/alarms", "listAlarms", "What should not have happened and needs a person",
        "office", _alarms, bodies.Alarms,
    ),
)  # fmt: skip
