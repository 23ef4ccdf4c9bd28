"""When the clocks of a case run out, what happens then, and how a case stands at an instant. Pure.

A timer that has run out counts whether or not it was written down: `as_of` is asked on every read, so that a daemon
that is not there hides nothing that is overdue.
"""

from __future__ import annotations

import msgspec

from rules.facts import SECOND, Nanos
from service.cases.case import Case
from service.cases.hours import ALWAYS_ON, Hours
from service.cases.moves import moved
from service.cases.rules import Limits, Rules
from service.cases.states import Action, State


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A clock that runs out: what it is for, when it does, what happens then (None: it is only shown) and to whom."""

    what: str
    at: Nanos
    action: Action | None
    role: str | None = None


def clocks(case: Case, rules: Rules) -> list[Due]:
    """Return the clocks of a case, the next to run out first."""
    limits = rules.limits[case.severity]
    running = [
        _to_acknowledge(case, limits, rules.hours),
        _to_close(case, limits, rules.hours),
        _acknowledgement(case, limits, rules.hours),
        _shelving(case),
    ]
    return sorted((due for due in running if due is not None), key=lambda due: (due.at, due.what))


def next_timer(case: Case, rules: Rules) -> Due | None:
    """Return the clock that will be the first to do something by itself, None where none will."""
    return next((due for due in clocks(case, rules) if due.action is not None), None)


def runs_out(case: Case, rules: Rules) -> Nanos | None:
    """Return when the first clock of ours runs out or ran out: to acknowledge it or to close it; None: none runs."""
    return next((due.at for due in clocks(case, rules) if due.what in (TO_ACKNOWLEDGE, TO_CLOSE)), None)


def timed(case: Case, due: Due, rules: Rules) -> Case:
    """Return the case after a clock did by itself what it does (`due.action`)."""
    assert due.action is not None
    after = moved(case, due.action, due.at, rules.hours)
    if due.action is Action.ESCALATE_OVERDUE:
        return msgspec.structs.replace(after, escalated_to=due.role, overdue=case.overdue or due.what == TO_CLOSE)
    return after


def as_of(case: Case, rules: Rules, now: Nanos) -> Case:
    """Return the case as it stands at an instant, with every timer that has run out by then."""
    while (due := next_timer(case, rules)) is not None and due.at <= now:
        case = timed(case, due, rules)
    return case


def late(case: Case, rules: Rules, at: Nanos) -> bool:
    """Return whether a case should have been closed by then: whoever acknowledges it knows, and is not overtaken."""
    return any(due.what == TO_CLOSE and due.at <= at for due in clocks(case, rules))


def closes_by(running_since: Nanos, ran: int, limits: Limits, hours: Hours) -> Nanos | None:
    """Return when a case should be closed whose clock of its closing runs, None where it has no such clock."""
    return None if limits.close_within is None else hours.after(running_since, limits.close_within - ran)


TO_ACKNOWLEDGE, TO_CLOSE = "to be acknowledged", "to be closed"
ACKNOWLEDGEMENT, SHELVING = "acknowledgement", "shelving"


def _to_acknowledge(case: Case, limits: Limits, hours: Hours) -> Due | None:
    if limits.acknowledge_within is None or case.waiting_since is None:
        return None
    at = hours.after(case.waiting_since, limits.acknowledge_within)
    action = None if case.state is State.ESCALATED else Action.ESCALATE_OVERDUE
    return Due(what=TO_ACKNOWLEDGE, at=at, action=action, role=limits.escalate_to)


def _to_close(case: Case, limits: Limits, hours: Hours) -> Due | None:
    if case.running_since is None:
        return None
    at = closes_by(case.running_since, case.ran, limits, hours)
    if at is None:
        return None
    escalates = case.state is State.ACKNOWLEDGED and not case.overdue
    action = Action.ESCALATE_OVERDUE if escalates else None
    return Due(what=TO_CLOSE, at=at, action=action, role=limits.escalate_to)


def _acknowledgement(case: Case, limits: Limits, hours: Hours) -> Due | None:
    if limits.acknowledgement_expires is None or case.state is not State.ACKNOWLEDGED or case.acknowledged_at is None:
        return None
    at = hours.after(case.acknowledged_at, limits.acknowledgement_expires)
    return Due(what=ACKNOWLEDGEMENT, at=at, action=Action.ACKNOWLEDGEMENT_EXPIRED)


def _shelving(case: Case) -> Due | None:
    if case.shelved_until is None:
        return None
    return Due(what=SHELVING, at=case.shelved_until, action=Action.SHELVING_EXPIRED)


def in_words(due: Due, now: Nanos, hours: Hours = ALWAYS_ON) -> str:
    """Return a clock in words, in the firm's hours: "escalates in 4 min to compliance", "overdue for 12 min"."""
    left = hours.run(now, due.at)
    if due.at <= now:
        return f"{due.what}: over for {span(hours.run(due.at, now))}"
    if due.action is Action.ESCALATE_OVERDUE:
        return f"escalates in {span(left)} to {due.role}"
    if due.what == SHELVING:
        return f"shelved for another {span(due.at - now)}"
    return f"{due.what} expires in {span(left)}" if due.what == ACKNOWLEDGEMENT else f"{due.what} in {span(left)}"


def span(nanos: int) -> str:
    """Return a length of time as people say it, rounded up to the unit: "40 s", "4 min", "2 h 10 min", "3 d 2 h"."""
    seconds = -(-nanos // SECOND)
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join([f"{number} {unit}" for number, unit in parts if number][:2])
