"""A FIX log down the same road: versions first, then the messages, then the close of the day. No clock, no daemon.

Refuses nothing that the live road accepts; what differs are the arguments (design.md §3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import msgspec

from rules.facts import Nanos
from rules.finding import Finding
from service.core import Core
from service.journal import Entry, Frame, Record, RecordKind, SessionPoint
from service.pipeline import Pipeline
from service.ports import Checkpoint, Journal, Quotes, Store
from service.processed import Decision, Processed
from service.versions import Version

CHUNK = 512


class PassingJournal:
    """A journal that forgets what was read: enough for a replay that is recorded nowhere."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._last = 0

    def append(self, frame: Frame) -> int:
        """Number the entries and keep them until they are read."""
        for entry in frame.entries:
            self._last += 1
            self._records.append(
                Record(
                    offset=self._last,
                    kind=entry.kind,
                    counterparty=entry.counterparty,
                    session=entry.session,
                    epoch=entry.epoch,
                    received_at=entry.received_at,
                    body=entry.body,
                )
            )
        return self._last

    def read(self, after: int, limit: int) -> list[Record]:
        """Hand out what follows `after`, and forget what came before it."""
        self._records = [record for record in self._records if record.offset > after]
        return self._records[:limit]

    def last_offset(self) -> int:
        """Return the last offset given out."""
        return self._last

    def point(self, counterparty: str, session: str) -> SessionPoint | None:
        """Know nothing of sessions."""
        del counterparty, session
        return None


class PassingStore:
    """A store that keeps nothing but how far it is."""

    def __init__(self) -> None:
        self._processed = 0

    def record(self, processed: Processed) -> None:
        """Remember the offset only."""
        self._processed = processed.upto

    def processed_offset(self) -> int:
        """Return how far the replay is."""
        return self._processed

    def decisions(self, after: int, upto: int) -> dict[int, Decision]:
        """Have none."""
        del after, upto
        return {}

    def known_keys(self, counterparty: str, trade_date: str, before: int) -> dict[str, bytes]:
        """Know none: all keys of the replay are in the core."""
        del counterparty, trade_date, before
        return {}

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Drop it: a replay starts from its log."""

    def checkpoint(self, schema: str) -> Checkpoint | None:
        """Have none."""
        del schema
        return None


class Summary(msgspec.Struct, kw_only=True):
    """What a replay came to: messages by outcome, executions, what was not evaluated and why, findings by rule."""

    messages: int = 0
    outcomes: dict[str, int] = {}
    executions: int = 0
    evaluated: int = 0
    not_evaluated: dict[str, int] = {}
    findings: dict[str, dict[str, int]] = {}
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
        for finding in processed.findings:
            by_severity = self.findings.setdefault(finding.rule, {})
            by_severity[finding.severity.value] = by_severity.get(finding.severity.value, 0) + 1


class Replay:
    """One replay: entries in, findings and a summary out."""

    def __init__(self, *, quotes: Quotes, journal: Journal | None = None, store: Store | None = None) -> None:
        self.summary = Summary()
        self._journal = journal or PassingJournal()
        self._findings: list[Finding] = []
        self._pipeline = Pipeline(
            journal=self._journal,
            store=store or PassingStore(),
            quotes=quotes,
            core=Core(),
            batch=CHUNK,
            watch=self._watch,
        )

    def run(
        self,
        versions: Iterable[Version],
        entries: Iterable[Entry],
        *,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Iterator[Finding]:
        """Yield every finding in journal order; `progress` is told how many messages each step took."""
        self._pipeline.warm(NO_DECISIONS)
        yield from self._feed([version.entry(None) for version in versions])
        stream = iter(entries)
        while chunk := list(islice(stream, CHUNK)):
            yield from self._feed(chunk)
            progress(len(chunk))
        yield from self._close()

    def _close(self) -> Iterator[Finding]:
        end = self._pipeline.core.end_of_log()
        if end is not None:
            yield from self._feed([Entry(kind=RecordKind.TICK, received_at=end, body=b'{"deadline":null}')])

    def _feed(self, entries: list[Entry]) -> Iterator[Finding]:
        self._journal.append(Frame(entries=tuple(entries)))
        while (turn := self._pipeline.turn(Nanos(0))).processed is not None or turn.waiting:
            yield from self._findings
            self._findings.clear()

    def _watch(self, processed: Processed, *_: object) -> None:
        self.summary.add(processed)
        self._findings.extend(processed.findings)


class _NoDecisions:
    def decide(self, request: object, now: Nanos) -> Decision:
        del request, now
        return Decision()


NO_DECISIONS = _NoDecisions()
