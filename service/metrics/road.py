"""What is counted from recorded batches, on the pipeline's thread: every label is bound before a loop begins."""

from __future__ import annotations

from collections import Counter as Tallied
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from rules.facts import FeedEventKind, Fill, QuotesApart, QuoteState
from rules.finding import Finding, Severity
from service.fix.events import OUTCOMES
from service.metrics import bounds
from service.metrics.figures import Figures
from service.metrics.labels import OTHER, VENUES_AT_MOST, Bounded
from service.processed import Processed, RequotedKind
from service.unmatched import NO_STOCK

SECOND = 1e9
KNOWN_REASONS = (
    *(f"{which} {state.value}" for which in ("execution", "receipt") for state in QuoteState if not state.usable),
    *(f"execution absent: {note}" for note in NO_STOCK),
    "auction",
)
MARK_RESULTS = MEASURED, NOT_EVALUATED = "measured", "not_evaluated"
REASONS_AT_MOST = 50
COMPARISONS = SAME, APART, NOT_COMPARABLE = "same", "apart", "not_comparable"


class Road:
    """The counters of the road; `figures` are those of the trading, which are shown by trading.py."""

    def __init__(self, registry: CollectorRegistry, rules: Iterable[str], counterparties: Iterable[str]) -> None:
        parties = tuple(counterparties)
        self._registry = registry
        self._reasons = Bounded(REASONS_AT_MOST, KNOWN_REASONS)
        self.figures = Figures(Bounded(VENUES_AT_MOST))
        self.figures.unjudged |= {(reason, OTHER): 0 for reason in KNOWN_REASONS}
        for party in parties:
            self.figures.expect(party, OTHER)
        self._count_facts(parties)
        self._count_judgements(rules)
        self._measure()

    def _count_facts(self, counterparties: tuple[str, ...]) -> None:
        messages = self._counter("messages", "Inbound messages by what became of them.", "outcome")
        self._messages = {outcome: messages.labels(outcome) for outcome in OUTCOMES}
        self._unmatched = self._counter(
            "unmatched_symbols", "Symbols of a day's executions that the quotes do not know.", "counterparty"
        )
        for counterparty in counterparties:
            self._unmatched.labels(counterparty)
        self._requoted = self._counter("requoted", "Decisions on quotes that late quotes changed.")
        compared = self._counter(
            "quotes_compared", "Executions for which two quote sources were compared, by what came out.", "result"
        )
        self._compared = {result: compared.labels(result) for result in COMPARISONS}
        marks = self._counter("marks", "Quotes taken after executions, by whether they could be used.", "result")
        self._marks = {result: marks.labels(result) for result in MARK_RESULTS}

    def _count_judgements(self, rules: Iterable[str]) -> None:
        self._findings = self._counter("findings", "Findings recorded, by rule and severity.", "rule", "severity")
        for rule in rules:
            for severity in Severity:
                self._findings.labels(rule, severity.value)

    def _measure(self) -> None:
        self._failures = self._counter("commit_failures", "Batches whose recording failed and was tried again.")
        self._batch = self._histogram("batch_records", "Journal records per recorded batch.", bounds.BATCH)
        self._commit = self._histogram("commit_seconds", "Time to record one batch.", bounds.COMMIT)
        self._delay = self._histogram(
            "drop_copy_delay_seconds", "Execution time by the vendor's clock to receipt by ours.", bounds.DELAY
        )

    def recorded(self, processed: Processed, records: int, seconds: float) -> None:
        """Count one batch after its commit."""
        self._batch.observe(records)
        self._commit.observe(seconds)
        for outcome, count in Tallied([one.outcome for one in processed.outcomes]).items():
            self._messages[outcome].inc(count)
        for recorded in processed.fills:
            self._executed(recorded.fill)
        for ended in processed.order_outcomes:
            self.figures.outcome(ended)
        if processed.findings:
            self._found(processed.findings)
        self._looked_after(processed)

    def commit_failed(self) -> None:
        """Count a batch that could not be recorded."""
        self._failures.inc()

    def _executed(self, fill: Fill) -> None:
        self.figures.fill(fill)
        reason = fill.measures.not_evaluated_reason
        if reason is not None:
            self.figures.missed(self._reasons.label(reason), fill.venue)
        if fill.quotes_apart is not None:
            self._compared[_result(fill.quotes_apart)].inc()
        if fill.received_at is not None and not fill.resent:
            # a vendor's clock ahead of ours is no delay below zero, which would make the sum run backwards
            self._delay.observe(max(0.0, (fill.received_at - fill.executed_at) / SECOND))

    def _found(self, findings: Iterable[Finding]) -> None:
        for (rule, severity), count in Tallied([(one.rule, one.severity) for one in findings]).items():
            self._findings.labels(rule, severity.value).inc(count)

    def _looked_after(self, processed: Processed) -> None:
        """Count what came after executions: marks, what late quotes changed, symbols that nobody knows."""
        if processed.markouts:
            missing = sum(mark.realized_spread is None for mark in processed.markouts)
            self._marks[NOT_EVALUATED].inc(missing)
            self._marks[MEASURED].inc(len(processed.markouts) - missing)
        for event in processed.feed_events:
            if event.kind is FeedEventKind.SYMBOL_UNMATCHED:
                self._unmatched.labels(event.counterparty).inc()
        if processed.requotes:
            self._requoted.inc(sum(row.kind is RequotedKind.DECISION for row in processed.requotes))

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"sorwatch_{name}_total", words, labels, registry=self._registry)

    def _histogram(self, name: str, words: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"sorwatch_{name}", words, buckets=buckets, registry=self._registry)


def _result(apart: QuotesApart) -> str:
    """Return what the comparison of two sources came to, as a label."""
    if apart.widest is None:
        return NOT_COMPARABLE
    return APART if apart.widest else SAME
