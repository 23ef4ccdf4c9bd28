"""What the daemon sees of itself: its sessions, sources, workers and channels now, and the store every few seconds."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from rules.facts import SECOND, Nanos
from service.configuration import Configuration
from service.feed.feeds import Feeds
from service.fix.children import Gateways
from service.fix.expected import Expected
from service.health import Readiness
from service.market.calendar import TradingCalendar, trade_date
from service.market.sources import QuoteSources
from service.metrics.done import Steps
from service.metrics.people import People
from service.metrics.sight import Disk, SessionSight, Sight
from service.metrics.tally import Newest
from service.recovery import redelivered
from service.store.work_tally import SqlTally

log = structlog.get_logger()

TALLY_EVERY_S = 5.0


class Hands:
    """What of the daemon is looked at; `troubles` says of each worker what keeps it from its work, None for nothing."""

    def __init__(
        self,
        *,
        gateways: Gateways,
        sources: QuoteSources,
        feeds: Callable[[], Feeds],
        inbox: Callable[[], int],
        warm: Callable[[], bool],
        troubles: Callable[[], Mapping[str, str | None]],
        connected: Callable[[], Mapping[str, bool]],
    ) -> None:
        self.gateways = gateways
        self.sources = sources
        self.feeds = feeds
        self.inbox = inbox
        self.warm = warm
        self.troubles = troubles
        self.connected = connected


class Lookout:
    """Looks at the daemon at every scrape, and at the store every few seconds; `people` is told what was done there."""

    def __init__(self, configuration: Configuration, calendar: TradingCalendar, hands: Hands, tally: SqlTally) -> None:
        self._folder: Path = configuration.settings.folder
        self._calendar = calendar
        self._hands = hands
        self._reader = tally
        self._newest = Newest()
        self._steps = Steps(Nanos(time.time_ns()))
        parties = configuration.counterparties
        self._sessions = {(party.name, one.name): one.values for party in parties for one in party.sessions.sessions}
        self._expected = {key: Expected(values) for key, values in self._sessions.items()}

    def sight(self) -> Sight:
        """Return what the daemon sees of itself now."""
        now = Nanos(time.time_ns())
        hands, market_open = self._hands, self._calendar.is_open(now)
        reports = {name: live.report(now) for name, live in hands.sources.live.items()}
        readiness = self.readiness()
        return Sight(
            at=now,
            sessions=tuple(self._session_sights(now, market_open=market_open)),
            gateway_restarts={state.counterparty: state.restarts for state in hands.gateways.states()},
            inbox=hands.inbox(),
            quote_lag={name: _seconds(report.lag) for name, report in reports.items()},
            quote_live={name: report.state.current for name, report in reports.items()},
            forgotten=sum(report.forgotten for report in reports.values()),
            warm=hands.warm(),
            ready=readiness.ready,
            failing={name: trouble is not None for name, trouble in hands.troubles().items()},
            market_open=market_open,
            connected=dict(hands.connected()),
            disk=self._disk(),
            tally=self._newest.at(time.monotonic_ns()),
        )

    def readiness(self) -> Readiness:
        """Return whether the watch can do its work, and what keeps it from it."""
        problems = [trouble for trouble in self._hands.troubles().values() if trouble]
        problems += [
            f"the gateway of {state.counterparty} is not running: {state.last_reason or 'starting'}"
            for state in self._hands.gateways.states()
            if not state.running
        ]
        if problems:
            return Readiness(state="failing", problems=tuple(problems))
        return Readiness(state="ready" if self._hands.warm() else "warming")

    async def keep_tally(self, people: People) -> None:
        """Count the store every few seconds until cancelled; one that cannot be read, or hangs, leaves them out."""
        while True:
            try:
                await asyncio.to_thread(self.count, people)
            except Exception:
                log.exception("tally_failed")
                self._newest.forget()
            await asyncio.sleep(TALLY_EVERY_S)

    def count(self, people: People) -> None:
        """Count the store once, and tell what people have done since the last time."""
        now = Nanos(time.time_ns())
        self._newest.keep(self._reader.read(now), time.monotonic_ns())
        for done in self._steps.fresh(self._reader.done(self._steps.since), now):
            people.worked(done)

    def _session_sights(self, now: Nanos, *, market_open: bool) -> list[SessionSight]:
        feeds, trading_day = self._hands.feeds(), self._calendar.hours(trade_date(now)) is not None
        gaps, offsets, missed = feeds.open_gaps(), feeds.clock_offsets(), feeds.recoveries()
        sights = []
        for state in self._hands.gateways.states():
            for session in state.sessions:
                key = (state.counterparty, session.session)
                heartbeat = self._sessions.get(key, {}).get("HeartBtInt")
                sights.append(
                    SessionSight(
                        counterparty=state.counterparty,
                        session=session.session,
                        logged_on=session.logged_on,
                        last_inbound_age=_age(session.last_inbound_at, now),
                        gap_open=key in gaps,
                        clock_offset=_seconds(offsets.get(key)),
                        recovering=key in missed,
                        redelivered=redelivered(missed.get(key)),
                        expected=key in self._expected
                        and self._expected[key].at(now, market_open=market_open, trading_day=trading_day),
                        heartbeat=None if heartbeat is None else float(heartbeat),
                    )
                )
        return sights

    def _disk(self) -> Disk | None:
        try:
            usage = shutil.disk_usage(self._folder)
        except OSError:
            log.warning("disk_unknown", folder=str(self._folder))
            return None
        return Disk(free=usage.free, size=usage.total)


def _seconds(nanos: int | None) -> float | None:
    return None if nanos is None else nanos / SECOND


def _age(at: int | None, now: int) -> float | None:
    return None if at is None else max(0.0, (now - at) / SECOND)
