"""The first floor: raw events, keys, persons with consents and tokens, and what is folded from events."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Big = sa.BigInteger
Blob = sa.LargeBinary


def _need(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _place() -> list[sa.Column[Any]]:
    return [_need("store", Word), _need("epoch", Word), _need("number", Big)]


def upgrade() -> None:
    _received()
    _people()
    _visits()
    _folded()


def _received() -> None:
    op.create_table(
        "events", *_place(), _need("lane", Word), _need("type", Word), _need("time_ms", Big),
        _need("received_ms", Big), _need("digest", Blob), _need("payload", Blob),
        sa.PrimaryKeyConstraint("store", "epoch", "number"),
    )  # fmt: skip
    op.create_table(
        "alarms", _need("kind", Word), _need("store", Word), _need("about", Word),
        _need("first_ms", Big), _need("last_ms", Big), _need("times", Big),
        sa.PrimaryKeyConstraint("kind", "store", "about"),
    )  # fmt: skip
    op.create_table(
        "stores", _need("store", Word), _need("last_seen_ms", Big), sa.PrimaryKeyConstraint("store")
    )
    op.create_table(
        "api_keys", _need("digest", Blob), _need("kind", Word), _need("name", Word),
        _need("created_ms", Big), sa.Column("revoked_ms", Big), sa.PrimaryKeyConstraint("digest"),
    )  # fmt: skip


def _people() -> None:
    op.create_table(
        "persons", _need("account", Word), sa.Column("sealed", Blob), _need("created_ms", Big),
        sa.Column("erased_ms", Big), sa.PrimaryKeyConstraint("account"),
    )  # fmt: skip
    op.create_table(
        "person_keys", _need("key_id", Word), _need("account", Word), _need("key", Blob),
        sa.PrimaryKeyConstraint("key_id"), sa.UniqueConstraint("account"),
    )  # fmt: skip
    op.create_table(
        "identifiers", _need("kind", Word), _need("digest", Blob), _need("key_id", Word),
        _need("sealed", Blob), _need("linked_ms", Big), sa.PrimaryKeyConstraint("kind", "digest"),
    )  # fmt: skip
    op.create_index("ix_identifiers_key_id", "identifiers", ["key_id"])
    op.create_table(
        "consents", _need("account", Word), _need("number", Big), _need("purpose", Word),
        _need("granted", sa.Boolean), _need("text_version", Word), _need("place", Word),
        _need("at_ms", Big), sa.PrimaryKeyConstraint("account", "number"),
    )  # fmt: skip


def _visits() -> None:
    op.create_table(
        "tokens", _need("jti", Word), _need("key_id", Word), _need("sealed", Blob),
        _need("issued_ms", Big), _need("expires_ms", Big), sa.PrimaryKeyConstraint("jti"),
    )  # fmt: skip
    op.create_index("ix_tokens_key_id", "tokens", ["key_id"])
    op.create_table(
        "redemptions", _need("jti", Word), _need("store", Word), _need("visit", Word),
        _need("lane", Word), _need("at_ms", Big), sa.PrimaryKeyConstraint("jti"),
        sa.UniqueConstraint("store", "visit", name="one_token_a_visit"),
    )  # fmt: skip
    op.create_table(
        "answers", _need("store", Word), _need("visit", Word), _need("key_id", Word),
        _need("sealed", Blob), _need("at_ms", Big), sa.PrimaryKeyConstraint("store", "visit"),
    )  # fmt: skip
    op.create_index("ix_answers_key_id", "answers", ["key_id"])


def _folded() -> None:
    key = ("store", "epoch", "number")
    op.create_table(
        "sales", *_place(), _need("lane", Word), _need("time_ms", Big), _need("basket", Word),
        _need("visit", Word), _need("receipt", Big), _need("total_minor", Big), _need("currency", Word),
        sa.PrimaryKeyConstraint(*key),
    )  # fmt: skip
    op.create_index("sales_by_visit", "sales", ["store", "visit"])
    op.create_table(
        "sale_lines", *_place(), _need("line", Big), _need("gtin", Word), _need("quantity", Big),
        _need("weight_g", Big), _need("total_minor", Big), sa.PrimaryKeyConstraint(*key, "line"),
    )  # fmt: skip
    op.create_table(
        "claims", *_place(), _need("lane", Word), _need("time_ms", Big), _need("visit", Word),
        _need("jti", Word), sa.PrimaryKeyConstraint(*key),
    )  # fmt: skip
    op.create_index("ix_claims_jti", "claims", ["jti"])
    op.create_index("claims_by_visit", "claims", ["store", "visit"])
    op.create_table(
        "declined", *_place(), _need("visit", Word), _need("offer", Word), sa.PrimaryKeyConstraint(*key)
    )
    op.create_index("declined_by_visit", "declined", ["store", "visit"])
    op.create_table(
        "parked", *_place(), _need("type", Word), _need("reason", Word), sa.PrimaryKeyConstraint(*key)
    )
    op.create_table(
        "store_epochs", _need("store", Word), _need("epoch", Word), _need("events", Big),
        _need("number_max", Big), _need("time_max_ms", Big), sa.PrimaryKeyConstraint("store", "epoch"),
    )  # fmt: skip
