"""The day run again: the journal with the recorded decisions, and a store that keeps only what is compared. Pure.

What the road asks the store for is answered out of what was recorded, as of the record in hand, as at a restart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from rules.facts import Nanos
from rules.finding import Finding
from rules.reassessment import Reassessment
from service.core import Core
from service.journal import Frame, Record, SessionPoint
from service.orders.snapshot import KnownExecution
from service.pipeline import Pipeline
from service.ports import Checkpoint, Journal, Store
from service.processed import Decision, Processed
from service.requote import Decided
from service.stored_quotes import StoredQuotes
from service.verify.compare import Came

FACTS = (
    "fills",
    "order_events",
    "own_orders",
    "amendments",
    "order_outcomes",
    "markouts",
    "end_marks",
    "fades",
    "requotes",
    "register_changes",
    "feed_events",
)
"""The lists of a batch whose rows of the day are counted."""
BATCH = 2_048


class AgainStore:
    """The port Store of a second run: it writes nothing and keeps the findings and second looks of one trade date."""

    def __init__(self, recorded: Store, day: str, begin: Checkpoint | None) -> None:
        self._recorded = recorded
        self._day = day
        self._begin = begin
        self._upto = 0 if begin is None else begin.offset
        self._findings: dict[str, Finding] = {}
        self._looks: list[Reassessment] = []
        self._facts: Counter[str] = Counter()

    def came(self) -> Came:
        """Return what the day came to so far."""
        return Came(
            findings=tuple(self._findings.values()),
            looks=tuple(self._looks),
            facts={name: self._facts[name] for name in FACTS},
        )

    def record(self, processed: Processed) -> None:
        """Keep what is of the day."""
        self._upto = processed.upto
        for found in processed.findings:
            if found.trade_date == self._day:
                self._findings.setdefault(found.finding_id, found)
        self._looks += [look for look in processed.reassessments if look.trade_date == self._day]
        for name in FACTS:
            self._facts[name] += sum(1 for row in getattr(processed, name) if _date_of(row) == self._day)

    def processed_offset(self) -> int:
        """Return how far the second run is."""
        return self._upto

    def checkpoint(self, schema: str) -> Checkpoint | None:
        """Return the one to begin with."""
        del schema
        return self._begin

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Drop it."""

    def decisions(self, after: int, upto: int) -> dict[int, Decision]:
        """Return the decisions recorded."""
        return self._recorded.decisions(after, upto)

    def known_keys(self, counterparty: str, trade_date: str, before: int) -> dict[str, bytes]:
        """Return the keys recorded at an offset < `before`."""
        return self._recorded.known_keys(counterparty, trade_date, before)

    def known_execution(self, counterparty: str, exec_id: str, before: int) -> KnownExecution | None:
        """Return the execution as it was recorded at an offset < `before`."""
        return self._recorded.known_execution(counterparty, exec_id, before)

    def decided(self, offset: int, before: int) -> Decided:
        """Return what was judged by a decision as it was recorded at an offset < `before`."""
        return self._recorded.decided(offset, before)


class UntilJournal:
    """The port Journal up to an offset: what came after it is not there, and nothing is added."""

    def __init__(self, journal: Journal, upto: int) -> None:
        self.upto = upto
        self._journal = journal

    def append(self, frame: Frame) -> int:
        """Refuse: a second run adds nothing to the journal."""
        msg = f"a second run of a day would have journalled {len(frame.entries)} records; expected it to write nothing"
        raise RuntimeError(msg)

    def read(self, after: int, limit: int) -> list[Record]:
        """Return at most `limit` records that follow, none beyond the end."""
        wanted = min(limit, self.upto - after)
        return self._journal.read(after, wanted) if wanted > 0 else []

    def last_offset(self) -> int:
        """Return the end."""
        return self.upto

    def point(self, counterparty: str, session: str) -> SessionPoint | None:
        """Return what the journal says."""
        return self._journal.point(counterparty, session)


class Again:
    """A second run of a trade date, from a checkpoint or the journal's start; `run` takes it up to an offset."""

    def __init__(self, *, journal: Journal, recorded: Store, day: str, begin: Checkpoint | None) -> None:
        self.start = 0 if begin is None else begin.offset
        self._journal = UntilJournal(journal, self.start)
        self._store = AgainStore(recorded, day, begin)
        quotes = StoredQuotes(recorded)
        self._pipeline = Pipeline(journal=self._journal, store=self._store, quotes=quotes, core=Core(), batch=BATCH)
        self._pipeline.warm(quotes)

    def run(self, upto: int, progress: Callable[[int], None] = lambda _: None) -> Came:
        """Run on up to that offset, if it is not there yet; return what the day came to. `progress` is told where."""
        self._journal.upto = max(upto, self._journal.upto)
        while self._pipeline.turn(Nanos(0)).processed is not None:
            progress(self._pipeline.processed_offset)
        return self._store.came()


def _date_of(row: object) -> str:
    """Return the trade date of a row, whatever kind it is."""
    fact = getattr(row, "fill", None) or getattr(row, "changed", None) or row
    return str(getattr(fact, "trade_date", ""))
