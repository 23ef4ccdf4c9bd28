"""Cases: what opens, grows, rises and is acknowledged, and the chain behind it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from rules.finding import Severity
from rules.reassessment import Looked, Verdict, Why
from service.cases.actor import Actor
from service.cases.case import Acted, Case, CaseEvent, Refused
from service.cases.chain import first_broken
from service.cases.door import act
from service.cases.gathering import add_findings, link_to, reassess
from service.cases.given import NOTHING, Given
from service.cases.rules import DEFAULTS
from service.cases.states import Action, State
from service.incidents import Incident, Kind, Trouble
from tests.factories_cases import MINUTE, NOON, PAT, a_case, a_finding, a_look, an_opening


def acknowledged(actor: str = "pat") -> Acted:
    """Return a case that somebody has acknowledged."""
    result = act(a_case(), Action.ACKNOWLEDGE, Actor(name=actor), Given(words="looking"), NOON, DEFAULTS)
    assert isinstance(result, Acted)
    return result


def test_a_burst_of_one_cause_is_one_case_that_counts_its_findings_and_adds_their_harm() -> None:
    """Twelve findings of one cause open one case."""
    burst = [a_finding(n, dollar_harm=100) for n in range(1, 13)]

    acted = an_opening(*burst)

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


def test_a_case_names_the_symbol_and_the_venue_that_all_its_findings_share() -> None:
    """Where they differ it names none, rather than the first one's."""
    one = a_case(a_finding(1), a_finding(2))
    several = add_findings(one, [a_finding(3, symbol="OTHER")], NOON).case
    again = add_findings(several, [a_finding(4)], NOON).case

    assert [(case.symbol, case.venue) for case in (one, several, again)] == [
        ("ACME", "XTST"),
        (None, "XTST"),
        (None, "XTST"),
    ]


def test_an_acknowledgement_names_who_did_it() -> None:
    """The actor is the assignee and stands in the history."""
    acted = acknowledged("pat")

    assert acted.case.state is State.ACKNOWLEDGED
    assert acted.case.assignee == "pat"
    assert acted.event.actor == "pat"
    assert msgspec.json.decode(acted.event.body)["note"] == "looking"


def test_the_second_acknowledgement_is_refused_and_says_what_is_allowed() -> None:
    """The refusal names the case, its state and the actor."""
    result = act(acknowledged().case, Action.ACKNOWLEDGE, Actor(name="sam"), NOTHING, NOON, DEFAULTS)

    assert isinstance(result, Refused)
    assert result.words.startswith(
        "exception 7 is acknowledged (pat acknowledged at 04:53:20 New York on 9 Oct): sam may assign or note"
    )


def test_nobody_cannot_act() -> None:
    """An action without a name is refused."""
    result = act(a_case(), Action.ACKNOWLEDGE, Actor(name="  "), NOTHING, NOON, DEFAULTS)

    assert isinstance(result, Refused)
    assert "nobody is named" in result.words


def test_nobody_can_act_under_the_programs_own_name() -> None:
    """The history must tell people and program apart."""
    result = act(a_case(), Action.ACKNOWLEDGE, Actor(name="caseworker"), NOTHING, NOON, DEFAULTS)

    assert result == Refused(words="exception 7: caseworker is the program's own name; act under your own")


def test_a_person_cannot_do_the_caseworkers_work() -> None:
    """Opening, adding and raising are not for people."""
    result = act(a_case(), Action.RAISE, PAT, NOTHING, NOON, DEFAULTS)

    assert isinstance(result, Refused)
    assert "caseworker" in result.words


def a_chain() -> list[CaseEvent]:
    """Return the three events of a case that was opened, grew and was acknowledged."""
    opened = an_opening()
    grown = add_findings(opened.case, [a_finding(2)], Nanos(NOON + MINUTE))
    closed = act(grown.case, Action.ACKNOWLEDGE, PAT, Given(words="seen"), Nanos(NOON + 2 * MINUTE), DEFAULTS)
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


def doubtful(*harms: int | None) -> Case:
    """Return a case over uncertain findings with these harms, numbered from 1."""
    return a_case(*(a_finding(n, dollar_harm=harm, uncertain=True) for n, harm in enumerate(harms, start=1)))


def test_a_case_counts_what_is_uncertain_in_it() -> None:
    """At its opening and with everything that joins it."""
    case = a_case(a_finding(1, uncertain=True), a_finding(2))

    grown = add_findings(case, [a_finding(3, uncertain=True)], NOON).case

    assert (case.uncertain_count, grown.uncertain_count, grown.withdrawn_count) == (1, 2, 0)


