"""Accounts of people whom the firm's OpenID provider lets in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add who an account is to the provider; those from before are ours."""
    op.add_column('users', sa.Column('identity', sa.Text(), nullable=True))
    op.create_index(op.f('ix_users_identity'), 'users', ['identity'], unique=True)
