"""Which child of a parent was the first, and which came later: what fades are measured between. Pure.

A child counts once, when its receipt is known, by the clock that its receipt quote is of. One that turns out to be from
before the first is the first from then on; one at the first's own instant is not later. Children of an order are
known by the parent id that they name.
"""

from __future__ import annotations

import msgspec

from rules.facts import Fact, Level, Nanos, Order, Quote, QuoteState, Side
from service.market.markouts import NO_MARKET

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_CHILD, _ABSENT = Level.CHILD, QuoteState.ABSENT


class Child(msgspec.Struct, frozen=True, gc=False):
    """A child at its receipt."""

    key: str
    at: Nanos
    quote: Quote


class Later(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A later child of a parent, with the first."""

    counterparty: str
    session: str
    trade_date: str
    uncertain: bool
    parent_id: str
    symbol: str
    side: Side
    first: Child
    child: Child

    @property
    def baseline_at(self) -> Nanos:
        """Return the instant as long before the first child as this one came after it."""
        return Nanos(2 * self.first.at - self.child.at)


class Family(msgspec.Struct, gc=False):
    """The children of one parent so far."""

    first: Child
    known: set[str]


FamilyState = tuple[str, str, str, Child, list[str]]


class Families:
    """Every family of the trade dates that are open."""

    def __init__(self) -> None:
        self._days: dict[str, dict[tuple[str, str], Family]] = {}

    def see(self, fact: Fact, order: Order) -> Later | None:
        """Return the child when the fact makes it known as a later one, None for all else."""
        at = order.received_at if order.firm_received_at is None else order.firm_received_at
        parent_id, side = order.parent_id, order.side
        if order.level is not _CHILD or parent_id is None or side is None or at is None:
            return None
        if order.receipt.state is _ABSENT and order.receipt.note in NO_MARKET:
            return None
        child = Child(order.order_key, at, order.receipt)
        families = self._days.setdefault(fact.trade_date, {})
        family = families.get((fact.counterparty, parent_id))
        if family is None:
            families[fact.counterparty, parent_id] = Family(child, {child.key})
            return None
        if child.key in family.known:
            return None
        family.known.add(child.key)
        first = family.first
        if at <= first.at:
            family.first = child if at < first.at else first
            return None
        return Later(
            counterparty=fact.counterparty,
            session=fact.session,
            trade_date=fact.trade_date,
            uncertain=fact.uncertain,
            parent_id=parent_id,
            symbol=order.symbol,
            side=side,
            first=first,
            child=child,
        )

    def forget(self, before: str) -> None:
        """Drop the families of trade dates before this one."""
        self._days = {day: families for day, families in self._days.items() if day >= before}

    def snapshot(self) -> list[FamilyState]:
        """Return the whole state."""
        return [
            (day, counterparty, parent_id, family.first, sorted(family.known))
            for day, families in self._days.items()
            for (counterparty, parent_id), family in families.items()
        ]

    def restore(self, state: list[FamilyState]) -> None:
        """Take up a state that `snapshot` gave."""
        self._days = {}
        for day, counterparty, parent_id, first, known in state:
            self._days.setdefault(day, {})[counterparty, parent_id] = Family(first, set(known))
