"""What late quotes made of decisions and of the facts judged by them, and the quotes that are kept with findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and the index that leads from a record to its findings."""
    op.create_table('requotes',
        sa.Column('offset', Big, autoincrement=False, nullable=False),
        sa.Column('part', Big, autoincrement=False, nullable=False),
        sa.Column('counterparty', sa.Text(), nullable=False),
        sa.Column('session', sa.Text(), nullable=False),
        sa.Column('trade_date', sa.Text(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('decided_offset', Big, nullable=False),
        sa.Column('order_key', sa.Text(), nullable=True),
        sa.Column('execution_id', sa.Text(), nullable=True),
        sa.Column('receipt_bid', Big, nullable=True),
        sa.Column('receipt_bid_size', Big, nullable=True),
        sa.Column('receipt_offer', Big, nullable=True),
        sa.Column('receipt_offer_size', Big, nullable=True),
        sa.Column('receipt_quote_at', Big, nullable=True),
        sa.Column('receipt_quote_state', sa.Text(), nullable=False),
        sa.Column('receipt_quote_note', sa.Text(), nullable=True),
        sa.Column('execution_bid', Big, nullable=True),
        sa.Column('execution_bid_size', Big, nullable=True),
        sa.Column('execution_offer', Big, nullable=True),
        sa.Column('execution_offer_size', Big, nullable=True),
        sa.Column('execution_quote_at', Big, nullable=True),
        sa.Column('execution_quote_state', sa.Text(), nullable=False),
        sa.Column('execution_quote_note', sa.Text(), nullable=True),
        sa.Column('marketable', sa.Boolean(), nullable=True),
        sa.Column('price_improvement', Big, nullable=True),
        sa.Column('effective_spread', Big, nullable=True),
        sa.Column('quoted_spread', Big, nullable=True),
        sa.Column('outside_amount', Big, nullable=True),
        sa.Column('time_to_fill', Big, nullable=True),
        sa.Column('dollar_harm', Big, nullable=True),
        sa.Column('not_evaluated_reason', sa.Text(), nullable=True),
        sa.Column('possible_flicker', sa.Boolean(), nullable=True),
        sa.Column('worst_touch', Big, nullable=True),
        sa.Column('at', Big, nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('decision', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('offset', 'part', name=op.f('pk_requotes')),
        comment="What late quotes made of a decision, and of each execution and order's end that was judged by it."
    )
    op.create_table('finding_quotes',
        sa.Column('finding_id', sa.Text(), nullable=False),
        sa.Column('symbol', sa.Text(), nullable=False),
        sa.Column('begin_at', Big, nullable=False),
        sa.Column('end_at', Big, nullable=False),
        sa.Column('complete', sa.Boolean(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('quotes', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('finding_id', name=op.f('pk_finding_quotes')),
        comment="The quotes around the execution of a finding; `quotes`: [at, bid, size, offer, size, market] as JSON."
    )
    # what was found before has no quotes to be kept any more
    op.execute("INSERT INTO offsets (name, value) SELECT 'quote_evidence', MAX(seq) FROM findings HAVING MAX(seq) > 0")
    op.create_index(op.f('ix_requotes_decided_offset'), 'requotes', ['decided_offset'], unique=False)
    op.create_index(op.f('ix_requotes_execution_id'), 'requotes', ['execution_id'], unique=False)
    op.create_index(op.f('ix_findings_offset'), 'findings', ['offset'], unique=False)
