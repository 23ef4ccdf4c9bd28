"""Quotes and lives of orders for pictures: each factory names only what matters, times are seconds from noon."""

from __future__ import annotations

from typing import Any

import msgspec

from rules.facts import SECOND, Nanos
from rules.finding import Finding
from service.market.around import Around, Told
from service.market.update import MarketState
from service.picture.life import Family, Life, Point, Role, What
from service.quote_evidence import FindingQuotes
from tests.factories import NOON, an_order, price, shares
from tests.factories_store import a_finding

SPAN = 5 * SECOND


def seconds(after: float) -> Nanos:
    """Return an instant so many seconds after noon."""
    return Nanos(NOON + round(after * 1_000) * (SECOND // 1_000))


def told(after: float, bid: str | None, offer: str | None, market: MarketState = MarketState.NORMAL) -> Told:
    """Return a quote so many seconds after noon."""
    sides = [price(side) if side else None for side in (bid, offer)]
    return Told(seconds(after), sides[0], shares("1200"), sides[1], shares("800"), market)


def kept(*quotes: Told, reason: str = "") -> FindingQuotes:
    """Return the quotes kept around noon."""
    begin, end = Nanos(NOON - SPAN), Nanos(NOON + SPAN)
    around = Around(begin=begin, end=end, complete=not reason, reason=reason, quotes=quotes)
    return FindingQuotes(finding_id="F1", symbol="XYZ", around=around)


def a_point(what: What, after: float | None, ours: float | None = None, **named: Any) -> Point:
    """Return a point of an order's life, told by the message at offset 1."""
    named = {"words": what.value, "offset": 1} | named
    at, received = (None if one is None else seconds(one) for one in (after, ours))
    return Point(what=what, at=at, received_at=received, **named)


def the_fill(after: float = 0, ours: float | None = 0.8, paid: str = "42.18") -> Point:
    """Return the execution E1 of 400 shares at noon."""
    words = f"executed 400 at {paid}"
    named = {"words": words, "price": price(paid), "quantity": shares("400"), "venue": "EDGX", "execution_id": "E1"}
    return a_point(What.FILLED, after, ours, **named)


def a_life(*points: Point, role: Role = Role.OWN, limit: str | None = None, **named: Any) -> Life:
    """Return the life of an order to buy 100 XYZ."""
    order = msgspec.structs.replace(an_order(**named), limit_price=price(limit) if limit else None)
    return Life(role=role, order=order, points=points)


def a_family(*points: Point, parent: Life | None = None, **named: Any) -> Family:
    """Return the family of an order with these points, the fill alone unless told."""
    return Family(own=a_life(*(points or (the_fill(),)), **named), parent=parent, subject="E1")


def the_finding(**named: Any) -> Finding:
    """Return a finding about the execution E1 at noon."""
    return a_finding(subject="E1", **({"values": {}} | named))
