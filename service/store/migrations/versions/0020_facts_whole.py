"""What facts lacked in their rows, so that they can be judged again: doubt, ends stated anew, corrected executions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns at the end of the tables; rows from before have none."""
    for table in ('order_events', 'order_outcomes', 'feed_events'):
        op.add_column(table, sa.Column('uncertain', sa.Boolean(), nullable=True))
    op.add_column('order_outcomes', sa.Column('restated', sa.Boolean(), nullable=True))
    op.add_column('amendments', sa.Column('corrected', sa.LargeBinary(), nullable=True))
