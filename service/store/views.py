"""What is derived and therefore never stored: the state of an execution after its newest bust or correction."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, MetaData, Table, Text

from service.store.columns import Big

derived = MetaData()

execution_states = Table(
    "execution_states",
    derived,
    Column("offset", Big, primary_key=True),
    Column("part", Big, primary_key=True),
    Column("state", Text, nullable=False),
    Column("amended", Boolean, nullable=False),
    *(Column(name, Big) for name in ("quantity", "price")),
    Column("venue", Text),
    *(Column(name, Big) for name in ("price_improvement", "effective_spread", "quoted_spread", "outside_amount")),
    *(Column(name, Big) for name in ("time_to_fill", "dollar_harm")),
    Column("not_evaluated_reason", Text),
    Column("possible_flicker", Boolean),
    comment="live, busted or corrected; when it was corrected, `amended` is true and the values are the newest ones.",
)
EXECUTION_STATES = """
CREATE VIEW execution_states AS
SELECT e."offset", e.part,
       CASE a.kind WHEN 'bust' THEN 'busted' WHEN 'correction' THEN 'corrected' ELSE 'live' END AS state,
       a.kind IS NOT NULL AND a.kind = 'correction' AS amended,
       a.quantity, a.price, a.venue, a.price_improvement, a.effective_spread, a.quoted_spread, a.outside_amount,
       a.time_to_fill, a.dollar_harm, a.not_evaluated_reason
FROM executions e
LEFT JOIN amendments a ON a.execution_id = e.execution_id AND NOT EXISTS (
    SELECT 1 FROM amendments n WHERE n.execution_id = a.execution_id
    AND (n."offset" > a."offset" OR (n."offset" = a."offset" AND n.part > a.part))
)
"""
"""As the first migration made it; a migration that changes it carries its own text."""
