"""The rows of the queue: clocks at a glance, who has it, what hid it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import SECOND, Nanos
from rules.finding import Severity
from service.cases.case import Case
from service.cases.rules import HOUR, MINUTE, Rules
from service.cases.shelving import Scope, Shelving
from service.cases.states import State
from service.web.queue.rows import Clock, Row, row
from tests.factories_cases import NO_CLOCKS, NOON, PAT, a_case, a_finding
from tests.factories_work import in_state

RULES = Rules()


def a_row(case: Case, after: int = 0, rules: Rules = RULES, **more: Any) -> Row:
    """Return the row of a case so long after noon, without cards."""
    return row(case, {}, rules, Nanos(NOON + after), **more)


def clock_of(case: Case, after: int) -> Clock:
    """Return the clock that is shown."""
    clock = a_row(case, after).clock
    assert clock is not None
    return clock


HIGH = a_case(a_finding(severity=Severity.HIGH))


@pytest.mark.parametrize(
    ("case", "after", "words", "tone"),
    [
        (HIGH, 11 * MINUTE, "to compliance in 4 min", "soon"),
        (a_case(), 0, "due in 1 h", "calm"),
        (in_state(State.ESCALATED, rules=RULES), 50 * MINUTE, "due in 10 min", "soon"),
        (in_state(State.ESCALATED, rules=RULES), 2 * HOUR, "overdue 1 h", "over"),
        (in_state(State.SHELVED, rules=RULES), 0, "back in 2 h", "calm"),
    ],
)
def test_the_next_clock_is_read_at_a_glance(case: Case, after: int, words: str, tone: str) -> None:
    """In words and by its tone; what is soon over and escalates says to whom."""
    clock = clock_of(case, after)

    assert (clock.words, clock.tone) == (words, tone)
    assert "New York" in clock.whole


def test_an_acknowledgement_that_expires_is_shown_where_no_clock_of_ours_runs() -> None:
    """It is ours to renew."""
    limits = msgspec.structs.replace(RULES.limits[Severity.HIGH], close_within=None)
    rules = msgspec.structs.replace(RULES, limits={**RULES.limits, Severity.HIGH: limits})
    case = in_state(State.ACKNOWLEDGED, Severity.HIGH, rules)

    clock = a_row(case, 0, rules).clock

    assert clock is not None
    assert clock.words == "expires in 8 h"


def test_without_clocks_none_is_shown() -> None:
    """A firm may have none."""
    assert a_row(a_case(), rules=NO_CLOCKS).clock is None


def test_the_vendors_clock_stands_apart_from_ours() -> None:
    """While it runs and afterwards, with the ticket."""
    waiting = in_state(State.WAITING_ON_VENDOR, rules=RULES)
    answered = msgspec.structs.replace(waiting, vendor_since=None, vendor_ran=5 * MINUTE, ticket=None)

    assert a_row(waiting, 3 * MINUTE).vendor == f"vendor has had it 3 min ({waiting.ticket})"
    assert a_row(answered, 9 * MINUTE).vendor == "vendor had it 5 min"
    assert a_row(a_case()).vendor == ""


def test_what_hid_an_exception_is_said_with_it() -> None:
    """Who, why, and what else it hides."""
    shelving = Shelving(number=3, scope=Scope(venue="XTST"), by="sam", why="known", at=NOON, until=Nanos(NOON + HOUR))
    shelved = in_state(State.SHELVED)

    assert a_row(shelved, shelving=shelving).why == "hidden by shelving 3 of sam: known (venue XTST)"
    assert a_row(shelved).why == ""


def test_a_closing_is_said_with_its_reason() -> None:
    """Proposed or done; a reason that the firm has given up is said by its code."""
    proposed, closed = in_state(State.IN_REVIEW), in_state(State.CLOSED)
    words = next(reason.words for reason in RULES.reasons if reason.code == closed.reason)

    assert a_row(proposed).why.startswith(f"closing proposed by {PAT.name}: ")
    assert a_row(closed).why == f"closed by {PAT.name}: {words}"
    assert a_row(msgspec.structs.replace(closed, reason="old_code", proposed_by=None)).why == "closed by –: old code"
    assert a_row(msgspec.structs.replace(closed, reason=None)).why.endswith("no reason kept")


def test_an_escalated_one_says_to_whom() -> None:
    """If it is known."""
    escalated = in_state(State.ESCALATED)

    assert a_row(escalated).why == f"escalated to {escalated.escalated_to}"
    assert a_row(msgspec.structs.replace(escalated, escalated_to=None)).why == ""


def test_a_row_says_how_old_it_is_and_who_has_it() -> None:
    """In the largest unit."""
    case = in_state(State.ACKNOWLEDGED)
    told = a_row(msgspec.structs.replace(case, venue=None, symbol=None), 3 * HOUR + 40 * SECOND)

    assert (told.age, told.who, told.venue, told.symbol, told.n) == ("3 h", "pat", "", "", case.n)
