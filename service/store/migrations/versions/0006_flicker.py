"""Whether an execution outside the quote may have been a race with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EXECUTION_STATES = """
CREATE VIEW execution_states AS
SELECT e."offset", e.part,
       CASE a.kind WHEN 'bust' THEN 'busted' WHEN 'correction' THEN 'corrected' ELSE 'live' END AS state,
       a.kind IS NOT NULL AND a.kind = 'correction' AS amended,
       a.quantity, a.price, a.venue, a.price_improvement, a.effective_spread, a.quoted_spread, a.outside_amount,
       a.time_to_fill, a.dollar_harm, a.not_evaluated_reason, a.possible_flicker
FROM executions e
LEFT JOIN amendments a ON a.execution_id = e.execution_id AND NOT EXISTS (
    SELECT 1 FROM amendments n WHERE n.execution_id = a.execution_id
    AND (n."offset" > a."offset" OR (n."offset" = a."offset" AND n.part > a.part))
)
"""


def upgrade() -> None:
    """Add the price and the mark at the end of the tables, and to the view that says how an execution stands now."""
    op.add_column('executions', sa.Column('worst_touch', Big, nullable=True))
    op.add_column('executions', sa.Column('possible_flicker', sa.Boolean(), nullable=True))
    op.add_column('amendments', sa.Column('possible_flicker', sa.Boolean(), nullable=True))
    op.execute("DROP VIEW execution_states")
    op.execute(EXECUTION_STATES)
