"""A database error may end in a log: it names what went wrong, never a token, a nickname, a row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from store_edge.db import tables as t
from store_edge.db.engine import Database
from store_edge.db.prepared import Prepared, driver_of

SECRET = "EMMA1.secret"
VISIT: dict[str, object] = {
    "visit": "v1",
    "token": "t1",
    "basket": "b1",
    "at": "now",
    "token_text": SECRET,
    "card": b"Erika",
}


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'store.db'}")
    else:
        opened = Database(request.getfixturevalue("new_blank_postgres_url")())
    opened.migrate()
    yield opened
    opened.close()


def write(database: Database, values: dict[str, object], *, by_hand: bool) -> None:
    with database.write() as connection:
        if by_hand:
            Prepared(insert(t.visits)).run(driver_of(connection), **values)
        else:
            connection.execute(insert(t.visits).values(values))


@pytest.mark.parametrize(
    "wrong", [{"visit": "v2"}, {"visit": "v3", "token": "t3", "at": None}], ids=["repeated", "missing"]
)
@pytest.mark.parametrize("by_hand", [False, True])
def test_an_error_names_no_value(database: Database, wrong: dict[str, object], by_hand: bool) -> None:
    write(database, VISIT, by_hand=False)
    with pytest.raises(Exception, match=r"(?i)constraint") as failed:
        write(database, VISIT | wrong, by_hand=by_hand)
    said: BaseException | None = failed.value
    while said is not None:
        assert not any(word in str(said) for word in (SECRET, "Erika", "t1", "v3", r"\x45"))
        said = said.__cause__ or said.__context__
