"""Links between identifiers, what leads to nobody, what was reviewed, and the register of acts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0034"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Big = sa.BigInteger


def _need(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        "links", _need("link", Word), _need("node", Word), _need("other", Word), _need("proof", Word),
        _need("source", Word), _need("at_ms", Big), sa.Column("revoked_ms", Big),
        sa.Column("revoked_by", Word), sa.Column("why", Word), sa.PrimaryKeyConstraint("link"),
    )  # fmt: skip
    op.create_index("links_by_node", "links", ["node", "other"])
    op.create_index("links_by_other", "links", ["other", "node"])
    op.create_table(
        "blocked", _need("node", Word), _need("why", Word), _need("source", Word), _need("at_ms", Big),
        sa.PrimaryKeyConstraint("node"),
    )  # fmt: skip
    op.create_table(
        "reviewed", _need("review", Word), _need("outcome", Word), _need("source", Word),
        _need("at_ms", Big), sa.PrimaryKeyConstraint("review"),
    )  # fmt: skip
    op.create_table(
        "register", _need("entry", Word), _need("account", Word), _need("act", Word), _need("source", Word),
        _need("detail", Word), _need("at_ms", Big), sa.PrimaryKeyConstraint("entry"),
    )  # fmt: skip
    op.create_index("register_by_account", "register", ["account", "at_ms"])
    op.create_index("register_by_time", "register", ["at_ms"])
    op.add_column("persons", sa.Column("restricted_ms", Big))
    op.add_column("consents", sa.Column("channel", Word, nullable=False, server_default=""))
    op.add_column("claims", sa.Column("basket", Word, nullable=False, server_default=""))
    op.create_table(
        "doings", _need("store", Word), _need("epoch", Word), _need("number", Big), _need("lane", Word),
        _need("time_ms", Big), _need("basket", Word), _need("kind", Word), _need("gtin", Word),
        sa.PrimaryKeyConstraint("store", "epoch", "number"),
    )  # fmt: skip
    op.create_index("doings_by_basket", "doings", ["store", "epoch", "basket"])
