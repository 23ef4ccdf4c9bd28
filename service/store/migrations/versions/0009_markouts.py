"""Where the market stood after executions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; executions from before have no marks."""
    op.create_table('markouts',
        sa.Column('offset', Big, autoincrement=False, nullable=False),
        sa.Column('part', Big, autoincrement=False, nullable=False),
        sa.Column('counterparty', sa.Text(), nullable=False),
        sa.Column('session', sa.Text(), nullable=False),
        sa.Column('trade_date', sa.Text(), nullable=False),
        sa.Column('execution_id', sa.Text(), nullable=False),
        sa.Column('execution_offset', Big, nullable=False),
        sa.Column('horizon', Big, nullable=False),
        sa.Column('at', Big, nullable=False),
        sa.Column('past_close', sa.Boolean(), nullable=False),
        sa.Column('price', Big, nullable=False),
        sa.Column('mark_bid', Big, nullable=True),
        sa.Column('mark_bid_size', Big, nullable=True),
        sa.Column('mark_offer', Big, nullable=True),
        sa.Column('mark_offer_size', Big, nullable=True),
        sa.Column('mark_quote_at', Big, nullable=True),
        sa.Column('mark_quote_state', sa.Text(), nullable=False),
        sa.Column('mark_quote_note', sa.Text(), nullable=True),
        sa.Column('realized_spread', Big, nullable=True),
        sa.Column('price_impact', Big, nullable=True),
        sa.Column('delay_cost', Big, nullable=True),
        sa.Column('post_trade_impact', Big, nullable=True),
        sa.Column('not_evaluated_reason', sa.Text(), nullable=True),
        sa.Column('source_mark', Big, nullable=False),
        sa.Column('released', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('offset', 'part', name=op.f('pk_markouts')),
        comment='Where the market stood after executions: one row per execution and horizon, at the record that took it.'
    )
    op.create_index(op.f('ix_markouts_execution_offset'), 'markouts', ['execution_offset'], unique=False)
