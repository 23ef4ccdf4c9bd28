"""The decision that a correction was judged by, so that a second run judges it alike."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column at the end of its table."""
    op.add_column('amendments', sa.Column('decision', sa.LargeBinary(), nullable=True))
