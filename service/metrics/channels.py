"""Alerts by channel: what became of them, how long they took, and how many still wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import Metric

from alerts.policy import Verdict
from rules.facts import SECOND
from service.metrics import bounds
from service.metrics.families import gauges
from service.telling.delivered import Standing

CHANNEL = ("channel",)


class Channels:
    """What the relays tell of their channels: settled, failed, delivered."""

    def __init__(self, registry: CollectorRegistry, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._settled = Counter(
            "sorwatch_alerts_settled_total",
            "Alerts that a channel is done with, by what became of them.",
            ("channel", "verdict"),
            registry=registry,
        )
        self._failures = Counter(
            "sorwatch_alert_failures_total",
            "Attempts to deliver alerts that the other side did not take.",
            CHANNEL,
            registry=registry,
        )
        self._delivery = Histogram(
            "sorwatch_alert_delivery_seconds",
            "Commit of an alert to the other side's word that it has it.",
            CHANNEL,
            buckets=bounds.DELIVERY,
            registry=registry,
        )
        for name in self.names:
            self._failures.labels(name)
            self._delivery.labels(name)
            for verdict in (Verdict.SENT, Verdict.WITHHELD):
                self._settled.labels(name, verdict.value)

    def settled(self, channel: str, verdict: str) -> None:
        """Count an alert that the channel is done with."""
        self._settled.labels(channel, verdict).inc()

    def failed(self, channel: str) -> None:
        """Count an attempt that failed."""
        self._failures.labels(channel).inc()

    def delivered(self, channel: str, seconds: float) -> None:
        """Count an alert that arrived, and how long that took."""
        self._delivery.labels(channel).observe(max(0.0, seconds))


def channel_gauges(
    names: Iterable[str], standings: Mapping[str, Standing] | None, connected: Mapping[str, bool], now: int
) -> Iterable[Metric]:
    """Return how every channel stands; what waits is left out while nobody knows it."""
    known = () if standings is None else tuple(dict.fromkeys((*names, *standings)))
    stand = {name: (standings or {}).get(name, Standing(channel=name, configured=True)) for name in known}
    yield gauges(
        "alerts_waiting",
        "Alerts that a channel is not done with.",
        CHANNEL,
        {(name,): one.waiting for name, one in stand.items()},
    )
    yield gauges(
        "alerts_oldest_waiting_seconds",
        "For how long the alert has waited that waits longest and is not held by the plan; 0 when none does.",
        CHANNEL,
        {
            (name,): 0.0 if one.due_since is None else max(0.0, (now - one.due_since) / SECOND)
            for name, one in stand.items()
        },
    )
    yield gauges(
        "alerts_dead",
        "Alerts that the other side will not take, until somebody sends them again or sets them aside.",
        CHANNEL,
        {(name,): one.dead for name, one in stand.items()},
    )
    yield gauges(
        "channel_connected",
        "1 while it is worth trying to send on the channel.",
        CHANNEL,
        {(name,): up for name, up in connected.items()},
    )
