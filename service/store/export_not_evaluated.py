"""The question behind `export not_evaluated`: how many executions of each kind no price rule could judge, and why.

As the executions stand now: what was busted is not counted, and a correction counts with its own values.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, cast, func, select

from service.store import tables
from service.store.columns import Big
from service.store.views import execution_states

KIND = ("trade_date", "counterparty", "level", "symbol", "venue", "quote_source")
"""What is counted together; `quote_source` is null where no source was asked."""


def not_evaluated(day: str | None) -> Select[Any]:
    """Return one row for each kind and reason, with the executions and shares of the kind in all beside it."""
    made, now = tables.executions, execution_states
    current = {
        name: case((now.c.amended, now.c[name]), else_=made.c[name])
        for name in ("venue", "quantity", "not_evaluated_reason")
    }
    each = (
        select(
            *(made.c[name] for name in KIND if name not in current),
            *(column.label(name) for name, column in current.items()),
        )
        .join_from(made, now, and_(now.c.offset == made.c.offset, now.c.part == made.c.part))
        .where(now.c.state != "busted")
    )
    counted = (each if day is None else each.where(made.c.trade_date == day)).subquery()
    kind, reason = [counted.c[name] for name in KIND], counted.c.not_evaluated_reason
    executions, shares = func.count(), func.sum(counted.c.quantity)
    by_reason = select(
        *kind,
        reason.label("reason"),
        executions.label("executions"),
        cast(shares, Big).label("shares"),
        cast(func.sum(executions).over(partition_by=kind), Big).label("of_executions"),
        cast(func.sum(shares).over(partition_by=kind), Big).label("of_shares"),
    ).group_by(*kind, reason)
    found = by_reason.subquery()
    order = [found.c[name] for name in (*KIND, "reason")]
    return select(found).where(found.c.reason.is_not(None)).order_by(*order)
