"""The hand-over from the engine's thread to the pump: in order, counted, and without waking the pump per message.

Refuses to know the engine. Everything that the engine's thread calls here returns at once, `wait_for_commit` and
`wait_for_room` excepted, and those two are bounded.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import NamedTuple

from service.journal import RecordKind

ROOM = 100_000
"""Items that may wait before the engine's thread is made to wait, so that TCP slows the counterparty down."""


class Item(NamedTuple):
    """What was tapped: text as the engine gave it, or the JSON body of a control record."""

    kind: RecordKind
    session: str
    epoch: str
    received_at: int
    body: str | bytes


class Inbox:
    """Items on their way out; `activity` is when the engine's thread last did anything (monotonic ns)."""

    def __init__(self, *, on_receipt: bool = False, wait_s: float = 5.0, room: int = ROOM) -> None:
        self.activity = time.monotonic_ns()
        self.failure: str | None = None
        self.on_receipt = on_receipt
        self.tapped = 0
        self.overdue = 0
        self._room = room
        self._wait_s = wait_s
        self._items: deque[Item] = deque()
        self._filled = threading.Event()
        self._idle = False
        self._committed = 0
        self._moved = threading.Condition()
        self._sent: deque[tuple[int, int]] = deque()
        self._taken = 0
        self._putting = threading.Lock()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> None:
        """Take one item, from the engine's thread or that of the commands; wake the pump only if it sleeps."""
        with self._putting:
            self._items.append(item)
            self.tapped += 1
        if self._idle:
            self._filled.set()

    def fail(self, reason: str) -> None:
        """Remember that a callback failed: what it should have tapped is missing, so the gateway must not go on."""
        self.failure = self.failure or reason
        self._filled.set()

    def wake(self) -> None:
        """Wake the pump although nothing came."""
        self._filled.set()

    def wait(self, timeout_s: float) -> None:
        """Sleep until there is an item, at most `timeout_s`."""
        self._filled.clear()
        self._idle = True
        if not self._items:
            self._filled.wait(timeout_s)
        self._idle = False

    def take(self, most: int) -> list[Item]:
        """Return the next items in order, at most that many."""
        count = min(most, len(self._items))
        items = [self._items.popleft() for _ in range(count)]
        self._taken += count
        if self._items:
            return items
        with self._moved:
            self._moved.notify_all()
        return items

    def sent(self, number: int) -> None:
        """Note that all that was taken so far went out with batch `number`."""
        self._sent.append((number, self._taken))

    def acknowledge(self, number: int) -> None:
        """Note that the journal has committed every batch up to `number`."""
        with self._moved:
            while self._sent and self._sent[0][0] <= number:
                self._committed = self._sent.popleft()[1]
            self._moved.notify_all()

    def wait_for_commit(self) -> bool:
        """Wait until all that was tapped so far is committed; False when that took too long."""
        wanted = self.tapped
        with self._moved:
            return self._moved.wait_for(lambda: self._committed >= wanted, self._wait_s)

    def hold_back(self) -> None:
        """Hold the engine's thread as long as durability or memory ask for it."""
        if self.on_receipt and not self.wait_for_commit():
            self.overdue += 1
        self.wait_for_room()

    def wait_for_room(self) -> None:
        """Hold the engine's thread while too much waits to go out."""
        if len(self._items) >= self._room:
            with self._moved:
                self._moved.wait_for(lambda: len(self._items) < self._room, self._wait_s)
