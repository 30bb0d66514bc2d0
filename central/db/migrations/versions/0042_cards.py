"""The card that a person left with a payment provider, as far as a till needs to know it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0037"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "cards_on_file",
        sa.Column("key_id", Word, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("left_ms", sa.BigInteger, nullable=False),
    )
