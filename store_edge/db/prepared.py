"""Statements for the counter's hot path: SQLAlchemy writes the SQL once, the driver runs it.

Going through SQLAlchemy's execution layer costs some 60 µs a statement, and a
scanned line takes six. Types need no conversion here: whole numbers, text and
bytes pass both drivers as they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from sqlalchemy import Connection
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler


class Prepared:
    """One statement with named parameters, compiled once for each dialect it meets."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def run(self, connection: Connection, **values: object) -> Any:
        """Execute it within the connection's transaction; gives the driver's cursor."""
        text = self._texts.get(connection.dialect.name) or self._compile(connection)
        if text.constants:
            values = {**text.constants, **values}
        driver = cast(Any, connection.connection).dbapi_connection
        return driver.execute(
            text.sql, values if text.order is None else [values[name] for name in text.order]
        )

    def scalar(self, connection: Connection, **values: object) -> Any:
        """The first column of the first row, or None."""
        row = self.run(connection, **values).fetchone()
        return None if row is None else row[0]

    def _compile(self, connection: Connection) -> _Text:
        compiled = cast(SQLCompiler, self._statement.compile(dialect=connection.dialect))
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        order = tuple(compiled.positiontup or ()) if compiled.positional else None
        text = self._texts[connection.dialect.name] = _Text(str(compiled), order, constants)
        return text


class _Text(NamedTuple):
    """SQL as one driver wants it: parameters by position in `order`, or by name where that is None."""

    sql: str
    order: tuple[str, ...] | None
    constants: dict[str, object]