def test_a_case_shows_the_harm_and_the_number_of_the_findings_that_stand() -> None:
    """One stands, one changed, one is withdrawn, one can never be known."""
    case = doubtful(100, 200, 400, 800)
    first = [a_finding(n, dollar_harm=harm, uncertain=True) for n, harm in enumerate((100, 200, 400, 800), start=1)]
    looks = [
        Looked(first[0], (), a_look(first[0])),
        Looked(first[1], (), a_look(first[1], Verdict.CHANGED, finding=a_finding(2, dollar_harm=50))),
        Looked(first[2], (), a_look(first[2], Verdict.WITHDRAWN)),
        Looked(first[3], (), a_look(first[3], Verdict.UNRESOLVED)),
    ]

    acted = reassess(case, looks, Nanos(NOON + MINUTE))

    assert (acted.case.finding_count, acted.case.dollar_harm) == (3, 950)
    assert (acted.case.uncertain_count, acted.case.withdrawn_count) == (1, 1)
    assert (acted.case.state, acted.case.severity, acted.notice) == (case.state, case.severity, None)
    assert acted.event.action is Action.REASSESS
    assert first_broken([acted.event]) == 1  # the opening is the first link
    body = msgspec.json.decode(acted.event.body)
    assert {name: body[name] for name in ("stands", "changed", "withdrawn", "unresolved")} == dict.fromkeys(
        ("stands", "changed", "withdrawn", "unresolved"), 1
    )


@pytest.mark.parametrize(("harm", "now", "left"), [(None, None, None), (None, 5, 5), (7, None, 0)])
def test_a_figure_that_appears_or_disappears_is_counted(harm: int | None, now: int | None, left: int | None) -> None:
    """No figure is not zero, until there was one."""
    first = a_finding(1, dollar_harm=harm, uncertain=True)
    changed = a_look(first, Verdict.CHANGED, finding=a_finding(1, dollar_harm=now))

    assert reassess(a_case(first), [Looked(first, (), changed)], NOON).case.dollar_harm == left


def test_a_case_of_which_nothing_stands_stays_open_and_is_told_once() -> None:
    """People close it; whoever was alerted hears that there is nothing left of it."""
    first = a_finding(1, dollar_harm=None, uncertain=True)
    look = Looked(first, (), a_look(first, Verdict.WITHDRAWN))

    waiting = reassess(a_case(first), [look], NOON)
    taken = act(a_case(first), Action.ACKNOWLEDGE, PAT, NOTHING, NOON, DEFAULTS)
    assert isinstance(taken, Acted)
    seen = reassess(taken.case, [look], NOON)

    assert (waiting.case.state, waiting.case.finding_count, waiting.case.dollar_harm) == (State.NEW, 0, None)
    assert waiting.notice is not None
    assert waiting.notice.reason == "withdrawn"
    assert (seen.case.state, seen.notice) == (State.ACKNOWLEDGED, None)


def test_a_finding_that_came_out_graver_raises_its_case_and_reopens_it() -> None:
    """It is not what was acknowledged."""
    first = a_finding(1, uncertain=True)
    taken = act(a_case(first), Action.ACKNOWLEDGE, PAT, NOTHING, NOON, DEFAULTS)
    assert isinstance(taken, Acted)
    graver = a_finding(1, severity=Severity.HIGH, sentence="Worse.")

    acted = reassess(taken.case, [Looked(first, (), a_look(first, Verdict.CHANGED, finding=graver))], NOON)

    assert (acted.case.state, acted.case.severity, acted.case.sentence) == (State.REOPENED, Severity.HIGH, "Worse.")
    assert acted.notice is not None
    assert acted.notice.reason == "severity_rose"


def test_a_finding_is_withdrawn_for_its_quotes_and_comes_back_with_later_ones() -> None:
    """It counts as it stands, with the harm it has now; quotes say nothing of the messages that were missing."""
    first = a_finding(1, dollar_harm=100, uncertain=True)
    case = a_case(first)
    gone = a_look(first, Verdict.WITHDRAWN, why=Why.QUOTES)
    back = a_look(first, Verdict.CHANGED, why=Why.QUOTES, finding=a_finding(1, dollar_harm=40), offset=901)
    settled = a_look(first, Verdict.CHANGED, finding=a_finding(1, dollar_harm=40), offset=902)

    without = reassess(case, [Looked(first, (), gone)], NOON).case
    again = reassess(without, [Looked(first, (gone,), back)], NOON).case
    certain = reassess(again, [Looked(first, (gone, back), settled)], NOON).case

    assert (without.finding_count, without.withdrawn_count, without.dollar_harm) == (0, 1, 0)
    assert (again.finding_count, again.withdrawn_count, again.dollar_harm) == (1, 0, 40)
    assert [one.uncertain_count for one in (without, again, certain)] == [1, 1, 0]
    assert certain.dollar_harm == 40


def test_nobody_reassesses_by_hand() -> None:
    """Second looks are the program's."""
    refused = act(a_case(), Action.REASSESS, PAT, NOTHING, NOON, DEFAULTS)

    assert isinstance(refused, Refused)


@pytest.mark.parametrize("state", State)
def test_a_link_to_an_incident_moves_no_work_and_is_told_to_nobody(state: State) -> None:
    """Whoever acknowledged it is not called again; its chain says what it is part of."""
    trouble = Trouble(Kind.VENUE, "XTST", "2026-11-20")
    incident = Incident(seq=3, trouble=trouble, first_at=NOON, last_at=NOON, number=5)
    case = msgspec.structs.replace(a_case(), state=state)

    acted = link_to(case, incident, Nanos(NOON + MINUTE))

    assert (acted.case.state, acted.case.incident, acted.notice) == (state, 5, None)
    assert (acted.event.action, acted.event.actor) == (Action.LINK, "caseworker")
    assert isinstance(act(case, Action.LINK, PAT, NOTHING, NOON, DEFAULTS), Refused)
