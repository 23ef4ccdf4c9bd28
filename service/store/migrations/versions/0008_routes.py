"""The way an order was sent, so that one way can be compared with another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column at the end of every table that tells of orders."""
    for table in ('executions', 'order_events', 'order_outcomes', 'own_orders'):
        op.add_column(table, sa.Column('route', sa.Text(), nullable=True))
