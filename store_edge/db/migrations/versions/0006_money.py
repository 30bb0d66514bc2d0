"""Payments in parts, gift cards, the ledger of cash and cards, and the Z reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index(
        "ix_payments_basket_held",
        "payments",
        ["basket"],
        unique=False,
        sqlite_where=sa.text("state IN ('taken', 'owed')"),
        postgresql_where=sa.text("state IN ('taken', 'owed')"),
    )
    op.create_table(
        "gift_cards",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("expires_on", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_gift_cards")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("number", _number, autoincrement=False, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_entries")),
    )
    op.create_index("ix_ledger_entries_account", "ledger_entries", ["account", "number"], unique=False)
    op.create_table(
        "closings",
        sa.Column("number", _number, autoincrement=False, nullable=False),
        sa.Column("business_day", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_closings")),
    )
    op.create_index(op.f("ix_closings_business_day"), "closings", ["business_day"], unique=False)
