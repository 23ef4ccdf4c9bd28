"""What each role may do to a case, by the one table of permissions."""

from __future__ import annotations

from service.cases.permitted import PERMITTED
from service.cases.states import PERSONAL, Action


def test_supervisors_work_and_compliance_approves_too() -> None:
    """Who only looks, looks after people, or examines does nothing to a case."""
    approving = {Action.APPROVE_CLOSE, Action.REFUSE_CLOSE}

    assert PERMITTED["supervisor"] == set(PERSONAL) - approving
    assert PERMITTED["compliance"] == set(PERSONAL)
    assert {role for role, actions in PERMITTED.items() if not actions} == {"desk", "admin", "auditor"}
