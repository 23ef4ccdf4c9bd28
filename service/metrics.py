"""Prometheus metrics, counted from what was recorded and read from what is; never labelled by order, account or symbol.

One process owns them: the daemon. The names are documented in the README, and a test keeps both equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rules.facts import FeedEventKind, QuotesApart, QuoteState
from rules.finding import Severity
from service.cases.case import Notice
from service.fix.events import OUTCOMES
from service.processed import Processed, RequotedKind
from service.unmatched import NO_STOCK

disable_created_metrics()  # type: ignore[no-untyped-call] # when a counter began says nothing that the process does not

SECOND = 1e9
BATCH_BOUNDS = (1, 4, 16, 64, 128, 256, 512, 1024, 4096)
COMMIT_BOUNDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5)
DELAY_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300)
KNOWN_REASONS = (
    *(f"{which} {state.value}" for which in ("execution", "receipt") for state in QuoteState if not state.usable),
    *(f"execution absent: {note}" for note in NO_STOCK),
    "auction",
)
MARK_RESULTS = MEASURED, NOT_EVALUATED = "measured", "not_evaluated"
REASONS_AT_MOST = 50
VENUES_AT_MOST = 40
COMPARISONS = ("same", "apart", "not_comparable")
OTHER = "other"


class SessionSight(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one FIX session at this moment; ages in seconds, None before the first message.

    `clock_offset` is our clock less the session's, in seconds, None before it was estimated.
    """

    counterparty: str
    session: str
    logged_on: bool
    last_inbound_age: float | None
    gap_open: bool
    clock_offset: float | None = None
    recovering: bool = False
    redelivered: int = 0


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What the daemon sees of itself at this moment; `outbox_oldest`, and `quote_lag` by source, in seconds."""

    sessions: tuple[SessionSight, ...] = ()
    gateway_restarts: dict[str, int] = {}
    inbox: int = 0
    outbox: int = 0
    outbox_oldest: float = 0.0
    quote_lag: dict[str, float | None] = {}
    forgotten: int = 0
    warm: bool = False


class Metrics:
    """The daemon's metrics on a registry of their own; `look` is asked for the gauges at every scrape."""

    def __init__(self, rules: Iterable[str], look: Callable[[], Sight], *, counterparties: Iterable[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self._messages = self._counter("messages", "Inbound messages by what became of them.", "outcome")
        self._executions = self._counter("executions", "Executions recorded.", "counterparty")
        self._not_evaluated = self._counter(
            "not_evaluated",
            "Executions on which the price measures could not be computed, by reason and venue.",
            "reason",
            "venue",
        )
        self._compared = self._counter(
            "quotes_compared", "Executions for which two quote sources were compared, by what came out.", "result"
        )
        self._marks = self._counter("marks", "Quotes taken after executions, by whether they could be used.", "result")
        self._findings = self._counter("findings", "Findings recorded, by rule and severity.", "rule", "severity")
        self._exceptions = self._counter(
            "exceptions", "Exceptions opened or raised, by rule and severity.", "rule", "severity"
        )
        self._unmatched = self._counter(
            "unmatched_symbols", "Symbols of a day's executions that the quotes do not know.", "counterparty"
        )
        self._requoted = Counter(
            "sorwatch_requoted_total", "Decisions on quotes that late quotes changed.", registry=self.registry
        )
        self._commit_failures = Counter(
            "sorwatch_commit_failures_total",
            "Batches whose recording failed and was tried again.",
            registry=self.registry,
        )
        self._batch = self._histogram("batch_records", "Journal records per recorded batch.", BATCH_BOUNDS)
        self._commit = self._histogram("commit_seconds", "Time to record one batch.", COMMIT_BOUNDS)
        self._delay = self._histogram(
            "drop_copy_delay_seconds", "Execution time by the vendor's clock to receipt by ours.", DELAY_BOUNDS
        )
        self._reasons = set(KNOWN_REASONS)
        self._venues: set[str] = set()
        for reason in KNOWN_REASONS:
            self._not_evaluated.labels(reason, OTHER)
        for result in COMPARISONS:
            self._compared.labels(result)
        for result in MARK_RESULTS:
            self._marks.labels(result)
        for counterparty in counterparties:
            self._executions.labels(counterparty)
            self._unmatched.labels(counterparty)
        for outcome in OUTCOMES:
            self._messages.labels(outcome)
        for rule in rules:
            for severity in Severity:
                self._findings.labels(rule, severity.value)
                self._exceptions.labels(rule, severity.value)
        self.registry.register(_Gauges(look))

    def recorded(self, processed: Processed, records: int, seconds: float) -> None:
        """Count one batch after its commit."""
        self._batch.observe(records)
        self._commit.observe(seconds)
        for outcome in processed.outcomes:
            self._messages.labels(outcome.outcome).inc()
        for recorded in processed.fills:
            fill = recorded.fill
            self._executions.labels(fill.counterparty).inc()
            if fill.measures.not_evaluated_reason is not None:
                reason = _bounded(fill.measures.not_evaluated_reason, self._reasons, REASONS_AT_MOST)
                self._not_evaluated.labels(reason, _bounded(fill.venue, self._venues, VENUES_AT_MOST)).inc()
            if fill.quotes_apart is not None:
                self._compared.labels(_result(fill.quotes_apart)).inc()
            if fill.received_at is not None and not fill.resent:
                # a vendor's clock ahead of ours is no delay below zero, which would make the sum run backwards
                self._delay.observe(max(0.0, (fill.received_at - fill.executed_at) / SECOND))
        missing = sum(mark.realized_spread is None for mark in processed.markouts)
        self._marks.labels(NOT_EVALUATED).inc(missing)
        self._marks.labels(MEASURED).inc(len(processed.markouts) - missing)
        for event in processed.feed_events:
            if event.kind is FeedEventKind.SYMBOL_UNMATCHED:
                self._unmatched.labels(event.counterparty).inc()
        self._requoted.inc(sum(row.kind is RequotedKind.DECISION for row in processed.requotes))
        for finding in processed.findings:
            self._findings.labels(finding.rule, finding.severity.value).inc()

    def commit_failed(self) -> None:
        """Count a batch that could not be recorded."""
        self._commit_failures.inc()

    def noticed(self, notices: Iterable[Notice]) -> None:
        """Count exceptions opened or raised, after their commit."""
        for notice in notices:
            if notice.reason in ("opened", "severity_rose"):
                self._exceptions.labels(notice.case.key.rule, notice.case.severity.value).inc()

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"sorwatch_{name}_total", words, labels, registry=self.registry)

    def _histogram(self, name: str, words: str, bounds: tuple[float, ...]) -> Histogram:
        return Histogram(f"sorwatch_{name}", words, buckets=bounds, registry=self.registry)


class _Gauges(Collector):
    """Gauges computed at the scrape, so that an age never goes stale."""

    def __init__(self, look: Callable[[], Sight]) -> None:
        self._look = look

    def collect(self) -> Iterable[Metric]:
        sight = self._look()
        yield from self._sessions(sight)
        restarts = CounterMetricFamily(
            "sorwatch_gateway_restarts", "Gateways started again after they died or wedged.", labels=["counterparty"]
        )
        for counterparty, count in sight.gateway_restarts.items():
            restarts.add_metric([counterparty], count)
        yield restarts
        yield _gauge("inbox_records", "Journal records that are not processed yet.", sight.inbox)
        yield _gauge("outbox_alerts", "Alerts that are not delivered yet.", sight.outbox)
        yield _gauge("outbox_oldest_seconds", "Age of the oldest undelivered alert.", sight.outbox_oldest)
        yield _gauge("warm", "1 once the state of the day has been rebuilt after a start.", sight.warm)
        yield _gauge("decisions_forgotten", "Decisions too many to be looked out for late quotes.", sight.forgotten)
        lag = GaugeMetricFamily(
            "sorwatch_quote_source_lag_seconds", "Our clock less the quote source's high-water mark.", labels=["source"]
        )
        for source, seconds in sight.quote_lag.items():
            if seconds is not None:
                lag.add_metric([source], seconds)
        yield lag

    def _sessions(self, sight: Sight) -> Iterable[Metric]:
        labels = ["counterparty", "session"]
        up = GaugeMetricFamily("sorwatch_session_logged_on", "1 while the FIX session is logged on.", labels=labels)
        age = GaugeMetricFamily(
            "sorwatch_session_last_inbound_age_seconds", "Time since anything came on the session.", labels=labels
        )
        gap = GaugeMetricFamily("sorwatch_gap_open", "1 while messages of the session are missing.", labels=labels)
        clock = GaugeMetricFamily(
            "sorwatch_session_clock_offset_seconds",
            "Our clock less the session's, the shortest way between them included.",
            labels=labels,
        )
        back = GaugeMetricFamily(
            "sorwatch_session_recovering",
            "1 while reports that the session missed are awaited by another way than a resend.",
            labels=labels,
        )
        came = GaugeMetricFamily(
            "sorwatch_session_redelivered_reports", "Reports that the recovery in hand has brought.", labels=labels
        )
        for session in sight.sessions:
            names = [session.counterparty, session.session]
            up.add_metric(names, session.logged_on)
            gap.add_metric(names, session.gap_open)
            back.add_metric(names, session.recovering)
            came.add_metric(names, session.redelivered)
            if session.last_inbound_age is not None:
                age.add_metric(names, session.last_inbound_age)
            if session.clock_offset is not None:
                clock.add_metric(names, session.clock_offset)
        yield from (up, age, gap, clock, back, came)


def _bounded(label: str, known: set[str], at_most: int) -> str:
    """Return the label while there are few, "other" for those beyond."""
    if label not in known and len(known) >= at_most:
        return OTHER
    known.add(label)
    return label


def _result(apart: QuotesApart) -> str:
    """Return what the comparison of two sources came to, as a label."""
    if apart.widest is None:
        return "not_comparable"
    return "apart" if apart.widest else "same"


def _gauge(name: str, words: str, value: float | None) -> GaugeMetricFamily:
    """Return a gauge of one number; without the number the name and its help are there all the same."""
    return GaugeMetricFamily(f"sorwatch_{name}", words, value=value)
