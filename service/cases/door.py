"""The one door for what persons, timers and the caseworker do to a case; what findings do is gathering.py's. Pure.

Page, API, bulk, timer and command line all come through `act()`. What is not allowed is refused in words: who, what,
and what is allowed instead.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rules.facts import Nanos
from service.cases.actor import Actor, Way
from service.cases.case import Acted, Case, Refused, Touch
from service.cases.chain import Said, linked
from service.cases.clocks import late, next_timer, timed
from service.cases.given import Given, missing
from service.cases.moves import moved, target
from service.cases.notices import reason_to_speak
from service.cases.refusals import not_allowed, not_now, titled
from service.cases.rules import Rules
from service.cases.states import GATHERING, PERSONAL, TIMED, Action, State
from service.people import PROGRAM, plain, same_person

_ACKNOWLEDGING = (Action.ACKNOWLEDGE, Action.WAIT_ON_VENDOR, Action.PROPOSE_CLOSE, Action.CLOSE)
"""Whoever does one of these has looked at the case."""
_CLOSING = (Action.PROPOSE_CLOSE, Action.CLOSE)


def act(case: Case, action: Action, actor: Actor, given: Given, at: Nanos, rules: Rules) -> Acted | Refused:
    """Take an action on a case, or refuse it in words."""
    if action in TIMED:
        return _by_the_clock(case, action, actor, at, rules)
    refused = _refused(case, action, actor, given, at, rules)
    if refused is not None:
        return Refused(words=refused)
    after = msgspec.structs.replace(
        moved(case, action, at, rules.hours), **_marks(case, action, actor, given, at, rules)
    )
    said = {**given.said(action), **_under(actor), **_counted(action, after)}
    return linked(case, after, action, actor.name, at, said, reason_to_speak(case, after, action))


def allowed(case: Case, actor: Actor, rules: Rules) -> tuple[Action, ...]:
    """Return what a person may do to a case as it stands; a page offers this and nothing else."""
    return tuple(action for action in PERSONAL if _barred(case, action, actor, rules) is None)


def _by_the_clock(case: Case, action: Action, actor: Actor, at: Nanos, rules: Rules) -> Acted | Refused:
    due = next_timer(case, rules)
    if actor.how is not Way.PROGRAM:
        return Refused(words=f"{titled(case)}: to let it {action.words} is the clock's, not {actor.name}'s")
    if due is None or due.action is not action or due.at > at:
        return Refused(words=f"{titled(case)} is {case.state.words}: no clock of it has run out to {action.words}")
    after = timed(case, due, rules)
    said: Said = {"due": due.at, "role": due.role}
    return linked(case, after, action, actor.name, at, said, reason_to_speak(case, after, action))


def _refused(case: Case, action: Action, actor: Actor, given: Given, at: Nanos, rules: Rules) -> str | None:
    """Return why an action is refused, None when it is not."""
    barred = _nobody(case, action, actor)
    if barred is not None:
        return barred
    first = _first(case, action, actor, given)
    if target(case, action) is None or first is not None:
        return not_now(case, action, actor, allowed(case, actor, rules), first)
    barred = _barred(case, action, actor, rules) if action in PERSONAL else None
    return barred or missing(case, action, given, at, rules)


def _nobody(case: Case, action: Action, actor: Actor) -> str | None:
    """Return why it is nobody's, or not this one's, to do; None where a person or the program is at its own work."""
    if action in PERSONAL:
        if not actor.name.strip():
            return f"{titled(case)}: nobody is named; an action needs a named actor"
        if actor.how is Way.PROGRAM or plain(actor.name) in PROGRAM:
            return f"{titled(case)}: {actor.name} is the program's own name; act under your own"
    elif action in GATHERING or actor.how is not Way.PROGRAM:
        return f"{titled(case)}: to {action.words} it is the caseworker's, not {actor.name}'s"
    return None


def _first(case: Case, action: Action, actor: Actor, given: Given) -> Touch | None:
    """Return what somebody else did since this one saw the case, None where nobody did; a note is always taken."""
    touch = case.touch
    if touch is None or given.seen is None or action not in PERSONAL or action is Action.NOTE:
        return None
    return touch if given.seen < touch.n and not same_person(touch.by, actor.name) else None


def _barred(case: Case, action: Action, actor: Actor, rules: Rules) -> str | None:
    """Return why this person may not do this to the case as it stands, None where nothing is against it."""
    if target(case, action) is None:
        return f"{titled(case)} is {case.state.words}"
    if not rules.permit(actor.roles, action):
        return not_allowed(case, action, actor, rules.roles_for(action))
    own = rules.own_desk(actor.desks, case.desks)
    if own is not None:
        return f"{titled(case)} is of the desk {own}, which is {actor.name}'s own: somebody of another desk works on it"
    if action is Action.CLOSE and case.severity in rules.four_eyes:
        words = f"{actor.name} may propose to close it, and somebody else approves"
        return f"{titled(case)} is {case.severity}: its closing needs four eyes; {words}"
    if action is Action.APPROVE_CLOSE and case.proposed_by is not None and same_person(actor.name, case.proposed_by):
        words = f"{actor.name} may not approve it too; somebody else approves"
        return f"{titled(case)}: {case.proposed_by} proposed to close it, so {words}, or refuses"
    return None


def _marks(case: Case, action: Action, actor: Actor, given: Given, at: Nanos, rules: Rules) -> dict[str, Any]:
    """Return what an action writes on the case beside its state and its clocks."""
    marks: dict[str, Any] = {}
    if action in _ACKNOWLEDGING:
        marks["acknowledged_at"] = at if action is Action.ACKNOWLEDGE else case.acknowledged_at or at
    if action is Action.ACKNOWLEDGE:
        marks["overdue"] = case.overdue or late(case, rules, at)
    if action in _CLOSING:
        reason = rules.reason(given.reason)
        marks |= {"proposed_by": actor.name, "reason": given.reason, "counts_as": reason and reason.counts_as.value}
    if target(case, action) is State.CLOSED and case.state is not State.CLOSED:
        marks["closed_at"] = at
    if action is Action.ESCALATE:
        marks["escalated_to"] = given.role or rules.limits[case.severity].escalate_to
    if action in (Action.SHELVE, Action.HIDE):
        marks |= {"shelved_until": given.until, "shelving": given.shelving or case.shelving}
    return marks | _named(action, actor, given, at)


def _named(action: Action, actor: Actor, given: Given, at: Nanos) -> dict[str, Any]:
    if action is Action.ACKNOWLEDGE:
        return {"assignee": actor.name}
    if action is Action.ASSIGN:
        return {"assignee": given.assignee}
    if action is Action.WAIT_ON_VENDOR:
        return {"ticket": given.ticket}
    return {"resolved_at": at} if action is Action.RESOLVE else {}


def _under(actor: Actor) -> Said:
    """Return in which roles and by which way somebody acted."""
    if actor.how is Way.PROGRAM:
        return {}
    return {"how": actor.how.value, **({"roles": list(actor.roles)} if actor.roles else {})}


def _counted(action: Action, after: Case) -> Said:
    return {"counts_as": after.counts_as} if action in (*_CLOSING, Action.APPROVE_CLOSE) else {}
