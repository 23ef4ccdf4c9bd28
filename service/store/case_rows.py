"""Cases and their events as rows, and back."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row

from rules.finding import Severity
from service.cases.case import Case, CaseEvent, CaseKey, Touch
from service.cases.states import Action, State

_AS_THEY_ARE = (
    *("session", "opened_at", "updated_at", "first_at", "last_at", "finding_count", "dollar_harm", "sentence"),
    *("symbol", "venue", "assignee", "uncertain_count", "withdrawn_count", "shelved_until", "acknowledged_at"),
    *("waiting_since", "running_since", "vendor_since", "ticket", "escalated_to", "proposed_by", "reason"),
    *("counts_as", "closed_at", "resolved_at"),
)
"""Values that are called the same in a case and in its row, and are written the same."""


def case_of(row: Row[Any]) -> Case:
    """Return the case that a row of the table holds."""
    return Case(
        case_id=row.case_id,
        key=CaseKey(row.rule, row.cause, row.counterparty, row.trade_date),
        state=State(row.state),
        severity=Severity(row.severity),
        n=row.head_n,
        head=row.head_hash,
        incident=row.incident_id,
        desks=msgspec.json.decode(row.desks, type=tuple[str, ...]) if row.desks else (),
        before=None if row.before_state is None else State(row.before_state),
        shelving=row.shelving_id,
        ran=row.ran or 0,
        vendor_ran=row.vendor_ran or 0,
        overdue=bool(row.overdue),
        touch=_touch(row),
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
    )


def _touch(row: Row[Any]) -> Touch | None:
    if row.touched_by is None:
        return None
    return Touch(row.touched_by, Action(row.touched_kind), row.touched_at, row.touched_n)


def values_of(case: Case) -> dict[str, Any]:
    """Return the cells of a case, but for its number."""
    touch = case.touch
    return {
        "rule": case.key.rule,
        "cause": case.key.cause,
        "counterparty": case.key.counterparty,
        "trade_date": case.key.trade_date,
        "severity": case.severity.value,
        "gravity": case.severity.rank,
        "state": case.state.value,
        "head_n": case.n,
        "head_hash": case.head,
        "incident_id": case.incident,
        "desks": msgspec.json.encode(case.desks).decode() if case.desks else None,
        "before_state": None if case.before is None else case.before.value,
        "shelving_id": case.shelving,
        "ran": case.ran,
        "vendor_ran": case.vendor_ran,
        "overdue": case.overdue,
        "touched_by": touch and touch.by,
        "touched_kind": touch and touch.action.value,
        "touched_at": touch and touch.at,
        "touched_n": touch and touch.n,
        **{name: getattr(case, name) for name in _AS_THEY_ARE},
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
