"""Numbers of the dashboards, reckoned by hand: queries as they are kept, over series of known values, by promtool."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests import promql
from tests.prometheus import tool

pytestmark = pytest.mark.journey

AT = "15m"
ASKED = {one.where: one.expression for one in promql.of_dashboards()}
SESSION = 'counterparty="sor",session="S"'
SEEN = {
    f"sorwatch_session_expected{{{SESSION}}}": 1,
    f"sorwatch_session_logged_on{{{SESSION}}}": 1,
    f"sorwatch_gap_open{{{SESSION}}}": 0,
    'sorwatch_quote_source_live{source="mqtt"}': 1,
    "sorwatch_ready": 1,
}
"""A daemon that sees all that it should."""


class Case(NamedTuple):
    """A panel's query, the series there are, and its samples by their labels.

    One number stands for a gauge, two for a counter at the beginning and at the end of a quarter of an hour.
    """

    where: str
    what: str
    series: dict[str, float | tuple[float, float]]
    samples: dict[str, float]


def traded(venue: str, counterparty: str = "sor", **counted: float) -> dict[str, tuple[float, float]]:
    """Return counters of a venue, each grown from 1,000 by so much."""
    of = f'{{counterparty="{counterparty}",venue="{venue}"}}'
    return {f"sorwatch_{name}_total{of}": (1000, 1000 + number) for name, number in counted.items()}


def ended(kind: str, **counted: float) -> dict[str, tuple[float, float]]:
    """Return counters of the orders of a type, each grown by so much."""
    of = f'{{counterparty="sor",order_type="{kind}"}}'
    return {f"sorwatch_{name}_total{of}": (1000, 1000 + number) for name, number in counted.items()}


PRICED = {
    # of 100 shares some were better, by 25 cents together, the others worse; four cents a share were quoted
    **traded("XNYS", executed_shares=400, priced_shares=100, quoted_spread_dollars=4.0),
    **traded("XNYS", price_improvement_dollars=0.25, price_disimprovement_dollars=1.25),
    **traded("XNYS", effective_spread_dollars=6.5, effective_spread_gained_dollars=0.5),
    # nothing could be priced, and nothing was executed
    **traded("XNAS", executed_shares=100, priced_shares=0, quoted_spread_dollars=0),
    **traded("XNAS", price_improvement_dollars=0, price_disimprovement_dollars=0),
    **traded("XNAS", effective_spread_dollars=0, effective_spread_gained_dollars=0),
    **traded("IEXG", executed_shares=0, priced_shares=0, quoted_spread_dollars=0),
}
BLIND = "desk: Blind spots A"
DAY = "feeds: Newest certified day A"
CASES = [
    Case(BLIND, "all is seen", SEEN, {"{}": 0}),
    Case(BLIND, "a session is down, and one has a gap", {
        **SEEN,
        f"sorwatch_session_logged_on{{{SESSION}}}": 0,
        'sorwatch_gap_open{counterparty="sor",session="S2"}': 1,
    }, {"{}": 2}),
    Case(BLIND, "logged on outside of its hours", {**SEEN, f"sorwatch_session_expected{{{SESSION}}}": 0}, {"{}": 0}),
    Case(BLIND, "a source of quotes is dead", {**SEEN, 'sorwatch_quote_source_live{source="mqtt"}': 0}, {"{}": 1}),
    Case(BLIND, "no source is configured", {"sorwatch_ready": 1}, {"{}": 0}),
    Case(BLIND, "it is not ready", {**SEEN, "sorwatch_ready": 0}, {"{}": 1}),
    Case(BLIND, "it does not answer", {"up": 0}, {"{}": 1}),
    Case(DAY, "the worst of several counterparties", {
        'sorwatch_certificate{counterparty="a",state="red"}': 0,
        'sorwatch_certificate{counterparty="a",state="complete_not_reconciled"}': 1,
        'sorwatch_certificate{counterparty="a",state="reconciled"}': 0,
        'sorwatch_certificate{counterparty="b",state="red"}': 0,
        'sorwatch_certificate{counterparty="b",state="complete_not_reconciled"}': 0,
        'sorwatch_certificate{counterparty="b",state="reconciled"}': 1,
    }, {"{}": 2}),
    Case("desk: Fill rate by type of order A", "shares filled of shares ordered", {
        **ended("ioc", ordered_shares=400, filled_shares=100),
        **ended("resting", ordered_shares=0, filled_shares=0),
    }, {'{order_type="ioc"}': 0.25}),
    Case("desk: Net price improvement per share A", "dollars a priced share", PRICED, {"{}": -0.01}),
    Case("desk: Effective over quoted spread A", "share-weighted, over all venues", PRICED, {"{}": 1.5}),
    Case("venues: Net price improvement A", "dollars", PRICED, {"{}": -1}),
    Case("venues: Venue by venue, in the time shown A", "shares", PRICED, {
        '{venue="XNYS"}': 400, '{venue="XNAS"}': 100, '{venue="IEXG"}': 0,
    }),
    Case("venues: Venue by venue, in the time shown B", "its part of all", PRICED, {
        '{venue="XNYS"}': 0.8, '{venue="XNAS"}': 0.2, '{venue="IEXG"}': 0,
    }),
    Case("venues: Venue by venue, in the time shown C", "E/Q only where there is one", PRICED, {'{venue="XNYS"}': 1.5}),
    Case("venues: Venue by venue, in the time shown F", "priced of executed, where any was", PRICED, {
        '{venue="XNYS"}': 0.25, '{venue="XNAS"}': 0,
    }),
    Case("feeds: Not evaluated, last 15m A", "auctions are no fault", {
        **traded("XNYS", executions=100),
        'sorwatch_not_evaluated_total{reason="receipt stale",venue="XNYS"}': (7, 12),
        'sorwatch_not_evaluated_total{reason="auction",venue="XNYS"}': (7, 47),
    }, {"{}": 0.05}),
    Case("exceptions: How long people take, in the time shown B", "half of them took no longer", {
        'sorwatch_exception_acknowledge_seconds_bucket{severity="high",le="15"}': (3, 3),
        'sorwatch_exception_acknowledge_seconds_bucket{severity="high",le="60"}': (3, 7),
        'sorwatch_exception_acknowledge_seconds_bucket{severity="high",le="+Inf"}': (3, 7),
    }, {'{severity="high"}': 37.5}),
]  # fmt: skip


def test_every_number_is_what_it_says(tmp_path: Path) -> None:
    """A panel that divides by the wrong whole, or is calm while nobody answers, looks as well as any other."""
    asked = {"rule_files": [], "evaluation_interval": "15s", "tests": [written(case) for case in CASES]}
    (tmp_path / "numbers.yml").write_text(yaml.safe_dump(asked), encoding="utf-8")

    assert "SUCCESS" in tool("promtool", "test", "rules", "numbers.yml", folder=tmp_path)


def written(case: Case) -> dict[str, Any]:
    """Return a case as promtool reads it."""
    series = [{"series": name, "values": values(number)} for name, number in case.series.items()]
    samples = [{"labels": labels, "value": value} for labels, value in case.samples.items()]
    expression = {"expr": promql.substituted(ASKED[case.where]), "eval_time": AT, "exp_samples": samples}
    return {
        "name": f"{case.where}: {case.what}",
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": [expression],
    }


def values(number: float | tuple[float, float]) -> str:
    """Return a gauge that stands, or a counter that rises in the middle of the time shown."""
    return f"{number[0]}x7 {number[1]}x7" if isinstance(number, tuple) else f"{number}x15"
