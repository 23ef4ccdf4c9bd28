"""To whom work can be given."""

from __future__ import annotations

from service.access.assignable import assignable
from service.access.permissions import Role
from service.access.users import User


def test_work_is_given_to_whoever_may_do_it_and_is_not_locked() -> None:
    """Supervisors and compliance, in the order of their names."""
    users = [
        User(name="sam", roles=(Role.SUPERVISOR,)),
        User(name="Kim", roles=(Role.COMPLIANCE, Role.AUDITOR)),
        User(name="dee", roles=(Role.DESK,)),
        User(name="lou", roles=(Role.SUPERVISOR,), locked=True),
    ]

    assert assignable(users) == ("Kim", "sam")
