"""How what is in force is changed: proposals and what became of them, and who changed what of which venue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables."""
    op.create_table('proposal_events',
        sa.Column('seq', Big, autoincrement=False, nullable=False),
        *(sa.Column(name, Big, nullable=False) for name in ('proposal', 'at')),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('actor', 'state')),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ('body', 'prev_hash', 'hash')),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_proposal_events')),
        comment='What people and the daemon did with proposals of versions: one chain, append-only.'
    )
    op.create_table('register_changes',
        *(sa.Column(name, Big, autoincrement=False, nullable=False) for name in ('offset', 'part')),
        sa.Column('received_at', Big, nullable=True),
        sa.Column('clock', Big, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('counterparty', 'session', 'trade_date')),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('venue', 'change')),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ('before', 'after')),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('proposer', 'approver', 'why')),
        *(sa.Column(name, Big, nullable=True) for name in ('proposal', 'effective')),
        sa.PrimaryKeyConstraint('offset', 'part', name=op.f('pk_register_changes')),
        comment="Each venue that a version of a counterparty's register changed; the approvals before and after as JSON."
    )
    op.create_index(op.f('ix_register_changes_counterparty_venue'), 'register_changes', ['counterparty', 'venue'], unique=False)
