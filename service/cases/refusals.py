"""How a refusal is said: who, what, and what is allowed instead. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rules.facts import SECOND, Nanos
from service.cases.actor import Actor, called
from service.cases.case import Case, Touch
from service.cases.states import Action
from service.market.calendar import NEW_YORK


def titled(case: Case) -> str:
    """Return what a case is called: "exception 7"."""
    return f"exception {case.case_id}"


def moment(at: Nanos) -> str:
    """Return an instant as people say it: "09:41:03 New York on 20 Nov"."""
    local = datetime.fromtimestamp(at // SECOND, NEW_YORK)
    return f"{local:%H:%M:%S} New York on {local.day} {local:%b}"


def not_now(case: Case, action: Action, actor: Actor, allowed: Sequence[Action], first: Touch | None) -> str:
    """Return that the state of a case does not allow an action, or that somebody was first."""
    may = f"{actor.name} may {' or '.join(one.words for one in allowed) or 'do nothing'}"
    if first is None:
        last = f" ({_did(case.touch)})" if case.touch is not None else ""
        return f"{titled(case)} is {case.state.words}{last}: {may}, not {action.words} it"
    now = f"it is {case.state.words} now"
    return f"{titled(case)}: {_did(first)}, before {actor.name}; {now}. To {action.words} it, look at it again: {may}"


def _did(touch: Touch) -> str:
    return f"{touch.by} {touch.action.past} at {moment(touch.at)}"


def not_allowed(case: Case, action: Action, actor: Actor, roles: Sequence[str]) -> str:
    """Return that somebody's roles do not allow an action."""
    who = " or ".join(roles) or "nobody"
    return f"{titled(case)}: {called(actor)} may not {action.words} it; {who} may"
