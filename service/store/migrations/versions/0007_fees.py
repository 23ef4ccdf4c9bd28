"""What an execution cost in exact dollars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the column at the end of its table."""
    op.add_column('executions', sa.Column('fee', Big, nullable=True))
