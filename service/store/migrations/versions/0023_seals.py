"""Seals of the day, which heads of cases they cover, and an outbox that holds what is about no case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITS = 'Waiting while sent_at is null; `decision` and reason are of send time. `topic`: of what is about no case.'
WAITED = 'Alerts waiting while sent_at is null; `decision` (sent, withheld) and its reason are of send time.'
KEPT = ('outbox_id', 'channel', 'case_id', 'n', 'idempotency_key', 'rule', 'severity', 'body', 'created_at', 'not_before',
        'attempts', 'error', 'sent_at', 'decision', 'reason')


def upgrade() -> None:
    """Make the tables; the first seal covers all that is there."""
    op.create_table('seals',
        sa.Column('seq', Big, autoincrement=False, nullable=False),
        sa.Column('day', sa.Text(), nullable=False),
        sa.Column('at', Big, nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ('body', 'prev_hash', 'hash')),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_seals')),
        comment='A seal a day over the heads of all chains: one chain, append-only; `body` is its canonical text.'
    )
    op.create_table('sealed_heads',
        *(sa.Column(name, Big, autoincrement=False, nullable=False) for name in ('case_id', 'n')),
        sa.Column('hash', sa.LargeBinary(), nullable=False),
        sa.Column('seal', Big, nullable=False),
        sa.PrimaryKeyConstraint('case_id', 'n', name=op.f('pk_sealed_heads')),
        comment='Which link of a case was its head at a seal, where it was another than before; the seal has their digest.'
    )
    op.create_index(op.f('ix_sealed_heads_seal'), 'sealed_heads', ['seal'], unique=False)
    if op.get_bind().dialect.name == 'sqlite':
        _make_outbox_anew()
    else:
        op.alter_column('outbox', 'case_id', nullable=True)
        op.add_column('outbox', sa.Column('topic', sa.Text(), nullable=True))
        op.create_table_comment('outbox', WAITS, existing_comment=WAITED)


def _make_outbox_anew() -> None:
    """SQLite takes no NOT NULL back: what waits and what was sent moves to a table without it."""
    op.create_table('outbox_of_0023',
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
        sa.ForeignKeyConstraint(['case_id'], ['cases.case_id'], name=op.f('fk_outbox_case_id')),
        sa.PrimaryKeyConstraint('outbox_id', name=op.f('pk_outbox')),
        sa.UniqueConstraint('channel', 'case_id', 'n', name=op.f('uq_outbox_channel_case_id_n')),
        sa.UniqueConstraint('channel', 'idempotency_key', name=op.f('uq_outbox_channel_idempotency_key')),
        comment=WAITS,
        sqlite_autoincrement=True
    )
    names = ', '.join(KEPT)
    op.execute(f'INSERT INTO outbox_of_0023 ({names}) SELECT {names} FROM outbox ORDER BY outbox_id')
    op.drop_table('outbox')
    op.rename_table('outbox_of_0023', 'outbox')
    op.create_index('ix_outbox_waiting', 'outbox', ['outbox_id'], unique=False,
                    sqlite_where=sa.text('sent_at IS NULL'))
