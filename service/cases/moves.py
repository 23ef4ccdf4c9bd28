"""What a change of state does to the clocks and marks of a case; who may and why is the door's (door.py). Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from rules.facts import Nanos
from service.cases.case import Case
from service.cases.hours import Hours
from service.cases.states import STOPPED, TRANSITIONS, WAITING, Action, State

Changes = dict[str, Any]


def target(case: Case, action: Action) -> State | None:
    """Return where an action leads, None where it is not in the table."""
    if (case.state, action) not in TRANSITIONS:
        return None
    return TRANSITIONS[case.state, action] or case.before


def moved(case: Case, action: Action, at: Nanos, hours: Hours) -> Case:
    """Return the case after an action that its state allows, with its clocks as they then run."""
    state = target(case, action) or case.state
    afresh = action is Action.RAISE or (case.state is State.CLOSED and state is State.REOPENED)
    changes: Changes = {"state": state, **_clocks(case, state, at, hours, afresh=afresh)}
    if state is not case.state or afresh:
        changes |= {"waiting_since": at if state in WAITING else None} | _left(case, state)
    if afresh or action is Action.ACKNOWLEDGEMENT_EXPIRED:
        changes["acknowledged_at"] = None
    return msgspec.structs.replace(case, **changes)


def _clocks(case: Case, state: State, at: Nanos, hours: Hours, *, afresh: bool) -> Changes:
    """Return how the clock of the closing and the vendor's stand in the new state."""
    ran = 0 if afresh else case.ran + _run(case.running_since, at, hours)
    vendor_ran = case.vendor_ran + _run(case.vendor_since, at, hours)
    changes: Changes = {"overdue": False} if afresh else {}
    if afresh or (state in STOPPED) is not (case.running_since is None):
        changes |= {"running_since": None if state in STOPPED else at, "ran": ran}
    if (state is State.WAITING_ON_VENDOR) is (case.vendor_since is None):
        changes |= {"vendor_since": at if case.vendor_since is None else None, "vendor_ran": vendor_ran}
    return changes


def _run(since: Nanos | None, at: Nanos, hours: Hours) -> int:
    return 0 if since is None else hours.run(since, at)


def _left(case: Case, state: State) -> Changes:
    """Return what goes with the state that is left."""
    changes: Changes = {}
    if state is State.SHELVED:
        changes["before"] = case.state
    elif case.state is State.SHELVED:
        changes |= {"before": None, "shelved_until": None}
    if case.state in (State.IN_REVIEW, State.CLOSED) and state is not State.CLOSED:
        changes |= {"proposed_by": None, "reason": None, "counts_as": None, "closed_at": None}
    return changes
