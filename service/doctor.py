"""Looks at an installation from outside: configuration, store, backlog, daemon, broker, disk, channels."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aiomqtt
import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from alerts.broker import Broker
from alerts.mqtt_line import connection
from rules.facts import Nanos
from service.configuration import Configuration, read_configuration
from service.exact_text import iso_utc
from service.market.calendar import trade_date
from service.settings import ConfigurationError, Settings
from service.store.backfilled import SqlBackfills
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.unmatched import UnmatchedSymbols, unmatched_symbols
from service.store.upgrade import StoreVersionError, require_current
from service.telling.look import looked
from service.telling.printed import channel_line

OK, WARN, FAIL = "ok", "warn", "fail"
LOW_DISK = 2 * 1024**3
BACKLOG = 10_000
TIMEOUT_S = 2.0
SYMBOLS_NAMED = 5
CLOCK_OFFSET = "sorwatch_session_clock_offset_seconds"
RECOVERING, CAME = "sorwatch_session_recovering", "sorwatch_session_redelivered_reports"


class Examined(msgspec.Struct, frozen=True):
    """One thing that was looked at: `verdict` is ok, warn or fail."""

    verdict: str
    subject: str
    words: str


def examine(folder: Path) -> list[Examined]:
    """Return what was found, one line a thing, worst news in words."""
    try:
        configuration = read_configuration(folder)
    except ConfigurationError as error:
        return [Examined(FAIL, "configuration", problem) for problem in error.problems]
    settings = configuration.settings
    names = ", ".join(party.name for party in configuration.counterparties)
    looks: list[Callable[[Settings], Iterator[Examined]]] = [_store, _daemon, _clocks, _disk]
    return [
        Examined(OK, "configuration", f"firm {settings.firm}, counterparties {names}"),
        *(found for look in looks for found in look(settings)),
        *_broker(settings, [spec.name for spec in configuration.plan.channels]),
        *_channels(configuration),
    ]


def _store(settings: Settings) -> Iterator[Examined]:
    with Database(settings.store_url) as database:
        try:
            require_current(database)
        except StoreVersionError as error:
            yield Examined(FAIL, "store", str(error))
            return
        last, done = SqlJournal(database).last_offset(), SqlStore(database).processed_offset()
        yield Examined(OK, "store", f"{database.url.render_as_string(hide_password=True)}, journal at {last}")
        backlog = last - done
        yield Examined(WARN if backlog > BACKLOG else OK, "backlog", f"{backlog} journal records not processed yet")
        for record, note in SqlBackfills(database).files()[:1]:
            when = iso_utc(record.received_at or 0)
            words = f"{note.messages} messages from {note.file}, by {note.actor} at {when}"
            yield Examined(OK, "last back-fill", words)
        yield from _symbols(database)


def _symbols(database: Database) -> Iterator[Examined]:
    """Say how many symbols of today's executions the quotes do not know, and how many executions are in no stock."""
    found = unmatched_symbols(database, trade_date(Nanos(time.time_ns())))
    yield _unknown(found)
    if found.others:
        counts = ", ".join(f"{note} ({count})" for note, count in found.others)
        yield Examined(WARN, "instruments", f"today's executions that no price rule judges: {counts}")


def _unknown(found: UnmatchedSymbols) -> Examined:
    """Say how many symbols the quotes do not know, and name the first few."""
    if not found.symbols:
        return Examined(OK, "symbols", f"none of today's {found.executions} executions lacks its quotes by its symbol")
    named = ", ".join(f"{symbol} ({party}, {count})" for party, symbol, count in found.symbols[:SYMBOLS_NAMED])
    more = ", …" if len(found.symbols) > SYMBOLS_NAMED else ""
    words = f"{len(found.symbols)} symbols of today's {found.executions} executions have no quotes: {named}{more}"
    return Examined(WARN, "symbols", words)


def _clocks(settings: Settings) -> Iterator[Examined]:
    """Say how far each session's clock is from ours, as the daemon sees it; nothing while it does not answer."""
    url = f"http://{settings.http.host}:{settings.http.port}/metrics"
    try:
        text = httpx.get(url, timeout=TIMEOUT_S).raise_for_status().text
    except httpx.HTTPError:
        return
    tolerance = settings.feed.clock_tolerance_s
    for family in text_string_to_metric_families(text):
        for sample in family.samples if family.name == CLOCK_OFFSET else ():
            off = bool(tolerance) and abs(sample.value) > tolerance
            words = f"{sample.labels['session']} of {sample.labels['counterparty']}: {1000 * sample.value:+.1f} ms"
            yield Examined(WARN if off else OK, "clock", f"{words} (our clock less theirs, the way included)")
    yield from _recoveries(text)


def _recoveries(metrics: str) -> Iterator[Examined]:
    """Say of each session whose missed reports are awaited how many came so far."""
    found: dict[str, dict[tuple[str, str], float]] = {RECOVERING: {}, CAME: {}}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples if family.name in found else ():
            found[family.name][sample.labels["counterparty"], sample.labels["session"]] = sample.value
    for (party, session), lasts in found[RECOVERING].items():
        if lasts:
            came = int(found[CAME].get((party, session), 0))
            yield Examined(WARN, "recovery", f"{session} of {party}: what it missed is coming, {came} reports so far")


def _daemon(settings: Settings) -> Iterator[Examined]:
    url = f"http://{settings.http.host}:{settings.http.port}/readyz"
    try:
        answer = httpx.get(url, timeout=TIMEOUT_S).json()
    except (httpx.HTTPError, ValueError) as error:
        yield Examined(FAIL, "daemon", f"does not answer at {url}: {error}")
        return
    words = "; ".join(answer.get("problems", [])) or "all is well"
    yield Examined(OK if answer["state"] == "ready" else FAIL, "daemon", f"{answer['state']}: {words}")


def _broker(settings: Settings, ways: list[str]) -> Iterator[Examined]:
    mqtt = settings.mqtt
    if mqtt is None:
        others = f"alerts go by {', '.join(ways)}" if ways else "alerts wait in the outbox"
        yield Examined(OK if ways else WARN, "broker", f"no [mqtt] section: {others}")
        return
    line = f"MQTT {mqtt.version.value}{' over TLS' if mqtt.tls else ''}"
    try:
        asyncio.run(_connected(mqtt.broker))
    except (aiomqtt.MqttError, OSError) as error:
        yield Examined(FAIL, "broker", f"{mqtt.broker.place} cannot be reached by {line}: {error}")
        return
    yield Examined(OK, "broker", f"{mqtt.broker.place} lets us in by {line}")


async def _connected(broker: Broker) -> None:
    async with connection(broker, timeout=TIMEOUT_S):
        pass


def _channels(configuration: Configuration) -> Iterator[Examined]:
    """Say how each channel stands: connected or not, what waits since when, what is dead."""
    with Database(configuration.settings.store_url) as database:
        try:
            require_current(database)
        except StoreVersionError:
            return
        now = time.time_ns()
        there = looked(lambda: configuration, SqlDeliveries(database), now)
    for one in there.standings:
        connected = there.connected(one.channel)
        troubled = one.is_troubled(now) or one.waiting > one.held
        verdict = FAIL if connected is False else WARN if troubled else OK
        yield Examined(verdict, "channel", channel_line(one, now, connected=connected))


def _disk(settings: Settings) -> Iterator[Examined]:
    free = shutil.disk_usage(settings.folder).free
    verdict = WARN if free < LOW_DISK else OK
    yield Examined(verdict, "disk", f"{free / 1024**3:.1f} GiB free in the working folder")
