"""What the commands print."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.actor import THE_CASEWORKER, Actor
from service.cases.given import Given
from service.cases.rules import MINUTE, Rules
from service.cases.shelving import Scope, Shelving
from service.cases.states import Action, State
from service.desk.shown import case_line, case_lines, plain_cases, shelving_line
from tests.factories_cases import NO_CLOCKS, NOON, PAT, SAM, a_case, a_finding, an_opening
from tests.factories_work import LATER, done, in_state


def test_a_line_says_how_grave_where_it_stands_what_comes_next_and_what_was_found() -> None:
    """One exception, one line."""
    case = a_case(a_finding(severity=Severity.HIGH, dollar_harm=1_500_000_000))
    plain = done(a_case(), Action.ACKNOWLEDGE).case

    assert case_line(case, Rules(), Nanos(NOON + 11 * MINUTE)) == (
        "     7  high     new; escalates in 4 min to compliance; $1.5; Fill E1 took 3 s."
    )
    assert case_line(plain, NO_CLOCKS, NOON) == (
        "     7  medium   acknowledged by pat; no clock runs; no harm known; Fill E1 took 3 s."
    )


def test_an_exception_is_shown_with_its_clocks_marks_and_history() -> None:
    """And with what may be done to it, where somebody asks."""
    opened = an_opening()
    acknowledged = done(opened.case, Action.ACKNOWLEDGE, at=NOON + MINUTE, given=Given(words="looking"))
    closed = done(acknowledged.case, Action.CLOSE, at=NOON + 3 * MINUTE)
    events = [opened.event, acknowledged.event, closed.event]

    lines = list(case_lines(closed.case, events, Rules(), SAM, NOON))

    assert lines[1:] == [
        "  slow_fill, venue XTST, 2026-11-20, 1 findings",
        "  closing proposed by: pat",
        "  reason: router_fault (counts as true)",
        "  sam may: note or reopen".replace(" or ", ", "),
        "  first action after 1 min, closed after 3 min",
        "     1  04:53:20 New York on 9 Oct  caseworker opened: findings 1",
        "     2  04:54:20 New York on 9 Oct  pat acknowledged: note looking",
        "     3  04:56:20 New York on 9 Oct  pat closed: note taken up with the vendor, reason router_fault",
    ]


def test_what_is_not_known_is_not_made_up() -> None:
    """No action, no closing, no marks; a condition that is over, a ticket, an incident and desks where there are."""
    fresh = list(case_lines(a_case(), [an_opening().event], Rules(), None, NOON))
    marked = done(in_state(State.WAITING_ON_VENDOR), Action.RESOLVE, THE_CASEWORKER).case
    marked = msgspec.structs.replace(marked, incident=4, shelving=2, desks=("equities",), escalated_to="compliance")

    told = "\n".join(case_lines(marked, [an_opening().event], Rules(), None, NOON))

    assert "  first action after –, closed after –" in fresh
    assert "  clock: escalates in 1 h to supervisor" in fresh
    for mark in ("escalated to: compliance", "vendor's ticket: T-1", "incident: 4", "shelving: 2", "desks: equities"):
        assert mark in told
    assert "condition over since: 04:53:20 New York on 9 Oct" in told


def test_whoever_may_do_nothing_is_told_so() -> None:
    """By the firm's table of roles."""
    nobody = msgspec.structs.replace(NO_CLOCKS, permissions={})

    lines = list(case_lines(a_case(), [an_opening().event], nobody, Actor(name="dee", roles=("desk",)), NOON))

    assert "  dee (desk) may: do nothing" in lines


def test_a_shelving_is_one_line() -> None:
    """What, who, why, until when, and what it hid."""
    shelving = Shelving(number=3, scope=Scope(venue="XTST"), by="pat", why="known", at=NOON, until=LATER)
    ended = msgspec.structs.replace(shelving, ended_at=Nanos(NOON + MINUTE), ended_by="sam")

    assert shelving_line(shelving, 1_200, 3) == (
        "   3  venue XTST; pat: known; 04:53:20 New York on 9 Oct until 06:53:20 New York on 9 Oct; hid 1,200, hides 3"
    )
    assert "ended by sam at 04:54:20 New York on 9 Oct" in shelving_line(ended, 0, 0)


def test_exceptions_are_given_out_as_json_too() -> None:
    """One a line, with every value but the link of the chain."""
    (line,) = plain_cases([done(a_case(), Action.ACKNOWLEDGE, PAT).case])

    told = msgspec.json.decode(line)
    assert (told["case_id"], told["state"], told["assignee"], told["head"]) == (7, "acknowledged", "pat", "")
