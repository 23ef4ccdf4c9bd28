"""Puts the simulator together: paced in real time behind the acceptor, written to files, or a written log served again.

Ends cleanly on SIGINT and SIGTERM; when it is held, also when its standard input ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import structlog

from rules.facts import SECOND
from service.simulator.acceptor import Acceptor, Line
from service.simulator.dice import Dice
from service.simulator.events import Beat, DropCopy, Event, Gap, Silence
from service.simulator.faults import Fault
from service.simulator.files import Totals, TruthLog, read_messages, write
from service.simulator.market import QuoteMoved
from service.simulator.messages import BeginString
from service.simulator.own_orders import FAULTY, write_own_orders
from service.simulator.publisher import Broker, Publisher
from service.simulator.stream import generate
from service.simulator.truth import Truth

log = structlog.get_logger()

IDLE_BEAT = 0.25


class SimulatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to simulate.

    `hold` waits for a line on standard input before the first order; `seconds` None means without end.
    """

    line: Line
    seed: int = 7
    rate: float = 30.0
    quote_rate: float = 200.0
    faults: tuple[Fault, ...] = ()
    broker: Broker | None = None
    truth: Path | None = None
    seconds: float | None = None
    hold: bool = False


def run(settings: SimulatorSettings) -> int:
    """Simulate in real time until the end or a signal; return the exit code."""
    return asyncio.run(_main(settings))


def write_files(
    folder: Path,
    *,
    messages: int,
    seed: int,
    start_ns: int,
    rate: float = 1_000.0,
    quote_rate: float = 500.0,
    faults: tuple[Fault, ...] = (),
    version: BeginString = BeginString.FIX44,
    own_orders: str | None = None,
) -> Totals:
    """Simulate as fast as possible into a folder: messages.fix, quotes.csv and truth.jsonl.

    `own_orders`: "sound" or "faulty" to write own_orders.csv too, the firm's side of the same orders.
    """
    events = generate(seed, start_ns, rate, faults, version=version, quote_rate=quote_rate)
    if own_orders is None:
        return write(folder, events, messages, version)
    dice = Dice(seed, "own orders") if own_orders == FAULTY else None
    return write(folder, events, messages, version, lambda log: write_own_orders(folder, log, dice))


def serve(line: Line, path: Path, *, rate: float | None, stop: threading.Event, patience: float = 60.0) -> int:
    """Send a written log from the logon on, at `rate` messages a second or as fast as it goes; then serve resends.

    Without a logon within the patience it begins all the same: what was sent can be asked for.

    Returns the number of messages sent, after `stop` was set.
    """
    sent = 0
    with Acceptor(line) as acceptor:
        begin = time.monotonic()
        while not (acceptor.wait_for_logon(0.1) or stop.is_set()):
            if time.monotonic() - begin > patience:
                log.warning("nobody_logged_on", seconds=patience)
                break
        begin = time.monotonic()
        for event in read_messages(path):
            if stop.is_set():
                break
            if isinstance(event, Gap):
                acceptor.skip(event.count)
                continue
            if rate and (early := begin + sent / rate - time.monotonic()) > 0 and stop.wait(early):
                break
            acceptor.send(event.body, resend=event.resend)
            sent += 1
        log.info("log_served", messages=sent, seconds=round(time.monotonic() - begin, 3))
        stop.wait()
    return sent


async def _main(settings: SimulatorSettings) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # after the import of quickfix, which resets them
        loop.add_signal_handler(number, stop.set)
    with Acceptor(settings.line) as acceptor, TruthLog(settings.truth) as truth:
        log.info("simulator_listens", port=settings.line.port, version=settings.line.version.value)
        simulation = Simulation(settings, acceptor, truth)
        work = asyncio.create_task(simulation.run(), name="simulation")
        stopped = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        for task in (work, stopped):
            task.cancel()
        results = await asyncio.gather(work, stopped, return_exceptions=True)
        simulation.close()
    failed = [result for result in results if isinstance(result, Exception)]
    for error in failed:
        log.error("simulator_failed", reason=repr(error))
    return 1 if failed else 0


