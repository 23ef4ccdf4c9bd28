"""Looks at an installation from outside: configuration, store, backlog, daemon, outbox, broker, disk."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec

from service.configuration import read_configuration
from service.settings import ConfigurationError, Settings
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.outbox import SqlOutbox
from service.store.record import SqlStore
from service.store.upgrade import StoreVersionError, require_current

OK, WARN, FAIL = "ok", "warn", "fail"
LOW_DISK = 2 * 1024**3
BACKLOG = 10_000
TIMEOUT_S = 2.0


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
    looks: list[Callable[[Settings], Iterator[Examined]]] = [_store, _daemon, _broker, _disk]
    return [
        Examined(OK, "configuration", f"firm {settings.firm}, counterparties {names}"),
        *(found for look in looks for found in look(settings)),
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
        depth = SqlOutbox(database).depth()
        verdict = WARN if depth.waiting else OK
        yield Examined(verdict, "outbox", f"{depth.waiting} alerts not delivered yet")


def _daemon(settings: Settings) -> Iterator[Examined]:
    url = f"http://{settings.http.host}:{settings.http.port}/readyz"
    try:
        answer = httpx.get(url, timeout=TIMEOUT_S).json()
    except (httpx.HTTPError, ValueError) as error:
        yield Examined(FAIL, "daemon", f"does not answer at {url}: {error}")
        return
    words = "; ".join(answer.get("problems", [])) or "all is well"
    yield Examined(OK if answer["state"] == "ready" else FAIL, "daemon", f"{answer['state']}: {words}")


def _broker(settings: Settings) -> Iterator[Examined]:
    mqtt = settings.mqtt
    if mqtt is None:
        yield Examined(WARN, "broker", "no [mqtt] section: alerts wait in the outbox")
        return
    try:
        with socket.create_connection((mqtt.host, mqtt.port), TIMEOUT_S):
            yield Examined(OK, "broker", f"{mqtt.host}:{mqtt.port} accepts connections")
    except OSError as error:
        yield Examined(FAIL, "broker", f"{mqtt.host}:{mqtt.port} cannot be reached: {error}")


def _disk(settings: Settings) -> Iterator[Examined]:
    free = shutil.disk_usage(settings.folder).free
    verdict = WARN if free < LOW_DISK else OK
    yield Examined(verdict, "disk", f"{free / 1024**3:.1f} GiB free in the working folder")
