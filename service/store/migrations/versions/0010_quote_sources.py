"""Which source an execution's quotes were taken from, and what a second one said of the same instant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns at the end of the executions."""
    op.add_column('executions', sa.Column('quote_source', sa.Text(), nullable=True))
    op.add_column('executions', sa.Column('compared_source', sa.Text(), nullable=True))
    op.add_column('executions', sa.Column('bid_apart', Big, nullable=True))
    op.add_column('executions', sa.Column('offer_apart', Big, nullable=True))
    op.add_column('executions', sa.Column('quote_lag', Big, nullable=True))
