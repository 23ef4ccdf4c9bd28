"""The backtests of proposals, so that whoever decides sees what whoever proposed saw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table('proposal_backtests',
        sa.Column('seq', Big, autoincrement=True, nullable=False),
        sa.Column('proposal', Big, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('asked_by', 'days', 'state')),
        *(sa.Column(name, Big, nullable=False) for name in ('begun_at', 'beat_at', 'done')),
        sa.Column('ended_at', Big, nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ('ended_by', 'why', 'digest')),
        sa.Column('body', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_proposal_backtests')),
        comment='Backtests of proposals: over which days (JSON list), and what came of each (`body`, by its `digest`).',
        sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_proposal_backtests_proposal_seq'), 'proposal_backtests', ['proposal', 'seq'], unique=False)
    op.create_index(op.f('ix_proposal_backtests_state'), 'proposal_backtests', ['state'], unique=False)
