"""When somebody hears of a case, and when not."""

from __future__ import annotations

import msgspec
import pytest

from alerts import alert, letter
from alerts.policy import STILL_WAITING
from rules.facts import Nanos
from rules.finding import Severity
from rules.reassessment import Looked, Verdict
from service.cases.actor import THE_CASEWORKER
from service.cases.case import Acted, Case
from service.cases.chain import rebuilt
from service.cases.gathering import add_findings, reassess
from service.cases.notices import REASONS
from service.cases.states import Action, State
from tests.factories_cases import MINUTE, NOON, a_case, a_finding, a_look, an_opening
from tests.factories_work import done, in_state


def told(acted: Acted) -> str | None:
    """Return the reason of a notice, None without one."""
    if acted.notice is None:
        return None
    assert acted.notice.case == acted.case
    assert acted.notice.reason in REASONS
    return acted.notice.reason


def grown(case: Case, severity: Severity = Severity.MEDIUM) -> Acted:
    """Return the case with ten more findings."""
    return add_findings(case, [a_finding(n, severity=severity) for n in range(2, 12)], Nanos(NOON + MINUTE))


def test_every_reason_may_be_named_by_a_route_and_is_said_in_words() -> None:
    """A plan refuses any other; what a relay tells again is one more."""
    assert {*REASONS, STILL_WAITING} == set(alert.REASONS) == set(letter.REASONS)


@pytest.mark.parametrize("state", State)
def test_a_case_that_rose_is_always_told_and_waits_for_somebody(state: State) -> None:
    """Even from the shelf, and when it was closed."""
    acted = grown(in_state(state), Severity.CRITICAL)

    assert told(acted) == "severity_rose"
    assert acted.case.state in (State.NEW, State.ESCALATED, State.REOPENED)
    assert (acted.case.acknowledged_at, acted.case.waiting_since) == (None, NOON + MINUTE)
    assert (acted.case.before, acted.case.proposed_by) == (None, None)


@pytest.mark.parametrize("state", State)
def test_growth_is_told_only_while_nobody_has_the_case_in_hand(state: State) -> None:
    """Tenfold is tenfold."""
    waits = state in (State.NEW, State.ESCALATED, State.REOPENED)

    assert told(grown(in_state(state))) == ("grew" if waits else None)


def test_a_new_finding_reopens_a_closed_case_in_silence() -> None:
    """After an acknowledgement only three reasons speak; the queue shows it."""
    acted = add_findings(in_state(State.CLOSED), [a_finding(2)], Nanos(NOON + MINUTE))

    assert (acted.case.state, acted.case.closed_at, told(acted)) == (State.REOPENED, None, None)


def test_a_condition_that_is_over_is_told_to_those_who_have_it_in_hand() -> None:
    """The case stays where it is: people close it."""
    acted = done(in_state(State.ACKNOWLEDGED), Action.RESOLVE, THE_CASEWORKER, NOON + MINUTE)

    assert told(acted) == "condition_resolved"
    assert (acted.case.state, acted.case.resolved_at) == (State.ACKNOWLEDGED, NOON + MINUTE)
    assert add_findings(acted.case, [a_finding(2)], NOON).case.resolved_at is None


def test_nothing_is_told_from_the_shelf() -> None:
    """Not that a condition is over, nor that what hid it does so."""
    shelved = in_state(State.SHELVED)

    assert told(done(shelved, Action.RESOLVE, THE_CASEWORKER)) is None
    assert told(done(a_case(), Action.HIDE, THE_CASEWORKER)) is None


def test_an_escalation_is_told_while_no_acknowledgement_stands() -> None:
    """Whoever has it in hand knows."""
    assert told(done(a_case(), Action.ESCALATE)) == "escalated"
    assert told(done(in_state(State.ACKNOWLEDGED), Action.ESCALATE)) is None


@pytest.mark.parametrize("action", [Action.ACKNOWLEDGE, Action.NOTE, Action.ASSIGN, Action.SHELVE])
def test_what_people_do_is_told_to_nobody(action: Action) -> None:
    """It stands in the history."""
    assert told(done(a_case(), action)) is None


def test_of_a_withdrawn_case_on_the_shelf_nothing_is_said() -> None:
    """It waits for nobody."""
    first = a_finding(1, uncertain=True)
    case = done(a_case(first), Action.SHELVE).case

    acted = reassess(case, [Looked(first, (), a_look(first, Verdict.WITHDRAWN))], NOON)

    assert (acted.case.finding_count, told(acted)) == (0, None)


def test_a_case_is_made_again_from_its_events_alone() -> None:
    """Every value of its row; and none is made up where the events are of a time before they told it."""
    opened = an_opening(a_finding(1, accounts=("A",), dollar_harm=5))
    acted = done(grown(opened.case).case, Action.SHELVE)
    events = [opened.event, grown(opened.case).event, acted.event]
    old = msgspec.structs.replace(opened.event, body=b'{"findings":1,"state":"new","severity":"medium"}')

    assert rebuilt(events) == acted.case
    assert rebuilt([old, *events[1:]]) is None
    assert rebuilt([]) is None
