"""How often which rule did not evaluate a fact of a day, and why: counted up with every batch, in its transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from rules.engine import Skip
from service.store.tables import not_evaluated, offsets

COUNTED_SINCE = "not_evaluated_since"
"""The offset up to which facts were recorded before this was counted; 0 where there were none."""


def add_skipped(connection: Connection, skipped: Sequence[Skip]) -> None:
    """Add what a batch skipped; it must be the batch's own transaction, or a batch recorded twice counts twice."""
    if not skipped:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    added = dialect.insert(not_evaluated)
    total = not_evaluated.c.count + added.excluded.count
    statement = added.on_conflict_do_update(index_elements=list(not_evaluated.primary_key), set_={"count": total})
    counts = sorted(Counter(skipped).items())
    connection.execute(statement, [dict(zip(_COLUMNS, (*of, number), strict=True)) for of, number in counts])


def skipped_of(connection: Connection, day: str) -> dict[tuple[str, str], int]:
    """Return how often each rule did not evaluate a fact of a trade date, by (rule, reason)."""
    mine = not_evaluated
    wanted = select(mine.c.rule, mine.c.reason, mine.c.count).where(mine.c.trade_date == day)
    return {(rule, reason): int(n) for rule, reason, n in connection.execute(wanted.order_by(mine.c.rule))}


def counted_since(connection: Connection) -> int:
    """Return the offset behind which all is counted."""
    found = connection.execute(select(offsets.c.value).where(offsets.c.name == COUNTED_SINCE)).scalar_one_or_none()
    return 0 if found is None else int(found)


_COLUMNS = tuple(column.name for column in not_evaluated.columns)
