"""The composition root of the daemon: the one place that names real adapters, and the order of start and stop.

Start is recovery: lock, migrate, put versions in force, log on, then warm. Stop drains and logs out; a kill loses
nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime
from pathlib import Path

import structlog

from rules.facts import Nanos
from service.alerting import alerting
from service.calendars import live_calendar
from service.change.activation import ActivationWork, put_in_force
from service.configuration import Configuration, read_configuration
from service.core import Core
from service.daily import daily
from service.gateways import opened_gateways, steer
from service.health import endpoint, serving
from service.in_force import UnusableVersionError
from service.journal import Frame
from service.lookout import Hands, Lookout
from service.market.calendar import TradingCalendar
from service.market.liveness import SourceState
from service.market.sources import opened
from service.market.tape_file import kept_over_restarts
from service.metrics.daemon import Metrics
from service.pipeline import JournalTooShortError, Pipeline
from service.plans import channel_names
from service.quote_work import QuoteWorkers, state_entry
from service.sending import Sending
from service.settings import ConfigurationError, QuoteSourceKind
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.lock import StoreInUse, only_daemon
from service.store.proposals import SqlProposals
from service.store.queue import SqlQueue
from service.store.record import SqlStore
from service.store.upgrade import StoreVersionError, migrate
from service.store.work_tally import SqlTally
from service.worker import PipelineWork, Worker, caseworker

log = structlog.get_logger()

QUOTES_FILE = "quotes.saved"
HOUSEKEEPING_S = 1.0


def run_daemon(folder: Path) -> int:
    """Run the daemon of a working folder until SIGTERM or SIGINT; return the exit code."""
    configuration = read_configuration(folder)
    settings = configuration.settings
    calendar = live_calendar(settings.calendar, datetime.now(UTC).date())
    with ExitStack() as stack:
        database = stack.enter_context(Database(settings.store_url))
        try:
            stack.enter_context(only_daemon(database))
            log.info("store", state=migrate(database))
        except (StoreInUse, StoreVersionError) as error:
            raise ConfigurationError([str(error)]) from None
        asyncio.run(Daemon(configuration, calendar, database).run())
    return 0


class Daemon:
    """Everything that runs in the core process, wired together."""

    def __init__(self, configuration: Configuration, calendar: TradingCalendar, database: Database) -> None:
        self._configuration = configuration
        self._settings = configuration.settings
        self._database = database
        self._journal = SqlJournal(database)
        self._store = SqlStore(database)
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        put_in_force(configuration, calendar, database)
        self._last_offset = self._journal.last_offset()
        core = Core()
        plan = configuration.plan
        self.metrics = Metrics(
            [rule.name for rule in core.engine.rulebook.rules],
            lambda: self._lookout.sight(),  # noqa: PLW0108 - it is made later
            counterparties=[party.name for party in configuration.counterparties],
            channels=channel_names(plan),
        )
        self._sources = opened(self._settings, calendar, self._quote_state)
        self._beside_quotes = QuoteWorkers(self._sources, self._take_frame, database, self._settings.quotes, core.form)
        self._pipeline = Pipeline(
            journal=self._journal,
            store=self._store,
            quotes=self._sources.quotes,
            core=core,
            batch=self._settings.journal.batch,
            watch=self.metrics.recorded,
            stopwatch=time.perf_counter,
        )
        rules = configuration.queue.on(calendar)
        self._sending = Sending(plan, self._settings, calendar, database, self.metrics.alerts)
        told = alerting(self._settings.firm, self._settings.page)
        queue = SqlQueue(database, alerting=told, channels=channel_names(plan), rules=rules)
        self._caseworker = caseworker(queue, self.metrics, self._sending.wake)
        self._work = PipelineWork(self._pipeline, self._store, self._caseworker.wake)
        self._fatal: Exception | None = None
        self._worker = Worker(
            "pipeline",
            self._work.work,
            before=self._work.before,
            fatal=(UnusableVersionError, JournalTooShortError),
            on_fatal=self._give_up,
            on_error=self.metrics.commit_failed,
        )
        self._versions = Worker("versions", ActivationWork(SqlProposals(database), self._journalled).work)
        self._daily = daily(configuration, calendar, database, self._sending.wake)
        self._gateways = opened_gateways(configuration, self._journal, self._take_frame)
        self._lookout = Lookout(configuration, calendar, self._hands(), SqlTally(database, rules))

    async def run(self) -> None:
        """Start everything, run until told to stop, stop everything in the order in which nothing is lost."""
        self._loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(name, self._stop.set)
        async with AsyncExitStack() as stack:
            http = self._settings.http
            app = endpoint(self.metrics, self._lookout.readiness)
            port = await stack.enter_async_context(serving(app, http.host, http.port))
            await stack.enter_async_context(self._speaking())
            self._gateways.start()
            self._worker.start()
            self._caseworker.start()
            self._versions.start()
            self._beside_quotes.start()
            gc.freeze()
            log.info("running", firm=self._settings.firm, http=f"http://{http.host}:{port}")
            await stack.enter_async_context(self._background(self._housekeeping(), "housekeeping"))
            await stack.enter_async_context(self._background(self._lookout.keep_tally(self.metrics.people), "tally"))
            for what, work in self._daily.items():
                await stack.enter_async_context(self._background(work(), what))
            steering = steer(self._gateways, lambda: self._pipeline.core.feeds, self._work.warm, self._settings.feed)
            await stack.enter_async_context(self._background(steering, "steering"))
            await self._stop.wait()
            log.info("stopping")
            await asyncio.to_thread(self._drain)
        if self._fatal is not None:
            raise ConfigurationError([str(self._fatal)])
        log.info("stopped")

    def _hands(self) -> Hands:
        return Hands(
            gateways=self._gateways,
            sources=self._sources,
            feeds=lambda: self._pipeline.core.feeds,
            inbox=lambda: max(0, self._last_offset - self._pipeline.processed_offset),
            warm=self._work.warm.is_set,
            troubles=self._troubles,
            connected=lambda: {name: way.connected for name, way in self._sending.ways.items()},
        )

    def _troubles(self) -> dict[str, str | None]:
        workers = {"pipeline": self._worker, "caseworker": self._caseworker, "versions": self._versions}
        return {
            **{name: worker.trouble for name, worker in workers.items()},
            "quotes": "; ".join(filter(None, self._beside_quotes.troubles)) or None,
        }

    def _give_up(self, error: Exception) -> None:
        """End the daemon for what no other try could mend; it may be said from any thread."""
        self._fatal = error
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    def _journalled(self) -> None:
        """Let the pipeline take up what another hand has put into the journal."""
        self._last_offset = self._journal.last_offset()
        self._worker.wake()

    def _take_frame(self, frame: Frame) -> None:
        """Commit what a gateway sent, and wake the pipeline."""
        self._last_offset = self._journal.append(frame)
        self._worker.wake()

    def _quote_state(self, source: str, state: SourceState) -> None:
        """Journal a change of a quote source's state; it may come on any thread."""
        self._take_frame(Frame(entries=(state_entry(source, state, Nanos(time.time_ns())),)))

    @contextlib.asynccontextmanager
    async def _speaking(self) -> AsyncIterator[None]:
        """Run the quote sources and the alert channels while the block lasts; without a channel the alerts wait."""
        async with AsyncExitStack() as stack:
            stack.callback(self._sources.close)
            for name, work in self._sending.works():
                await stack.enter_async_context(self._background(work(), name))
            if QuoteSourceKind.MQTT in self._sources.live:
                kept = self._sources.live[QuoteSourceKind.MQTT]
                stack.enter_context(kept_over_restarts(kept, self._settings.folder / QUOTES_FILE))
            for name, feed in self._sources.feeds.items():
                await stack.enter_async_context(self._background(feed(), f"quotes_{name}"))
            yield

    @contextlib.asynccontextmanager
    async def _background(self, work: Coroutine[None, None, None], name: str) -> AsyncIterator[None]:
        """Run a coroutine beside the block; the daemon stops when it fails."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed", task=task.get_name(), error=repr(error))
            self._stop.set()

    async def _housekeeping(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            try:
                await asyncio.to_thread(self._database.tend)
            except StoreInUse as error:
                self._give_up(error)

    def _drain(self) -> None:
        """Log out, journal what is left, process it, save a checkpoint."""
        self._gateways.stop()
        self._versions.stop()
        self._beside_quotes.stop()
        if self._worker.stop() and self._work.warm.is_set() and self._fatal is None:
            self._work.drain()
        self._caseworker.stop()
