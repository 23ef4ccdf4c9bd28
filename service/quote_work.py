"""The daemon's threads beside a live quote source: what was decided lately and is otherwise is journalled again."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from rules.facts import SECOND, Nanos
from service.journal import Entry, Frame, RecordKind
from service.market.liveness import SourceState
from service.market.sources import QuoteSources
from service.quote_evidence import Collecting
from service.requote import Requote, requote_entry
from service.settings_quotes import QuotesSettings
from service.store.engine import Database
from service.store.quote_evidence import SqlQuoteEvidence
from service.worker import IDLE_S, Worker


def state_entry(source: str, state: SourceState, now: Nanos) -> Entry:
    """Return the record of a change of a quote source's state."""
    body = msgspec.json.encode({"source": source, "state": state.value})
    return Entry(kind=RecordKind.QUOTE_SOURCE, received_at=now, body=body)


class LateQuoteWork:
    """Journals what was decided lately and is otherwise by quotes that came since; what could not be is tried again.

    What another source says of it may go before what came late: all of them are asked again.
    """

    def __init__(self, sources: QuoteSources, append: Callable[[Frame], None]) -> None:
        self._sources = sources
        self._append = append
        self._unwritten: list[Requote] = []

    def work(self) -> float:
        """Write one chunk of records; return how long to sleep."""
        now = Nanos(time.time_ns())
        self._unwritten = self._unwritten or self._amended(now)
        if not self._unwritten:
            return IDLE_S
        self._append(Frame(entries=tuple(requote_entry(made, now) for made in self._unwritten)))
        self._unwritten = []
        return 0.0

    def _amended(self, now: Nanos) -> list[Requote]:
        made = {}
        for live in self._sources.live.values():
            for one in live.amended(now):
                request = live.asked(one.offset)
                decision = None if request is None else self._sources.quotes.decide(request, now)
                if decision is not None:
                    made[one.offset] = msgspec.structs.replace(one, now=decision)
        return list(made.values())


class EvidenceWork:
    """Keeps the quotes around executions with the findings about them, in the order of these."""

    def __init__(self, collecting: Collecting, kept: SqlQuoteEvidence) -> None:
        self._collecting = collecting
        self._kept = kept

    def work(self) -> float:
        """Keep what can be kept; return how long to sleep."""
        collecting, now = self._collecting, Nanos(time.time_ns())
        if collecting.wanted:
            collecting.hold(self._kept.waiting(collecting.last, collecting.wanted), now)
        taken = collecting.take(now)
        if taken is None:
            return IDLE_S
        self._kept.keep(taken)
        collecting.done(taken)
        return 0.0


class QuoteWorkers:
    """The threads that the quote sources want; none for those that never say anything late."""

    def __init__(
        self,
        sources: QuoteSources,
        append: Callable[[Frame], None],
        database: Database,
        settings: QuotesSettings,
        form: Callable[[str, str], str],
    ) -> None:
        self._workers: list[Worker] = []
        if settings.evidence_s and sources.history is not None:
            collecting = Collecting(sources.history, Nanos(settings.evidence_s * SECOND), form)
            self._workers.append(Worker("evidence", EvidenceWork(collecting, SqlQuoteEvidence(database)).work))
        if sources.live:
            self._workers.append(Worker("late quotes", LateQuoteWork(sources, append).work))
        for live in sources.live.values():
            live.tell_late(self.wake)

    @property
    def troubles(self) -> tuple[str, ...]:
        """Return what keeps them from their work."""
        return tuple(worker.trouble for worker in self._workers if worker.trouble)

    def start(self) -> None:
        """Start all."""
        for worker in self._workers:
            worker.start()

    def wake(self) -> None:
        """Say that there may be something to do; on any thread."""
        for worker in self._workers:
            worker.wake()

    def stop(self) -> None:
        """Let each finish what it is at."""
        for worker in self._workers:
            worker.stop()
