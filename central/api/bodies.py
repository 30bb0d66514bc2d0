"""The shapes of what goes in and out, once: decoding, checking and the OpenAPI document all use these.

Requests are strict (an unknown field is an error); times are RFC 3339 in UTC; money is in minor units.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from central.words import Ref

_END = r"(?!\n)"
_PLAIN = r"^[^\x00-\x1f\x7f]+$"
Nickname = Annotated[str, Meta(min_length=1, max_length=40, pattern=_PLAIN)]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2}(-[A-Z]{2})?$" + _END)]
Place = Annotated[str, Meta(min_length=1, max_length=80, pattern=_PLAIN)]
TextVersion = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,40}$" + _END)]
Secret = Annotated[str, Meta(min_length=1, max_length=200)]
Token = Annotated[str, Meta(min_length=1, max_length=400)]
Lane = Annotated[str, Meta(max_length=40, pattern=r"^[A-Za-z0-9_.-]*$" + _END)]
LaneNumber = Annotated[int, Meta(ge=0, le=100_000)]


class Ask(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every request body."""


# Stores


class VisitAsk(Ask, frozen=True):
    """A customer showed `token` at this visit: the token's text, or its `jti` once only that is kept."""

    visit: Ref
    token: Token
    lane: Lane | LaneNumber = ""


class RefusedEvent(Struct):
    """`index` counts from 0 in the batch. `reason` is malformed, source_unknown, id_not_ours, too_long,
    too_deep or content_differs."""

    index: int
    id: str | None
    reason: str


class EventsTaken(Struct):
    accepted: int
    repeated: int
    refused: list[RefusedEvent]


class PublicKey(Struct):
    """`public` is the base64url text (no padding) of the raw 32 bytes."""

    kid: str
    alg: str
    public: str


class PublicKeys(Struct):
    keys: list[PublicKey]


# People


class ConsentsAsk(Ask, frozen=True):
    history: bool
    personalisation: bool


class AccountAsk(Ask, frozen=True):
    nickname: Nickname
    language: Language
    consents: ConsentsAsk
    place: Place
    text_version: TextVersion = "1"


class AccountOpened(Struct):
    """`key` signs in; it is shown this once."""

    account: str
    key: str


class SessionAsk(Ask, frozen=True):
    key: Secret


class SessionOpened(Struct):
    account: str


class ConsentAsk(Ask, frozen=True):
    granted: bool
    text_version: TextVersion
    place: Place


class ConsentProof(Struct):
    """One answer to one purpose: to which text, where and when it was given."""

    purpose: str
    granted: bool
    text_version: str
    place: str
    at: datetime


class Consents(Struct):
    history: bool
    personalisation: bool


class Account(Struct):
    """`proofs` is every answer ever given, oldest first."""

    account: str
    nickname: str
    language: str
    created_at: datetime
    consents: Consents
    proofs: list[ConsentProof]


class TokenIssued(Struct):
    token: str
    expires_at: datetime


class TimelineLine(Struct):
    gtin: str
    quantity: int
    weight_g: int
    total_minor: int


class TimelineEntry(Struct):
    """`kind` is visit or purchase; the fields from `receipt` on are a purchase's."""

    kind: str
    time: datetime
    store: str
    lane: str
    visit: str
    receipt: int | None = None
    total_minor: int | None = None
    currency: str | None = None
    lines: list[TimelineLine] = []


class Timeline(Struct):
    """Newest first. `history` false: the person does not agree to it, so nothing is shown."""

    history: bool
    items: list[TimelineEntry]
    cursor: str | None


# The office


class Store(Struct):
    """`last_seen_at` by head office's clock, `last_event_at` by the store's. `parked` events did not fit."""

    store: str
    last_seen_at: datetime | None
    last_event_at: datetime | None
    events: int
    parked: int


class Stores(Struct):
    stores: list[Store]


class AlarmRow(Struct):
    """`kind` is content_differs, token_used_twice or event_parked."""

    kind: str
    store: str
    about: str
    first_at: datetime
    last_at: datetime
    times: int


class Alarms(Struct):
    alarms: list[AlarmRow]


class Health(Struct):
    status: str
