"""Points: what each sold line counts, points spent and given back, goods brought back, and leases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Big = sa.BigInteger


def _need(name: str, kind: Any, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **more)


def _place() -> list[sa.Column[Any]]:
    return [_need("store", Word), _need("epoch", Word), _need("number", Big)]


def upgrade() -> None:
    # What was sold before there were points was all goods, as far as a line could tell.
    op.add_column("sale_lines", _need("kind", Word, server_default="goods"))
    op.add_column("sale_lines", _need("deposit_minor", Big, server_default="0"))
    op.add_column("sale_lines", _need("points_times", Big, server_default="1"))
    op.create_table(
        "point_moves", *_place(), _need("time_ms", Big), _need("visit", Word), _need("basket", Word),
        _need("points", Big), sa.PrimaryKeyConstraint("store", "epoch", "number"),
    )  # fmt: skip
    op.create_index("point_moves_by_visit", "point_moves", ["store", "visit"])
    op.create_table(
        "returned_lines", *_place(), _need("time_ms", Big), _need("of_receipt", Big), _need("of_line", Big),
        _need("gtin", Word), _need("quantity", Big), _need("total_minor", Big),
        sa.PrimaryKeyConstraint("store", "epoch", "number"),
    )  # fmt: skip
    op.create_index("returned_by_receipt", "returned_lines", ["store", "of_receipt"])
    op.create_table(
        "leases", _need("store", Word), _need("visit", Word), _need("points", Big), _need("at_ms", Big),
        _need("ends_ms", Big), sa.PrimaryKeyConstraint("store", "visit"),
    )  # fmt: skip
