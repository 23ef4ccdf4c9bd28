"""The history of an exception, as lines."""

from __future__ import annotations

import pytest

from rules.facts import Nanos
from rules.reassessment import Looked, Verdict
from service.cases.actor import Actor, Way
from service.cases.case import CaseEvent
from service.cases.gathering import add_findings, reassess
from service.cases.given import Given
from service.cases.rules import Rules
from service.cases.states import Action
from service.web.exception.history import PROGRAM, Step, history
from tests.factories_cases import NOON, a_case, a_finding, a_look, an_opening
from tests.factories_work import LATER, done


def steps(*events: CaseEvent) -> list[Step]:
    """Return every step of a history, however it is told."""
    return [step for stretch in history(events, Rules()) for step in stretch.steps]


def test_the_history_says_who_did_what() -> None:
    """The caseworker is the program; people are named, with their note, their roles and their way in."""
    opened = an_opening()
    grown = add_findings(opened.case, [a_finding(2), a_finding(3)], Nanos(NOON + 1))
    pat = Actor(name="pat", roles=("supervisor",))
    seen = done(grown.case, Action.ACKNOWLEDGE, pat, given=Given(words="asked the vendor"))
    quiet = done(seen.case, Action.ESCALATE, Actor(name="kim", how=Way.API))

    told = steps(opened.event, grown.event, seen.event, quiet.event)

    assert [(step.actor, step.action, step.note, step.more, step.under) for step in told] == [
        (PROGRAM, "opened", "", "1 finding", ""),
        (PROGRAM, "grew", "", "2 findings", ""),
        ("pat", "acknowledged", "asked the vendor", "", "supervisor"),
        ("kim", "escalated", "", "", "by the API"),
    ]
    assert told[2].hash == seen.event.hash.hex()


@pytest.mark.parametrize(
    ("action", "given", "more"),
    [
        (Action.ASSIGN, Given(assignee="kim"), "to kim"),
        (Action.ESCALATE, Given(role="compliance"), "to compliance"),
        (Action.WAIT_ON_VENDOR, Given(ticket="V-1"), "ticket V-1"),
        (Action.SHELVE, Given(words="known", until=LATER), "until Oct 9 06:53:20"),
        (Action.NOTE, Given(words="seen", bulk="0123456789abcdef"), "one decision with others, 01234567"),
        (
            Action.CLOSE,
            Given(words="it was", reason="limit_too_tight"),
            "Harmless; the rule's limit is too tight; counts as false",
        ),
    ],
)
def test_what_was_given_besides_words_is_told(action: Action, given: Given, more: str) -> None:
    """In words, not in codes."""
    case = done(a_case(), Action.ACKNOWLEDGE).case

    (told,) = steps(done(case, action, given=given).event)

    assert told.more == more


def test_a_reason_that_the_firm_no_longer_has_is_told_by_its_code() -> None:
    """Old closings outlive their reasons."""
    case = done(a_case(), Action.ACKNOWLEDGE).case
    closed = done(case, Action.CLOSE, given=Given(words="it was", reason="duplicate"))

    (stretch,) = history([closed.event], Rules(reasons=()))

    assert stretch.steps[0].more == "reason duplicate; counts as not decided"


def test_long_runs_in_which_it_only_grew_are_told_as_one() -> None:
    """What people did is found at a glance; every link is still there."""
    events = [an_opening().event]
    case = a_case()
    for n in range(2, 8):
        acted = add_findings(case, [a_finding(n)], Nanos(NOON + n))
        events.append(acted.event)
        case = acted.case

    told = history(events, Rules())

    assert [(stretch.summary, len(stretch.steps)) for stretch in told] == [
        ("", 1),
        ("grew 6 times, 6 findings", 6),
    ]


def test_the_history_says_what_the_second_looks_came_to() -> None:
    """How many of each verdict."""
    first, other = a_finding(1, uncertain=True), a_finding(2, uncertain=True)
    looks = [Looked(first, (), a_look(first, Verdict.WITHDRAWN)), Looked(other, (), a_look(other))]
    acted = reassess(a_case(first, other), looks, NOON)

    (told,) = steps(acted.event)

    assert (told.actor, told.action, told.more) == (PROGRAM, "assessed again", "1 stands, 1 withdrawn")
