"""Bringing a database to the newest schema, in one transaction: old or new, never between."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from central.db.database import Database

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Run what is missing. Raises `Busy` and what the engine raises; then nothing has changed."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.write("schema") as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
