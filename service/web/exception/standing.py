"""Where the work on an exception stands, as people say it: state, clocks, closing, how long it took. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from rules.facts import Nanos
from service.cases.case import Case, CaseEvent
from service.cases.clocks import ACKNOWLEDGEMENT, SHELVING, TO_ACKNOWLEDGE, TO_CLOSE, Due, clocks, span
from service.cases.handling import handling
from service.cases.rules import Limits, Rules
from service.cases.states import Action, State
from service.web.said import Instant, instant

_SOON = 4
"""A clock of which less than one part in so many is left is said to be soon over."""
_CLOSINGS = (Action.PROPOSE_CLOSE, Action.CLOSE)


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock: what for, what is left in words, when it runs out, what happens then; `tone` is "", soon or over."""

    name: str
    words: str
    by: Instant
    then: str
    tone: str


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """A closing that is proposed or done: by whom, when, with which reason, as what it counts, and who approved it."""

    by: str
    at: Instant
    reason: str
    counts: str
    words: str
    approved_by: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an exception stands at an instant."""

    state: str
    more: str
    holder: str
    since: Instant
    lasts: str
    opened: Instant
    age: str
    clocks: tuple[Clock, ...]
    vendor: str
    took: tuple[tuple[str, str], ...]
    closing: Closing | None
    resolved: Instant | None
    at: Instant


def standing(case: Case, events: Sequence[CaseEvent], rules: Rules, now: Nanos) -> Standing:
    """Return how a case stands; `events` are its whole history, oldest first."""
    states = [_state(event) for event in events]
    since = _since(case, events, states)
    ends = case.closed_at or now
    return Standing(
        state=case.state.words.capitalize(),
        more=_more(case),
        holder=case.assignee or "",
        since=instant(since),
        lasts=_length(since, now),
        opened=instant(case.opened_at),
        age=_length(case.opened_at, ends),
        clocks=tuple(_clock(case, due, rules, now) for due in clocks(case, rules)),
        vendor=_vendor(case, rules, now),
        took=tuple(_took(case, events, states[-1], since, now)),
        closing=_closing(case, events, rules),
        resolved=None if case.resolved_at is None else instant(case.resolved_at),
        at=instant(now),
    )


def _state(event: CaseEvent) -> State:
    return State(msgspec.json.decode(event.body)["state"])


def _since(case: Case, events: Sequence[CaseEvent], states: Sequence[State]) -> Nanos:
    """Return when it came to its state; what no event tells yet was done by a clock."""
    if states[-1] is not case.state:
        return case.waiting_since or case.running_since or case.updated_at
    place = len(states) - 1
    while place and states[place - 1] is case.state:
        place -= 1
    return events[place].at


def _more(case: Case) -> str:
    """Return what belongs to the state: to whom it was escalated, which ticket, until when it is shelved."""
    if case.state is State.ESCALATED:
        return f"to {case.escalated_to}" if case.escalated_to else ""
    if case.state is State.WAITING_ON_VENDOR:
        return f"ticket {case.ticket}" if case.ticket else ""
    if case.state is State.SHELVED and case.shelved_until is not None:
        until = instant(case.shelved_until)
        return f"until {until.day} {until.time}"
    return ""


def _length(since: int, until: int) -> str:
    return span(max(0, until - since))


def _clock(case: Case, due: Due, rules: Rules, now: Nanos) -> Clock:
    limits, hours = rules.limits[case.severity], rules.hours
    left = due.at - now if due.what == SHELVING else hours.run(now, due.at)
    over = due.at <= now
    whole = _whole(due, limits)
    tone = "over" if over else "soon" if left * _SOON < whole else ""
    return Clock(
        name=f"{_NAMES[due.what]} {span(whole)}" if whole else _NAMES[due.what],
        words=f"over for {span(hours.run(due.at, now))}" if over else f"{span(left)} left",
        by=instant(due.at),
        then=_then(case, due),
        tone=tone,
    )


_NAMES = {
    TO_ACKNOWLEDGE: "Acknowledge within",
    TO_CLOSE: "Close within",
    ACKNOWLEDGEMENT: "Acknowledgement holds for",
    SHELVING: "Shelved",
}


def _whole(due: Due, limits: Limits) -> int:
    lengths = {
        TO_ACKNOWLEDGE: limits.acknowledge_within,
        TO_CLOSE: limits.close_within,
        ACKNOWLEDGEMENT: limits.acknowledgement_expires,
    }
    return lengths.get(due.what) or 0


def _then(case: Case, due: Due) -> str:
    if due.action is Action.ESCALATE_OVERDUE:
        return f"then it is escalated to {due.role}"
    if due.action is Action.ACKNOWLEDGEMENT_EXPIRED:
        return "then it is new again"
    if due.action is Action.SHELVING_EXPIRED:
        return f"then it is {(case.before or State.NEW).words} again"
    return ""


def _vendor(case: Case, rules: Rules, now: Nanos) -> str:
    """Return how long the vendor has had it, "" when never."""
    if case.vendor_since is None:
        return f"{span(case.vendor_ran)} in all, answered" if case.vendor_ran else ""
    return f"{span(case.vendor_ran + rules.hours.run(case.vendor_since, now))} so far"


def _took(case: Case, events: Sequence[CaseEvent], last: State, since: Nanos, now: Nanos) -> list[tuple[str, str]]:
    """Return the handling times: until the first action of a person, until closed, in each state."""
    found = handling(list(events))
    first = "none yet" if found.to_first_action is None else f"after {span(found.to_first_action)}"
    told = [("First action", first)]
    if found.to_close is not None:
        told.append(("Closed", f"after {span(found.to_close)}"))
    spent = _spent(found.in_state, case.state, events[-1].at, last, since, now)
    shown = (state for state in State if state in spent and state is not State.CLOSED)
    goes_on = {case.state: " so far"}
    told += [(state.words.capitalize(), f"{span(spent[state])}{goes_on.get(state, '')}") for state in shown]
    return told


def _spent(
    told: Mapping[State, int], state: State, newest: int, last: State, since: Nanos, now: Nanos
) -> dict[State, int]:
    """Return the time in each state with that since the newest event; a clock may have changed the state meanwhile."""
    spent, left = dict(told), now if last is state else since
    spent[last] = spent.get(last, 0) + max(0, left - newest)
    if last is not state:
        spent[state] = spent.get(state, 0) + max(0, now - since)
    return spent


def _closing(case: Case, events: Sequence[CaseEvent], rules: Rules) -> Closing | None:
    asked = next((event for event in reversed(events) if event.action in _CLOSINGS), None)
    if asked is None or case.proposed_by is None:
        return None
    reason = rules.reason(case.reason)
    approved = next((event for event in reversed(events) if event.action is Action.APPROVE_CLOSE), None)
    return Closing(
        by=asked.actor,
        at=instant(asked.at),
        reason=reason.words if reason else case.reason or "",
        counts=f"counts as {(case.counts_as or 'not_decided').replace('_', ' ')}",
        words=msgspec.json.decode(asked.body).get("note", ""),
        approved_by=approved.actor if approved is not None and approved.n > asked.n else "",
    )
