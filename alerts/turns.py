"""The turns of one round of a channel: as many deliveries at one time as it takes, and none when the round is over."""

from __future__ import annotations

import asyncio

ROUND_S = 5.0
"""How long a round begins deliveries: then what was sent is written down, so that little comes twice after a kill."""


class Turns:
    """Who may begin now: `free` is entered for the length of a delivery, `over` says that none begins any more."""

    def __init__(self, at_once: int) -> None:
        self.free = asyncio.Semaphore(at_once)
        self.trouble = False
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + ROUND_S

    @property
    def over(self) -> bool:
        """Return whether the channel is in trouble, or the time of the round has passed."""
        return self.trouble or self._loop.time() > self._end
