"""The daemon's certificates: at the close of each trading day one for each session, and those that were missed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

import structlog
from sqlalchemy import func, select

from rules.facts import SECOND, Nanos
from service.market.calendar import TradingCalendar, trade_date
from service.statements.day import Whose
from service.statements.due import LOOK_BACK, Watched, due
from service.statements.issue import certify, issued
from service.store import tables
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.statements import SqlStatements
from service.versions import VersionKind

log = structlog.get_logger()

LOOK_S = 1.0
RETRY_S = 60.0
PATIENCE = Nanos(300 * SECOND)
"""So long a certificate waits for messages that are in the journal and not processed."""


class Certifier:
    """Looks at the clock, and certifies what is due; `work` is one look."""

    def __init__(
        self,
        database: Database,
        calendar: TradingCalendar,
        sessions: Iterable[tuple[str, str]],
        after_s: float,
        *,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._database = database
        self._calendar = calendar
        self._after = Nanos(int(after_s * SECOND))
        self._clock = clock
        self._sessions = list(sessions)
        self._began = trade_date(Nanos(clock()))
        self._watched: list[Watched] | None = None
        self._issued: dict[Whose, Nanos] = {}
        self._waiting: tuple[Nanos, int] | None = None

    async def run(self) -> None:
        """Look every second; what fails is tried again after a minute, and the watch goes on."""
        while True:
            pause = LOOK_S
            try:
                await asyncio.to_thread(self.work)
            except Exception:
                log.exception("certificate_failed", retry_s=RETRY_S)
                pause = RETRY_S
            await asyncio.sleep(pause)

    def work(self) -> int:
        """Certify what is due now; return how many certificates were issued."""
        now = Nanos(self._clock())
        if self._watched is None:
            self._watched = self._known()
            self._read_issued()
        if not self._due(now) or self._behind(now):
            return 0
        self._read_issued()  # somebody may have asked for one meanwhile
        wanted = self._due(now)
        for whose in wanted:
            made = certify(self._database, whose.counterparty, whose.session, whose.trade_date, now=now)
            issued(self._database, [made])
            self._issued[whose] = now
            log.info("certificate", session=whose.session, day=whose.trade_date, state=made.state.value)
        self._waiting = None
        return len(wanted)

    def _due(self, now: Nanos) -> list[Whose]:
        return due(now, self._calendar, self._after, self._watched or (), self._issued)

    def _behind(self, now: Nanos) -> bool:
        """Return whether what was in the journal when it came due is not processed yet, and may be soon."""
        if self._waiting is None:
            self._waiting = now, SqlJournal(self._database).last_offset()
        since, offset = self._waiting
        return SqlStore(self._database).processed_offset() < offset and now - since < PATIENCE

    def _read_issued(self) -> None:
        newest = SqlStatements(self._database).newest(LOOK_BACK + 1)
        self._issued = {
            Whose(counterparty, session, day): one.at
            for day, found in newest.items()
            for (counterparty, session), one in found.items()
        }

    def _known(self) -> list[Watched]:
        """Return the sessions with the day since which each is watched: of one never heard, today."""
        versions, points = tables.versions, tables.session_points
        first = (
            select(versions.c.name, func.min(versions.c.activated_at))
            .where(versions.c.kind == VersionKind.DIALECT.value)
            .group_by(versions.c.name)
        )
        with self._database.reading() as connection:
            activated = {name: at for name, at in connection.execute(first) if at is not None}
            heard = {tuple(row) for row in connection.execute(select(points.c.counterparty, points.c.session))}
        return [
            Watched(
                counterparty=counterparty,
                session=session,
                since=trade_date(activated[counterparty])
                if (counterparty, session) in heard and counterparty in activated
                else self._began,
            )
            for counterparty, session in self._sessions
        ]
