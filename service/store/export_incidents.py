"""The question behind `export incidents`: each incident with the sums of the exceptions that are part of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, case, cast, func, select

from rules.finding import Severity
from service.cases.states import WAITING
from service.store.tables import cases
from service.store.tables import incidents as kept


def incidents(day: str | None) -> Select[Any]:
    """Return the incidents in the order of their numbers."""
    waiting = case((cases.c.state.in_([state.value for state in WAITING]), 1), else_=0)
    query = (
        select(
            kept,
            func.count(cases.c.case_id).label("exceptions"),
            func.sum(waiting).label("waiting"),
            func.max(cases.c.gravity).label("rank"),
            func.sum(cases.c.finding_count).label("finding_count"),
            func.sum(cases.c.dollar_harm).label("dollar_harm"),
            func.aggregate_strings(cast(cases.c.case_id, Text), ",").label("parts"),
        )
        .join_from(kept, cases, cases.c.incident_id == kept.c.incident_id)
        .group_by(*kept.columns)
        .order_by(kept.c.incident_id)
    )
    return query if day is None else query.where(kept.c.trade_date == day)


def told(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with its gravest severity, its exceptions in order, and sums as whole numbers."""
    harm = row["dollar_harm"]
    return {
        **row,
        "severity": list(Severity)[row["rank"]].value,
        "case_ids": f"[{', '.join(map(str, sorted(int(one) for one in row['parts'].split(','))))}]",
        "finding_count": int(row["finding_count"]),
        "waiting": int(row["waiting"]),
        "dollar_harm": None if harm is None else int(harm),
    }
