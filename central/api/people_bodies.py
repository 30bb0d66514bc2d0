"""The shapes of who is who, of a person's rights and of the register: beside `bodies`, by the same rules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from central.api.bodies import Account, Ask, ConsentProof, Language, Nickname, Place, Points, TextVersion

Reason = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Value = Annotated[str, Meta(min_length=1, max_length=200)]
Kind = Literal[
    "account", "sign_in_key", "app", "cookie", "device", "email", "loyalty_card", "order_number", "passkey",
    "payment_token", "phone",
]  # fmt: skip
Proof = Literal["both_keys", "by_staff", "card_shown", "code_confirmed", "ordered", "paid", "signed_in"]


class IdentifierAsk(Ask, frozen=True):
    """An identifier as people say it; only a keyed hash is kept. Of an account: its id or sign-in key."""

    kind: Kind
    value: Value


class LinkAsk(Ask, frozen=True):
    """These two are one person's, by this proof."""

    one: IdentifierAsk
    another: IdentifierAsk
    proof: Proof


class RevocationAsk(Ask, frozen=True):
    """`account`: only if the link is about this account's person."""

    why: Reason
    account: str | None = None


class LinkRow(Struct):
    """`node` and `other` are kinds with keyed hashes, an account's with its key id."""

    link: str
    node: str
    other: str
    proof: str
    source: str
    at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    why: str | None = None


class Identity(Struct):
    """One person: their accounts, and the nodes of what leads to them. `contested` is not theirs alone."""

    accounts: list[str]
    identifiers: list[str]
    contested: list[str]
    troubles: list[str]
    links: list[LinkRow]


class LookedUp(Struct):
    """`accounts` are those of the one person whom the identifier leads to; none if it leads to nobody."""

    node: str
    accounts: list[str]
    blocked: bool


class BlockAsk(Ask, frozen=True):
    why: Reason


class BlockRow(Struct):
    node: str
    why: str
    source: str
    at: datetime


class Blocks(Struct):
    blocks: list[BlockRow]


class ReviewRow(Struct):
    """`kind` is shared, likely (a suggestion, `alike` of 100) or too_many; `about` a node or a trouble."""

    review: str
    kind: str
    about: str
    accounts: list[str]
    alike: int | None = None


class Reviews(Struct):
    reviews: list[ReviewRow]


class ReviewAsk(Ask, frozen=True):
    """What somebody found: two people, one person (and linked them), or that all is well."""

    outcome: Literal["separate", "joined", "fine"]


class CorrectionAsk(Ask, frozen=True):
    nickname: Nickname
    language: Language


class RestrictionAsk(Ask, frozen=True):
    restricted: bool


class ObjectionAsk(Ask, frozen=True):
    text_version: TextVersion
    place: Place


class TextAsk(Ask, frozen=True):
    text_version: TextVersion


class AnswersGiven(Struct):
    """What was taken back just now; nothing where it was off already."""

    answers: list[ConsentProof]


class RegisterRow(Struct):
    """`act`: corrected, copied, objected, restricted, released, erased, linked, unlinked or gpc_heard."""

    entry: str
    account: str
    act: str
    source: str
    detail: str
    at: datetime


class Register(Struct):
    """Newest first; `cursor` asks for the next page."""

    entries: list[RegisterRow]
    cursor: str | None


class Copy(Struct):
    """All that is stored about a person but the timeline, which is read page by page."""

    format: str
    made_at: datetime
    account: Account
    identity: Identity
    points: Points
    register: list[RegisterRow]


class Replayed(Struct):
    """`mended` fit now; `parked` still do not."""

    mended: int
    parked: int
