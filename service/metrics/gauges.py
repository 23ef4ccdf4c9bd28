"""What is looked at when somebody scrapes, so that no age goes stale: sessions, sources, disk, people, channels."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from rules.facts import SECOND
from service.metrics.channels import channel_gauges
from service.metrics.families import counters, gauge, gauges
from service.metrics.people import work_gauges
from service.metrics.sight import SessionSight, Sight
from service.metrics.tally import Tally
from service.statements.completeness import State

SESSION = ("counterparty", "session")
OF_SESSIONS: tuple[tuple[str, str, Callable[[SessionSight], float | None]], ...] = (
    ("session_logged_on", "1 while the FIX session is logged on.", lambda one: one.logged_on),
    (
        "session_expected",
        "1 while the FIX session should be logged on: in its hours, on trading days.",
        lambda one: one.expected,
    ),
    ("session_heartbeat_seconds", "How often the session's sides say that they live.", lambda one: one.heartbeat),
    (
        "session_last_inbound_age_seconds",
        "Time since anything came on the session.",
        lambda one: one.last_inbound_age,
    ),
    ("gap_open", "1 while messages of the session are missing.", lambda one: one.gap_open),
    (
        "session_clock_offset_seconds",
        "Our clock less the session's, the shortest way between them included.",
        lambda one: one.clock_offset,
    ),
    (
        "session_recovering",
        "1 while reports that the session missed are awaited by another way than a resend.",
        lambda one: one.recovering,
    ),
    (
        "session_redelivered_reports",
        "Reports that the recovery in hand has brought.",
        lambda one: one.redelivered,
    ),
)


class Gauges(Collector):
    """Everything that is looked at; `look` is asked once a scrape."""

    def __init__(self, look: Callable[[], Sight], rules: Iterable[str], channels: Iterable[str]) -> None:
        self._look = look
        self._rules = tuple(rules)
        self._channels = tuple(channels)
        self._version = importlib.metadata.version("sorwatch")

    def describe(self) -> Iterable[Metric]:
        """Return nothing: a registry need not look to learn the names."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return all of it as it is now."""
        sight = self._look()
        tally = sight.tally
        yield from _sessions(sight)
        yield from _house(sight, self._version)
        yield from _sources(sight)
        yield from work_gauges(None if tally is None else tally.work, self._rules, sight.at)
        standings = None if tally is None else tally.channels
        yield from channel_gauges(self._channels, standings, sight.connected, sight.at)
        yield from _record(tally or Tally(), sight.at)


def _sessions(sight: Sight) -> Iterable[Metric]:
    for name, words, number in OF_SESSIONS:
        rows = {(one.counterparty, one.session): number(one) for one in sight.sessions}
        yield gauges(name, words, SESSION, rows)
    restarts = (((name,), count) for name, count in sight.gateway_restarts.items())
    yield counters("gateway_restarts", "Gateways started again after they died or wedged.", ("counterparty",), restarts)


def _house(sight: Sight, version: str) -> Iterable[Metric]:
    yield gauges("build_info", "1, with the version that runs.", ("version",), {(version,): 1})
    yield gauge("ready", "1 while the watch can do its work.", sight.ready)
    yield gauge("warm", "1 once the state of the day has been rebuilt after a start.", sight.warm)
    yield gauges(
        "worker_failing",
        "1 while a worker of the daemon is kept from its work.",
        ("worker",),
        {(name,): failing for name, failing in sight.failing.items()},
    )
    yield gauge("market_open", "1 in the regular hours of the firm's calendar.", sight.market_open)
    yield gauge("inbox_records", "Journal records that are not processed yet.", sight.inbox)
    yield gauge("decisions_forgotten", "Decisions too many to be looked out for late quotes.", sight.forgotten)
    disk = sight.disk
    yield gauge("disk_free_bytes", "Room left where the working folder is.", None if disk is None else disk.free)
    yield gauge("disk_size_bytes", "Size of the disk where the working folder is.", None if disk is None else disk.size)


def _sources(sight: Sight) -> Iterable[Metric]:
    yield gauges(
        "quote_source_lag_seconds",
        "Our clock less the quote source's high-water mark.",
        ("source",),
        {(name,): lag for name, lag in sight.quote_lag.items()},
    )
    yield gauges(
        "quote_source_live",
        "1 while the quotes of the source are those of now.",
        ("source",),
        {(name,): live for name, live in sight.quote_live.items()},
    )


def _record(tally: Tally, now: int) -> Iterable[Metric]:
    yield gauges(
        "certificate",
        "1 for what the gravest certificate of the newest certified day says.",
        ("counterparty", "state"),
        {(name, one.value): one == state for name, state in tally.certificates.items() for one in State},
    )
    for name, words, at in (
        ("certificate", "Time since a day was certified last, or since the store began.", tally.certified_at),
        ("seal", "Time since the record was sealed last, or since the store began.", tally.sealed_at),
    ):
        yield gauge(f"{name}_age_seconds", words, _age(at, now))


def _age(at: int | None, now: int) -> float | None:
    return None if at is None else max(0.0, (now - at) / SECOND)
