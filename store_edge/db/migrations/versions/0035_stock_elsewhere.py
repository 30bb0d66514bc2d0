"""What other stores have in stock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "stock_elsewhere",
        sa.Column("gtin", sa.String(), nullable=False),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("gtin", "store", name=op.f("pk_stock_elsewhere")),
    )
