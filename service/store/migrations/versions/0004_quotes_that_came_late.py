"""Findings may be looked at more than once: for missing messages, and for quotes that came late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ONE = "uq_reassessments_finding_id"
MANY = "uq_reassessments_finding_id_offset"
COMMENT = "Second looks at findings: stands, changed (`body` is it now), withdrawn, unresolved. No `why`: messages."


def upgrade() -> None:
    """Add the column at the end of its table, and let a finding have one second look per record."""
    with op.batch_alter_table("reassessments") as table:
        table.add_column(sa.Column("why", sa.Text(), nullable=True))
        table.drop_constraint(ONE, type_="unique")
        table.create_unique_constraint(MANY, ["finding_id", "offset"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment("reassessments", COMMENT)
