"""What order events answer, and how long that waited; how far quotes lay behind executions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns; of events from before it is not known."""
    for name in ('venue', 'asked'):
        op.add_column('order_events', sa.Column(name, sa.Text(), nullable=True))
    for name in ('waited', 'wait_grain', 'firm_waited', 'firm_grain', 'executed_meanwhile'):
        op.add_column('order_events', sa.Column(name, Big, nullable=True))
    op.add_column('order_events', sa.Column('wait_unknown', sa.Text(), nullable=True))
    op.add_column('executions', sa.Column('quotes_behind', Big, nullable=True))
