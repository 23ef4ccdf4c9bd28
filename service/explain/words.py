"""An explanation for people and for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from rules.facts import AnyFact, FeedEvent, Fill, OrderChanged, OrderOutcome
from rules.words import dollars, shares
from service.exact_text import iso_utc
from service.explain.explained import Explained, Limit, Line, Ruled

SCHEMA = 1


def fact_words(fact: AnyFact) -> str:
    """Return what a fact is: an execution with its price, an event or the end of an order, an event of the feed."""
    if isinstance(fact, Fill):
        traded = f"{fact.side.value} {shares(fact.quantity)} {fact.symbol} at {dollars(fact.price)} at {fact.venue}"
        return f"execution {fact.execution_id}: {traded}"
    if isinstance(fact, OrderOutcome):
        filled = f"{shares(fact.executed)} of {shares(fact.ordered)} executed"
        return f"end of order {fact.order.order_key}: {fact.end.value.replace('_', ' ')}, {filled}"
    if isinstance(fact, OrderChanged):
        return f"event of order {fact.order.order_key}: {fact.kind.value.replace('_', ' ')}"
    assert isinstance(fact, FeedEvent)
    return f"event of the feed: {fact.kind.value.replace('_', ' ')} of {fact.subject}"


def as_json(told: Sequence[Explained]) -> str:
    """Return explanations as one JSON value."""
    value: dict[str, Any] = {"schema": SCHEMA, "facts": msgspec.to_builtins(told)}
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def as_text(told: Sequence[Explained]) -> str:
    """Return explanations in words, one paragraph a rule."""
    return "\n".join(line for one in told for line in _lines(one))


def _lines(one: Explained) -> Iterator[str]:
    yield f"{one.what} (trade date {one.trade_date}, journal {one.offset})"
    yield "  " + ", ".join(f"{name.replace('_', ' ')} {word or '–'}" for name, word in one.tells.items())
    at = "" if one.in_force_at is None else f" ({iso_utc(one.in_force_at)})"
    by = f", put in force by {one.actor}" if one.actor else ""
    yield f"  rulebook {one.rulebook_version} {one.rulebook[:12]}, in force since journal {one.in_force_since}{at}{by}"
    for ruled in one.rules:
        yield from _rule(ruled)


def _rule(ruled: Ruled) -> Iterator[str]:
    yield ""
    yield f"  {ruled.rule}: {ruled.said.verdict}: {ruled.said.words}"
    yield f"    decided by {_line(ruled.decided)}"
    yield from (f"    passed over {_line(other)}" for other in ruled.passed_over)
    yield "    in force: " + ", ".join(map(_limit, ruled.limits))
    for found in ruled.findings:
        yield f"    recorded: finding {found.finding_id}, {found.severity.value}, {found.subject}: {found.sentence}"
        yield from (f"      second look: {look}" for look in found.looks)


def _line(line: Line) -> str:
    name = "the rule's own lines" if line.scope is None else f"the scope {line.scope}"
    if line.line is None:
        name = "the card, for the rulebook says nothing of it"
    return f"{name}{_where(line.line)}: {line.why}"


def _limit(limit: Limit) -> str:
    return f"{limit.name} {limit.value}{_where(limit.line) or ' (card)'}"


def _where(line: int | None) -> str:
    return "" if line is None else f" (line {line})"
