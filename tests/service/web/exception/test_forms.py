"""What is offered to whom, what is asked for, and what happens to what was written when it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from rules.finding import Severity
from service.access.permissions import May, allowed
from service.cases.actor import Actor
from service.cases.asked import TAKES
from service.cases.case import Case
from service.cases.permitted import PERMITTED
from service.cases.rules import CountsAs, Reason, Rules
from service.cases.states import PERSONAL, Action, State
from service.web.exception.forms import Asker, Form, Tried, Work, path_of, work
from service.web.exception.told import LABELS, NEEDED, ORDER, TOLD, label_of
from tests.factories_cases import NO_CLOCKS, NOON, a_case, a_finding
from tests.factories_work import GIVEN, grave, in_state, refused, with_desks

EVERYBODY = Asker(actor=Actor(name="sam"), may=frozenset(May))


def an_asker(name: str, *roles: str, desks: tuple[str, ...] = ()) -> Asker:
    """Return somebody with an account of these roles."""
    return Asker(actor=Actor(name=name, roles=roles, desks=desks), may=allowed(roles))


def offered(case: Case, asker: Asker = EVERYBODY, rules: Rules = NO_CLOCKS, tried: Tried | None = None) -> Work:
    """Return what is offered at noon."""
    return work(case, asker, rules, NOON, tried)


def form(shown: Work, action: Action) -> Form:
    """Return the form of an action."""
    return next(one for one in shown.forms if one.action == action.value)


def actions(shown: Work) -> list[str]:
    """Return what is offered, in order."""
    return [one.action for one in shown.forms]


@pytest.mark.parametrize(
    ("state", "at_hand"),
    [
        (State.NEW, "acknowledge"),
        (State.ACKNOWLEDGED, "close"),
        (State.IN_REVIEW, "approve_close"),
        (State.ESCALATED, "acknowledge"),
        (State.WAITING_ON_VENDOR, "vendor_answered"),
        (State.SHELVED, "unshelve"),
        (State.REOPENED, "acknowledge"),
    ],
)
def test_what_is_at_hand_comes_first_and_is_open(state: State, at_hand: str) -> None:
    """The rest is a step away."""
    shown = offered(in_state(state))

    assert [one.action for one in shown.forms if one.open] == [at_hand]
    assert shown.forms[0].action == at_hand
    assert (shown.barred, shown.lost) == ("", ())


def test_a_closed_one_asks_for_nothing() -> None:
    """It can be reopened, and written about."""
    shown = offered(in_state(State.CLOSED))

    assert actions(shown) == ["note", "reopen"]
    assert not any(one.open for one in shown.forms)


def test_only_what_the_roles_may_is_offered() -> None:
    """A desk looks; a supervisor does not approve; compliance does both."""
    rules = Rules(permissions=PERMITTED)
    case = grave(Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE)

    desk, supervisor = an_asker("dee", "desk"), an_asker("sam", "supervisor")
    compliance = an_asker("kim", "compliance")

    assert actions(offered(case, desk, rules)) == []
    assert offered(case, desk, rules).barred == ""
    assert actions(offered(case, supervisor, rules)) == ["note", "assign"]
    assert offered(case, supervisor, rules).barred == (
        "exception 7: sam (supervisor) may not approve closing it; compliance may"
    )
    assert actions(offered(case, compliance, rules)) == ["approve_close", "refuse_close", "note", "assign"]


def test_who_proposed_is_told_why_he_may_not_approve() -> None:
    """Four eyes are two people's, however the name is written."""
    shown = offered(grave(Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE), an_asker(" PAT", "compliance"))

    assert "approve_close" not in actions(shown)
    assert shown.barred == (
        "exception 7: pat proposed to close it, so  PAT may not approve it too; somebody else approves, or refuses"
    )


def test_somebody_of_its_own_desk_is_told_why_nothing_is_offered() -> None:
    """Where the firm forbids that."""
    case = with_desks(a_case(), "agency")

    shown = offered(case, an_asker("sam", "supervisor", desks=("Agency",)), Rules(forbid_own_desk=True))

    assert shown.forms == ()
    assert "is of the desk agency, which is sam's own" in shown.barred


