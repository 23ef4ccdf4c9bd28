"""How long the work took, from the events alone."""

from __future__ import annotations

from rules.facts import Nanos
from service.cases.case import CaseEvent
from service.cases.gathering import add_findings
from service.cases.handling import handling
from service.cases.states import Action, State
from tests.factories_cases import MINUTE, NOON, a_finding, an_opening
from tests.factories_work import done


def a_morning(*steps: Action) -> list[CaseEvent]:
    """Return the events of a case: a finding after a minute, then one step of Pat's a minute."""
    opened = an_opening()
    grown = add_findings(opened.case, [a_finding(2)], Nanos(NOON + MINUTE))
    events, case = [opened.event, grown.event], grown.case
    for minute, step in enumerate(steps, start=2):
        acted = done(case, step, at=NOON + minute * MINUTE)
        events.append(acted.event)
        case = acted.case
    return events


def test_the_first_action_is_a_persons_and_the_time_in_each_state_adds_up() -> None:
    """The program's own events are nobody's handling."""
    told = handling(a_morning(Action.ACKNOWLEDGE, Action.WAIT_ON_VENDOR, Action.VENDOR_ANSWERED, Action.CLOSE))

    assert (told.to_first_action, told.to_close) == (2 * MINUTE, 5 * MINUTE)
    assert told.in_state == {
        State.NEW: 2 * MINUTE,
        State.ACKNOWLEDGED: 2 * MINUTE,
        State.WAITING_ON_VENDOR: MINUTE,
    }


def test_an_open_case_has_no_time_to_its_closing_and_an_untouched_one_none_to_anything() -> None:
    """Neither is zero."""
    assert handling(a_morning()).to_first_action is None
    assert handling(a_morning(Action.ACKNOWLEDGE)).to_close is None


def test_what_happens_to_a_closed_case_does_not_lengthen_its_handling() -> None:
    """A note is written to it later; a reopened one is closed when it is closed again."""
    closed = (Action.ACKNOWLEDGE, Action.CLOSE)

    noted = handling(a_morning(*closed, Action.NOTE))
    again = handling(a_morning(*closed, Action.REOPEN, *closed))

    assert (noted.to_close, noted.in_state[State.CLOSED]) == (3 * MINUTE, MINUTE)
    assert again.to_close == 6 * MINUTE
    assert handling(a_morning(*closed, Action.REOPEN)).to_close is None
