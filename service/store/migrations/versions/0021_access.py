"""Who may come in: accounts, logins, API tokens, and the access log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; until there is an account nobody comes in."""
    op.create_table('users',
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('key', 'name', 'roles', 'desks')),
        sa.Column('password', sa.Text(), nullable=True),
        sa.Column('locked', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('key', name=op.f('pk_users')),
        comment='Accounts; `key` is the name as names are compared, roles and desks are JSON lists, the password argon2.'
    )
    op.create_table('logins',
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('hash', 'user')),
        *(sa.Column(name, Big, nullable=False) for name in ('began', 'seen')),
        sa.Column('ended', Big, nullable=True),
        sa.PrimaryKeyConstraint('hash', name=op.f('pk_logins')),
        comment='Logins of the page: of each secret only the SHA-256; `seen` is when a person last asked for something.'
    )
    op.create_index(op.f('ix_logins_user'), 'logins', ['user'], unique=False)
    op.create_table('api_tokens',
        sa.Column('token_id', sa.Text(), nullable=False),
        sa.Column('hash', sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('user', 'label', 'scopes')),
        *(sa.Column(name, Big, nullable=False) for name in ('created', 'expires')),
        sa.Column('revoked', Big, nullable=True),
        sa.PrimaryKeyConstraint('token_id', name=op.f('pk_api_tokens')),
        comment='Tokens of the API: of each secret only the SHA-256; scopes are a JSON list.'
    )
    op.create_table('access_log',
        sa.Column('seq', Big, autoincrement=False, nullable=False),
        sa.Column('at', Big, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('actor', 'deed', 'subject', 'place', 'words')),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ('prev_hash', 'hash')),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_access_log')),
        comment='Who came in, was refused or changed whom, and what an auditor read: one chain, append-only.'
    )
    op.create_index(op.f('ix_access_log_subject_seq'), 'access_log', ['subject', 'seq'], unique=False)
    op.create_index(op.f('ix_access_log_place_seq'), 'access_log', ['place', 'seq'], unique=False)
