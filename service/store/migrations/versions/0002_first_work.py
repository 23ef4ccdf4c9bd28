"""The first tables: what people are asked to do, and the house's own bookkeeping."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = '0001'
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table, index and view of it."""
    op.create_table('cases',
        sa.Column('case_id', Big, autoincrement=True, nullable=False),
        sa.Column('rule', sa.Text(), nullable=False),
        sa.Column('cause', sa.Text(), nullable=False),
        sa.Column('severity', sa.Text(), nullable=False),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('counterparty', sa.Text(), nullable=False),
        sa.Column('session', sa.Text(), nullable=False),
        sa.Column('trade_date', sa.Text(), nullable=False),
        sa.Column('opened_at', Big, nullable=False),
        sa.Column('updated_at', Big, nullable=False),
        sa.Column('first_at', Big, nullable=False),
        sa.Column('last_at', Big, nullable=False),
        sa.Column('closed_at', Big, nullable=True),
        sa.Column('shelved_until', Big, nullable=True),
        sa.Column('finding_count', Big, nullable=False),
        sa.Column('dollar_harm', Big, nullable=True),
        sa.Column('sentence', sa.Text(), nullable=False),
        sa.Column('symbol', sa.Text(), nullable=True),
        sa.Column('venue', sa.Text(), nullable=True),
        sa.Column('assignee', sa.Text(), nullable=True),
        sa.Column('head_n', Big, nullable=False),
        sa.Column('head_hash', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('case_id', name=op.f('pk_cases')),
        comment='The current state of each case, re-creatable from case_events; `head_*` is the newest link of its chain.',
        sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_cases_rule_cause_trade_date'), 'cases', ['rule', 'cause', 'trade_date'], unique=False)
    op.create_index(op.f('ix_cases_state_updated_at_head_n'), 'cases', ['state', 'updated_at', 'head_n'], unique=False)
    op.create_index(op.f('ix_cases_trade_date'), 'cases', ['trade_date'], unique=False)
    op.create_table('checkpoints',
        sa.Column('schema', sa.Text(), nullable=False),
        sa.Column('offset', Big, autoincrement=False, nullable=False),
        sa.Column('state', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('schema', 'offset', name=op.f('pk_checkpoints')),
        comment="The core's state after an offset; a cache of what the journal says, so old ones are dropped."
    )
    op.create_table('offsets',
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('value', Big, nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_offsets')),
        comment='How far each reader has come: `processed` (journal offset), `caseworker` (findings.seq).'
    )
    op.create_table('versions',
        sa.Column('offset', Big, autoincrement=False, nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('hash', sa.Text(), nullable=False),
        sa.Column('activated_at', Big, nullable=True),
        sa.PrimaryKeyConstraint('offset', name=op.f('pk_versions')),
        comment='Where in the journal each version of rulebook, register, dialect, calendar and limits came into force.'
    )
    op.create_index(op.f('ix_versions_kind_name'), 'versions', ['kind', 'name'], unique=False)
    op.create_table('case_events',
        sa.Column('case_id', Big, autoincrement=False, nullable=False),
        sa.Column('n', Big, autoincrement=False, nullable=False),
        sa.Column('at', Big, nullable=False),
        sa.Column('actor', sa.Text(), nullable=False),
        sa.Column('kind', sa.Text(), nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.Column('prev_hash', sa.LargeBinary(), nullable=False),
        sa.Column('hash', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['cases.case_id'], name=op.f('fk_case_events_case_id')),
        sa.PrimaryKeyConstraint('case_id', 'n', name=op.f('pk_case_events')),
        comment='The chained history of each case, n = 1, 2, 3 …; `body` is canonical JSON, appended and never edited.'
    )
    op.create_table('case_findings',
        sa.Column('case_id', Big, autoincrement=False, nullable=False),
        sa.Column('seq', Big, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['cases.case_id'], name=op.f('fk_case_findings_case_id')),
        sa.ForeignKeyConstraint(['seq'], ['findings.seq'], name=op.f('fk_case_findings_seq')),
        sa.PrimaryKeyConstraint('case_id', 'seq', name=op.f('pk_case_findings')),
        sa.UniqueConstraint('seq', name=op.f('uq_case_findings_seq')),
        comment='Which findings a case holds; a finding is in one case.'
    )
    op.create_table('outbox',
        sa.Column('outbox_id', Big, autoincrement=True, nullable=False),
        sa.Column('channel', sa.Text(), nullable=False),
        sa.Column('case_id', Big, nullable=False),
        sa.Column('n', Big, nullable=False),
        sa.Column('idempotency_key', sa.Text(), nullable=False),
        sa.Column('rule', sa.Text(), nullable=False),
        sa.Column('severity', sa.Text(), nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.Column('created_at', Big, nullable=False),
        sa.Column('not_before', Big, nullable=True),
        sa.Column('attempts', Big, nullable=False),
        sa.Column('error', sa.Text(), nullable=True),
        sa.Column('sent_at', Big, nullable=True),
        sa.Column('decision', sa.Text(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['cases.case_id'], name=op.f('fk_outbox_case_id')),
        sa.PrimaryKeyConstraint('outbox_id', name=op.f('pk_outbox')),
        sa.UniqueConstraint('channel', 'case_id', 'n', name=op.f('uq_outbox_channel_case_id_n')),
        sa.UniqueConstraint('channel', 'idempotency_key', name=op.f('uq_outbox_channel_idempotency_key')),
        comment='Alerts waiting while sent_at is null; `decision` (sent, withheld) and its reason are of send time.',
        sqlite_autoincrement=True
    )
    op.create_index('ix_outbox_waiting', 'outbox', ['outbox_id'], unique=False, sqlite_where=sa.text('sent_at IS NULL'), postgresql_where=sa.text('sent_at IS NULL'))
