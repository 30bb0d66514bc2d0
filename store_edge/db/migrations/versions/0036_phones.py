"""Shoppers' own phones as lanes, and the codes by which they leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "phones",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("mandate", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phones")),
        sa.UniqueConstraint("key", name=op.f("uq_phones_key")),
        sa.UniqueConstraint("lane", name=op.f("uq_phones_lane")),
    )
    op.create_table(
        "exit_passes",
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("used_at", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("basket", name=op.f("pk_exit_passes")),
        sa.UniqueConstraint("code", name=op.f("uq_exit_passes_code")),
    )
