"""Cases at every stage of the work on them, for tests of the door, the clocks and the notices."""

from __future__ import annotations

from typing import Any

import msgspec

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.actor import Actor
from service.cases.case import Acted, Case, Refused
from service.cases.door import act
from service.cases.given import NOTHING, Given
from service.cases.rules import HOUR, Rules
from service.cases.states import Action, State
from tests.factories_cases import NO_CLOCKS, NOON, PAT, a_case, a_finding

DONE = Given(words="taken up with the vendor", reason="router_fault")
LATER = Nanos(NOON + 2 * HOUR)
GIVEN = {
    Action.ASSIGN: Given(assignee="kim"),
    Action.NOTE: Given(words="seen"),
    Action.WAIT_ON_VENDOR: Given(ticket="T-1"),
    Action.SHELVE: Given(words="known, mended tonight", until=LATER),
    Action.HIDE: Given(until=LATER, shelving=3),
    Action.PROPOSE_CLOSE: DONE,
    Action.CLOSE: DONE,
    Action.REFUSE_CLOSE: Given(words="look again"),
    Action.REOPEN: Given(words="it came back"),
}
"""What each action needs, at noon."""

WAY_TO = {
    State.NEW: (),
    State.ACKNOWLEDGED: (Action.ACKNOWLEDGE,),
    State.IN_REVIEW: (Action.ACKNOWLEDGE, Action.PROPOSE_CLOSE),
    State.ESCALATED: (Action.ESCALATE,),
    State.WAITING_ON_VENDOR: (Action.ACKNOWLEDGE, Action.WAIT_ON_VENDOR),
    State.SHELVED: (Action.ACKNOWLEDGE, Action.SHELVE),
    State.CLOSED: (Action.ACKNOWLEDGE, Action.CLOSE),
    State.REOPENED: (Action.ACKNOWLEDGE, Action.CLOSE, Action.REOPEN),
}
"""What Pat does to a case of medium severity to bring it there."""


def done(case: Case, action: Action, actor: Actor = PAT, at: int = NOON, **named: Any) -> Acted:
    """Take an action that must be allowed; `given` and `rules` may be named."""
    result = tried(case, action, actor, at, **named)
    assert isinstance(result, Acted), result
    return result


def refused(case: Case, action: Action, actor: Actor = PAT, at: int = NOON, **named: Any) -> str:
    """Try an action that must be refused; return in which words."""
    result = tried(case, action, actor, at, **named)
    assert isinstance(result, Refused), result
    return result.words


def tried(
    case: Case,
    action: Action,
    actor: Actor = PAT,
    at: int = NOON,
    given: Given | None = None,
    rules: Rules = NO_CLOCKS,
) -> Acted | Refused:
    """Try an action with all that it needs."""
    return act(case, action, actor, given or GIVEN.get(action, NOTHING), Nanos(at), rules)


def in_state(state: State, severity: Severity = Severity.MEDIUM, rules: Rules = NO_CLOCKS) -> Case:
    """Return a case that Pat brought to a state at noon."""
    case = a_case(a_finding(severity=severity))
    for action in WAY_TO[state]:
        case = done(case, action, rules=rules).case
    assert case.state is state
    return case


def grave(*actions: Action, severity: Severity = Severity.HIGH) -> Case:
    """Return a case of high severity after what Pat did to it."""
    case = a_case(a_finding(severity=severity))
    for action in actions:
        case = done(case, action).case
    return case


def with_desks(case: Case, *desks: str) -> Case:
    """Return the case as one of these desks."""
    return msgspec.structs.replace(case, desks=desks)
