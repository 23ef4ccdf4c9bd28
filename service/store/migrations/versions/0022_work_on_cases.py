"""The work on cases: states beyond the acknowledgement, clocks, closings, shelvings, decisions over many, principals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBERS = ('acknowledged_at', 'waiting_since', 'running_since', 'ran', 'vendor_since', 'vendor_ran', 'resolved_at',
           'due_at')
WORDS = ('ticket', 'escalated_to', 'proposed_by', 'reason', 'counts_as', 'touched_by', 'touched_kind')
LAST = """(SELECT e.{what} FROM case_events e WHERE e.case_id = cases.case_id AND e.kind = 'acknowledge'
          ORDER BY e.n DESC LIMIT 1)"""


def upgrade() -> None:
    """Make columns and tables. Cases from before have no clocks; who acknowledged them is taken from their events."""
    for name, kind in (('desks', sa.Text()), ('before_state', sa.Text()), ('shelving_id', Big)):
        op.add_column('cases', sa.Column(name, kind, nullable=True))
    for name in NUMBERS:
        op.add_column('cases', sa.Column(name, Big, nullable=True))
    op.add_column('cases', sa.Column('overdue', sa.Boolean(), nullable=True))
    for name in WORDS:
        op.add_column('cases', sa.Column(name, sa.Text(), nullable=True))
    for name in ('touched_at', 'touched_n'):
        op.add_column('cases', sa.Column(name, Big, nullable=True))
    for name in ('due_at', 'shelving_id'):
        op.create_index(op.f(f'ix_cases_{name}'), 'cases', [name], unique=False)
    op.create_index(op.f('ix_feed_events_kind_subject'), 'feed_events', ['kind', 'subject'], unique=False)
    # the newest acknowledgement stands where the case is still acknowledged
    op.execute(f"UPDATE cases SET acknowledged_at = {LAST.format(what='at')} WHERE state = 'acknowledged'")
    for column, what in (('touched_by', 'actor'), ('touched_kind', 'kind'), ('touched_at', 'at'), ('touched_n', 'n')):
        op.execute(f"UPDATE cases SET {column} = {LAST.format(what=what)}")
    _make_tables()


def _make_tables() -> None:
    op.create_table('shelvings',
        sa.Column('shelving_id', Big, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ('rule', 'venue', 'symbol', 'counterparty', 'cause')),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('actor', 'why')),
        *(sa.Column(name, Big, nullable=False) for name in ('begins_at', 'until')),
        sa.Column('ended_at', Big, nullable=True),
        sa.Column('ended_by', sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint('shelving_id', name=op.f('pk_shelvings')),
        sqlite_autoincrement=True,
        comment='Scopes shelved for a bounded time; a null names nothing. What each hid: `shelving_id` of cases.'
    )
    op.create_index(op.f('ix_shelvings_until'), 'shelvings', ['until'], unique=False)
    op.create_table('bulks',
        sa.Column('bulk_id', sa.Text(), nullable=False),
        sa.Column('action', sa.Text(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ('actor', 'given', 'case_ids', 'refused')),
        *(sa.Column(name, Big, nullable=False) for name in ('created_at', 'taken', 'acted')),
        sa.Column('finished_at', Big, nullable=True),
        sa.PrimaryKeyConstraint('bulk_id', name=op.f('pk_bulks')),
        comment='One decision over many cases: JSON of who, what goes with it and which; `taken` are behind it by now.'
    )
    op.create_table('principals',
        sa.Column('seq', Big, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False)
          for name in ('trade_date', 'principal', 'deputies', 'actor', 'note')),
        sa.Column('at', Big, nullable=False),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_principals')),
        sqlite_autoincrement=True,
        comment='Who answers for a trade date and who covers (JSON list); appended, the newest of a date counts.'
    )
    op.create_index(op.f('ix_principals_trade_date_seq'), 'principals', ['trade_date', 'seq'], unique=False)
