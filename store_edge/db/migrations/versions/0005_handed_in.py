"""Vouchers and coupons that were handed in, so that none counts twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "handed_in",
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("time", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("paper", "id", "time", name="pk_handed_in"),
    )
    op.create_index("ix_handed_in_basket", "handed_in", ["basket"])
