"""How well the orders were executed, added up in whole numbers as facts are recorded. Pure.

It counts what the rules judge: executions and orders on the child level, so that each share counts once, and by the
same exclusions as `slow_fill`, `price_disimprovement`, `wide_effective_spread` and `fill_rate_drop`. A fact counts as
it was recorded: busts, corrections and late quotes take nothing off, for a counter never falls.
"""

from __future__ import annotations

from bisect import bisect_left

from rules.facts import SECOND, Fill, Level, OrderOutcome
from rules.fill_rate import uncounted
from rules.population import Population, population
from rules.priced import marketable_class, unpriced
from rules.timed import untimed
from service.metrics.labels import VENUES_AT_MOST, Bounded

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_CHILD = Level.CHILD

LATENCY_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
_LATENCY = tuple(int(bound * SECOND) for bound in LATENCY_BOUNDS)
ORDER_TYPES = {kind: kind.value.replace(" ", "_") for kind in Population}
OUTCOMES = FILLED, PARTLY, UNFILLED = "filled", "partly", "unfilled"


class VenueFigures:
    """The executions of one counterparty at one venue; shares in 1e-6, dollars in 1e-15, times in ns."""

    __slots__ = (
        *("dollars", "effective", "executions", "gained", "improved", "latencies", "priced", "quoted", "shares"),
        *("waited", "worsened"),
    )

    def __init__(self) -> None:
        self.executions = 0
        self.shares = self.dollars = 0
        self.priced = self.improved = self.worsened = 0
        self.effective = self.gained = self.quoted = 0
        self.latencies = [0] * (len(_LATENCY) + 1)
        self.waited = 0

    def add(self, fill: Fill) -> None:
        """Add an execution, whatever its level, and what it says of price and time where it is a child's."""
        self.executions += 1
        if fill.level is not _CHILD:
            return
        self.shares += fill.quantity
        self.dollars += fill.quantity * fill.price
        self._price(fill)
        waited = fill.measures.time_to_fill
        if waited is not None and untimed(fill) is None:
            self.latencies[bisect_left(_LATENCY, waited)] += 1
            self.waited += waited

    def _price(self, fill: Fill) -> None:
        measures, shares = fill.measures, fill.quantity
        improvement, effective, quoted = measures.price_improvement, measures.effective_spread, measures.quoted_spread
        if improvement is None or effective is None or quoted is None:
            return
        if unpriced(fill, "receipt", fill.at_receipt) is not None or marketable_class(fill) is None:
            return
        self.priced += shares
        self.quoted += shares * quoted
        if improvement >= 0:
            self.improved += shares * improvement
        else:
            self.worsened -= shares * improvement
        if effective >= 0:
            self.effective += shares * effective
        else:
            self.gained -= shares * effective


class OrderFigures:
    """The orders of one counterparty and type that have ended; shares in 1e-6."""

    __slots__ = ("filled", "ordered", "outcomes")

    def __init__(self) -> None:
        self.outcomes = dict.fromkeys(OUTCOMES, 0)
        self.ordered = self.filled = 0

    def add(self, outcome: OrderOutcome) -> None:
        """Add an order that has ended."""
        whole = FILLED if outcome.executed >= outcome.ordered else PARTLY
        self.outcomes[whole if outcome.executed > 0 else UNFILLED] += 1
        self.ordered += outcome.ordered
        self.filled += outcome.executed


class Figures:
    """The figures of all counterparties; `venues` by (counterparty, venue), `orders` by (counterparty, order type).

    `unjudged` counts executions on which no price could be measured, by (reason, venue).
    """

    def __init__(self, bounded: Bounded | None = None) -> None:
        self.venues: dict[tuple[str, str], VenueFigures] = {}
        self.orders: dict[tuple[str, str], OrderFigures] = {}
        self.unjudged: dict[tuple[str, str], int] = {}
        self._bounded = bounded or Bounded(VENUES_AT_MOST)
        self._known: dict[tuple[str, str], VenueFigures] = {}

    def expect(self, counterparty: str, venue: str) -> None:
        """Let the figures of a counterparty be there at zero."""
        self.venues.setdefault((counterparty, venue), VenueFigures())
        for kind in ORDER_TYPES.values():
            self.orders.setdefault((counterparty, kind), OrderFigures())

    def fill(self, fill: Fill) -> None:
        """Count an execution."""
        key = (fill.counterparty, fill.venue)
        figures = self._known.get(key)
        if figures is None:
            figures = self._at(key)
        figures.add(fill)

    def missed(self, reason: str, venue: str) -> None:
        """Count an execution at a venue on which no price could be measured."""
        key = (reason, self._bounded.label(venue))
        self.unjudged[key] = self.unjudged.get(key, 0) + 1

    def outcome(self, outcome: OrderOutcome) -> None:
        """Count the end of an order, unless no fill rate counts it."""
        if outcome.restated or outcome.order.level is not _CHILD or uncounted(outcome) is not None:
            return
        key = (outcome.counterparty, ORDER_TYPES[population(outcome.order)])
        figures = self.orders.get(key)
        if figures is None:
            figures = self.orders[key] = OrderFigures()
        figures.add(outcome)

    def _at(self, key: tuple[str, str]) -> VenueFigures:
        """Return the figures of a venue, those of all others where it is one too many."""
        label = self._bounded.label(key[1])
        figures = self.venues.setdefault((key[0], label), VenueFigures())
        if label == key[1]:
            self._known[key] = figures
        return figures
