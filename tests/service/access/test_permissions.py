"""Who may do what, as the firm would read it aloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.actor import Actor, Way
from service.access.permissions import SCOPES, TABLE, May, Role, Scope, allowed, not_allowed

CHANGING = set(May) - {May.READ, May.READINESS, May.EXPORT, May.READ_TRAIL}

ROLES = st.sets(st.sampled_from(Role))
TOKEN_SCOPES = st.sets(st.sampled_from(Scope))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.DESK, {May.READ, May.READINESS}),
        (
            Role.SUPERVISOR,
            {May.READ, May.READINESS, May.ACT, May.SIGN, May.PROPOSE_CHANGE, May.SEND_AGAIN, May.EXPORT},
        ),
        (Role.COMPLIANCE, set(May) - {May.READ_TRAIL, May.MANAGE_PEOPLE, May.SEND_AGAIN}),
        (Role.ADMIN, {May.READINESS, May.READ_TRAIL, May.MANAGE_PEOPLE, May.SEND_AGAIN}),
        (Role.AUDITOR, {May.READ, May.READINESS, May.EXPORT, May.READ_TRAIL}),
    ],
)
def test_each_role_may_exactly_this(role: Role, may: set[May]) -> None:
    """A trading desk only looks; who approves does not manage people; who manages people reads no client."""
    assert allowed([role]) == may


def test_an_auditor_changes_nothing_and_an_admin_does_not_supervise() -> None:
    """The two roles that look from outside."""
    assert not allowed([Role.AUDITOR]) & CHANGING
    assert allowed([Role.ADMIN]) & CHANGING == {May.MANAGE_PEOPLE, May.SEND_AGAIN}


def test_everything_that_can_be_allowed_is_allowed_to_somebody_and_held_by_one_scope() -> None:
    """The tables are whole."""
    assert set(TABLE) == set(May)
    assert all(TABLE.values())
    assert sorted(may for scope in SCOPES.values() for may in scope) == sorted(May)
    assert set(SCOPES) == set(Scope)


@given(ROLES, ROLES)
def test_two_roles_may_what_each_of_them_may_and_no_more(one: set[Role], other: set[Role]) -> None:
    """A role never takes anything away, and two together open no third door."""
    assert allowed(one | other) == allowed(one) | allowed(other)


@given(ROLES, TOKEN_SCOPES)
def test_a_token_never_does_more_than_its_owner_or_its_scopes(roles: set[Role], scopes: set[Scope]) -> None:
    """Whatever is asked of it."""
    through = allowed(roles, scopes)

    assert through <= allowed(roles)
    assert all(any(may in SCOPES[scope] for scope in scopes) for may in through)


def test_nobody_may_nothing_and_an_unknown_role_is_no_role() -> None:
    """A role that a later version knows does not open a door here."""
    assert allowed([]) == allowed(["director"]) == frozenset()


def test_a_refusal_says_who_what_and_who_may() -> None:
    """In the house's words."""
    assert not_allowed("pat", [Role.DESK], May.ACT) == (
        "pat (desk) may not work on exceptions; that is for compliance or supervisor"
    )
    assert not_allowed("sam", [], May.MANAGE_PEOPLE) == "sam (no role) may not manage people; that is for admin"


def test_an_actor_is_a_name_with_roles_desks_and_a_way_in() -> None:
    """What the door of the cases is given."""
    actor = Actor(name="pat", roles=(Role.SUPERVISOR,), desks=("cash",), how=Way.API)

    assert (actor.name, actor.roles, actor.desks, actor.how) == ("pat", ("supervisor",), ("cash",), "api")
