"""*Venues*: where do the shares go, and at what price and speed? One line a venue, the dearest on top."""

from __future__ import annotations

from deploy.grafana.frame import COUNTERPARTIES, VENUES, Row, Sheet
from deploy.grafana.palette import ATTENTION, BAD, any_above
from deploy.grafana.panels import QUEUE, Column, Shown, lines, number, rows
from deploy.grafana.queries import PICKED, SHOWN, WHILE, Query, grown, over_quoted, quantile, ratio

LEGEND = "{{venue}}"


def sheet() -> Sheet:
    """Return the dashboard."""
    return Sheet(
        name="venues",
        title="Venues",
        words="Where the shares go, at what price, how fast. At most 40 venues have a name here; the rest are `other`.",
        pick=(COUNTERPARTIES, VENUES),
        rows=(
            Row(4, ((4, _unexpected()), (5, _cost()), (5, _over_quoted()), (5, _slowest()), (5, _shares()))),
            Row(13, ((24, _table()),)),
            Row(9, ((12, _quoted_by_venue()), (12, _improvement_by_venue()))),
            Row(9, ((12, _latency_by_venue()), (12, _shares_by_venue()))),
        ),
    )


def _unexpected() -> Shown:
    return number(
        "Unexpected venue",
        "Findings in the time shown that an execution was at a venue outside the approved register; of all venues.",
        Query(grown("findings_total", 'rule="unexpected_venue"', over=SHOWN)),
        decimals=0,
        steps=any_above(0.5, BAD),
        link=("The exceptions", f"{QUEUE}/?state=open&rule=unexpected_venue"),
    )


def _cost() -> Shown:
    return number(
        "Net price improvement",
        "Dollars better than the quote at the order's receipt less dollars worse, in the time shown. Below 0, "
        "orange, the router costs money.",
        Query(_net(SHOWN)),
        unit="currencyUSD",
        decimals=1,
        steps=((-1e15, ATTENTION), (0, "text")),
    )


def _over_quoted() -> Shown:
    return number(
        "Effective over quoted spread",
        "Share-weighted, over the executions in the time shown that could be priced: 0 is the midpoint, 100 % the "
        "whole spread.",
        Query(over_quoted(PICKED, over=SHOWN)),
        unit="percentunit",
        decimals=1,
        steps=any_above(1, BAD),
    )


def _slowest() -> Shown:
    slowest = quantile(0.99, "execution_latency_seconds", PICKED, by="venue")
    return number(
        f"Slowest venue, p99 of {WHILE}",
        f"The largest p99 of a venue from order receipt to execution, over the last {WHILE}.",
        Query(f"topk(1, {slowest} > 0)", LEGEND),
        unit="s",
        link=("The exceptions", f"{QUEUE}/?state=open&rule=slow_fill"),
    )


def _shares() -> Shown:
    words = "Shares executed in the time shown."
    return number("Shares", words, Query(grown("executed_shares_total", PICKED, over=SHOWN)), decimals=1)


def _table() -> Shown:
    return rows(
        "Venue by venue, in the time shown",
        "The venue that keeps most of the spread on top. E/Q: effective over quoted spread, red above 100 % "
        "(outside the quote on the whole). Net: dollars better than the quote at receipt less dollars worse, orange "
        "below 0. Priced: the part of the shares that these rest on. Latency: order receipt to execution.",
        Column("Venue", label="venue", link=("Its exceptions", f"{QUEUE}/?state=open&venue=${{__value.raw}}")),
        Column("Shares", _all("executed_shares_total"), decimals=0),
        Column("Part of all", _part(), unit="percentunit", decimals=1),
        Column(
            "E/Q", over_quoted(PICKED, by="venue", over=SHOWN), unit="percentunit", decimals=1, steps=any_above(1, BAD)
        ),
        Column("Net a share", _net_a_share(SHOWN, by="venue"), unit="currencyUSD", decimals=4, steps=_below_nought()),
        Column("Net", _net(SHOWN, by="venue"), unit="currencyUSD", decimals=2, steps=_below_nought()),
        Column(
            "Priced", ratio(_all("priced_shares_total"), _all("executed_shares_total")), unit="percentunit", decimals=1
        ),
        *(Column(f"p{share * 100:g}", _latency(share, SHOWN), unit="s") for share in (0.5, 0.95, 0.99)),
        sort="E/Q",
    )


def _quoted_by_venue() -> Shown:
    return lines(
        "Effective over quoted spread by venue",
        f"Over the executions of the last {WHILE} that could be priced, share-weighted. Above the dashed line "
        "executions were outside the quote on the whole.",
        Query(f"sorwatch:effective_over_quoted:ratio15m{{{PICKED}}}", LEGEND),
        unit="percentunit",
        steps=any_above(1, BAD),
        lowest=None,
    )


def _improvement_by_venue() -> Shown:
    return lines(
        "Net price improvement per share by venue",
        f"Dollars better than the quote at receipt less dollars worse, a share, over the last {WHILE}.",
        Query(f"sorwatch:price_improvement:dollars_per_share15m{{{PICKED}}}", LEGEND),
        unit="currencyUSD",
        lowest=None,
    )


def _latency_by_venue() -> Shown:
    return lines(
        "Order to execution by venue, p95",
        f"From the router's receipt of the order to the execution, over the last {WHILE}.",
        Query(f"sorwatch:execution_latency_seconds:p95_15m{{{PICKED}}}", LEGEND),
        unit="s",
        wide=True,
    )


def _shares_by_venue() -> Shown:
    each = grown("executed_shares_total", PICKED, by="venue")
    return lines(
        "Part of the shares by venue",
        f"Of the shares of the last {WHILE} at the venues picked. A venue that takes over what others had shows here.",
        Query(f"{each} / on () group_left () ({grown('executed_shares_total', PICKED)} > 0)", LEGEND),
        unit="percentunit",
        stacked=True,
    )


def _all(metric: str) -> str:
    return grown(metric, PICKED, by="venue", over=SHOWN)


def _part() -> str:
    whole = grown("executed_shares_total", PICKED, over=SHOWN)
    return f"{_all('executed_shares_total')} / on () group_left () ({whole} > 0)"


def _net(over: str, *, by: str = "") -> str:
    better, worse = (
        grown(f"price_{what}_dollars_total", PICKED, by=by, over=over) for what in ("improvement", "disimprovement")
    )
    return f"{better} - {worse}"


def _net_a_share(over: str, *, by: str) -> str:
    return ratio(f"({_net(over, by=by)})", grown("priced_shares_total", PICKED, by=by, over=over))


def _latency(share: float, over: str) -> str:
    return f"{quantile(share, 'execution_latency_seconds', PICKED, by='venue', over=over)} >= 0"


def _below_nought() -> tuple[tuple[float, str], ...]:
    return ((-1e15, ATTENTION), (0, "text"))
