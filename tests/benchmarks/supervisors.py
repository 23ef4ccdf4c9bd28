"""Supervisors at the page, as a process: `python -m tests.benchmarks.supervisors URL PEOPLE SEED`, until it is killed.

Each keeps the live stream of the queue open, looks at the queue, at a filtered one and at an exception, thinks for a
second or two in between, and now and then writes a note. Every line that it prints is one request: what, ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import sys
import time

import httpx

THINKS_S = (1.0, 2.0)
LOOKS = ("/", "/?state=new", "/?severity=high", "/?order=harm", "exception", "exception", "exception", "note")
"""What a supervisor does next: one of these by chance."""


class Supervisor:
    """One browser of one person."""

    def __init__(self, url: str, chance: random.Random) -> None:
        self._client = httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60)
        self._chance = chance
        self._known: list[str] = []

    async def work(self) -> None:
        """Look and think, for good."""
        async with self._client, asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                await self._look(self._chance.choice(LOOKS) if self._known else "/")
                await asyncio.sleep(self._chance.uniform(*THINKS_S))

    async def _listen(self) -> None:
        async with self._client.stream("GET", "/live") as answer:
            async for _ in answer.aiter_lines():
                pass

    async def _look(self, what: str) -> None:
        began = time.perf_counter()
        if what.startswith("/"):
            answer = await self._client.get(what)
            self._known = re.findall(r'id="exception-(\d+)"', answer.text) or self._known
        elif what == "exception":
            answer = await self._client.get(f"/exceptions/{self._chance.choice(self._known)}")
        else:
            case = self._chance.choice(self._known)
            answer = await self._client.post(f"/exceptions/{case}/act/note", data={"words": "looked at it"})
        print(f"{what} {answer.status_code} {(time.perf_counter() - began) * 1e3:.1f}", flush=True)


async def main(url: str, people: int, seed: int) -> None:
    """Let so many people work side by side."""
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(Supervisor(url, random.Random(seed + number)).work())


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
