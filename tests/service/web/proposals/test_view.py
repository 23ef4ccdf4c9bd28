"""One proposal as it is shown, and the list of versions."""

from __future__ import annotations

import pytest

from rules.facts import Nanos
from service.access.permissions import May, Role, allowed
from service.access.users import User
from service.change.history import Row
from service.change.proposal_events import State
from service.versions import VersionKind
from service.web.proposals.texts_view import text_rows
from service.web.proposals.view import choices, proposal_page, who_may_approve
from tests.factories import NOON
from tests.factories_proposals import SLOWEST, Desk, wanted

COMPLIANCE = allowed([Role.COMPLIANCE])


@pytest.mark.parametrize(
    ("actor", "roles", "offered"),
    [
        ("pat", (Role.COMPLIANCE,), [State.WITHDRAWN]),
        (" PAT", (Role.COMPLIANCE,), [State.WITHDRAWN]),
        ("sam", (Role.COMPLIANCE,), [State.APPROVED, State.REFUSED]),
        ("sam", (Role.SUPERVISOR,), []),
        ("pat", (Role.DESK,), []),
    ],
)
def test_only_what_somebody_may_do_is_offered(actor: str, roles: tuple[Role, ...], offered: list[State]) -> None:
    """The proposer withdraws, another approves or refuses."""
    made = Desk().propose()

    assert list(choices(made, actor, allowed(roles))) == offered


def test_nothing_is_offered_once_it_is_decided_for_good() -> None:
    """A refused one is over."""
    desk = Desk()
    made = desk.propose()
    desk.do(State.REFUSED, made, why="no")

    assert list(choices(desk.proposal(made.number), "sam", COMPLIANCE)) == []


def test_who_may_approve_is_said_by_name() -> None:
    """Never the proposer, nobody who is locked; that there is nobody is said too."""
    users = [
        User(name="pat", roles=(Role.COMPLIANCE,)),
        User(name="sam", roles=(Role.COMPLIANCE,)),
        User(name="kim", roles=(Role.COMPLIANCE,), locked=True),
        User(name="dan", roles=(Role.DESK,)),
    ]

    assert who_may_approve(users, "Pat") == "sam"
    assert who_may_approve(users[:1], "pat").startswith("nobody")


def test_what_stands_in_its_way_is_said() -> None:
    """Another one that came before it, and others that are open too."""
    desk = Desk()
    first, second = desk.propose(), desk.propose(wanted(SLOWEST), actor="kim")
    beside = proposal_page(first, desk.standing, "sam", COMPLIANCE, "sam", desk.now)
    desk.approve(second)

    page = proposal_page(desk.proposal(first.number), desk.standing, "sam", COMPLIANCE, "sam", desk.now)
    other = proposal_page(desk.proposal(second.number), desk.standing, "sam", {May.READ}, "sam", desk.now)

    assert (beside.in_the_way, [one.number for one in beside.others]) == ("", [second.number])
    assert "it cannot be approved any more" in page.in_the_way
    assert [one.state for one in page.others] == ["approved, not in force yet"]
    assert (other.in_the_way, other.state, other.choices) == ("", "approved, not in force yet", ())


def test_a_time_of_its_own_is_told() -> None:
    """By both clocks."""
    desk = Desk()
    made = desk.propose(wanted(hours=2))

    page = proposal_page(made, desk.standing, "sam", COMPLIANCE, "sam", desk.now)

    assert "New York" in page.effective
    assert page.title == "a rulebook"


def a_row(state: str, proposal: int | None = None, offset: int | None = None, **changes: object) -> Row:
    """Return one line of the list."""
    told = {"proposer": "", "approver": "", "since": None, "effective": None, "why": "", "meaning": "", **changes}
    return Row(
        state=state,
        kind=VersionKind.RULEBOOK,
        name="rulebook",
        hash="ab" * 32,
        proposal=proposal,
        offset=offset,
        **told,  # type: ignore[arg-type]
    )


def test_what_waits_comes_first_then_what_was_in_force_then_what_came_to_nothing() -> None:
    """Each the newest first; who made it so is told."""
    rows = [
        a_row("earlier", offset=3, approver="seed"),
        a_row("in force", 5, offset=9, since=NOON, proposer="pat", approver="sam"),
        a_row("refused", 6),
        a_row("approved", 7, effective=Nanos(NOON), proposer="pat", approver="sam"),
        a_row("proposed", 8, proposer="kim"),
    ]

    told = text_rows(rows)

    assert [one.state for one in told] == ["proposed", "approved", "in force", "earlier", "refused"]
    assert [one.approved_by for one in told] == ["", "sam", "sam", "the first start, from the file", ""]
    assert "New York" in told[1].effective
    assert told[2].since is not None
    assert text_rows([a_row("earlier", offset=3, approver="pat")])[0].approved_by == "pat"
