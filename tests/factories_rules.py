"""Engines, registers and streams of facts for the tests of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from rules.engine import Engine
from rules.facts import SECOND, AnyFact
from rules.finding import Finding
from rules.register import VenueRegister, parse_register
from rules.rule import Failure
from rules.rulebook import parse_rulebook
from tests.factories import NOON, TRADE_DATE, a_change, a_feed_event, a_fill, a_tick, an_outcome
from tests.factories_marks import a_fade, a_markout

VENUES = """
- {venue: XNYS, name: NYSE, approved_from: 2020-01-01, routing_share: 45 %}
- {venue: XNAS, name: Nasdaq, approved_from: 2020-01-01, order_types: [limit, market], routing_share: 45 %}
- {venue: MMKP, name: a market maker, approved_from: 2020-01-01, pays_for_order_flow: true}
- {venue: MEMX, name: MEMX, approved_from: 2020-01-01, sessions: [regular], desks: [retail]}
- {venue: XBOS, name: Boston, approved_from: 2020-01-01, approved_until: 2025-12-31}
"""
"""The register under which the cards' examples are run."""


def a_register(text: str = VENUES) -> VenueRegister:
    """Return a register: NYSE, Nasdaq and a market maker that pays approved, MEMX for some, Boston no longer."""
    return parse_register(text)


_parsed = cache(parse_rulebook)


def an_engine(rulebook: str = "") -> Engine:
    """Return an engine under the catalogue and what the text overrides."""
    return Engine(_parsed(rulebook), {"demo": a_register()})


def a_failure(**named: Any) -> Failure:
    """Return the failure of a rule on an execution."""
    return Failure(
        offset=1,
        counterparty="demo",
        session="FIX.4.4:FIRM->SOR",
        trade_date=TRADE_DATE,
        received_at=NOON,
        clock=NOON,
        rule=named.get("rule", "slow_fill"),
        error=named.get("error", "KeyError"),
        where=named.get("where", "slow_fill.py:31"),
        fact=named.get("fact", "execution E1"),
    )


_MAKERS = {
    "fill": a_fill,
    "outcome": an_outcome,
    "markout": a_markout,
    "fade": a_fade,
    "event": a_feed_event,
    "failure": a_failure,
    "tick": a_tick,
    "change": a_change,
}


def facts_of(written: Iterable[dict[str, dict[str, Any]]]) -> list[AnyFact]:
    """Return the facts that a card's example writes down; `times` makes so many, a second apart, each its own."""
    facts: list[Any] = []
    for item in written:
        ((kind, named),) = item.items()
        wanted = {key: value for key, value in named.items() if key != "times"}
        facts.extend(_MAKERS[kind](**wanted, **_own(kind, n)) for n in range(named.get("times", 1)))
    return facts


def _own(kind: str, n: int) -> dict[str, Any]:
    """Return what makes the n-th repetition a fact of its own."""
    if not n:
        return {}
    return {
        "fill": {"execution_id": f"E{n + 1}", "executed_at": NOON + n * SECOND},
        "outcome": {"order_key": f"O{n + 1}", "at": NOON + n * SECOND},
        "markout": {"execution_id": f"E{n + 1}", "executed_at": NOON + n * SECOND},
        "fade": {"later_key": f"B{n + 1}", "first_at": NOON + n * SECOND, "later_at": NOON + (n + 1) * SECOND},
        "change": {"order_key": f"O{n + 1}", "at": NOON + n * SECOND},
    }.get(kind, {})


def found(engine: Engine, facts: Iterable[AnyFact]) -> list[Finding]:
    """Return all that an engine finds on the facts, in order."""
    return [finding for fact in facts for finding in engine.assess(fact)]


FLOOD = "rules: {fill_rate_drop: {parameters: {minimum: 5, repeat_after: 10, confidence: 95 %}}}"
"""A rulebook under which five unfilled orders are a drop."""


def unfilled(n: int, *, at: int | None = None, **named: Any) -> AnyFact:
    """Return the n-th order that ended without an execution, n seconds after noon."""
    when = NOON + n * SECOND if at is None else at
    return an_outcome(order_key=f"O{n}", at=when, executed="0", end="expired", **named)
