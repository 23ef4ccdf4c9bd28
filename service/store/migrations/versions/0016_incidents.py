"""Incidents: what several rules found of one trouble, and which cases belong to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; cases from before come to an incident with their next finding. Their keys stay what they are."""
    op.create_table('incidents',
        sa.Column('seq', Big, autoincrement=False, nullable=False),
        sa.Column('incident_id', Big, nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('kind', 'subject', 'trade_date')),
        *(sa.Column(name, Big, nullable=False) for name in ('first_at', 'last_at')),
        sa.Column('opened_at', Big, nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ('rules', 'symbols')),
        sa.Column('linking', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('seq', name=op.f('pk_incidents')),
        sa.UniqueConstraint('incident_id', name=op.f('uq_incidents_incident_id')),
        comment='One trouble of one span; an incident, with its number, once several rules found it. JSON lists of names.'
    )
    op.create_index(op.f('ix_incidents_trade_date_kind_subject_last_at'), 'incidents',
                    ['trade_date', 'kind', 'subject', 'last_at'], unique=False)
    op.create_index('ix_incidents_linking', 'incidents', ['seq'], unique=False,
                    sqlite_where=sa.text('linking'), postgresql_where=sa.text('linking'))
    op.add_column('cases', sa.Column('incident_seq', Big, nullable=True))
    op.add_column('cases', sa.Column('incident_id', Big, nullable=True))
    op.create_index(op.f('ix_cases_incident_seq_incident_id'), 'cases', ['incident_seq', 'incident_id'], unique=False)
    op.create_index(op.f('ix_cases_incident_id'), 'cases', ['incident_id'], unique=False)
