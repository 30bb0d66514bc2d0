"""Bringing a database to the newest schema, in one transaction: old or new, never between."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from central.db.database import Database

SCRIPTS = Path(__file__).parent / "migrations"
HEAD = "0042"  # the newest revision there; a database that has it needs no Alembic to start


def migrate(database: Database) -> None:
    """Run what is missing. Raises `Busy` and what the engine raises; then nothing has changed."""
    if _revision(database) == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.write("schema") as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(database: Database) -> str | None:
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