class Simulation:
    """Gives the stream's events out when their time comes: messages to the session, quotes to the broker."""

    def __init__(self, settings: SimulatorSettings, acceptor: Acceptor, truth: TruthLog) -> None:
        self._settings = settings
        self._acceptor = acceptor
        self._truth = truth
        self._publisher = Publisher(settings.broker) if settings.broker else None
        self._sender = ThreadPoolExecutor(1, "sender")  # a counterparty that reads no more must not stop the market
        self._totals = Totals()

    async def run(self) -> None:
        """Wait for the counterparty (and the word to begin), then simulate."""
        publishing = asyncio.create_task(self._publisher.run(), name="market") if self._publisher else None
        try:
            await self._wait_for_the_start()
            start = time.time_ns()
            log.info("simulation_started", seed=self._settings.seed, rate=self._settings.rate)
            await self._pace(start, self._events(start))
        finally:
            if publishing is not None:
                publishing.cancel()
                await asyncio.gather(publishing, return_exceptions=True)

    def close(self) -> None:
        """Write the totals and let go of the sender; it ends with the engine at the latest."""
        self._sender.shutdown(wait=False, cancel_futures=True)
        self._totals.last_sequence = self._acceptor.next_sequence - 1
        self._truth.write(self._totals)

    def _events(self, start: int) -> Iterator[Event]:
        settings = self._settings
        return generate(
            settings.seed,
            start,
            settings.rate,
            settings.faults,
            version=settings.line.version,
            quote_rate=settings.quote_rate,
        )

    async def _wait_for_the_start(self) -> None:
        """Keep the market's heart beating until the counterparty is here and, when held, a line came in."""
        begun = asyncio.Event()
        if self._settings.hold:
            _on_line(begun, asyncio.get_running_loop())
        else:
            begun.set()
        while not (self._acceptor.logged_on and begun.is_set()):
            if self._publisher is not None:
                self._publisher.flush(time.time_ns())
            await asyncio.sleep(IDLE_BEAT if not self._acceptor.logged_on else IDLE_BEAT / 10)

    async def _pace(self, start: int, events: Iterator[Event]) -> None:
        seconds = self._settings.seconds
        end = None if seconds is None else start + int(seconds * SECOND)
        for count, event in enumerate(events):
            if (early := event.at - time.time_ns()) > 0:  # never before its time: 60 would be after 52
                await asyncio.sleep(early / SECOND)
            elif count % 64 == 0:
                await asyncio.sleep(0)  # behind time: let the market's connection work
            if end is not None and event.at >= end:
                return
            self._give(event)

    def _give(self, event: Event) -> None:
        match event:
            case QuoteMoved():
                self._totals.quotes += 1
                if self._publisher is not None:
                    self._publisher.offer(event)
            case Beat():
                if self._publisher is not None:
                    self._publisher.flush(event.at)
            case DropCopy():
                self._totals.messages += 1
                self._totals.executions += event.trade
                self._sender.submit(self._send, event)
            case Gap():
                self._sender.submit(self._acceptor.skip, event.count)
            case Truth():
                self._truth.write(event)
                if self._publisher is not None and event.event != "hit":
                    self._publisher.tell(event)
            case Silence():
                log.info("feed_silent", seconds=(event.until - event.at) / SECOND)

    def _send(self, event: DropCopy) -> None:
        try:
            self._acceptor.send(event.body, resend=event.resend)
        except Exception as error:  # noqa: BLE001 - whatever the engine says, the others must still go out
            log.error("message_not_sent", reason=repr(error))  # noqa: TRY400 - the reason is enough


def _on_line(begun: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    """Set the event when a line comes on standard input; end the process when the input ends."""

    def read() -> None:
        first = sys.stdin.readline()
        with contextlib.suppress(RuntimeError):  # the loop is closed: we are ending anyway
            if first:
                loop.call_soon_threadsafe(begun.set)
        while sys.stdin.readline():
            pass
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=read, name="stdin", daemon=True).start()
