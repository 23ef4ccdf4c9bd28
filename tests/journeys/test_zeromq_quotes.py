"""Quotes over ZeroMQ from a real publisher: they come in, a publisher that died is seen at once and found again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest
import zmq

from rules.facts import Nanos, QuoteState
from service.journal import RecordKind
from service.market.calendar import ALWAYS
from service.market.liveness import SourceState
from service.market.sources import QuoteSources, opened
from service.processed import Decision
from service.settings import Settings
from service.store.journal import SqlJournal
from tests.factories_market import a_request
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.quote_files import write_csv
from tests.servers import free_port

pytestmark = pytest.mark.journey
PATIENCE = 20.0


class Publisher:
    """A publisher on a port of its own; messages to nobody are dropped, as the library does."""

    def __init__(self) -> None:
        self.port = free_port()
        self._context = zmq.Context()
        self._socket: zmq.Socket[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Begin to publish on the port."""
        self._socket = self._context.socket(zmq.PUB)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.bind(f"tcp://127.0.0.1:{self.port}")

    def stop(self) -> None:
        """Break every connection."""
        assert self._socket is not None
        self._socket.close()
        self._socket = None

    def say(self, message: object, topic: str = "nbbo") -> None:
        """Publish one message."""
        assert self._socket is not None
        body = message if isinstance(message, bytes) else msgspec.json.encode(message)
        self._socket.send_multipart([topic.encode(), body])

    def close(self) -> None:
        """Let everything go."""
        if self._socket is not None:
            self.stop()
        self._context.term()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Give a publisher."""
    running = Publisher()
    yield running
    running.close()


class Watching:
    """The sources that the settings name, with the states that they told."""

    def __init__(self, folder: Path, *publishers: Publisher) -> None:
        self.states: list[SourceState] = []
        options = {"zeromq": {"address": [f"tcp://127.0.0.1:{each.port}" for each in publishers], "topic": "nbbo"}}
        quotes = {"source": "zeromq", "options": options, "dead_after_ms": 60_000}
        self.sources: QuoteSources = opened(
            Settings(folder=folder, quotes=quotes),  # type: ignore[arg-type]
            ALWAYS,
            lambda _, state: self.states.append(state),
        )
        self.live = self.sources.live["zeromq"]

    def asked(self, symbol: str = "IBM") -> Decision | None:
        """Ask for the quote of this moment, received long ago."""
        now = Nanos(time.time_ns())
        return self.sources.quotes.decide(a_request(symbol=symbol, execution_at=now, received_at=Nanos(1)), now)

    def state(self, symbol: str = "IBM") -> QuoteState | None:
        """Return the state of the quote of this moment."""
        decision = self.asked(symbol)
        return None if decision is None or decision.at_execution is None else decision.at_execution.state


@asynccontextmanager
async def watching(folder: Path, *publishers: Publisher) -> AsyncIterator[Watching]:
    """Run the source beside the block."""
    watch = Watching(folder, *publishers)
    task = asyncio.create_task(watch.sources.feeds["zeromq"]())
    try:
        yield watch
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Wait until it is true, doing something meanwhile."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            meanwhile()
            await asyncio.sleep(0.02)


def quote(symbol: str = "IBM") -> dict[str, object]:
    """Return a quote of this moment."""
    return {
        "symbol": symbol,
        "bid": "99.90",
        "bid_size": 1,
        "offer": "100.10",
        "offer_size": 2,
        "time_ns": time.time_ns(),
    }


async def test_quotes_batches_heartbeats_and_nonsense_come_in(tmp_path: Path, publisher: Publisher) -> None:
    """The decision names the source; what is of another topic does not reach us."""
    async with watching(tmp_path, publisher) as watch:
        await until(lambda: bool(watch.states), lambda: publisher.say({"time_ns": time.time_ns()}))
        publisher.say(quote("ZZZ"), topic="other")
        publisher.say(b"\xff nonsense")
        publisher.say({"quotes": [quote(), quote("MSFT")], "sequence": 1, "time_ns": time.time_ns()})
        await until(lambda: watch.live.report(Nanos(0)).tape.taken == 2)

        decision, unknown, report = watch.asked(), watch.state("ZZZ"), watch.live.report(Nanos(0))

    assert decision is not None
    assert decision.at_execution is not None
    assert (decision.source, decision.at_execution.state) == ("zeromq", QuoteState.NORMAL)
    assert (unknown, report.bad_quotes) == (QuoteState.ABSENT, 1)
    assert watch.states == [SourceState.LIVE]


async def test_a_publisher_that_dies_is_seen_at_once_and_found_again(tmp_path: Path, publisher: Publisher) -> None:
    """Long before its silence would tell; what was quiet meanwhile is in doubt until it is said again."""
    async with watching(tmp_path, publisher) as watch:
        await until(lambda: watch.state() is QuoteState.NORMAL, lambda: publisher.say(quote()))
        publisher.stop()
        await until(lambda: watch.states[-1] is SourceState.DEAD)
        dead = watch.state()
        publisher.start()
        await until(lambda: watch.states[-1] is SourceState.GAPPED, lambda: publisher.say(quote("MSFT")))
        doubted = watch.asked()
        await until(lambda: watch.state() is QuoteState.NORMAL, lambda: publisher.say(quote()))

    assert dead is QuoteState.STALE
    assert doubted is not None
    assert doubted.at_execution is not None
    assert doubted.at_execution.note == "gap in the quote source"


def test_a_daemon_lives_on_its_quotes_and_journals_their_end(tmp_path: Path, publisher: Publisher) -> None:
    """The second source is a file; the first is shown with its lag, and when it dies the daemon does not."""
    csv = write_csv(tmp_path / "nbbo.csv", [(time.time_ns(), "IBM", "99.90", "100.10")])
    wanted = SETTINGS.replace('source = "file"', 'source = "zeromq"\nsecond = "file"')
    settings = f'{wanted}[quotes.options.zeromq]\naddress = "tcp://127.0.0.1:{publisher.port}"\n'
    with LiveDaemon(tmp_path / "work", quotes=csv, settings=settings) as daemon:
        daemon.start()

        def lag_is_shown() -> bool:
            publisher.say({"time_ns": time.time_ns()})
            return 'sorwatch_quote_source_lag_seconds{source="zeromq"}' in daemon.ask("metrics").text

        daemon.wait(lag_is_shown, "the lag of the source is shown")
        publisher.stop()
        daemon.wait(lambda: states(daemon)[-1:] == [("zeromq", "dead")], "its end is journalled")
        answers = daemon.answers("healthz")
        code = daemon.stop()

    assert answers
    assert code == 0


def states(daemon: LiveDaemon) -> list[tuple[str, str]]:
    """Return what the journal says of quote sources, in order."""
    records = SqlJournal(daemon.database).read(0, 10_000)
    bodies = [msgspec.json.decode(each.body) for each in records if each.kind is RecordKind.QUOTE_SOURCE]
    return [(body["source"], body["state"]) for body in bodies]


async def test_a_flood_is_taken_whole_or_shows_its_holes(tmp_path: Path, publisher: Publisher) -> None:
    """The numbers of the batches tell what the publisher dropped for us."""
    async with watching(tmp_path, publisher) as watch:
        await until(lambda: bool(watch.states), lambda: publisher.say({"time_ns": time.time_ns()}))
        for number in range(1, 401):
            publisher.say({"quotes": [quote() for _ in range(100)], "sequence": number, "time_ns": time.time_ns()})
        publisher.say({"quotes": [quote("END")], "sequence": 401, "time_ns": time.time_ns()})
        await until(lambda: watch.state("END") is QuoteState.NORMAL)

        report = watch.live.report(Nanos(0))

    assert (report.tape.taken == 40_001) is (report.gaps == 0)
    assert report.bad_quotes == 0
