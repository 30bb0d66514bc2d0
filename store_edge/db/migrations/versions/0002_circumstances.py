"""What holds for a whole basket; articles say their tax class, and lines their reductions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Body = dict[str, Any]
_VAT = {700: "reduced", 1900: "standard"}


def upgrade() -> None:
    op.add_column("baskets", sa.Column("circumstances", sa.LargeBinary(), nullable=True))
    _rewrite("articles", ("gtin",), _article)
    _rewrite("basket_lines", ("basket", "number"), _line)


def _article(body: Body) -> Body:
    return {**body, "vat": _VAT[body.pop("vat_bp")]}


def _line(body: Body) -> Body:
    discount_minor, offer = body.pop("discount_minor", 0), body.pop("offer", "")
    reductions = [{"by": offer, "amount_minor": discount_minor}] if discount_minor else []
    return {**body, "reductions": reductions, "vat": _VAT[body["vat_bp"]]}


def _rewrite(name: str, key: tuple[str, ...], new: Callable[[Body], Body]) -> None:
    """Write every row's JSON anew, in the form of this revision."""
    table = sa.table(name, *(sa.column(column) for column in key), sa.column("body", sa.LargeBinary()))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).mappings().all():
        body = json.dumps(new(json.loads(row["body"])), ensure_ascii=False, separators=(",", ":")).encode()
        this = sa.and_(*(table.c[column] == row[column] for column in key))
        connection.execute(sa.update(table).where(this).values(body=body))
