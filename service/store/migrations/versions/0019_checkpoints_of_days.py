"""Checkpoints that are kept at the turn of a date, so that a day can be run again without all that came before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column at the end of its table."""
    op.add_column('checkpoints', sa.Column('day', sa.Text(), nullable=True))
