"""Runs a quote source of others in a thread and loop of its own: whatever it does or fails to do, the watch goes on."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from importlib.metadata import entry_points

import structlog

from rules.facts import Nanos
from service.market.live_quotes import LiveQuotes
from service.market.source_port import GROUP, Opening, QuoteSource

log = structlog.get_logger()

GOODBYE_S = 2.0
"""How long the end waits for a source that does not let go."""


class NoSuchSourceError(ValueError):
    """No package that is installed brings a source of that name, or it cannot be imported."""


def known_sources() -> tuple[str, ...]:
    """Return the names of the sources that the installed packages bring."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def loaded(name: str) -> Opening:
    """Return what opens the source of that name."""
    for entry in entry_points(group=GROUP, name=name):
        try:
            opening: Opening = entry.load()
        except Exception as error:
            msg = f"the quote source {name!r} ({entry.value}) cannot be loaded: {error}"
            raise NoSuchSourceError(msg) from error
        return opening
    msg = f"there is no quote source {name!r}; the installed packages bring {', '.join(known_sources()) or 'none'}"
    raise NoSuchSourceError(msg)


class ForeignQuotes:
    """Keeps a source running and its state judged, until cancelled; `runs` counts the attempts."""

    def __init__(
        self,
        name: str,
        source: QuoteSource,
        live: LiveQuotes,
        *,
        check_every_s: float = 0.5,
        retry_s: tuple[float, float] = (0.5, 15.0),
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.runs = 0
        self._name = name
        self._source = source
        self._live = live
        self._check_every_s = check_every_s
        self._retry_s = retry_s
        self._clock = clock
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Run the source beside this loop; a source that hangs falls silent, and silence is judged here."""
        self._live.start(self._now())
        thread = threading.Thread(target=self._feed, name=f"quotes_{self._name}", daemon=True)
        thread.start()
        try:
            while True:
                self._live.check(self._now())
                await asyncio.sleep(self._check_every_s)
        finally:
            self._end(thread)

    def _feed(self) -> None:
        try:
            asyncio.run(self._keep_running())
        except asyncio.CancelledError:
            log.info("quotes_ended", source=self._name)
        except BaseException as error:  # noqa: BLE001 - the code of others ends its own thread and nothing else
            log.error("quotes_ended", source=self._name, error=repr(error))  # noqa: TRY400 - not our stack
            self._live.lost()

    async def _keep_running(self) -> None:
        self._loop, self._work = asyncio.get_running_loop(), asyncio.current_task()
        self._ready.set()
        shortest, longest = self._retry_s
        wait = shortest
        while not self._stopping.is_set():
            self.runs += 1
            began = time.monotonic()
            log.warning("quotes_lost", source=self._name, reason=await self._attempt())
            self._live.lost()
            if time.monotonic() - began > longest:
                wait = shortest
            await asyncio.sleep(wait * (0.5 + random.random() / 2))  # noqa: S311 - jitter, not a secret
            wait = min(longest, wait * 2)

    async def _attempt(self) -> str:
        """Let the source run; return why it does no longer."""
        try:
            await self._source.run()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the code of others
            return f"{type(error).__name__}: {error}"
        return "it returned by itself"

    def _end(self, thread: threading.Thread) -> None:
        self._stopping.set()
        if self._ready.wait(GOODBYE_S) and self._loop is not None and self._work is not None:
            try:
                self._loop.call_soon_threadsafe(self._work.cancel)
            except RuntimeError:
                log.info("quotes_ended", source=self._name, reason="its loop was closed before")
        thread.join(GOODBYE_S)
        if thread.is_alive():
            log.warning("quotes_hang", source=self._name)

    def _now(self) -> Nanos:
        return Nanos(self._clock())
