"""What is still to happen, earliest first; things of one instant happen in the order in which they were planned."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import TypeVar

from service.simulator.events import Event

T = TypeVar("T")


class Agenda:
    """A queue of events to give out and of handlers to call, by time."""

    def __init__(self) -> None:
        self._queue: list[tuple[int, int, Callable[[int], None] | None, Event | None]] = []
        self._count = 0

    def tell(self, at: int, event: Event) -> None:
        """Give this event out at its time."""
        self._count += 1
        heappush(self._queue, (at, self._count, None, event))

    def call(self, at: int, handler: Callable[[int], None]) -> None:
        """Call this handler with the time when it has come."""
        self._count += 1
        heappush(self._queue, (at, self._count, handler, None))

    @property
    def next_at(self) -> int:
        """Return the time of the earliest entry; there is always one, because arrivals plan their successors."""
        return self._queue[0][0]

    def pop(self) -> Event | None:
        """Take the earliest entry: return its event, or call its handler and return None."""
        at, _, handler, event = heappop(self._queue)
        if handler is not None:
            handler(at)
        return event
