"""The shapes of what goes in and out, once: decoding, checking and the OpenAPI document all use these.

Requests are strict (an unknown field is an error); times are RFC 3339 in UTC; money is in minor units.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from central.fields import Ref

_END = r"(?!\n)"
_PLAIN = r"^[^\x00-\x1f\x7f]+$"
Nickname = Annotated[str, Meta(min_length=1, max_length=40, pattern=_PLAIN)]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2}(-[A-Z]{2})?$" + _END)]
Place = Annotated[str, Meta(min_length=1, max_length=80, pattern=_PLAIN)]
TextVersion = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,40}$" + _END)]
Mandate = Annotated[str, Meta(pattern=r"^(?=.*[A-Za-z])[A-Za-z0-9_-]{1,64}$" + _END)]
"""At least one letter: a card's number is no token."""
CardLabel = Annotated[str, Meta(max_length=40, pattern=r"^(?!(?:[^0-9]*[0-9]){5})[^\x00-\x1f\x7f]+$" + _END)]
"""At most four digits, as receipts may show of a card."""
Secret = Annotated[str, Meta(min_length=1, max_length=200)]
Token = Annotated[str, Meta(min_length=1, max_length=400)]
Lane = Annotated[str, Meta(max_length=40, pattern=r"^[A-Za-z0-9_.-]*$" + _END)]
LaneNumber = Annotated[int, Meta(ge=0, le=100_000)]
PaperId = Annotated[str, Meta(min_length=1, max_length=200, pattern=_PLAIN)]
TimesMax = Annotated[int, Meta(ge=1, le=2**53)]


class Ask(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every request body."""


# Stores


class VisitAsk(Ask, frozen=True):
    """A customer showed `token` at this visit: the token's text, or its `jti` once only that is kept."""

    visit: Ref
    token: Token
    lane: Lane | LaneNumber = ""


class PaperAsk(Ask, frozen=True):
    """A voucher or coupon by its id, and the basket of the asking store that it lies in."""

    paper: Literal["voucher", "coupon"]
    id: PaperId
    basket: Ref


class ClaimAsk(PaperAsk, frozen=True):
    """`times_max` is how often it may be used in the whole chain."""

    times_max: TimesMax = 1


class ClaimKept(Struct):
    """Nobody else may use it until then, unless it is given back before."""

    ends_at: datetime


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
    """`loyalty` or `journey` left out: not asked yet, which is no."""

    history: bool
    personalisation: bool
    loyalty: bool | None = None
    journey: bool | None = None


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
    """`channel` left out: about the purpose as a whole."""

    granted: bool
    text_version: TextVersion
    place: Place
    channel: Literal["", "screen", "receipt", "email", "push"] = ""


class ConsentProof(Struct, omit_defaults=True):
    """One answer to one purpose, or to one channel of it: to which text, where and when it was given."""

    purpose: str
    granted: bool
    text_version: str
    place: str
    at: datetime
    channel: str = ""


class Consents(Struct):
    history: bool
    personalisation: bool
    loyalty: bool = False
    journey: bool = False


class CardAsk(Ask, frozen=True):
    """The provider's token for a card, and what its owner reads; neither can be a card's number."""

    mandate: Mandate
    label: CardLabel


class Account(Struct):
    """`proofs` is every answer ever given, oldest first; `card` is the label of the card on file, if any.

    Restricted: all is kept, and nothing of it is used.
    """

    account: str
    nickname: str
    language: str
    created_at: datetime
    consents: Consents
    proofs: list[ConsentProof]
    restricted: bool = False
    card: str | None = None


class TokenIssued(Struct):
    token: str
    expires_at: datetime


class TimelineLine(Struct):
    """`kind` is goods, empties, returned or voucher (a gift card)."""

    gtin: str
    quantity: int
    weight_g: int
    total_minor: int
    kind: str = "goods"


class TimelineEntry(Struct):
    """`kind` is visit, purchase, or what else was done there: weighed, put_back, help_asked.

    The fields from `receipt` to `lines` are a purchase's; `gtin` says what was weighed.
    """

    kind: str
    time: datetime
    store: str
    lane: str
    visit: str
    receipt: int | None = None
    total_minor: int | None = None
    currency: str | None = None
    lines: list[TimelineLine] = []
    gtin: str | None = None


class Timeline(Struct):
    """Newest first. `history` false: the person does not agree to it, so nothing is shown."""

    history: bool
    items: list[TimelineEntry]
    cursor: str | None


class Tier(Struct):
    """A status and what it gives on top of each receipt's points; `name` a word per language."""

    tier: str
    name: dict[str, str]
    from_points: int
    bonus_percent: int


class PointsExpiry(Struct):
    """So many points can be spent up to and including that day."""

    last_day: date
    points: int


class PointsPosting(Struct):
    """One side of an entry. Accounts: issued, member, owed, redeemed, expired, reversed."""

    account: str
    points: int


class PointsEntry(Struct):
    """`kind` is earned, bonus, spent, given_back, reversed or expired; the postings sum to zero.

    `points` is what it changed for the member, `balance` what they had then. `overdrawn` is how many of them
    were not there: spent in two places, or brought back after they were spent. `store`, `receipt` and
    `total_minor` are those of the sale that it is about, where it was paid for.
    """

    kind: str
    day: date
    points: int
    balance: int
    overdrawn: int
    postings: list[PointsPosting]
    store: str | None = None
    receipt: int | None = None
    total_minor: int | None = None
    currency: str | None = None


class Points(Struct):
    """A member's books, newest entry first, at most some hundreds of them (`more`: there are older ones).

    `loyalty` false: the person does not agree to it, so there is nothing. `balance` is below nothing for who
    owes points; `overdrawn` is what was spent though it was not there, in all. `accounts` sum to zero.
    `points_in_year` is what counts towards a tier: this calendar year's or the last one's, the higher.
    """

    loyalty: bool
    balance: int = 0
    overdrawn: int = 0
    points_in_year: int = 0
    tier: Tier | None = None
    next_tier: Tier | None = None
    expiring: list[PointsExpiry] = []
    accounts: dict[str, int] = {}
    items: list[PointsEntry] = []
    more: bool = False


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
    """`kind` is content_differs, token_used_twice, voucher_used_twice, coupon_used_too_often,
    points_overdrawn or event_parked. `amount_minor` is what such paper gave in this store, in all."""

    kind: str
    store: str
    about: str
    first_at: datetime
    last_at: datetime
    times: int
    amount_minor: int | None = None


class Alarms(Struct):
    alarms: list[AlarmRow]


class Health(Struct):
    status: str
