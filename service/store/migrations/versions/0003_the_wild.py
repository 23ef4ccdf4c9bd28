"""The firm's own orders, second looks at uncertain findings, statements about a day, and marks on executions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns at the end of their tables, and make the new tables."""
    op.create_table('own_orders',
        sa.Column('offset', Big, autoincrement=False, nullable=False),
        sa.Column('part', Big, autoincrement=False, nullable=False),
        sa.Column('received_at', Big, nullable=True),
        sa.Column('clock', Big, nullable=False),
        sa.Column('counterparty', sa.Text(), nullable=False),
        sa.Column('session', sa.Text(), nullable=False),
        sa.Column('trade_date', sa.Text(), nullable=False),
        sa.Column('vendor', sa.Text(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('cl_ord_id', sa.Text(), nullable=False),
        sa.Column('previous_id', sa.Text(), nullable=True),
        sa.Column('at', Big, nullable=False),
        sa.Column('account', sa.Text(), nullable=True),
        sa.Column('desk', sa.Text(), nullable=True),
        sa.Column('client', sa.Text(), nullable=True),
        sa.Column('symbol', sa.Text(), nullable=True),
        sa.Column('side', sa.Text(), nullable=True),
        sa.Column('order_type', sa.Text(), nullable=True),
        sa.Column('time_in_force', sa.Text(), nullable=True),
        sa.Column('limit_price', Big, nullable=True),
        sa.Column('stop_price', Big, nullable=True),
        sa.Column('quantity', Big, nullable=True),
        sa.Column('held', sa.Boolean(), nullable=True),
        sa.Column('directed', sa.Boolean(), nullable=False),
        sa.Column('capacity', sa.Text(), nullable=True),
        sa.Column('order_key', sa.Text(), nullable=True),
        sa.Column('dedup_key', sa.Text(), nullable=False),
        sa.Column('content_hash', sa.LargeBinary(), nullable=False),
        sa.Column('backfilled', sa.Boolean(), nullable=False),
        sa.Column('decision', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('offset', 'part', name=op.f('pk_own_orders')),
        sa.UniqueConstraint('trade_date', 'counterparty', 'dedup_key', name=op.f('uq_own_orders_trade_date_counterparty_dedup_key')),
        comment="The firm's own orders, replaces and cancels (35=D, G, F) as they came; `vendor` is who was to get them."
    )
    op.create_index(op.f('ix_own_orders_trade_date_vendor_cl_ord_id'), 'own_orders', ['trade_date', 'vendor', 'cl_ord_id'], unique=False)
    op.create_table('reassessments',
        sa.Column('seq', Big, autoincrement=False, nullable=False),
        sa.Column('offset', Big, nullable=False),
        sa.Column('counterparty', sa.Text(), nullable=False),
        sa.Column('session', sa.Text(), nullable=False),
        sa.Column('trade_date', sa.Text(), nullable=False),
        sa.Column('finding_id', sa.Text(), nullable=False),
        sa.Column('rule', sa.Text(), nullable=False),
        sa.Column('verdict', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('missing', sa.Text(), nullable=False),
        sa.Column('at', Big, nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_reassessments')),
        sa.UniqueConstraint('finding_id', name=op.f('uq_reassessments_finding_id')),
        comment='Second looks at uncertain findings: stands, changed (`body` is it now), withdrawn or unresolved.'
    )
    op.create_index(op.f('ix_reassessments_trade_date'), 'reassessments', ['trade_date'], unique=False)
    op.create_table('statements',
        sa.Column('seq', Big, autoincrement=False, nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('counterparty', sa.Text(), nullable=False),
        sa.Column('session', sa.Text(), nullable=False),
        sa.Column('trade_date', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('at', Big, nullable=False),
        sa.Column('actor', sa.Text(), nullable=True),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.Column('prev_hash', sa.LargeBinary(), nullable=False),
        sa.Column('hash', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_statements')),
        comment='Certificates of completeness, readiness, closes of day and signatures under them: one chain, append-only.'
    )
    op.create_index(op.f('ix_statements_trade_date_kind'), 'statements', ['trade_date', 'kind'], unique=False)
    op.create_index('ix_journal_backfill', 'journal', ['counterparty', 'session', 'offset'], unique=False, sqlite_where=sa.text("kind = 'backfill'"), postgresql_where=sa.text("kind = 'backfill'"))
    op.create_index('ix_journal_file', 'journal', ['offset'], unique=False, sqlite_where=sa.text("kind = 'file'"), postgresql_where=sa.text("kind = 'file'"))
    op.add_column('executions', sa.Column('firm_received_at', Big, nullable=True))
    op.add_column('executions', sa.Column('uncertain', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('executions', sa.Column('backfilled', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('executions', sa.Column('declared_delay', Big, nullable=True))
    op.add_column('order_events', sa.Column('firm_received_at', Big, nullable=True))
    op.add_column('order_outcomes', sa.Column('firm_received_at', Big, nullable=True))
    op.add_column('cases', sa.Column('uncertain_count', Big, nullable=False, server_default='0'))
    op.add_column('cases', sa.Column('withdrawn_count', Big, nullable=False, server_default='0'))
