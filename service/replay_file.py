"""Replays one FIX log file: finds the dialect, the calendar and the quotes, and sends the lines down the road.

Without a counterparty it takes the plain dialect of the log's BeginString and no venue register.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import msgspec

from rules import reassessment
from rules.digest import digest
from rules.facts import SECOND, Nanos
from rules.finding import Finding, Scope
from service.alerting import alerting
from service.calendars import log_calendar
from service.configuration import limits_text, party_versions, plain_dialect, read_party, read_rulebook
from service.fix.logfile import LogLine, read_log
from service.fix.message import Message, split
from service.in_force import UnusableVersionError
from service.journal import Entry, RecordKind
from service.market.calendar import TradingCalendar
from service.market.daily_quotes import opened_quotes
from service.market.quote_rows import QuoteFileError
from service.market.ranked_quotes import Ranked, RankedQuotes
from service.market.recorded_quotes import NoQuotes
from service.market.sources import QuoteSources
from service.passing import PassingJournal, PassingStore
from service.quote_evidence import Collecting
from service.quote_work import EvidenceWork
from service.replay import Replay, Summary
from service.settings import ConfigurationError, Settings, read_settings
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.lock import StoreInUse, only_daemon
from service.store.queue import SqlQueue
from service.store.quote_evidence import SqlQuoteEvidence
from service.store.record import SqlStore
from service.store.upgrade import StoreVersionError, migrate
from service.versions import Version, VersionKind, changes

NO_REGISTER = "[]\n"


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What the first readable message of a log says of all of it."""

    begin_string: str
    session: str
    year: int


def replay_file(
    fixlog: Path,
    *,
    quotes: Path | None = None,
    counterparty: str | None = None,
    store_url: str | None = None,
    folder: Path = Path(),
    ignore_checksum: bool = False,
    on_finding: Callable[[Finding], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Run the log down the road; return what it came to. Raise ConfigurationError when it cannot start."""
    settings = read_settings(folder)
    heading, lines = _heading(fixlog, read_log(fixlog, ignore_checksum=ignore_checksum))
    party = counterparty or "replay"
    calendar = log_calendar(settings.calendar, heading.year)
    versions = _versions(settings, party, counterparty, heading, calendar)
    found: list[Finding] = []
    with ExitStack() as stack:
        sources = _quotes(stack, quotes, calendar, settings)
        database = _store(stack, store_url) if store_url else None
        journal, store = (SqlJournal(database), SqlStore(database)) if database else (PassingJournal(), PassingStore())
        new = changes(versions, journal.in_force()) if isinstance(journal, SqlJournal) else versions
        replay = Replay(quotes=sources.quotes, journal=journal, store=store)
        try:
            for finding in replay.run(new, _entries(lines, party, heading.session), progress=progress):
                on_finding(finding)
                found.append(finding)
        except (UnusableVersionError, QuoteFileError) as error:
            raise ConfigurationError([str(error)]) from None
        if database is not None:
            _gather(database)
            _keep_quotes(database, sources, settings, replay.form)
        replay.summary.digest = {scope.value: digest(found, scope) for scope in Scope}
        if replay.second_looks:
            replay.summary.digest["second_looks"] = reassessment.digest(replay.second_looks)
        return replay.summary


def _quotes(stack: ExitStack, path: Path | None, calendar: TradingCalendar, settings: Settings) -> QuoteSources:
    if path is None:
        return QuoteSources(quotes=NoQuotes())
    try:
        quotes = opened_quotes(path, calendar=calendar, symbols=settings.quotes.symbols)
    except QuoteFileError as error:
        raise ConfigurationError([str(error)]) from None
    stack.callback(quotes.close)
    return QuoteSources(quotes=RankedQuotes(Ranked("file", quotes)), history=quotes)


def _store(stack: ExitStack, url: str) -> Database:
    """Return the store at that URL, for this replay alone."""
    try:
        database = stack.enter_context(Database(url))
        stack.enter_context(only_daemon(database))
        migrate(database)
    except (StoreInUse, StoreVersionError) as error:
        raise ConfigurationError([str(error)]) from None
    return database


def _gather(database: Database) -> None:
    """Turn what was found into cases, as the daemon's caseworker does; a replay tells nobody."""
    queue = SqlQueue(database, alerting=alerting("replay"), channels=())
    while queue.gather(Nanos(time.time_ns())).any:
        pass


def _keep_quotes(
    database: Database, sources: QuoteSources, settings: Settings, form: Callable[[str, str], str]
) -> None:
    """Keep the quotes around executions with what was found of them, as the daemon does."""
    span = Nanos(settings.quotes.evidence_s * SECOND)
    if span and sources.history is not None:
        work = EvidenceWork(Collecting(sources.history, span, form), SqlQuoteEvidence(database))
        while work.work() == 0.0:
            pass


def _versions(
    settings: Settings, party: str, counterparty: str | None, heading: Heading, calendar: TradingCalendar
) -> list[Version]:
    problems: list[str] = []
    rulebook = read_rulebook(settings.folder, settings, problems)
    dialect, venues = plain_dialect(heading.begin_string), NO_REGISTER
    if counterparty is not None:
        read = read_party(settings.counterparties_folder / counterparty, problems)
        if read is not None:
            dialect, venues = read.dialect, read.venues or NO_REGISTER
    if problems:
        raise ConfigurationError(problems)
    if dialect is None:
        msg = f"there is no plain dialect for {heading.begin_string}; name a --counterparty with a dialect of its own"
        raise ConfigurationError([msg])
    return [
        Version(kind=VersionKind.CALENDAR, name=calendar.name, text=msgspec.json.encode(calendar).decode()),
        Version(kind=VersionKind.LIMITS, name="feed", text=limits_text(settings)),
        Version(kind=VersionKind.RULEBOOK, name="rulebook", text=rulebook),
        *party_versions(party, dialect, venues),
    ]


def _heading(fixlog: Path, lines: Iterable[LogLine]) -> tuple[Heading, Iterable[LogLine]]:
    """Read ahead to the first message that says who talks to whom; return it with all lines, none lost."""
    stream = iter(lines)
    ahead: list[LogLine] = []
    for line in stream:
        ahead.append(line)
        message = split(line.body)
        if isinstance(message, Message) and "8" in message.fields:
            return _read_heading(message.fields), chain(ahead, stream)
    problem = f"{fixlog.name}: no FIX message was found; expected one a line, with SOH or | between the fields"
    raise ConfigurationError([problem])


def _read_heading(fields: dict[str, str]) -> Heading:
    begin = fields["8"]
    sent = fields.get("52", "")[:4]
    session = f"{begin}:{fields.get('56', '?')}->{fields.get('49', '?')}"
    # a log that does not say when it was is taken for one of these days
    year = int(sent) if sent.isdecimal() and len(sent) == len("2013") else datetime.now(UTC).year
    return Heading(begin_string=begin, session=session, year=year)


def _entries(lines: Iterable[LogLine], counterparty: str, session: str) -> Iterator[Entry]:
    for line in lines:
        yield Entry(
            kind=RecordKind.MESSAGE,
            counterparty=counterparty,
            session=session,
            epoch="log",
            received_at=line.received_at,
            body=line.body,
        )
