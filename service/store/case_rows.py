"""A case as it stands in its row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from rules.finding import Severity
from service.case import Case, CaseKey, State


def case_of(row: Row[Any]) -> Case:
    """Return the case that a row of the table holds."""
    return Case(
        case_id=row.case_id,
        key=CaseKey(row.rule, row.cause, row.counterparty, row.trade_date),
        session=row.session,
        state=State(row.state),
        severity=Severity(row.severity),
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        first_at=row.first_at,
        last_at=row.last_at,
        finding_count=row.finding_count,
        dollar_harm=row.dollar_harm,
        sentence=row.sentence,
        symbol=row.symbol,
        venue=row.venue,
        assignee=row.assignee,
        n=row.head_n,
        head=row.head_hash,
        uncertain_count=row.uncertain_count,
        withdrawn_count=row.withdrawn_count,
    )
