"""Cases: what opens, grows, rises and is acknowledged, and the chain behind it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from rules.finding import Severity
from service.cases import (
    GROUPING_WINDOW,
    Acted,
    Action,
    CaseEvent,
    Refused,
    State,
    act,
    add_findings,
    first_broken,
    joins,
    open_case,
)
from tests.factories_cases import MINUTE, NOON, a_case, a_finding


def acknowledged(actor: str = "pat") -> Acted:
    """Return a case that somebody has acknowledged."""
    result = act(a_case(), Action.ACKNOWLEDGE, actor, "looking", NOON)
    assert isinstance(result, Acted)
    return result


def test_a_burst_of_one_cause_is_one_case_that_counts_its_findings_and_adds_their_harm() -> None:
    """Twelve findings of one cause open one case."""
    burst = [a_finding(n, dollar_harm=100) for n in range(1, 13)]

    acted = open_case(1, burst, NOON)

    assert acted.case.finding_count == 12
    assert acted.case.dollar_harm == 1_200
    assert acted.notice is not None
    assert acted.notice.reason == "opened"


def test_a_case_shows_its_gravest_finding() -> None:
    """Severity and sentence come from the worst."""
    case = a_case(a_finding(1), a_finding(2, severity=Severity.HIGH, sentence="Worse."))

    assert (case.severity, case.sentence) == (Severity.HIGH, "Worse.")


def test_a_case_without_any_harm_says_that_none_was_computed() -> None:
    """No figure is not zero."""
    assert a_case(a_finding(dollar_harm=None)).dollar_harm is None


def test_more_of_the_same_adds_to_the_case_without_a_notice() -> None:
    """The second finding is quiet."""
    acted = add_findings(a_case(), [a_finding(2, dollar_harm=5)], NOON)

    assert acted.case.finding_count == 2
    assert acted.case.dollar_harm == 5
    assert acted.notice is None


def test_an_unacknowledged_case_speaks_again_when_it_has_grown_tenfold() -> None:
    """The tenth finding is said."""
    acted = add_findings(a_case(), [a_finding(n) for n in range(2, 12)], NOON)

    assert acted.notice is not None
    assert acted.notice.reason == "grew"


def test_an_acknowledged_case_grows_in_silence() -> None:
    """After the acknowledgement growth is no reason to speak."""
    acted = add_findings(acknowledged().case, [a_finding(n) for n in range(2, 12)], NOON)

    assert acted.notice is None
    assert acted.case.state is State.ACKNOWLEDGED


def test_a_graver_finding_reopens_an_acknowledged_case_and_says_so() -> None:
    """Severity rising after the acknowledgement is one of the reasons that break through."""
    acted = add_findings(acknowledged().case, [a_finding(2, severity=Severity.CRITICAL)], NOON)

    assert acted.case.state is State.REOPENED
    assert acted.notice is not None
    assert acted.notice.reason == "severity_rose"


@pytest.mark.parametrize(("later", "same"), [(GROUPING_WINDOW, True), (GROUPING_WINDOW + 1, False)])
def test_a_finding_long_after_the_last_one_does_not_join(later: int, *, same: bool) -> None:
    """The window ends the burst."""
    case = a_case(a_finding(at=NOON))

    assert joins(case, a_finding(2, at=Nanos(NOON + later))) is same


def test_an_acknowledgement_names_who_did_it() -> None:
    """The actor is the assignee and stands in the history."""
    acted = acknowledged("pat")

    assert acted.case.state is State.ACKNOWLEDGED
    assert acted.case.assignee == "pat"
    assert acted.event.actor == "pat"
    assert msgspec.json.decode(acted.event.body)["note"] == "looking"


def test_the_second_acknowledgement_is_refused_and_says_what_is_allowed() -> None:
    """The refusal names the case, its state and the actor."""
    result = act(acknowledged().case, Action.ACKNOWLEDGE, "sam", "", NOON)

    assert result == Refused(words="exception 7 is acknowledged: sam may do nothing, not acknowledge it")


def test_nobody_cannot_act() -> None:
    """An action without a name is refused."""
    result = act(a_case(), Action.ACKNOWLEDGE, "  ", "", NOON)

    assert isinstance(result, Refused)
    assert "nobody is named" in result.words


def test_nobody_can_act_under_the_programs_own_name() -> None:
    """The history must tell people and program apart."""
    result = act(a_case(), Action.ACKNOWLEDGE, "caseworker", "", NOON)

    assert result == Refused(words="exception 7: caseworker is the program's own name; act under your own")


def test_a_person_cannot_do_the_caseworkers_work() -> None:
    """Opening, adding and raising are not for people."""
    result = act(a_case(), Action.RAISE, "pat", "", NOON)

    assert isinstance(result, Refused)
    assert "caseworker" in result.words


def a_chain() -> list[CaseEvent]:
    """Return the three events of a case that was opened, grew and was acknowledged."""
    opened = open_case(7, [a_finding()], NOON)
    grown = add_findings(opened.case, [a_finding(2)], Nanos(NOON + MINUTE))
    closed = act(grown.case, Action.ACKNOWLEDGE, "pat", "seen", Nanos(NOON + 2 * MINUTE))
    assert isinstance(closed, Acted)
    return [opened.event, grown.event, closed.event]


def test_an_untouched_chain_is_whole() -> None:
    """Nothing is found where nothing was changed."""
    assert first_broken(a_chain()) is None


@given(place=st.integers(0, 2), position=st.integers(0, 10_000))
def test_any_changed_byte_of_any_event_is_found(place: int, position: int) -> None:
    """One flipped byte in a body breaks the chain at that event."""
    events = a_chain()
    body = bytearray(events[place].body)
    body[position % len(body)] ^= 1

    events[place] = msgspec.structs.replace(events[place], body=bytes(body))

    assert first_broken(events) == place + 1


def test_a_missing_event_is_found() -> None:
    """Taking one out of the middle breaks the chain there."""
    events = a_chain()

    del events[1]

    assert first_broken(events) == 2
