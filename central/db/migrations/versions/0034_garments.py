"""What becomes of garments: tried, asked for in another size, laid into a basket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0025"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "garment_moves",
        sa.Column("store", Word, nullable=False),
        sa.Column("epoch", Word, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("what", Word, nullable=False),
        sa.Column("about", Word, nullable=False),
        sa.Column("gtin", Word, nullable=False),
        sa.Column("epc", Word, nullable=False),
        sa.Column("wanted_gtin", Word, nullable=False),
        sa.PrimaryKeyConstraint("store", "epoch", "number"),
    )
    op.create_index("garment_moves_by_time", "garment_moves", ["what", "time_ms"])
    op.create_index("garment_moves_by_tag", "garment_moves", ["store", "epc", "what"])
