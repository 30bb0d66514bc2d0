"""Clerks, parked baskets, and what loss prevention remembers."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "parked_baskets",
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("basket", name=op.f("pk_parked_baskets")),
        sa.UniqueConstraint("code", name=op.f("uq_parked_baskets_code")),
    )
    op.create_table(
        "clerks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("pin", sa.LargeBinary(), nullable=False),
        sa.Column("rights", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clerks")),
        sa.UniqueConstraint("pin", name=op.f("uq_clerks_pin")),
    )
    op.create_table(
        "loss_memory",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "about", name=op.f("pk_loss_memory")),
    )

    # Each store's PINs are hashed with a salt of its own.
    meta = sa.table("meta", sa.column("key", sa.String), sa.column("value", sa.String))
    op.bulk_insert(meta, [{"key": "pin_salt", "value": secrets.token_hex(16)}])
