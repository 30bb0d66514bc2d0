"""Vouchers and coupons that sales used up, so that one used twice is found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "redeemed",
        sa.Column("store", Word, nullable=False),
        sa.Column("epoch", Word, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("paper", Word, nullable=False),
        sa.Column("id", Word, nullable=False),
        sa.Column("times_max", sa.BigInteger, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("store", "epoch", "number"),
    )
    op.create_index("redeemed_by_id", "redeemed", ["paper", "id"])
