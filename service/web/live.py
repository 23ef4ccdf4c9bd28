"""Server-sent events: what changed in the store, read once for all open pages and said to each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator

import msgspec

from service.store.evidence import Backlog, Counts, SqlEvidence
from service.telling.words import trouble
from service.web.pulse import pulse

POLL_S = 0.25
PULSE_S = 2.0
"""A page that hears nothing for several of these knows that it is not live."""
COUNT_S = 2.0
"""Clocks move exceptions without a step of theirs: so often they are counted anew when no step was taken."""
SHARE = 20
"""Many exceptions are counted less often: at most one part of so many of the time is spent counting them."""


class News(msgspec.Struct, frozen=True):
    """What the pages show of the store as a whole."""

    counts: Counts
    backlog: Backlog
    trouble: str = ""


class Live:
    """The stream behind every open page; `stop()` ends all of them."""

    def __init__(self, evidence: SqlEvidence) -> None:
        self.open = 0
        self._evidence = evidence
        self._stopping = asyncio.Event()
        self._turn = asyncio.Lock()
        self._next = 0.0
        self._counted = self._count_next = self._looked = 0.0
        self._counted_at = -1
        self._news: News | None = None

    def stop(self) -> None:
        """End every stream, so that the server can end."""
        self._stopping.set()

    async def stream(self) -> AsyncGenerator[str]:
        """Say `queue-changed` whenever an exception changed, and the pulse every two seconds."""
        known: Counts | None = None
        due = 0.0
        self.open += 1
        try:
            while not self._stopping.is_set():
                news = await self._latest()
                if news.counts != known:
                    known = news.counts
                    yield _event("queue-changed", json.dumps({"waiting": known.waiting, "step": known.steps}))
                if time.monotonic() >= due:
                    due = time.monotonic() + PULSE_S
                    words = pulse(news.backlog.received_at, news.backlog.waiting)
                    yield _event("pulse", json.dumps({"words": words, "alerts": news.trouble}))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), POLL_S)
        finally:
            self.open -= 1

    async def _latest(self) -> News:
        """Return what the store says, asked at most every `POLL_S` for all streams together."""
        async with self._turn:
            began = time.monotonic()
            if self._news is None or began >= self._next:
                self._news = await asyncio.to_thread(self._read)
                self._next = began + POLL_S
            return self._news

    def _read(self) -> News:
        return News(self._counts(), self._evidence.backlog(), self._trouble())

    def _trouble(self) -> str:
        """Return which channels are in trouble, in words; looked at no more often than the pulse says it."""
        before, now = self._news, time.monotonic()
        if before is not None and now < self._looked + PULSE_S:
            return before.trouble
        self._looked = now
        at = time.time_ns()
        return trouble(self._evidence.deliveries.standings(at), at)

    def _counts(self) -> Counts:
        """Return how many stand where, counted only when something has happened or a clock may have run out.

        Between two counts it is the number of the newest step that moves.
        """
        before, now = self._news, time.monotonic()
        if before is not None:
            step = self._evidence.search.steps()
            is_old = step != self._counted_at or now >= self._counted + COUNT_S
            if not is_old or now < self._count_next:
                return msgspec.structs.replace(before.counts, steps=step)
        counts = self._evidence.counts()
        self._counted, self._counted_at = now, counts.steps
        self._count_next = now + SHARE * (time.monotonic() - now)
        return counts


def _event(name: str, text: str) -> str:
    return f"event: {name}\ndata: {text}\n\n"
