"""The door for machines: what stores tell and ask."""

from __future__ import annotations

from central import tokens
from central.api import bodies
from central.api.problems import No
from central.api.route import Call, Route
from central.envelope import Event
from central.ingest import BatchTooLong, BatchUnreadable, NotYours, ingest, read_batch
from central.visits import TokenExpired, TokenUnknown, TokenUsed, Welcome, welcome

BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"


def _events(call: Call) -> bodies.EventsTaken:
    limits = call.centre.settings.limits
    try:
        payloads = read_batch(call.body, limits, single=call.media == SINGLE)
        outcome = ingest(call.centre.database, call.store, payloads, limits, call.centre.now_ms())
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
        "GET", "/keys", "listKeys", "The public keys that verify tokens without the network",
        "", _keys, bodies.PublicKeys,
    ),
)  # fmt: skip
