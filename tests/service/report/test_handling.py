"""How fast exceptions were handled, and which clocks were kept."""

from __future__ import annotations

from typing import Any

import msgspec

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.actor import Actor
from service.cases.case import Acted, Case
from service.cases.door import act
from service.cases.given import Given
from service.cases.rules import DEFAULTS, Limits, Rules
from service.cases.states import Action, State
from service.report.facts import Did
from service.report.handling import Kept, acknowledging, closing, handlers, speeds, worked
from tests.factories_cases import MINUTE, NO_CLOCKS, NOON, PAT, SAM, a_case, a_finding

LIMITS = Limits(
    acknowledge_within=10 * MINUTE, close_within=60 * MINUTE, acknowledgement_expires=None, escalate_to="compliance"
)
RULES = Rules(limits=dict.fromkeys(Severity, LIMITS))


def a_did(case_id: int, n: int, action: Action, minutes: float = 5, actor: str = "pat") -> Did:
    """Return an action so many minutes after the case was opened."""
    return Did(case_id=case_id, n=n, at=Nanos(int(NOON + minutes * MINUTE)), actor=actor, action=action)


def after(case: Case, action: Action, minutes: float, actor: Actor = PAT, **given: Any) -> Case:
    """Return the case after an action."""
    result = act(case, action, actor, Given(**given), Nanos(int(NOON + minutes * MINUTE)), RULES)
    assert isinstance(result, Acted)
    return result.case


def at(minutes: float) -> Nanos:
    """Return an instant so many minutes after the opening."""
    return Nanos(int(NOON + minutes * MINUTE))


def one(case: Case, *did: Did, now: float = 9) -> Any:
    """Return the exception with what was done to it, as it stands so many minutes after its opening."""
    return worked([case], did, RULES, at(now))[0]


def test_the_first_action_of_a_person_counts_and_not_that_of_a_clock() -> None:
    """A note is one too."""
    found = one(
        a_case(),
        a_did(7, 2, Action.ESCALATE_OVERDUE, 10),
        a_did(7, 3, Action.NOTE, 12),
        a_did(7, 4, Action.ACKNOWLEDGE, 15),
    )

    assert (found.to_first, found.to_close) == (12 * MINUTE, None)
    assert (found.acknowledged_at, found.escalated) == (at(15), True)


def test_a_clock_is_kept_when_somebody_acknowledged_before_it_escalated() -> None:
    """What escalated later was the closing's."""
    taken = after(a_case(), Action.ACKNOWLEDGE, 5)
    in_time = one(taken, a_did(7, 2, Action.ACKNOWLEDGE), a_did(7, 3, Action.ESCALATE_OVERDUE, 60))
    too_late = one(taken, a_did(7, 2, Action.ESCALATE_OVERDUE, 10), a_did(7, 3, Action.ACKNOWLEDGE, 11))

    assert acknowledging(in_time, RULES) == "kept"
    assert acknowledging(too_late, RULES) == "missed"


def test_a_clock_that_ran_out_is_missed_whether_or_not_it_was_written_down() -> None:
    """And before that it runs."""
    case = a_case()

    assert acknowledging(one(case), RULES) == "running"
    assert acknowledging(one(case, now=11), RULES) == "missed"
    assert acknowledging(one(case), NO_CLOCKS) is None


def test_an_exception_that_waits_on_a_shelf_runs_no_clock() -> None:
    """Nobody is to acknowledge it now."""
    shelved = after(a_case(), Action.SHELVE, 1, words="later", until=at(30))

    assert acknowledging(one(shelved, a_did(7, 2, Action.SHELVE, 1), now=20), RULES) is None


def test_a_closing_is_kept_by_the_time_that_ran() -> None:
    """Without what the vendor had; open ones run or are late."""
    taken = after(a_case(), Action.ACKNOWLEDGE, 5)
    closed = after(taken, Action.CLOSE, 50, words="known", reason="justified")
    late = after(taken, Action.CLOSE, 61, words="known", reason="justified")

    assert closed.state is State.CLOSED
    assert closing(closed, RULES, at(500)) == "kept"
    assert closing(late, RULES, at(500)) == "missed"
    assert closing(taken, RULES, at(30)) == "running"
    assert closing(taken, RULES, at(60)) == "missed"
    assert closing(taken, NO_CLOCKS, at(60)) is None
    assert closing(msgspec.structs.replace(taken, running_since=None), RULES, at(60)) is None


def test_severities_are_told_apart_with_medians_and_the_longest() -> None:
    """The gravest first."""
    high = a_case(a_finding(severity=Severity.HIGH), case_id=8)
    cases = [a_case(case_id=7), high, a_case(case_id=9), a_case(case_id=10)]
    did = [a_did(7, 2, Action.ACKNOWLEDGE, 2), a_did(9, 2, Action.ACKNOWLEDGE, 6), a_did(10, 2, Action.ASSIGN, 4)]

    first, second = speeds(worked(cases, did, RULES, at(8)), RULES, at(8))

    assert (first.severity, first.cases, first.first, first.closed) == (Severity.HIGH, 1, None, None)
    assert (second.cases, second.first) == (3, (4 * MINUTE, 6 * MINUTE))
    assert second.acknowledging.words == "2 kept, 1 running"
    assert Kept(kept=0, missed=0, running=0).words == "no clock"


def test_who_did_what_is_counted_by_exception_and_action() -> None:
    """Whoever handled most stands first; a clock is nobody."""
    did = [
        a_did(7, 2, Action.ACKNOWLEDGE),
        a_did(7, 3, Action.PROPOSE_CLOSE),
        a_did(7, 4, Action.APPROVE_CLOSE, actor="sam"),
        a_did(8, 2, Action.ESCALATE_OVERDUE, actor="timer"),
        a_did(8, 3, Action.CLOSE),
        a_did(8, 4, Action.NOTE),
    ]

    pat, sam = handlers(did)

    assert (pat.name, pat.numbers) == ("pat", (2, 2, 1, 1, 0, 1, 1))
    assert (sam.name, sam.numbers) == ("sam", (1, 0, 0, 0, 1, 0, 0))
    assert SAM.name == sam.name
    assert DEFAULTS.reason("justified") is not None
