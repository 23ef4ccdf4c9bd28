"""The console channel: one line of JSON an alert on standard output, for whoever collects a container's logs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import BinaryIO

from alerts.own_threads import OwnThreads
from alerts.ports import Delivery, PublishError


class ConsoleChannel:
    """Writes each alert as one line, its wire form; whoever reads them may be slow for `timeout_s`."""

    def __init__(self, *, timeout_s: float, stream: Callable[[], BinaryIO] = lambda: sys.stdout.buffer) -> None:
        self._stream = stream
        self._timeout_s = timeout_s
        self._threads = OwnThreads("alerts_console", most=1)
        self.at_once = 1
        self.longest_s = timeout_s

    @property
    def connected(self) -> bool:
        """Return whether it is worth trying: always."""
        return True

    @property
    def lost_at(self) -> None:
        """Return None: what the other side took, it has."""

    async def run(self) -> None:
        """Be there until cancelled."""
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> None:
        """Write the lines; returning means that they left this process."""
        try:
            await self._threads.run(lambda: self._write(delivery.bodies), self._timeout_s)
        except TimeoutError:
            msg = f"standard output took nothing for {self._timeout_s:g} s"
            raise PublishError(msg) from None
        except (OSError, ValueError) as error:
            msg = f"standard output cannot be written: {error}"
            raise PublishError(msg) from error

    def _write(self, bodies: tuple[bytes, ...]) -> None:
        stream = self._stream()
        stream.write(b"".join(body.replace(b"\n", b" ") + b"\n" for body in bodies))
        stream.flush()
