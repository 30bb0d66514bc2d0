"""The door for machines: what stores tell and ask."""

from __future__ import annotations

from central import paper, tokens
from central.api import bodies
from central.api.problems import No
from central.api.route import Call, Route
from central.clock import from_ms
from central.envelope import Event
from central.ingest import BatchTooLong, BatchUnreadable, NotYours, ingest, read_batch
from central.visits import TokenExpired, TokenUnknown, TokenUsed, Welcome, welcome

BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"


def _events(call: Call) -> bodies.EventsTaken:
    limits = call.centre.settings.limits
    try:
        payloads = read_batch(call.body, limits, single=call.media == SINGLE)
        outcome = ingest(
            call.centre.database,
            call.store,
            payloads,
            limits,
            call.centre.now_ms(),
            call.centre.settings.programme,
        )
    except BatchUnreadable as error:
        raise No("body-unreadable") from error
    except BatchTooLong as error:
        raise No("too-many-events", f"at most {limits.batch_events_max}") from error
    except NotYours as error:
        raise No("event-of-another-store") from error
    refused = [bodies.RefusedEvent(no.index, no.id, no.reason) for no in outcome.refused]
    return bodies.EventsTaken(outcome.accepted, outcome.repeated, refused)


def _visits(call: Call) -> Welcome:
    ask: bodies.VisitAsk = call.ask
    try:
        return welcome(call.centre, call.store, ask.visit, ask.token, str(ask.lane))
    except TokenUnknown as error:
        raise No("token-unknown") from error
    except TokenExpired as error:
        raise No("token-expired") from error
    except TokenUsed as error:
        raise No("token-used") from error


def _claim(call: Call) -> bodies.ClaimKept:
    ask: bodies.ClaimAsk = call.ask
    try:
        ends_ms = paper.claim(call.centre, call.store, ask.paper, ask.id, ask.basket, ask.times_max)
    except paper.PaperUsed as error:
        raise No("paper-used") from error
    return bodies.ClaimKept(from_ms(ends_ms))


def _give_back(call: Call) -> None:
    ask: bodies.PaperAsk = call.ask
    paper.give_back(call.centre, call.store, ask.paper, ask.id, ask.basket)


def _keys(call: Call) -> bodies.PublicKeys:
    signer = call.centre.signer
    return bodies.PublicKeys([bodies.PublicKey(signer.kid, "Ed25519", tokens.encode(signer.public))])


ROUTES = (
    Route(
        "POST", "/events", "takeEvents", "Hand in what happened in the store; repeats are harmless",
        "store", _events, bodies.EventsTaken, takes=Event, media=(BATCH, SINGLE),
        says=("too-many-events", "event-of-another-store"),
    ),
    Route(
        "POST", "/visits", "welcomeVisit", "Redeem a shown token and hear what may be said to this visit",
        "store", _visits, Welcome, takes=bodies.VisitAsk,
        says=("token-unknown", "token-used", "token-expired"),
    ),
    Route(
        "POST", "/claims", "claimPaper", "Keep a voucher or coupon for a basket, before it counts there",
        "store", _claim, bodies.ClaimKept, takes=bodies.ClaimAsk, says=("paper-used",),
    ),
    Route(
        "POST", "/claims/given-back", "givePaperBack", "A basket does not need a voucher or coupon any more",
        "store", _give_back, None, 204, takes=bodies.PaperAsk,
    ),
    Route(
        "GET", "/keys", "listKeys", "The public keys that verify tokens without the network",
        "", _keys, bodies.PublicKeys,
    ),
)  # fmt: skip
