"""Pieces of former receipts that came back: each once, hard within the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "returned_pieces",
        sa.Column(
            "receipt",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("line", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("piece", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("basket", sa.String(), nullable=False),
    )
