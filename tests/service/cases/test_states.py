"""The one table: every way that is written in the house rules is in it, and nothing else is."""

from __future__ import annotations

import pytest

from service.cases.states import GATHERING, OF_CASEWORKER, PERSONAL, TIMED, TRANSITIONS, Action, State
from tests.factories_work import in_state

PEOPLE = {
    State.NEW: "acknowledge assign note escalate shelve",
    State.REOPENED: "acknowledge assign note escalate shelve",
    State.ACKNOWLEDGED: "assign note escalate wait_on_vendor shelve propose_close close",
    State.ESCALATED: "acknowledge assign note escalate wait_on_vendor shelve propose_close close",
    State.WAITING_ON_VENDOR: "assign note escalate vendor_answered shelve propose_close close",
    State.IN_REVIEW: "assign note approve_close refuse_close",
    State.SHELVED: "assign note unshelve",
    State.CLOSED: "note reopen",
}


@pytest.mark.parametrize("state", State)
def test_people_can_do_this_in_each_state(state: State) -> None:
    """Written down a second time, by hand."""
    allowed = {action for where, action in TRANSITIONS if where is state and action in PERSONAL}

    assert {action.value for action in allowed} == set(PEOPLE[state].split())


def test_every_action_is_somebodys_and_has_its_word_for_the_history() -> None:
    """Nothing is left out, nothing is two parties'."""
    assert sorted([*GATHERING, *OF_CASEWORKER, *TIMED, *PERSONAL]) == sorted(Action)
    assert all(action.past and action.words for action in Action)


def test_every_state_can_be_reached_and_left() -> None:
    """No work ends in a place that nobody gets out of."""
    assert {in_state(state).state for state in State} == set(State)
    assert {state for state, action in TRANSITIONS if TRANSITIONS[state, action] is not state} == set(State)


def test_a_case_waits_for_somebody_in_three_states() -> None:
    """New, reopened, and escalated until whoever it went to has looked."""
    assert [state.value for state in State if state.waiting] == ["new", "escalated", "reopened"]


def test_findings_can_join_a_case_wherever_it_stands() -> None:
    """No state may keep the caseworker from its work."""
    assert all((state, action) in TRANSITIONS for state in State for action in GATHERING if action is not Action.OPEN)
