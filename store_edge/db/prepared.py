"""Statements for the counter's hot path: SQLAlchemy writes the SQL once, the driver runs it.

Going through SQLAlchemy's execution layer costs some 60 µs a statement, and a
scanned line takes seven. Types need no conversion here: whole numbers, text and
bytes pass both drivers as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Driver = Any
"""A `sqlite3.Connection` or a `psycopg.Connection`: both run a statement with `execute`."""
_DIALECTS: dict[str, Callable[[], Dialect]] = {"sqlite3": sqlite.dialect, "psycopg": psycopg.dialect}


def driver_of(connection: Connection) -> Driver:
    """The driver's own connection under SQLAlchemy's."""
    return connection.connection.dbapi_connection


class Prepared:
    """One statement with named parameters, compiled once for each driver it meets."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._texts: dict[type[Driver], _Text] = {}

    def run(self, driver: Driver, **values: object) -> Any:
        """Execute it within the driver's transaction; gives a cursor."""
        text = self._texts.get(type(driver)) or self._compile(driver)
        return driver.execute(text.sql, text.pick(values))

    def scalar(self, driver: Driver, **values: object) -> Any:
        """The first column of the first row, or None."""
        row = self.run(driver, **values).fetchone()
        return None if row is None else row[0]

    def _compile(self, driver: Driver) -> _Text:
        dialect = _DIALECTS[type(driver).__module__.partition(".")[0]]()
        compiled = cast(SQLCompiler, self._statement.compile(dialect=dialect))
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        order = tuple(compiled.positiontup or ()) if compiled.positional else None
        text = self._texts[type(driver)] = _Text(str(compiled), _picker(order, constants))
        return text


Pick = Callable[[Mapping[str, object]], Any]


class _Text(NamedTuple):
    """SQL as one driver wants it, and how to pick its parameters out of the named values."""

    sql: str
    pick: Pick


def _picker(order: tuple[str, ...] | None, constants: Mapping[str, object]) -> Pick:
    by_place = _by_place(order)
    if constants:
        return lambda values: by_place({**constants, **values})
    return by_place


def _by_place(order: tuple[str, ...] | None) -> Pick:
    if order is None:  # this driver takes parameters by name
        return lambda values: values
    if not order:
        return lambda values: ()
    if len(order) == 1:
        (name,) = order
        return lambda values: (values[name],)
    return itemgetter(*order)
