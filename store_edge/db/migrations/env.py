"""Alembic's way in: always on the connection that `Database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from store_edge.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False
)
context.run_migrations()
