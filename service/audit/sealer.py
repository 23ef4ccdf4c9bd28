"""The daemon's seals: one after the close of each trading day, and one for the days that were missed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from rules.facts import SECOND, Nanos
from service.audit.due import Due, due
from service.audit.seal import Seal
from service.audit.seal_file import SealFile
from service.market.calendar import TradingCalendar
from service.store.seals import SqlSeals

log = structlog.get_logger()

LOOK_S = 1.0
RETRY_S = 60.0


class Sealer:
    """Looks at the clock, seals what is due, and sees to it that the file has every seal; `work` is one look."""

    def __init__(
        self,
        seals: SqlSeals,
        file: SealFile,
        calendar: TradingCalendar,
        after_s: float,
        *,
        clock: Callable[[], int] = time.time_ns,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self._seals = seals
        self._file = file
        self._calendar = calendar
        self._delay = Nanos(int(after_s * SECOND))
        self._clock = clock
        self._after = after
        self._known: tuple[Nanos | None, Nanos | None] | None = None

    async def run(self) -> None:
        """Look every second; what fails is tried again after a minute, and the watch goes on."""
        while True:
            pause = LOOK_S
            try:
                await asyncio.to_thread(self.work)
            except Exception:
                log.exception("seal_failed", retry_s=RETRY_S)
                pause = RETRY_S
            await asyncio.sleep(pause)

    def work(self) -> Seal | None:
        """Seal what is due now; the file gets what it lacks at the first look and behind every seal."""
        if self._known is None:
            self._file.append(self._seals.after)
            self._known = self._read()
        now = Nanos(self._clock())
        if self._due(now) is None:
            return None
        self._known = self._read()  # somebody may have sealed by command meanwhile
        wanted = self._due(now)
        if wanted is None:
            return None
        self._known = None  # until the file has the seal too
        made = self._seals.make(wanted, now)
        self._after()
        log.info("sealed", day=made.day, seal=made.seq, hash=made.hash, missed=len(made.missed))
        self._file.append(self._seals.after)
        self._known = self._read()
        return made

    def _due(self, now: Nanos) -> Due | None:
        newest, began = self._known or (None, None)
        return None if began is None else due(now, self._calendar, self._delay, newest, began)

    def _read(self) -> tuple[Nanos | None, Nanos | None]:
        newest = self._seals.newest()
        return None if newest is None else newest.at, self._seals.began()
