"""What the signing device knows of each business process, which ones there were, and when they were out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"

UNFINISHED = sa.text("state IN ('open', 'owed')")


def upgrade() -> None:
    op.create_table(
        "signings",
        sa.Column("basket", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("basket", name=op.f("pk_signings")),
    )
    op.create_index(
        op.f("ix_signings_unfinished"),
        "signings",
        ["basket"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.create_table(
        "signing_units",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_signing_units")),
    )
    op.create_table(
        "outages",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=False, server_default=""),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("device", "since", name=op.f("pk_outages")),
    )
