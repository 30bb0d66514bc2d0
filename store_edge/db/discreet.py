"""PostgreSQL's errors without the row that they are about.

libpq adds to an error's text what stood in the row ("DETAIL: Key (token)=(…) already exists.", "Failing row
contains (…)"; PostgreSQL, "Error and Notice Message Fields"), and an error's text may end in a log.
SQLite's errors name tables and columns only.
"""

from __future__ import annotations

from typing import Any

import psycopg


class DiscreetCursor(psycopg.Cursor[Any]):
    """A cursor whose errors say what was wrong, in one line, and not with which values."""

    def execute(self, *what: Any, **how: Any) -> DiscreetCursor:
        try:
            return super().execute(*what, **how)
        except psycopg.Error as error:
            raise _cut(error) from None

    def executemany(self, *what: Any, **how: Any) -> None:
        try:
            super().executemany(*what, **how)
        except psycopg.Error as error:
            raise _cut(error) from None


def _cut(error: psycopg.Error) -> psycopg.Error:
    error.args = (str(error).partition("\n")[0],)
    return error
