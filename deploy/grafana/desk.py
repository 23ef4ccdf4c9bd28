"""*Desk*: is the router behaving now? What needs somebody first, then how it fills, at what price, how fast."""

from __future__ import annotations

from deploy.grafana.exceptions import breached
from deploy.grafana.frame import COUNTERPARTIES, RULES, VENUES, Row, Sheet
from deploy.grafana.palette import ATTENTION, BAD, SEVERITIES, any_above
from deploy.grafana.panels import QUEUE, Column, Shown, lines, number, rows
from deploy.grafana.queries import PICKED, ROUTER, WHILE, Query, each_second, grown, over_quoted, quantiles, ratio

FEEDS = "/d/sorwatch-feeds?${__url_time_range}"
BLIND = (
    "(sum(clamp_min(sorwatch_session_expected - sorwatch_session_logged_on, 0)) or vector(0))"
    " + (sum(sorwatch_gap_open) or vector(0)) + (sum(1 - sorwatch_quote_source_live) or vector(0))"
    " + ((1 - min(sorwatch_ready)) or vector(1))"
)


def sheet() -> Sheet:
    """Return the dashboard."""
    return Sheet(
        name="desk",
        title="Desk",
        words="Is the router behaving now? Exceptions count for all counterparties; the rest for those picked.",
        since="now-1h",
        pick=(COUNTERPARTIES, VENUES, RULES),
        rows=(
            Row(4, ((10, _open()), (4, _oldest()), (3, breached()), (4, _blind()), (3, _market()))),
            Row(11, ((12, _newest()), (12, _standing()))),
            Row(8, ((8, _fill_rate()), (8, _improvement()), (8, _over_quoted()))),
            Row(8, ((8, _pace()), (8, _latency()), (8, _delay()))),
        ),
    )


def _open() -> Shown:
    asked = [Query(f'sum(sorwatch_exceptions_open{{severity="{severity}"}})', severity) for severity in SEVERITIES]
    words = "Exceptions that are not closed, by severity, whoever works on them."
    return number("Open exceptions", words, *asked, colors=SEVERITIES, link=("In the queue", f"{QUEUE}/?state=open"))


def _oldest() -> Shown:
    return number(
        "Not acknowledged for",
        "How long the oldest critical or high exception has been waiting for somebody to acknowledge it. Nothing "
        "waits: 0. Orange from 5 minutes (the shipped clock of critical ones), red from 15 (that of high ones).",
        Query('max(sorwatch_exceptions_oldest_unacknowledged_seconds{severity=~"critical|high"})'),
        unit="s",
        steps=((300, ATTENTION), (900, BAD)),
        link=("Those that wait", f"{QUEUE}/?severity=critical&severity=high&order=age"),
    )


def _blind() -> Shown:
    return number(
        "Blind spots",
        "Sessions that should be logged on and are not, plus sessions with missing messages, plus quote sources "
        "that are not live, plus one while the daemon is not ready or does not answer. While it is not 0, a quiet desk "
        "says little.",
        Query(BLIND),
        steps=any_above(1, BAD),
        link=("Feeds and completeness", FEEDS),
    )


def _market() -> Shown:
    return number(
        "Market",
        "Regular trading hours of the firm's calendar.",
        Query("max(sorwatch_market_open)"),
        names={0: "closed", 1: "open"},
    )


def _newest() -> Shown:
    return rows(
        "Newest not acknowledged",
        "The newest exception of each rule and severity that nobody has acknowledged; its number leads to its page.",
        Column(
            "Exception",
            'topk(50, max by (rule, severity) (sorwatch_exceptions_newest_unacknowledged{rule=~"$rule"}) > 0)',
            unit="none",
            link=("Open it", f"{QUEUE}/exceptions/${{__value.raw}}"),
            width=110,
        ),
        Column("Severity", label="severity", width=110),
        Column("Rule", label="rule", link=("All of this rule", f"{QUEUE}/?state=open&rule=${{__value.raw}}")),
        sort="Exception",
    )


def _standing() -> Shown:
    asked = [Query(f'sum(sorwatch_exceptions_open{{severity="{severity}"}})', severity) for severity in SEVERITIES]
    words = "Exceptions that were not closed, by severity, stacked."
    return lines("Open exceptions over time", words, *asked, colors=SEVERITIES, stacked=True)


def _fill_rate() -> Shown:
    filled, ordered = (grown(f"{what}_shares_total", ROUTER, by="order_type") for what in ("filled", "ordered"))
    return lines(
        "Fill rate by type of order",
        f"Of the shares of child orders that ended in the last {WHILE}, the part that was filled; what the customer "
        "took back is not among them. The venue picked does not count here: an order ends as a whole.",
        Query(ratio(filled, ordered), "{{order_type}}"),
        unit="percentunit",
    )


def _improvement() -> Shown:
    better, worse = (grown(f"price_{what}_dollars_total", PICKED) for what in ("improvement", "disimprovement"))
    return lines(
        "Net price improvement per share",
        "Dollars better than the quote at the order's receipt less dollars worse, over the shares of the last "
        f"{WHILE} that could be priced. Below 0 the router costs money.",
        Query(ratio(f"({better} - {worse})", grown("priced_shares_total", PICKED)), "net"),
        unit="currencyUSD",
        lowest=None,
    )


def _over_quoted() -> Shown:
    return lines(
        "Effective over quoted spread",
        f"Share-weighted, over the executions of the last {WHILE} that could be priced. 1 is the whole quoted "
        "spread, 0 the midpoint; above the dashed line executions were outside the quote on the whole.",
        Query(over_quoted(PICKED), "E/Q"),
        unit="percentunit",
        steps=any_above(1, BAD),
        lowest=None,
    )


def _pace() -> Shown:
    return lines(
        "Executions a second",
        "Executions recorded, by counterparty.",
        Query(each_second("executions_total", PICKED, by="counterparty"), "{{counterparty}}"),
        unit="suffix: /s",
    )


def _latency() -> Shown:
    words = f"From the router's receipt of the order to the execution, as slow_fill judges it, over the last {WHILE}."
    return lines("Order to execution", words, *quantiles("execution_latency_seconds", PICKED), unit="s", wide=True)


def _delay() -> Shown:
    words = f"Execution time by the vendor's clock to receipt by ours, over the last {WHILE}, of all counterparties."
    return lines("Delay of the drop copy", words, *quantiles("drop_copy_delay_seconds"), unit="s", wide=True)
