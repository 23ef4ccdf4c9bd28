"""The daemon's working threads: they work, wait, are woken, survive errors and end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from rules.facts import Nanos
from service.alerting import alerting
from service.journal import Frame, RecordKind
from service.market.recorded_quotes import NoQuotes
from service.metrics.daemon import Metrics
from service.metrics.sight import Sight
from service.ports import QuoteRequest
from service.processed import Decision, Processed
from service.store.engine import Database
from service.store.queue import SqlQueue
from service.store.record import SqlStore
from service.worker import IDLE_S, QUOTE_POLL_S, CaseWork, PipelineWork, Worker
from tests.factories import a_feed_event, an_outcome
from tests.factories_cases import a_finding as a_case_finding
from tests.factories_cases import a_look
from tests.factories_road import a_journal, a_pipeline, a_trade, an_order
from tests.factories_store import a_finding
from tests.fakes_store import FakeJournal, FakeStore

LONG_S = 60.0
LIMIT_S = 20.0


class Script:
    """Work that does what it is told, one step a call, and says when a step was taken."""

    def __init__(self, *steps: Callable[[], float]) -> None:
        self.calls = 0
        self.done = [threading.Event() for _ in steps]
        self._steps = steps

    def work(self) -> float:
        """Take the next step; rest for long when there is none left."""
        if self.calls >= len(self._steps):
            return LONG_S
        step, done = self._steps[self.calls], self.done[self.calls]
        self.calls += 1
        try:
            return step()
        finally:
            done.set()


def at_once() -> float:
    """Have more to do."""
    return 0.0


def rest() -> float:
    """Have nothing to do for long."""
    return LONG_S


def fail() -> float:
    """Fail as a full disk does."""
    msg = "disk full"
    raise OSError(msg)


def test_a_worker_works_until_there_is_nothing_to_do_then_waits_to_be_woken() -> None:
    """Nothing is polled in between."""
    script = Script(at_once, rest, rest)
    worker = Worker("test", script.work)
    worker.start()
    assert script.done[1].wait(LIMIT_S)
    assert not script.done[2].is_set()

    worker.wake()

    assert script.done[2].wait(LIMIT_S)
    assert worker.stop(LIMIT_S)


def test_an_error_is_remembered_and_tried_again_and_forgotten_when_it_works() -> None:
    """The watch goes on; what is wrong can be seen meanwhile."""
    seen: list[str | None] = []
    worker: Worker

    def look() -> float:
        seen.append(worker.trouble)
        return 0.0

    script = Script(fail, look, rest)
    worker = Worker("test", script.work, retry_s=0.001)

    worker.start()

    assert script.done[2].wait(LIMIT_S)
    assert worker.stop(LIMIT_S)
    assert seen == ["test: OSError: disk full"]
    assert worker.trouble is None


def test_what_must_come_before_is_tried_until_it_succeeds_and_then_never_again() -> None:
    """Warming up while the database is away."""
    tries = iter([fail, at_once])
    ran: list[int] = []
    script = Script(at_once, rest)

    def before() -> None:
        ran.append(script.calls)
        next(tries)()

    worker = Worker("test", script.work, before=before, retry_s=0.001)

    worker.start()

    assert script.done[1].wait(LIMIT_S)
    assert worker.stop(LIMIT_S)
    assert ran == [0, 0]


def test_an_error_that_no_other_try_could_mend_ends_the_thread_and_is_told() -> None:
    """A version in the journal that this program cannot read, for example."""
    told: list[Exception] = []
    ended = threading.Event()

    def on_fatal(error: Exception) -> None:
        told.append(error)
        ended.set()

    script = Script(fail, rest)
    worker = Worker("test", script.work, fatal=(OSError,), on_fatal=on_fatal)

    worker.start()

    assert ended.wait(LIMIT_S)
    assert worker.stop(LIMIT_S)
    assert script.calls == 1
    assert str(told[0]) == "disk full"
    assert worker.trouble == "test: disk full"


def test_a_worker_that_hangs_is_said_to_hang() -> None:
    """Stopping waits so long and no longer."""
    let_go = threading.Event()
    entered = threading.Event()

    def hang() -> float:
        entered.set()
        let_go.wait(LIMIT_S)
        return 0.0

    worker = Worker("test", hang)
    worker.start()
    assert entered.wait(LIMIT_S)

    in_time = worker.stop(0.01)

    let_go.set()
    assert not in_time
    assert worker.stop(LIMIT_S)


class Waiting(NoQuotes):
    """Quotes that never come."""

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Say "not yet"."""
        return None  # type: ignore[return-value] # the port allows it


