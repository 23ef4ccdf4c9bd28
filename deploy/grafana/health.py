"""*Service health*: does the watch itself run well? Ready, keeping up, telling what it finds, with room to write."""

from __future__ import annotations

from deploy.grafana.frame import COUNTERPARTIES, Row, Sheet
from deploy.grafana.palette import ATTENTION, BAD, Steps, any_above
from deploy.grafana.panels import QUEUE, Column, Shown, lines, number, rows
from deploy.grafana.queries import ROUTER, SHOWN, WHILE, Query, grown, quantile, quantiles

DEAD = any_above(1, BAD)
FREE = "min(sorwatch_disk_free_bytes / sorwatch_disk_size_bytes)"
EACH = "by (channel)"


def sheet() -> Sheet:
    """Return the dashboard."""
    return Sheet(
        name="health",
        title="Service health",
        words="Does the watch itself run well? Ready, keeping up, telling what it finds, with room to write.",
        pick=(COUNTERPARTIES,),
        rows=(
            Row(4, ((4, _ready()), (4, _failing()), (4, _failed()), (4, _dead()), (4, _oldest()), (4, _disk()))),
            Row(7, ((24, _channels()),)),
            Row(8, ((8, _commit()), (8, _inbox()), (8, _batch()))),
            Row(8, ((8, _delivery()), (8, _waiting()), (8, _restarts()))),
            Row(8, ((8, _free()), (8, _scrape()), (8, _size()))),
        ),
    )


def _ready() -> Shown:
    return number(
        "Daemon",
        "Ready as /readyz says it. No data at all: the daemon does not answer Prometheus.",
        Query("min(sorwatch_ready)"),
        names={0: "not ready", 1: "ready"},
        steps=((-1, BAD), (1, "text")),
    )


def _failing() -> Shown:
    words = "Parts of the daemon that fail and are tried again; /readyz says which and why."
    return number("Workers failing", words, Query("sum(sorwatch_worker_failing)"), steps=DEAD)


def _failed() -> Shown:
    return number(
        "Commits failed",
        "Batches in the time shown whose recording failed and was tried again. Nothing is lost by it; findings come "
        "later.",
        Query(grown("commit_failures_total", over=SHOWN)),
        decimals=0,
        steps=any_above(0.5, BAD),
    )


def _dead() -> Shown:
    return number(
        "Dead alerts",
        "Alerts that the other side will not take, on all channels: nobody has heard them.",
        Query("sum(sorwatch_alerts_dead)"),
        steps=DEAD,
        link=("The dead letters", f"{QUEUE}/alerts"),
    )


def _oldest() -> Shown:
    return number(
        "Oldest alert waiting",
        "How long the oldest alert that is not yet delivered has been waiting. Orange from a minute, red from ten.",
        Query("max(sorwatch_alerts_oldest_waiting_seconds)"),
        unit="s",
        steps=((60, ATTENTION), (600, BAD)),
    )


def _disk() -> Shown:
    return number(
        "Disk free",
        "Of the disk that the store is on. Red below 10 %, orange below 20 %.",
        Query(FREE),
        unit="percentunit",
        decimals=0,
        steps=_scarce(),
    )


def _channels() -> Shown:
    return rows(
        "Channels of alerts",
        "Each way out as it is now, the one with the longest wait on top; counts are of the time shown, the p99 "
        "from the commit of the alert to the other side's yes.",
        Column("Channel", label="channel"),
        Column("Connected", _now("channel_connected"), names={0: "no", 1: "yes"}, steps=((-1, BAD), (1, "text"))),
        Column("Waiting", _now("alerts_waiting"), decimals=0),
        Column(
            "Oldest waits for", _now("alerts_oldest_waiting_seconds"), unit="s", steps=((60, ATTENTION), (600, BAD))
        ),
        Column("Dead", _now("alerts_dead"), decimals=0, steps=DEAD),
        Column("Sent", grown("alerts_settled_total", 'verdict="sent"', by="channel", over=SHOWN), decimals=0),
        Column("Withheld", grown("alerts_settled_total", 'verdict="withheld"', by="channel", over=SHOWN), decimals=0),
        Column("Failures", grown("alert_failures_total", by="channel", over=SHOWN), decimals=0),
        Column("p99", f"{quantile(0.99, 'alert_delivery_seconds', by='channel', over=SHOWN)} >= 0", unit="s"),
        sort="Oldest waits for",
    )


def _commit() -> Shown:
    words = f"Time to record one batch, over the last {WHILE}."
    return lines("Commit", words, *quantiles("commit_seconds"), unit="s", wide=True)


def _inbox() -> Shown:
    words = "Journal records that are durable and not processed yet. It should come back to 0."
    return lines("Inbox", words, Query("sum(sorwatch_inbox_records)", "records"))


def _batch() -> Shown:
    words = f"Journal records in one transaction, over the last {WHILE}. Large batches mean that the daemon catches up."
    return lines("Batch", words, *quantiles("batch_records", shares=(0.5, 0.99)))


def _delivery() -> Shown:
    return lines(
        "Delivery of alerts, p99 by channel",
        f"From the commit of the alert to the other side's yes, over the last {WHILE}.",
        Query("max by (channel) (sorwatch:alert_delivery_seconds:p99_15m)", "{{channel}}"),
        unit="s",
        wide=True,
    )


def _waiting() -> Shown:
    words = "Alerts that are not delivered yet, by channel."
    return lines("Alerts waiting", words, Query(_now("alerts_waiting"), "{{channel}}"), counts=True)


def _restarts() -> Shown:
    return lines(
        "Gateways started again",
        f"Gateways that died or wedged and were started again in the last {WHILE}, by counterparty.",
        Query(grown("gateway_restarts_total", ROUTER, by="counterparty"), "{{counterparty}}"),
        counts=True,
    )


def _free() -> Shown:
    words = "Free part of the disk that the store is on; below the dashed line is little."
    return lines("Disk free", words, Query(FREE, "free"), unit="percentunit", steps=_scarce())


def _scrape() -> Shown:
    words = "How long Prometheus waits for /metrics."
    return lines("Scrape", words, Query(_of_ours("scrape_duration_seconds"), "time"), unit="s")


def _size() -> Shown:
    words = "Series that one scrape brings. It grows with venues (40 at most) and rules, and with nothing else."
    return lines("Series a scrape", words, Query(_of_ours("scrape_samples_scraped"), "series"))


def _now(metric: str) -> str:
    return f"max {EACH} (sorwatch_{metric})"


def _of_ours(metric: str) -> str:
    """Return what Prometheus itself knows of the scrapes of our daemon, whatever its job is called."""
    return f"max({metric} and on (job, instance) sorwatch_ready)"


def _scarce() -> Steps:
    return ((-1, BAD), (0.1, ATTENTION), (0.2, "text"))
