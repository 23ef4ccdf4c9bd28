"""Alembic's environment: it runs on the connection that service/store/upgrade.py hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from service.store import tables  # noqa: F401 - importing them fills the metadata
from service.store.columns import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
