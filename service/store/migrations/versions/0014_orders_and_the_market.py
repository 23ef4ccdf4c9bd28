"""Where the market stood when orders ended unfilled, and how it moved away from the children of parents."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _whose() -> list[sa.Column[Any]]:
    numbers = [sa.Column(name, Big, autoincrement=False, nullable=False) for name in ('offset', 'part')]
    return [*numbers, *(sa.Column(name, sa.Text(), nullable=False) for name in ('counterparty', 'session', 'trade_date'))]


def _quote(prefix: str) -> list[sa.Column[Any]]:
    numbers = ('bid', 'bid_size', 'offer', 'offer_size', 'quote_at')
    return [
        *(sa.Column(f'{prefix}_{name}', Big, nullable=True) for name in numbers),
        sa.Column(f'{prefix}_quote_state', sa.Text(), nullable=False),
        sa.Column(f'{prefix}_quote_note', sa.Text(), nullable=True),
    ]


def upgrade() -> None:
    """Make the tables; orders from before have no such quotes."""
    op.create_table('end_marks',
        *_whose(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('order_key', 'level', 'symbol')),
        *(sa.Column(name, Big, nullable=False) for name in ('ended_at', 'at')),
        sa.Column('past_close', sa.Boolean(), nullable=False),
        *_quote('mark'),
        sa.Column('source_mark', Big, nullable=False),
        sa.Column('released', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('offset', 'part', name=op.f('pk_end_marks')),
        comment='Where the market stood when orders ended with shares unexecuted, at the record that took it.'
    )
    op.create_index(op.f('ix_end_marks_trade_date_order_key'), 'end_marks', ['trade_date', 'order_key'], unique=False)
    op.create_table('fades',
        *_whose(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('parent_id', 'symbol', 'side', 'first_key')),
        sa.Column('first_at', Big, nullable=False),
        *_quote('first'),
        sa.Column('later_key', sa.Text(), nullable=False),
        sa.Column('later_at', Big, nullable=False),
        *_quote('later'),
        sa.Column('baseline_at', Big, nullable=False),
        *_quote('mark'),
        sa.Column('source_mark', Big, nullable=True),
        sa.Column('released', sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint('offset', 'part', name=op.f('pk_fades')),
        comment="Quotes at a parent's first child, at a later one, and (mark) as long before the first."
    )
