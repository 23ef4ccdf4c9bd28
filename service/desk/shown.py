"""Exceptions as lines of text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from rules.facts import Nanos
from service.cases.actor import Actor, called
from service.cases.case import Case, CaseEvent
from service.cases.clocks import clocks, in_words, span
from service.cases.door import allowed
from service.cases.handling import handling
from service.cases.refusals import moment
from service.cases.rules import Rules
from service.cases.shelving import Shelving
from service.exact_text import plain_dollars

_SHOWN = ("note", "reason", "ticket", "assignee", "role", "bulk", "shelving", "findings", "about")


def case_line(case: Case, rules: Rules, now: Nanos) -> str:
    """Return an exception in one line, with the clock that runs out first."""
    who = f" by {case.assignee}" if case.assignee else ""
    next_one = next((in_words(due, now, rules.hours) for due in clocks(case, rules)), "no clock runs")
    harm = "no harm known" if case.dollar_harm is None else f"${plain_dollars(case.dollar_harm)}"
    about = f"{case.severity:<8} {case.state.words}{who}; {next_one}; {harm}"
    return f"{case.case_id:>6}  {about}; {case.sentence}"


def case_lines(case: Case, events: Sequence[CaseEvent], rules: Rules, actor: Actor | None, now: Nanos) -> Iterator[str]:
    """Yield one exception with its clocks, what may be done to it, how long it took, and its history."""
    yield case_line(case, rules, now)
    yield f"  {case.key.rule}, {case.key.cause}, {case.key.trade_date}, {case.finding_count:,} findings"
    yield from (f"  {name}: {value}" for name, value in _marks(case))
    yield from (f"  clock: {in_words(due, now, rules.hours)}" for due in clocks(case, rules))
    if actor is not None:
        yield f"  {called(actor)} may: {', '.join(one.words for one in allowed(case, actor, rules)) or 'do nothing'}"
    took = handling(list(events))
    yield f"  first action after {_span(took.to_first_action)}, closed after {_span(took.to_close)}"
    for event in events:
        yield f"  {event.n:>4}  {moment(event.at)}  {event.actor} {event.action.past}{_told(event)}"


def shelving_line(shelving: Shelving, hid: int, hides: int) -> str:
    """Return a shelving in one line: what, who, why, until when, what it hid."""
    ended = f", ended by {shelving.ended_by} at {moment(shelving.ended_at)}" if shelving.ended_at is not None else ""
    until = f"{moment(shelving.at)} until {moment(shelving.until)}{ended}"
    counted = f"hid {hid:,}, hides {hides:,}"
    return f"{shelving.number:>4}  {shelving.scope.words}; {shelving.by}: {shelving.why}; {until}; {counted}"


def plain_cases(found: Iterable[Case]) -> Iterator[str]:
    """Yield exceptions as JSON, one a line."""
    for case in found:
        yield msgspec.json.encode(msgspec.structs.replace(case, head=b"")).decode()


def _marks(case: Case) -> Iterator[tuple[str, str]]:
    marks = {
        "escalated to": case.escalated_to,
        "vendor's ticket": case.ticket,
        "closing proposed by": case.proposed_by,
        "reason": case.reason and f"{case.reason} (counts as {(case.counts_as or '').replace('_', ' ')})",
        "condition over since": None if case.resolved_at is None else moment(case.resolved_at),
        "incident": None if case.incident is None else str(case.incident),
        "shelving": None if case.shelving is None else str(case.shelving),
        "desks": ", ".join(case.desks),
    }
    return ((name, value) for name, value in marks.items() if value)


def _span(nanos: int | None) -> str:
    return "–" if nanos is None else span(nanos)


def _told(event: CaseEvent) -> str:
    body = msgspec.json.decode(event.body)
    told = ", ".join(f"{name} {body[name]}" for name in _SHOWN if body.get(name) not in (None, ""))
    return f": {told}" if told else ""
