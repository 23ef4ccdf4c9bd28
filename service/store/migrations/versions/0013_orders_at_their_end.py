"""What an order came to at its end: its exact notional, its shares at each venue, its time in each state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns at the end of their table."""
    op.add_column('order_outcomes', sa.Column('notional', sa.Text(), nullable=True))
    op.add_column('order_outcomes', sa.Column('venue_shares', sa.LargeBinary(), nullable=True))
    for name in ('pending_time', 'working_time', 'held_time'):
        op.add_column('order_outcomes', sa.Column(name, Big, nullable=True))
