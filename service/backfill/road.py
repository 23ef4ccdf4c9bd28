"""Runs the road over what the journal holds, for a command that finds no daemon on the store: it judges nothing."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime

from rules.facts import Nanos
from service.alerting import alerting
from service.calendars import live_calendar
from service.configuration import Configuration
from service.core import Core
from service.in_force import UnusableVersionError
from service.market.sources import opened
from service.pipeline import JournalTooShortError, Pipeline
from service.plans import channel_names
from service.ports import Quotes
from service.settings import ConfigurationError, QuoteSourceKind, Settings
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.queue import SqlQueue
from service.store.record import SqlStore
from service.stored_quotes import StoredQuotes


def run_road(configuration: Configuration, database: Database) -> None:
    """Process all that the journal holds, gather what was found into cases, and save where it is.

    The caller holds the store. Without a quote file there are no quotes: a live source has none of what is past.
    """
    settings, store = configuration.settings, SqlStore(database)
    with ExitStack() as stack:
        pipeline = Pipeline(
            journal=SqlJournal(database),
            store=store,
            quotes=_quotes(stack, settings),
            core=Core(),
            batch=settings.journal.batch,
        )
        try:
            pipeline.warm(StoredQuotes(store))
            while (turn := pipeline.turn(Nanos(time.time_ns()))).processed is not None or turn.waiting:
                pass
        except (UnusableVersionError, JournalTooShortError) as error:
            raise ConfigurationError([str(error)]) from None
        pipeline.save()
    rules = configuration.queue.on(live_calendar(settings.calendar, datetime.now(UTC).date()))
    told, channels = alerting(settings.firm, settings.page), channel_names(configuration.plan)
    gather_all(SqlQueue(database, alerting=told, channels=channels, rules=rules))


def gather_all(queue: SqlQueue) -> None:
    """Let the caseworker take everything that waits for it, second looks behind the last finding included."""
    while queue.gather(Nanos(time.time_ns())).any:
        pass


def _quotes(stack: ExitStack, settings: Settings) -> Quotes:
    calendar = live_calendar(settings.calendar, datetime.now(UTC).date())
    sources = opened(settings, calendar, only=QuoteSourceKind.FILE)
    stack.callback(sources.close)
    return sources.quotes
