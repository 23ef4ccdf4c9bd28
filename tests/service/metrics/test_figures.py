"""The figures of the trading: whole numbers that add up as facts are recorded."""

from __future__ import annotations

from typing import Any

import pytest

from rules.facts import Level, OrderEnd, QuoteState
from service.metrics.figures import FILLED, LATENCY_BOUNDS, PARTLY, UNFILLED, Figures, VenueFigures
from service.metrics.labels import OTHER, Bounded
from tests.factories import a_fill, an_outcome, price, shares

SHARE = shares("1")


def figures_of(*fills: dict[str, Any]) -> VenueFigures:
    """Return the figures of one venue after these executions."""
    figures = Figures()
    for named in fills:
        figures.fill(a_fill(**named))
    (found,) = figures.venues.values()
    return found


def dollars(text: str) -> int:
    """Return dollars in the unit of the sums."""
    return price(text) * SHARE


def test_shares_and_dollars_are_those_of_child_executions() -> None:
    """A parent's report of the same shares does not count them twice; it is an execution all the same."""
    found = figures_of({"quantity": "100"}, {"quantity": "100", "level": Level.PARENT})

    assert (found.executions, found.shares) == (2, shares("100"))
    assert found.dollars == dollars("1001")


@pytest.mark.parametrize(
    ("paid", "improved", "worsened", "effective", "gained"),
    [
        ("10.005", "0.50", "0", "1", "0"),  # better than the offer, worse than the midpoint
        ("10.02", "0", "1", "4", "0"),  # worse than the offer
        ("9.995", "1.50", "0", "0", "1"),  # better than the midpoint
    ],
)
def test_the_price_is_compared_with_the_quote_at_receipt(
    paid: str, improved: str, worsened: str, effective: str, gained: str
) -> None:
    """What it was better and what it was worse stand apart, for a counter never falls."""
    found = figures_of({"price": paid, "quantity": "100"})

    assert (found.improved, found.worsened) == (dollars(improved), dollars(worsened))
    assert (found.effective, found.gained) == (dollars(effective), dollars(gained))
    assert (found.priced, found.quoted) == (shares("100"), dollars("2"))


@pytest.mark.parametrize(
    "named",
    [
        {"auction": True},
        {"receipt_state": QuoteState.CROSSED},
        {"directed": True},
        {"limit": "9.00", "order_type": "limit"},
    ],
)
def test_what_no_rule_compares_is_in_no_price_figure(named: dict[str, Any]) -> None:
    """Its shares count, its price does not."""
    found = figures_of(named)

    assert found.shares == shares("100")
    assert (found.priced, found.quoted) == (0, 0)


def test_the_time_to_an_execution_falls_into_its_bound() -> None:
    """What equals a bound is within it; what is over all of them comes last."""
    found = figures_of({"time_to_fill": "1 ms"}, {"time_to_fill": "1.5 ms"}, {"time_to_fill": "61 s"})

    counted = dict(zip((*LATENCY_BOUNDS, None), found.latencies, strict=True))
    assert {bound: count for bound, count in counted.items() if count} == {0.001: 1, 0.0025: 1, None: 1}
    assert found.waited == 61_002_500_000


def test_a_time_that_no_rule_judges_is_in_no_bound() -> None:
    """An order that rested was filled when somebody else wanted to."""
    assert sum(figures_of({"clock_suspect": "executed_at"}).latencies) == 0


def test_orders_that_ended_are_counted_by_type_and_outcome() -> None:
    """With the shares they asked for and got."""
    figures = Figures()
    for executed in ("100", "40", "0"):
        figures.outcome(an_outcome(executed=executed))

    (found,) = figures.orders.values()
    assert list(figures.orders) == [("demo", "marketable")]
    assert found.outcomes == {FILLED: 1, PARTLY: 1, UNFILLED: 1}
    assert (found.ordered, found.filled) == (shares("300"), shares("140"))


@pytest.mark.parametrize("named", [{"end": OrderEnd.CANCELED_BY_CUSTOMER}, {"directed": True}, {"level": Level.PARENT}])
def test_an_order_that_no_fill_rate_counts_is_not_counted(named: dict[str, Any]) -> None:
    """Nobody failed to fill what the customer took back."""
    figures = Figures()

    figures.outcome(an_outcome(**named))

    assert figures.orders == {}


def test_a_counterparty_is_there_at_zero_before_it_trades() -> None:
    """A rate needs the series before the first event."""
    figures = Figures()

    figures.expect("demo", OTHER)
    figures.expect("demo", OTHER)

    assert [found.executions for found in figures.venues.values()] == [0]
    assert {name for _, name in figures.orders} == {
        *("marketable", "ioc", "resting", "auction", "marketability_unknown"),
    }


def test_venues_beyond_the_bound_are_counted_together() -> None:
    """No vendor can blow up the number of series, and no share is lost for it."""
    figures = Figures(Bounded(2))
    for venue in ("XNYS", "XNAS", "XAAA", "XBBB", "XNYS"):
        figures.fill(a_fill(venue=venue))

    assert {venue: found.executions for (_, venue), found in figures.venues.items()} == {"XNYS": 2, "XNAS": 1, OTHER: 2}


def test_a_label_that_is_known_beforehand_is_never_other() -> None:
    """However many come before it."""
    bounded = Bounded(1, ["known"])

    assert [bounded.label(value) for value in ("new", "known")] == [OTHER, "known"]
