"""A FIX log down the same road: versions first, then the messages, then the close of the day. No clock, no daemon.

Refuses nothing that the live road accepts; what differs are the arguments (design.md §3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import msgspec

from rules.facts import Nanos
from rules.finding import Finding
from rules.reassessment import Reassessment
from service.core import Core
from service.journal import Entry, Frame, RecordKind
from service.pipeline import Pipeline
from service.ports import Journal, Quotes, Store
from service.processed import Processed
from service.stored_quotes import StoredQuotes
from service.versions import Version

CHUNK = 512


class Summary(msgspec.Struct, kw_only=True):
    """What a replay came to: messages by outcome, executions, what was not evaluated and why, findings by rule.

    `marks` counts where the market stood after executions, `marks_not_evaluated` why some could not be measured.
    `second_looks` counts by verdict what became of findings that were made while messages were missing.
    """

    messages: int = 0
    outcomes: dict[str, int] = {}
    executions: int = 0
    evaluated: int = 0
    not_evaluated: dict[str, int] = {}
    marks: int = 0
    marks_not_evaluated: dict[str, int] = {}
    findings: dict[str, dict[str, int]] = {}
    second_looks: dict[str, int] = {}
    digest: dict[str, str] = {}

    def add(self, processed: Processed) -> None:
        """Count one recorded batch."""
        for outcome in processed.outcomes:
            self.messages += 1
            self.outcomes[outcome.outcome] = self.outcomes.get(outcome.outcome, 0) + 1
        for recorded in processed.fills:
            self.executions += 1
            reason = recorded.fill.measures.not_evaluated_reason
            if reason is None:
                self.evaluated += 1
            else:
                self.not_evaluated[reason] = self.not_evaluated.get(reason, 0) + 1
        self.marks += len(processed.markouts)
        for mark in processed.markouts:
            if mark.not_evaluated_reason is not None:
                missing = self.marks_not_evaluated
                missing[mark.not_evaluated_reason] = missing.get(mark.not_evaluated_reason, 0) + 1
        for finding in processed.findings:
            by_severity = self.findings.setdefault(finding.rule, {})
            by_severity[finding.severity.value] = by_severity.get(finding.severity.value, 0) + 1
        for look in processed.reassessments:
            self.second_looks[look.verdict.value] = self.second_looks.get(look.verdict.value, 0) + 1


class Replay:
    """One replay: entries in, findings and a summary out."""

    def __init__(self, *, quotes: Quotes, journal: Journal, store: Store) -> None:
        self.summary = Summary()
        self.second_looks: list[Reassessment] = []
        self._journal = journal
        self._findings: list[Finding] = []
        self._store = store
        self._pipeline = Pipeline(
            journal=self._journal,
            store=self._store,
            quotes=quotes,
            core=Core(),
            batch=CHUNK,
            watch=self._watch,
        )

    def form(self, symbol: str, counterparty: str) -> str:
        """Return how the quotes are asked for a symbol of a counterparty's."""
        return self._pipeline.core.form(symbol, counterparty)

    def run(
        self,
        versions: Iterable[Version],
        entries: Iterable[Entry],
        *,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Iterator[Finding]:
        """Yield every finding in journal order; `progress` is told how many messages each step took."""
        self._pipeline.warm(StoredQuotes(self._store))
        yield from self._feed([version.entry(None) for version in versions])
        stream = iter(entries)
        while chunk := list(islice(stream, CHUNK)):
            yield from self._feed(chunk)
            progress(len(chunk))
        yield from self._close()

    def _close(self) -> Iterator[Finding]:
        last, end = Nanos(-1), self._pipeline.core.end_of_log()
        while end is not None and end > last:  # what the close ends may still want a quote
            yield from self._feed([Entry(kind=RecordKind.TICK, received_at=end, body=b'{"deadline":null}')])
            last, end = end, self._pipeline.core.end_of_log()

    def _feed(self, entries: list[Entry]) -> Iterator[Finding]:
        self._journal.append(Frame(entries=tuple(entries)))
        while (turn := self._pipeline.turn(Nanos(0))).processed is not None or turn.waiting:
            yield from self._findings
            self._findings.clear()

    def _watch(self, processed: Processed, *_: object) -> None:
        self.summary.add(processed)
        self._findings.extend(processed.findings)
        self.second_looks.extend(processed.reassessments)
