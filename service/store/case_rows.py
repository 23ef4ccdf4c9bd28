"""Cases and their events as rows, and back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from rules.finding import Severity
from service.case import Action, Case, CaseEvent, CaseKey, State


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
        incident=row.incident_id,
    )


def values_of(case: Case) -> dict[str, Any]:
    """Return the cells of a case, but for its number."""
    return {
        "rule": case.key.rule,
        "cause": case.key.cause,
        "counterparty": case.key.counterparty,
        "session": case.session,
        "trade_date": case.key.trade_date,
        "severity": case.severity.value,
        "state": case.state.value,
        "opened_at": case.opened_at,
        "updated_at": case.updated_at,
        "first_at": case.first_at,
        "last_at": case.last_at,
        "finding_count": case.finding_count,
        "dollar_harm": case.dollar_harm,
        "sentence": case.sentence,
        "symbol": case.symbol,
        "venue": case.venue,
        "assignee": case.assignee,
        "head_n": case.n,
        "head_hash": case.head,
        "uncertain_count": case.uncertain_count,
        "withdrawn_count": case.withdrawn_count,
        "incident_id": case.incident,
    }


def event_values(event: CaseEvent) -> dict[str, Any]:
    """Return the cells of an event."""
    return {
        "case_id": event.case_id,
        "n": event.n,
        "at": event.at,
        "actor": event.actor,
        "kind": event.action.value,
        "body": event.body,
        "prev_hash": event.previous,
        "hash": event.hash,
    }


def event_of(row: Row[Any]) -> CaseEvent:
    """Return the event that a row of the table holds."""
    return CaseEvent(
        case_id=row.case_id,
        n=row.n,
        at=row.at,
        actor=row.actor,
        action=Action(row.kind),
        body=row.body,
        previous=row.prev_hash,
        hash=row.hash,
    )
