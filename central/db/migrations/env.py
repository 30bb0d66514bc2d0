"""How Alembic reaches head office's database: over the connection that `migrate` hands it."""

from __future__ import annotations

from alembic import context

from central.db.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=False,  # the transaction is the caller's: one for all steps, also on SQLite
)
context.run_migrations()
