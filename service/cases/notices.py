"""Whether a step of a case is a reason that somebody should hear. Pure.

After an acknowledgement only three reasons speak: severity_rose, acknowledgement_expired and condition_resolved.
"""

from __future__ import annotations

from alerts.policy import AFTER_ACKNOWLEDGEMENT
from service.cases.case import Case
from service.cases.states import Action, State

GREW_AT = (10, 100, 1_000, 10_000, 100_000)
"""Counts of findings at which an unacknowledged case speaks again."""
REASONS = (
    *("opened", "grew", "withdrawn", "escalated", "shelving_ended"),
    *AFTER_ACKNOWLEDGEMENT,
)


def reason_to_speak(before: Case, after: Case, action: Action) -> str | None:
    """Return why somebody should hear of a step; None for most steps."""
    reason = _reason(before, after, action)
    if before.acknowledged_at is not None and reason not in AFTER_ACKNOWLEDGEMENT:
        return None
    return reason


def _reason(before: Case, after: Case, action: Action) -> str | None:
    if after.severity is not before.severity:
        return "severity_rose"
    if after.state is State.SHELVED:
        return None
    if action is Action.ADD:
        crossed = any(before.finding_count < mark <= after.finding_count for mark in GREW_AT)
        return "grew" if crossed and after.state.waiting else None
    if action is Action.REASSESS:
        gone = after.withdrawn_count > before.withdrawn_count and not after.finding_count
        return "withdrawn" if gone and after.state.waiting else None
    return _ALWAYS.get(action)


_ALWAYS = {
    Action.ESCALATE: "escalated",
    Action.ESCALATE_OVERDUE: "escalated",
    Action.ACKNOWLEDGEMENT_EXPIRED: "acknowledgement_expired",
    Action.SHELVING_EXPIRED: "shelving_ended",
    Action.RESOLVE: "condition_resolved",
}
