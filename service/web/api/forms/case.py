"""An exception on the wire: how it stands, its clocks, its history. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from pydantic import Field

from rules.facts import Nanos
from service.cases.actor import Actor
from service.cases.case import Case, CaseEvent, Touch
from service.cases.clocks import Due, clocks, in_words
from service.cases.door import allowed
from service.cases.handling import handling
from service.cases.rules import Rules
from service.incidents import Outline
from service.web.api.forms.common import Decimal, Digest, Instant, Told, dollars_of, instant, instant_of
from service.web.api.forms.problem import LastTouch, Stands


class Clock(Told):
    """A clock of an exception: what it is for, when it runs out, and what happens then."""

    what: str = Field(examples=["to be acknowledged"])
    at: Instant
    action: str | None = Field(description="What is done by itself then; null: it is only shown.")
    role: str | None = Field(description="The role to which it escalates.")
    words: str = Field(examples=["escalates in 4 min to compliance"])


class IncidentOutline(Told):
    """The incident that an exception is part of."""

    number: int
    kind: str
    subject: str
    exceptions: int
    words: str


class ExceptionLine(Told):
    """An exception as it stands now."""

    exception: int = Field(examples=[7])
    n: int = Field(description="The newest link of its history: give it as `seen` when you act.")
    state: str = Field(examples=["acknowledged"])
    severity: str = Field(examples=["high"])
    rule: str = Field(examples=["slow_fill"])
    cause: str
    counterparty: str | None = Field(description="Null where the rule groups over every counterparty.")
    trade_date: str
    session: str
    symbol: str | None
    venue: str | None
    desks: list[str]
    sentence: str
    findings: int = Field(description="How many findings stand.")
    uncertain: int
    withdrawn: int
    dollar_harm: Decimal | None
    first_at: Instant
    last_at: Instant
    opened_at: Instant
    updated_at: Instant
    assignee: str | None
    escalated_to: str | None
    ticket: str | None
    shelved_until: Instant | None
    shelving: int | None
    proposed_by: str | None
    reason: str | None
    counts_as: str | None
    closed_at: Instant | None
    condition_over_at: Instant | None
    incident: int | None
    clocks: list[Clock] = Field(description="The clocks that run, the next to run out first.")


class HandlingTimes(Told):
    """How long the work took, in nanoseconds: to a first action, to the closing, in each state that is over."""

    to_first_action_ns: int | None
    to_close_ns: int | None
    in_state_ns: dict[str, int]


class ExceptionDetail(ExceptionLine):
    """An exception with its incident, the time that it took, and what you may do to it."""

    incident_outline: IncidentOutline | None
    handling: HandlingTimes
    last_touch: LastTouch | None
    allowed: list[str] = Field(description="What you may do to it as it stands.", examples=[["acknowledge", "note"]])


class HistoryEvent(Told):
    """One link of an exception's history; `hash` covers all of it and `previous`.

    `body_text` is the exact text that is hashed: SHA-256 of `previous`, the JSON list of exception, n, nanoseconds,
    actor and action, and this text.
    """

    n: int
    at: Instant
    actor: str
    action: str
    body: dict[str, Any]
    body_text: str
    previous: Digest
    hash: Digest


class History(Told):
    """A page of an exception's history, oldest first."""

    events: list[HistoryEvent]
    next: int | None = Field(description="Give it as `after` for the following page; null: this was the last.")


def exception_line(case: Case, rules: Rules, now: Nanos) -> ExceptionLine:
    """Return an exception as it stands."""
    return ExceptionLine(**_line(case, rules, now))


def exception_detail(
    case: Case, events: list[CaseEvent], incident: Outline | None, actor: Actor, rules: Rules, now: Nanos
) -> ExceptionDetail:
    """Return an exception with everything that is said of it as a whole."""
    took = handling(events)
    return ExceptionDetail(
        **_line(case, rules, now),
        incident_outline=None if incident is None else outline(incident),
        handling=HandlingTimes(
            to_first_action_ns=took.to_first_action,
            to_close_ns=took.to_close,
            in_state_ns={state.value: spent for state, spent in took.in_state.items()},
        ),
        last_touch=last_touch(case.touch),
        allowed=[action.value for action in allowed(case, actor, rules)],
    )


def stands(case: Case, actor: Actor, rules: Rules) -> Stands:
    """Return against what a refused action can be repeated."""
    may = [action.value for action in allowed(case, actor, rules)]
    last = last_touch(case.touch)
    return Stands(exception=case.case_id, state=case.state.value, n=case.n, last=last, allowed=may)


def outline(incident: Outline) -> IncidentOutline:
    """Return the incident of an exception."""
    return IncidentOutline(
        number=incident.number,
        kind=incident.trouble.kind.value,
        subject=incident.trouble.subject,
        exceptions=incident.exceptions,
        words=incident.words,
    )


def history(events: Sequence[CaseEvent], limit: int) -> History:
    """Return a page of a history; `events` may be one more than the page holds."""
    shown = [_event(event) for event in events[:limit]]
    return History(events=shown, next=shown[-1].n if len(events) > limit else None)


def last_touch(touch: Touch | None) -> LastTouch | None:
    """Return who did something last."""
    return None if touch is None else LastTouch(by=touch.by, action=touch.action.value, at=instant(touch.at), n=touch.n)


def _event(event: CaseEvent) -> HistoryEvent:
    return HistoryEvent(
        n=event.n,
        at=instant(event.at),
        actor=event.actor,
        action=event.action.value,
        body=msgspec.json.decode(event.body),
        body_text=event.body.decode(),
        previous=event.previous.hex(),
        hash=event.hash.hex(),
    )


def _line(case: Case, rules: Rules, now: Nanos) -> dict[str, Any]:
    return {
        "exception": case.case_id,
        "n": case.n,
        "state": case.state.value,
        "severity": case.severity.value,
        "rule": case.key.rule,
        "cause": case.key.cause,
        "counterparty": case.key.counterparty or None,
        "trade_date": case.key.trade_date,
        "session": case.session,
        "symbol": case.symbol,
        "venue": case.venue,
        "desks": list(case.desks),
        "sentence": case.sentence,
        "findings": case.finding_count,
        "uncertain": case.uncertain_count,
        "withdrawn": case.withdrawn_count,
        "dollar_harm": dollars_of(case.dollar_harm),
        **_times(case),
        **{name: getattr(case, name) for name in _AS_THEY_ARE},
        "clocks": [_clock(due, rules, now) for due in clocks(case, rules)],
    }


_AS_THEY_ARE = (
    "assignee",
    "escalated_to",
    "ticket",
    "shelving",
    "proposed_by",
    "reason",
    "counts_as",
    "incident",
)


def _times(case: Case) -> dict[str, Instant | None]:
    return {
        **{name: instant(getattr(case, name)) for name in ("first_at", "last_at", "opened_at", "updated_at")},
        "shelved_until": instant_of(case.shelved_until),
        "closed_at": instant_of(case.closed_at),
        "condition_over_at": instant_of(case.resolved_at),
    }


def _clock(due: Due, rules: Rules, now: Nanos) -> Clock:
    action = None if due.action is None else due.action.value
    words = in_words(due, now, rules.hours)
    return Clock(what=due.what, at=instant(due.at), action=action, role=due.role, words=words)
