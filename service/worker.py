"""The daemon's two working threads: the pipeline along the journal, and the caseworker behind it.

Both live on one pattern: work until there is nothing to do, then wait to be woken or for the next deadline.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

import structlog

from rules.facts import SECOND, Nanos
from service.metrics.daemon import Metrics
from service.pipeline import Pipeline
from service.ports import Store
from service.processed import Processed
from service.store.queue import SqlQueue
from service.stored_quotes import StoredQuotes

log = structlog.get_logger()

QUOTE_POLL_S = 0.002
IDLE_S = 0.5
RETRY_S = 1.0
YOUNG_AT_MOST = (50_000, 20, 100)
"""When the garbage collector looks: a batch makes thousands of values and drops them again by itself."""


class Worker:
    """A named thread that calls `work` until stopped; `work` says how many seconds it may sleep, 0 for none.

    An error is logged, counted by `on_error`, remembered in `trouble` and tried again: the watch goes on. One of the
    `fatal` kinds is none that another try could mend: the thread ends, and `on_fatal` is told why.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], float],
        *,
        before: Callable[[], None] = lambda: None,
        fatal: tuple[type[Exception], ...] = (),
        on_fatal: Callable[[Exception], None] = lambda _: None,
        on_error: Callable[[], None] = lambda: None,
        retry_s: float = RETRY_S,
    ) -> None:
        self.trouble: str | None = None
        self._fatal = fatal
        self._on_fatal = on_fatal
        self._on_error = on_error
        self._retry_s = retry_s
        self._work = work
        self._before = before
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._wake.set()

    def stop(self, timeout: float = 30.0) -> bool:
        """Let the thread finish what it is at; return whether it ended in time."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        started = False
        while not self._stopping.is_set():
            try:
                if not started:
                    self._before()
                    started = True
                pause = self._work()
                self.trouble = None
            except self._fatal as error:
                self.trouble = f"{self._thread.name}: {error}"
                log.error("work_ended", worker=self._thread.name, reason=str(error))  # noqa: TRY400 - no bug to trace
                self._on_fatal(error)
                return
            except Exception as error:
                self.trouble = f"{self._thread.name}: {type(error).__name__}: {error}"
                log.exception("work_failed", worker=self._thread.name, retry_s=self._retry_s)
                self._on_error()
                # what wakes it for new work must not make it hammer at what is broken
                self._stopping.wait(self._retry_s)
                continue
            if pause > 0:
                self._wake.wait(pause)
                self._wake.clear()


class PipelineWork:
    """Warms the pipeline, then turns it; `after` is called when something was recorded that the caseworker reads."""

    def __init__(self, pipeline: Pipeline, store: Store, after: Callable[[], None]) -> None:
        self.warm = threading.Event()
        self._pipeline = pipeline
        self._store = store
        self._after = after

    def before(self) -> None:
        """Bring the core to where the store is."""
        gc.set_threshold(*YOUNG_AT_MOST)
        began = time.monotonic()
        count = self._pipeline.warm(StoredQuotes(self._store))
        self.warm.set()
        log.info("warm", records=count, seconds=round(time.monotonic() - began, 3))

    def work(self) -> float:
        """Turn once; return how long nothing will happen by itself."""
        now = Nanos(time.time_ns())
        turn = self._pipeline.turn(now)
        if turn.processed is not None:
            if _tells_of_cases(turn.processed):
                self._after()
            return 0.0
        if turn.waiting:
            return QUOTE_POLL_S
        if self._pipeline.tick(now):
            return 0.0
        deadline = self._pipeline.deadline()
        return IDLE_S if deadline is None else min(IDLE_S, max(0.001, (deadline - now) / SECOND))

    def drain(self) -> None:
        """Process what is in the journal, as far as it can be without waiting for quotes, and save a checkpoint."""
        while self._pipeline.turn(Nanos(time.time_ns())).processed is not None:
            pass
        self._pipeline.save()


def _tells_of_cases(processed: Processed) -> bool:
    """Return whether a batch holds findings, second looks, or events that may end what a case is about."""
    return bool(processed.findings or processed.reassessments or processed.feed_events)


class CaseWork:
    """Gathers findings into cases; `after` is called when somebody should hear of it."""

    def __init__(self, queue: SqlQueue, metrics: Metrics, after: Callable[[], None]) -> None:
        self._queue = queue
        self._metrics = metrics
        self._after = after

    def before(self) -> None:
        """Bring the clocks of open cases to the rules of this start."""
        self._queue.set_clocks()

    def work(self) -> float:
        """Take one chunk of findings and second looks, then what clocks and shelvings ask; return how long to sleep."""
        now = Nanos(time.time_ns())
        gathered = self._queue.gather(now)
        tended = self._queue.tend(now)
        notices = (*gathered.notices, *tended.notices)
        self._metrics.noticed(notices)
        if notices:
            self._after()
        return 0.0 if gathered.any or tended.any else IDLE_S


def caseworker(queue: SqlQueue, metrics: Metrics, after: Callable[[], None]) -> Worker:
    """Return the caseworker's thread; it brings the clocks of open cases to the rules of this start first."""
    work = CaseWork(queue, metrics, after)
    return Worker("caseworker", work.work, before=work.before)
