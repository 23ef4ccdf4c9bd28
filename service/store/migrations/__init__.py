"""Every change of the tables, in order, forward only (Alembic)."""
