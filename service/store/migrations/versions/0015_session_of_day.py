"""The session of day of executions, order events and ends of orders; those from before have none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column at the end of the tables."""
    for table in ('executions', 'order_events', 'order_outcomes'):
        op.add_column(table, sa.Column('session_of_day', sa.Text(), nullable=True))
