"""Cabins: who is there, what was left behind, and what is in stock where."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "fitting_sessions",
        sa.Column("cabin", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("cabin", name=op.f("pk_fitting_sessions")),
        sa.UniqueConstraint("id", name=op.f("uq_fitting_sessions_id")),
    )
    op.create_table(
        "forsaken_garments",
        sa.Column("epc", sa.String(), nullable=False),
        sa.Column("cabin", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("epc", name=op.f("pk_forsaken_garments")),
    )
    op.create_index(op.f("ix_forsaken_garments_cabin"), "forsaken_garments", ["cabin"])
    op.create_table(
        "stock",
        sa.Column("gtin", sa.String(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=True),
        sa.Column("position", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("gtin", name=op.f("pk_stock")),
    )
