"""An outbox for many channels: dead letters, reminders, routes, and indexes by which no channel slows another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SAYS = 'Waiting while sent_at is null, dead where dead_at is not; decision, reason and route are of send time.'
SAID = 'Waiting while sent_at is null; `decision` and reason are of send time. `topic`: of what is about no case.'
KEPT = ('outbox_id', 'channel', 'case_id', 'n', 'idempotency_key', 'rule', 'severity', 'body', 'created_at', 'not_before',
        'attempts', 'error', 'sent_at', 'decision', 'reason', 'topic')


def upgrade() -> None:
    """Let an exception be told more than once of one step, and an alert die and be sent again."""
    if op.get_bind().dialect.name == 'sqlite':
        _make_outbox_anew()
    else:
        op.drop_index('ix_outbox_waiting', table_name='outbox')
        op.drop_constraint(op.f('uq_outbox_channel_case_id_n'), 'outbox', type_='unique')
        op.add_column('outbox', sa.Column('dead_at', Big, nullable=True))
        for name in ('route', 'by'):
            op.add_column('outbox', sa.Column(name, sa.Text(), nullable=True))
        op.create_table_comment('outbox', SAYS, existing_comment=SAID)
    _make_indexes()


def _make_outbox_anew() -> None:
    """SQLite drops no constraint: what waits and what was sent moves to a table without it."""
    op.create_table('outbox_of_0030',
        sa.Column('outbox_id', Big, autoincrement=True, nullable=False),
        sa.Column('channel', sa.Text(), nullable=False),
        sa.Column('case_id', Big, nullable=True),
        sa.Column('n', Big, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('idempotency_key', 'rule', 'severity')),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.Column('created_at', Big, nullable=False),
        sa.Column('not_before', Big, nullable=True),
        sa.Column('attempts', Big, nullable=False),
        sa.Column('error', sa.Text(), nullable=True),
        sa.Column('sent_at', Big, nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ('decision', 'reason', 'topic')),
        sa.Column('dead_at', Big, nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ('route', 'by')),
        sa.ForeignKeyConstraint(['case_id'], ['cases.case_id'], name=op.f('fk_outbox_case_id')),
        sa.PrimaryKeyConstraint('outbox_id', name=op.f('pk_outbox')),
        sa.UniqueConstraint('channel', 'idempotency_key', name=op.f('uq_outbox_channel_idempotency_key')),
        comment=SAYS,
        sqlite_autoincrement=True
    )
    names = ', '.join(KEPT)
    op.execute(f'INSERT INTO outbox_of_0030 ({names}) SELECT {names} FROM outbox ORDER BY outbox_id')
    op.drop_table('outbox')
    op.rename_table('outbox_of_0030', 'outbox')


def _make_indexes() -> None:
    op.create_index('ix_outbox_case_id', 'outbox', ['case_id'], unique=False)
    for name, columns, where in (
        ('ix_outbox_waiting', ['channel', 'case_id', 'outbox_id'], 'sent_at IS NULL AND dead_at IS NULL'),
        ('ix_outbox_dead', ['channel', 'outbox_id'], 'sent_at IS NULL AND dead_at IS NOT NULL'),
        ('ix_outbox_sent', ['channel', 'decision', 'sent_at'], 'sent_at IS NOT NULL'),
    ):
        op.create_index(name, 'outbox', columns, unique=False,
                        sqlite_where=sa.text(where), postgresql_where=sa.text(where))
