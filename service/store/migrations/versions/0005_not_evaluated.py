"""What rules did not evaluate, counted by trade date, rule and reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, and note up to where facts were recorded without it."""
    op.create_table('not_evaluated',
        sa.Column('trade_date', sa.Text(), nullable=False),
        sa.Column('rule', sa.Text(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('count', Big, nullable=False),
        sa.PrimaryKeyConstraint('trade_date', 'rule', 'reason', name=op.f('pk_not_evaluated')),
        comment='How many facts of a trade date each rule did not evaluate, and why; added up with every batch.'
    )
    op.execute("INSERT INTO offsets (name, value) SELECT 'not_evaluated_since', value FROM offsets WHERE name = 'processed'")
