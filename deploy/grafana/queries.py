"""PromQL in the words of the dashboards: what of `sorwatch_…` is summed by what, over which time, for whom."""

from __future__ import annotations

from typing import NamedTuple

PICKED = 'counterparty=~"$counterparty",venue=~"$venue"'
"""What the variables at the top of a dashboard leave."""
ROUTER = 'counterparty=~"$counterparty"'
WHILE = "15m"
"""The window of every rolling measure, the same as in the recording rules."""
SHOWN = "$__range"
"""The whole time that the dashboard shows."""


class Query(NamedTuple):
    """One expression, what its series are called, and whether single cases are marked on its line (exemplars)."""

    expression: str
    legend: str = ""
    cases: bool = False


def grown(metric: str, picked: str = "", *, by: str = "", over: str = WHILE) -> str:
    """Return by how much a counter has grown, summed."""
    grouped = f"sum by ({by}) " if by else "sum"
    return f"{grouped}(increase(sorwatch_{metric}{braced(picked)}[{over}]))"


def each_second(metric: str, picked: str = "", *, by: str = "") -> str:
    """Return the rate of a counter, over as short a time as the scrapes allow."""
    return grown(metric, picked, by=by, over="$__rate_interval").replace("increase(", "rate(")


def ratio(part: str, whole: str) -> str:
    """Return one sum over another; where there is nothing to divide by there is no answer, which is not nought."""
    return f"{part} / ({whole} > 0)"


def quantile(share: float, metric: str, picked: str = "", *, by: str = "", over: str = WHILE) -> str:
    """Return a quantile of a histogram; no answer where it counted nothing."""
    of = f"sum by ({', '.join(filter(None, (by, 'le')))}) (increase(sorwatch_{metric}_bucket{braced(picked)}[{over}]))"
    return f"histogram_quantile({share}, {of})"


def quantiles(
    metric: str, picked: str = "", *, over: str = WHILE, shares: tuple[float, ...] = (0.5, 0.95, 0.99)
) -> tuple[Query, ...]:
    """Return several quantiles of one histogram under their usual names: p50, p95, p99."""
    return tuple(Query(quantile(share, metric, picked, over=over), f"p{share * 100:g}") for share in shares)


def over_quoted(picked: str, *, by: str = "", over: str = WHILE) -> str:
    """Return effective over quoted spread, share-weighted; what was better than the midpoint is taken off."""
    paid, gained, quoted = (
        grown(f"{what}_dollars_total", picked, by=by, over=over)
        for what in ("effective_spread", "effective_spread_gained", "quoted_spread")
    )
    return ratio(f"({paid} - {gained})", quoted)


def braced(picked: str) -> str:
    """Return a selector, nothing where nothing is selected."""
    return f"{{{picked}}}" if picked else ""