def test_what_was_written_and_is_wrong_stays_in_its_form() -> None:
    """With what is wrong beside the field."""
    tried = Tried(
        action=Action.SHELVE, written={"until": "soon", "words": "known"}, wrong={"until": "no time"}, over_all=True
    )

    shown = offered(a_case(), tried=tried)

    assert [one.action for one in shown.forms if one.open] == ["shelve"]
    assert [(one.name, one.value, one.wrong) for one in form(shown, Action.SHELVE).fields] == [
        ("until", "soon", "no time"),
        ("words", "known", ""),
    ]
    assert (shown.over_all, shown.lost) == (True, ())
    assert form(shown, Action.NOTE).fields[0].value == ""


def test_what_was_written_for_what_is_no_longer_offered_is_kept_and_can_be_a_note() -> None:
    """The second of two loses no word."""
    written = {"seen": "1", "reason": "router_fault", "words": "two weeks of it", "bulk": "b"}

    shown = offered(in_state(State.IN_REVIEW), tried=Tried(action=Action.PROPOSE_CLOSE, written=written))

    assert shown.lost == (("Reason", "router_fault"), ("What was done", "two weeks of it"))
    assert form(shown, Action.NOTE).open
    assert form(shown, Action.NOTE).fields[0].value == "two weeks of it"


def test_reasons_are_chosen_under_what_they_say_of_the_rule() -> None:
    """A supervisor decides that, knowingly or not."""
    rules = Rules(reasons=(Reason("a", "It was right", CountsAs.TRUE), Reason("b", "No idea", CountsAs.NOT_DECIDED)))

    (reason, words) = form(offered(in_state(State.ACKNOWLEDGED), rules=rules), Action.CLOSE).fields

    assert [(group.heading, group.choices) for group in reason.groups] == [
        ("The rule was right", (("a", "It was right"),)),
        ("Not decided", (("b", "No idea"),)),
    ]
    assert (reason.needed, words.needed, words.groups) == (True, True, ())


def test_work_is_given_to_somebody_of_the_list_and_without_accounts_to_any_name() -> None:
    """Who is not there is not offered."""
    listed = Asker(actor=Actor(name="sam"), may=frozenset(May), people=("kim", "sam"))

    chosen = form(offered(a_case(), listed), Action.ASSIGN).fields[0]
    named = form(offered(a_case()), Action.ASSIGN).fields[0]

    assert [group.choices for group in chosen.groups] == [(("kim", "kim"), ("sam", "sam"))]
    assert named.groups == ()


def test_the_role_that_the_firm_laid_down_comes_first() -> None:
    """It is the one that is meant without a choice."""
    case = a_case(a_finding(severity=Severity.MEDIUM))

    (group,) = form(offered(case, rules=Rules()), Action.ESCALATE).fields[0].groups

    assert [value for value, _ in group.choices] == ["supervisor", "compliance"]


def test_closings_have_a_door_of_their_own() -> None:
    """So that the table of doors says who may approve."""
    assert path_of(7, Action.REFUSE_CLOSE) == "/exceptions/7/closing/refuse_close"
    assert path_of(7, Action.CLOSE) == "/exceptions/7/act/close"


@pytest.mark.parametrize("action", PERSONAL)
def test_what_a_browser_asks_for_is_what_the_door_asks_for(action: Action) -> None:
    """Said twice, and the same."""
    assert action in ORDER
    assert TOLD[action].title
    assert set(NEEDED.get(action, ())) <= set(TAKES[action]) & set(LABELS)
    states = [state for state in State if action.value in actions(offered(in_state(state)))]
    given: Any = GIVEN.get(action)
    for name in NEEDED.get(action, ()):
        lacking = {"words": "", "reason": None, "until": None, "ticket": None, "assignee": None}[name]
        less = given.__class__(**{**{field: getattr(given, field) for field in given.__struct_fields__}, name: lacking})
        assert "needs" in refused(in_state(states[0]), action, given=less)


def test_fields_are_called_by_what_they_are_for() -> None:
    """Words have another name in every form."""
    assert label_of(Action.SHELVE, "words") == "Why"
    assert label_of(Action.SHELVE, "until") == "Until"
    assert label_of(Action.SHELVE, "seen") == "seen"