def a_work(journal: FakeJournal, store: FakeStore, told: list[int]) -> PipelineWork:
    """Return the pipeline's work over fakes; `told` counts what was recorded."""
    return PipelineWork(a_pipeline(journal, store), store, lambda: told.append(1))


def test_the_pipelines_work_warms_up_records_and_then_waits_for_its_deadline() -> None:
    """The next deadline in our past becomes a tick at once."""
    journal, store = a_journal([a_trade(1, 1, "O1", "E1")]), FakeStore()
    work = a_work(journal, store, [])

    work.before()
    pauses = [work.work(), work.work(), work.work()]

    assert work.warm.is_set()
    assert pauses == [0.0, 0.0, 0.0]
    assert journal.records[-1].kind is RecordKind.TICK


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({"findings": [a_finding()]}, [1]),
        ({"reassessments": [a_look(a_case_finding())]}, [1]),
        ({"feed_events": [a_feed_event()]}, [1]),
        ({"order_outcomes": [an_outcome()]}, []),
    ],
)
def test_the_caseworker_is_woken_by_what_it_reads_alone(made: dict[str, Any], told: list[int]) -> None:
    """Most batches found nothing: to look for cases after each of them would cost the road a tenth of its pace."""
    woken: list[int] = []
    journal = a_journal([an_order(1, 1, "O1")])
    pipeline = a_pipeline(journal)
    work = PipelineWork(pipeline, FakeStore(), lambda: woken.append(1))
    work.before()
    while work.work() == 0.0:
        pass
    woken.clear()

    pipeline._made = Processed(upto=journal.last_offset() + 1, **made)
    work.work()

    assert woken == told


def test_with_nothing_to_do_the_pipelines_work_rests() -> None:
    """But never longer than a moment, for a message may have come unannounced."""
    work = a_work(FakeJournal(), FakeStore(), [])
    work.before()

    assert work.work() == IDLE_S


def test_a_fact_that_waits_for_its_quotes_is_asked_for_soon_again() -> None:
    """The source may pass its time any moment."""
    journal = a_journal([a_trade(1, 1, "O1", "E1")])
    pipeline = a_pipeline(journal)
    pipeline._quotes = Waiting()
    work = PipelineWork(pipeline, FakeStore(), lambda: None)
    work.before()

    pauses = [work.work(), work.work()]

    assert pauses == [0.0, QUOTE_POLL_S]


def test_draining_processes_what_is_there_and_saves_a_checkpoint() -> None:
    """The next start is quick."""
    journal, store = a_journal([an_order(1, 1, "O1")]), FakeStore()
    work = a_work(journal, store, [])
    work.before()
    journal.append(Frame(entries=(a_trade(2, 2, "O1", "E1"),)))

    work.drain()

    assert store.processed_offset() == journal.last_offset()
    assert [kept.offset for kept in store.checkpoints] == [journal.last_offset()]


def test_the_caseworker_gathers_tells_and_rests(database: Database) -> None:
    """Somebody is told only when there is something to hear."""
    told: list[int] = []
    queue = SqlQueue(database, alerting=alerting("firm"), channels=())
    work = CaseWork(queue, Metrics(["slow_fill"], _no_sight), lambda: told.append(1))
    SqlStore(database).record(Processed(upto=1, findings=[a_finding()]))

    pauses = [work.work(), work.work()]

    assert pauses == [0.0, IDLE_S]
    assert told == [1]


def _no_sight() -> Sight:
    raise NotImplementedError
