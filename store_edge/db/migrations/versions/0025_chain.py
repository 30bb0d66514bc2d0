"""What head office is asked about paper, and which promotions ran when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "paper_claims",
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("times_max", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("paper", "id", "basket", name=op.f("pk_paper_claims")),
    )
    op.create_table(
        "promotion_spells",
        sa.Column("promotion", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=False, server_default=""),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("promotion", "since", name=op.f("pk_promotion_spells")),
    )
