"""Threads for what blocks: a few of a channel's own, none of which can keep the process from ending."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class OwnThreads:
    """Runs what blocks, at most `most` at once, and waits for each no longer than asked.

    What takes longer goes on in its thread, and counts until it ends: a way that is stuck takes no more than `most`.
    """

    def __init__(self, name: str, *, most: int) -> None:
        self._name = name
        self._free = asyncio.Semaphore(most)

    async def run(self, work: Callable[[], T], within: float) -> T:
        """Return what the work returns, or raise what it raises; TimeoutError when it takes longer than `within` s."""
        async with asyncio.timeout(within):
            await self._free.acquire()
            done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            threading.Thread(target=self._work, args=(work, done), name=self._name, daemon=True).start()
            return await done

    def _work(self, work: Callable[[], T], done: asyncio.Future[T]) -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - it is raised where the work was asked for
            self._settle(done, partial(done.set_exception, error))
        else:
            self._settle(done, partial(done.set_result, result))

    def _settle(self, done: asyncio.Future[T], settle: Callable[[], None]) -> None:
        def settled() -> None:
            self._free.release()
            if not done.done():
                settle()

        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            done.get_loop().call_soon_threadsafe(settled)
