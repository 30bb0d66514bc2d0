"""Paper claimed before it counts, promotions that ran, and sales found by their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0005"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "paper_claims",
        sa.Column("paper", Word, nullable=False),
        sa.Column("id", Word, nullable=False),
        sa.Column("store", Word, nullable=False),
        sa.Column("basket", Word, nullable=False),
        sa.Column("ends_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("paper", "id", "store", "basket"),
    )
    op.create_table(
        "promotions",
        sa.Column("store", Word, nullable=False),
        sa.Column("epoch", Word, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("promotion", Word, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("store", "epoch", "number"),
    )
    op.add_column("redeemed", sa.Column("basket", Word, nullable=False, server_default=""))
    op.create_index("sales_by_time", "sales", ["store", "time_ms", "epoch", "number"])
