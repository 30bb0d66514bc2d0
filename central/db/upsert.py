"""`INSERT ... ON CONFLICT` in the dialect of the connection: SQLite and PostgreSQL spell it alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Rows = Sequence[Mapping[str, Any]]


def insert_new(connection: sa.Connection, table: sa.Table, rows: Rows) -> None:
    """Insert the rows whose primary key or unique columns are not there yet; leave the others alone."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def insert_or_add(
    connection: sa.Connection, table: sa.Table, rows: Rows, *, add: str = "", top: Sequence[str]
) -> None:
    """Insert rows; where the key is there, sum column `add` and keep the largest of the columns `top`."""
    if not rows:
        return
    statement = _insert(connection, table)
    largest = sa.func.max if connection.dialect.name == "sqlite" else sa.func.greatest
    changes: dict[str, Any] = {name: largest(table.c[name], statement.excluded[name]) for name in top}
    if add:
        changes[add] = table.c[add] + statement.excluded[add]
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changes), rows
    )


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
