"""The first schema."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("gtin", sa.String(), nullable=False),
        sa.Column("item", sa.String(), server_default="", nullable=False),
        sa.Column("department", sa.String(), server_default="", nullable=False),
        sa.Column("style", sa.String(), server_default="", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("gtin", name=op.f("pk_articles")),
    )
    op.create_index(op.f("ix_articles_item"), "articles", ["item"], unique=False)
    op.create_index(op.f("ix_articles_style"), "articles", ["style"], unique=False)
    op.create_table(
        "basket_lines",
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("basket", "number", name=op.f("pk_basket_lines")),
    )
    op.create_table(
        "baskets",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baskets")),
    )
    op.create_index(
        "uq_baskets_lane_current",
        "baskets",
        ["lane"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'paying', 'paid')"),
        postgresql_where=sa.text("state IN ('open', 'paying', 'paid')"),
    )
    op.create_table(
        "cursors",
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_cursors")),
    )
    op.create_table(
        "held_tags",
        sa.Column("epc", sa.String(), nullable=False),
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("sold", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("epc", name=op.f("pk_held_tags")),
    )
    op.create_index(op.f("ix_held_tags_basket"), "held_tags", ["basket"], unique=False)
    op.create_table(
        "journal",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_journal")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "parked_events",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_parked_events")),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
    )
    op.create_index(op.f("ix_payments_state"), "payments", ["state"], unique=False)
    op.create_index(
        "uq_payments_basket_open",
        "payments",
        ["basket"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked', 'sent', 'unknown')"),
        postgresql_where=sa.text("state IN ('asked', 'sent', 'unknown')"),
    )
    op.create_table(
        "receipts",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_receipts")),
        sa.UniqueConstraint("basket", name=op.f("uq_receipts_basket")),
        sa.UniqueConstraint("link", name=op.f("uq_receipts_link")),
    )
    op.create_table(
        "requests",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_requests")),
    )
    op.create_index(op.f("ix_requests_at"), "requests", ["at"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("done_at", sa.String(), server_default="", nullable=False),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index(op.f("ix_tasks_about"), "tasks", ["about"], unique=False)
    op.create_table(
        "visits",
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("token_text", sa.String(), server_default="", nullable=False),
        sa.Column("card", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("visit", name=op.f("pk_visits")),
        sa.UniqueConstraint("token", name=op.f("uq_visits_token")),
    )
    op.create_index(
        "ix_visits_unanswered",
        "visits",
        ["visit"],
        unique=False,
        sqlite_where=sa.text("token_text != ''"),
        postgresql_where=sa.text("token_text != ''"),
    )

    # A new database is a new life of the journal.
    meta = sa.table("meta", sa.column("key", sa.String), sa.column("value", sa.String))
    op.bulk_insert(meta, [{"key": "epoch", "value": secrets.token_hex(4)}])
