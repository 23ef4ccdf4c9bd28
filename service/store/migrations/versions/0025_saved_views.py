"""Filters of the queue that people keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table('saved_views',
        sa.Column('view_id', Big, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('owner', 'name', 'query')),
        sa.Column('shared', sa.Boolean(), nullable=False),
        sa.Column('at', Big, nullable=False),
        sa.PrimaryKeyConstraint('view_id', name=op.f('pk_saved_views')),
        sqlite_autoincrement=True,
        comment='Filters of the queue that people keep, for themselves or for the firm; `owner` as names are compared.'
    )
    op.create_index(op.f('ix_saved_views_owner'), 'saved_views', ['owner'], unique=False)
