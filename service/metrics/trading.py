"""Shows the figures of the trading: what they count is said in figures.py, shown as shares, dollars and seconds.

A venue, a counterparty or a reason that is new is zero at its first scrape: Prometheus reads by how much a counter has
grown, and what a new one begins with would count as nothing. So the one execution at an unknown venue is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import TypeVar

from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from rules.facts import PRICE_SCALE, QUANTITY_SCALE, SECOND
from service.metrics.families import counters
from service.metrics.figures import LATENCY_BOUNDS, Figures, OrderFigures, VenueFigures

DOLLARS = PRICE_SCALE * QUANTITY_SCALE
AT_VENUE = ("counterparty", "venue")
BY_TYPE = ("counterparty", "order_type")
_BOUNDS = (*(str(floatToGoString(bound)) for bound in LATENCY_BOUNDS), "+Inf")  # type: ignore[no-untyped-call]

OF_VENUES = (
    ("executions", "Executions recorded, on every level; busts and corrections take nothing off.", "executions", 1),
    ("executed_shares", "Shares of child executions.", "shares", QUANTITY_SCALE),
    ("executed_dollars", "Shares × price of child executions.", "dollars", DOLLARS),
    (
        "priced_shares",
        "Shares of child executions of marketable orders whose price was compared with the quote at receipt.",
        "priced",
        QUANTITY_SCALE,
    ),
    ("price_improvement_dollars", "Shares × price improvement of priced shares, where better.", "improved", DOLLARS),
    ("price_disimprovement_dollars", "Shares × price improvement of priced shares, where worse.", "worsened", DOLLARS),
    (
        "effective_spread_dollars",
        "Shares × effective spread of priced shares, where the price was not better than the midpoint.",
        "effective",
        DOLLARS,
    ),
    (
        "effective_spread_gained_dollars",
        "Shares × effective spread of priced shares better than the midpoint, to be taken off the other.",
        "gained",
        DOLLARS,
    ),
    ("quoted_spread_dollars", "Shares × quoted spread at receipt of priced shares.", "quoted", DOLLARS),
)
"""Name, help, the figure, and what it is divided by to be shown."""


Key = tuple[str, str]
Row = TypeVar("Row")


class Trading(Collector):
    """The families of the figures, made at a scrape; a batch that is being counted meanwhile is there in part."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._venues: set[Key] = set()
        self._orders: set[Key] = set()
        self._reasons: set[Key] = set()

    def collect(self) -> Iterable[Metric]:
        """Return all of them as they are now."""
        venues = _zero_first(self._figures.venues, self._venues, VenueFigures())
        orders = _zero_first(self._figures.orders, self._orders, OrderFigures())
        for name, words, figure, scale in OF_VENUES:
            yield counters(name, words, AT_VENUE, ((key, getattr(of, figure) / scale) for key, of in venues))
        latency = HistogramMetricFamily(
            "sorwatch_execution_latency_seconds",
            "Executability of a marketable child order to its execution, by the vendor's clock.",
            labels=AT_VENUE,
        )
        for key, of in venues:
            counts = zip(_BOUNDS, accumulate(of.latencies), strict=True)
            latency.add_metric(key, [(bound, count) for bound, count in counts], of.waited / SECOND)
        yield latency
        ended = [((*key, outcome), of.outcomes[outcome]) for key, of in orders for outcome in of.outcomes]
        yield counters("orders_ended", "Child orders ended that count in a fill rate.", (*BY_TYPE, "outcome"), ended)
        for name, words, figure in (
            ("ordered_shares", "Shares of the child orders ended that count in a fill rate.", "ordered"),
            ("filled_shares", "Executed shares of the child orders ended that count in a fill rate.", "filled"),
        ):
            yield counters(name, words, BY_TYPE, ((key, getattr(of, figure) / QUANTITY_SCALE) for key, of in orders))
        yield counters(
            "not_evaluated",
            "Executions on which the price measures could not be computed, by reason and venue.",
            ("reason", "venue"),
            _zero_first(self._figures.unjudged, self._reasons, 0),
        )


def _zero_first(rows: Mapping[Key, Row], shown: set[Key], nothing: Row) -> list[tuple[Key, Row]]:
    """Return the rows as they are shown now, and note that they were."""
    found = [(key, row if key in shown else nothing) for key, row in list(rows.items())]
    shown.update(key for key, _ in found)
    return found
