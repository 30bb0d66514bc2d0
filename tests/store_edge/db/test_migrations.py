"""Migrations: from nothing to the schema the code wants, and never half of it (fault 3)."""

from __future__ import annotations

import shutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from checkout.basket import Reduction
from store_edge.db import engine
from store_edge.db.books import StoreBooks
from store_edge.db.engine import Database
from store_edge.db.journal import Journal
from store_edge.db.tables import metadata
from store_edge.desk import unanswered_visits
from tests.conftest import CountingChance, StandingClock

NEWEST = max(path.name[:4] for path in (engine.MIGRATIONS / "versions").glob("0*.py"))
BROKEN = '''"""Adds a table, then dies."""

from alembic import op
import sqlalchemy as sa

revision = "9999"
down_revision = "{newest}"


def upgrade():
    op.create_table("half_done", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO meta (key, value) VALUES ('half', 'done')")
    raise {failure}
'''


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request, tmp_path):
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    else:
        database = Database(request.getfixturevalue("new_blank_postgres_url")())
    yield database
    database.close()


def tables_of(database):
    with database.read() as connection:
        return set(inspect(connection).get_table_names())


def test_an_empty_database_gets_the_schema_that_the_code_wants(empty_database):
    empty_database.migrate()
    with empty_database.read() as connection:
        # On SQLite, Alembic takes `DEFAULT ''` and the same default written down for two.
        options = {"compare_server_default": not empty_database.is_sqlite}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    assert tables_of(empty_database) == set(metadata.tables) | {"alembic_version"}


@pytest.mark.parametrize("index", ["uq_baskets_lane_current", "uq_payments_basket_open"])
def test_the_partial_indexes_are_there_and_partial(empty_database, index):
    empty_database.migrate()
    catalogue = "sqlite_master WHERE name" if empty_database.is_sqlite else "pg_indexes WHERE indexname"
    column = "sql" if empty_database.is_sqlite else "indexdef"
    with empty_database.read() as connection:
        definition = connection.execute(text(f"SELECT {column} FROM {catalogue} = '{index}'")).scalar_one()
    assert "UNIQUE" in definition
    assert " WHERE " in definition


def test_visits_that_nobody_has_answered_are_found_without_looking_at_all_visits(empty_database):
    empty_database.migrate()
    with empty_database.read() as connection:
        if not empty_database.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if empty_database.is_sqlite else "EXPLAIN"
        query = unanswered_visits().compile(connection.engine)
        plan = " ".join(str(row) for row in connection.execute(text(f"{explain} {query}")))
    assert "ix_visits_unanswered" in plan


def test_migrating_again_changes_nothing(empty_database):
    empty_database.migrate()
    with empty_database.read() as connection:
        before = connection.execute(text("SELECT * FROM meta")).all()
    empty_database.migrate()
    with empty_database.read() as connection:
        assert connection.execute(text("SELECT * FROM meta")).all() == before
    assert empty_database.check() == "ok"


@pytest.fixture(params=["ZeroDivisionError", "KeyboardInterrupt"])
def with_a_broken_migration(request, tmp_path, monkeypatch):
    """One more migration that dies after its first statements; gives a switch that takes it away."""
    folder = tmp_path / "migrations"
    shutil.copytree(engine.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_broken.py").write_text(BROKEN.format(failure=request.param, newest=NEWEST))
    sound = engine.MIGRATIONS
    return lambda broken: monkeypatch.setattr(engine, "MIGRATIONS", folder if broken else sound)


def test_a_first_start_killed_in_the_middle_leaves_nothing(empty_database, with_a_broken_migration):
    with_a_broken_migration(True)
    with pytest.raises((ZeroDivisionError, KeyboardInterrupt)):
        empty_database.migrate()
    assert tables_of(empty_database) == set()
    with_a_broken_migration(False)
    empty_database.migrate()
    assert tables_of(empty_database) > set(metadata.tables)


def test_an_update_killed_in_the_middle_leaves_the_old_schema(empty_database, with_a_broken_migration):
    empty_database.migrate()
    old = tables_of(empty_database)
    with_a_broken_migration(True)
    with pytest.raises((ZeroDivisionError, KeyboardInterrupt)):
        empty_database.migrate()
    assert tables_of(empty_database) == old
    with empty_database.read() as connection:
        assert connection.execute(text("SELECT value FROM meta WHERE key = 'half'")).all() == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == NEWEST


OLD_ARTICLE = b'{"gtin":"4006381333931","name":{"de":"Brot"},"price_minor":249,"unit":"piece","vat_bp":700}'
OLD_LINE = (
    b'{"number":1,"gtin":"4006381333931","quantity":2,"weight_g":0,"unit_price_minor":249,"vat_bp":700,'
    b'"how":"serial","changed":2,"fixed_minor":0,"discount_minor":50,"offer":"bread-week","epc":"","voided":false}'
)


def test_a_basket_left_open_under_the_first_schema_is_found_again(empty_database):
    empty_database.migrate("0001")
    with empty_database.write() as connection:
        rows = {"gtin": "4006381333931", "body": OLD_ARTICLE}
        connection.execute(text("INSERT INTO articles (gtin, body) VALUES (:gtin, :body)"), rows)
        head = "('b', '1', 'open', 2, 'de', '2026-11-21T10:00:00+00:00', '')"
        connection.execute(text(f"INSERT INTO baskets VALUES {head}"))
        connection.execute(text("INSERT INTO basket_lines VALUES ('b', 1, :body)"), {"body": OLD_LINE})
    empty_database.migrate()
    clock, chance = StandingClock(), CountingChance()
    journal = Journal(empty_database, clock)
    with StoreBooks(empty_database, journal, clock=clock, chance=chance).page() as page:
        basket, article = page.basket_on("1"), page.article("4006381333931")
    assert (basket.total_minor, basket.lines[0].reductions) == (448, (Reduction("bread-week", 50),))
    assert article.vat == basket.lines[0].vat == "reduced"


def test_sqlite_syncs_what_is_acknowledged(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    for use in (database.read, database.write):
        with use() as connection:
            said = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert said == ["wal", 2, 1]
    database.close()


def test_a_closed_database_opens_again(new_store_url, open_shop):
    shop = open_shop(new_store_url())
    basket = shop.scan(shop.milk)
    shop.database.close()
    assert shop.basket() == basket
