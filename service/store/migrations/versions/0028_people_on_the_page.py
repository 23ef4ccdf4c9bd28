"""Passwords that must be changed, where a login came from, and the access log found by who, what and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

LOOKED_UP_BY = (['actor', 'seq'], ['deed', 'seq'], ['at'])


def upgrade() -> None:
    """Add columns and indexes. Passwords from before were chosen by whoever has them, or so it is taken."""
    op.add_column('users', sa.Column('must_change', sa.Boolean(), nullable=True))
    op.add_column('logins', sa.Column('place', sa.Text(), nullable=True))
    for names in LOOKED_UP_BY:
        op.create_index(op.f(f'ix_access_log_{"_".join(names)}'), 'access_log', names, unique=False)
