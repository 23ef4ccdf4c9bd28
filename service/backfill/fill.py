"""Fills a gap from a file: reads it, writes it to the journal in chunks, sees it down the road, says what it came to.

The command may run beside a daemon, which takes the records up by itself; where none holds the store it runs the road
itself. A file that cannot be used changes nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from io import StringIO
from itertools import islice
from pathlib import Path

import msgspec

from rules.facts import Nanos
from service.access.acting import acting
from service.access.actor import Actor, Way
from service.access.permissions import May
from service.backfill.csv_rows import read_rows
from service.backfill.known import Known, of_a_file
from service.backfill.plan import FileNote, Line, Plan, SessionName, Whose
from service.backfill.road import run_road
from service.backfill.words import came_to_words, held_words, known_words
from service.calendars import live_calendar
from service.change.activation import put_in_force
from service.configuration import FILES_ALONE, Configuration, Counterparty, read_configuration
from service.fix.dialect import Dialect, parse_dialect
from service.fix.logfile import read_log
from service.journal import Entry, Frame
from service.settings import ConfigurationError
from service.store.backfilled import SqlBackfills
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.lock import StoreInUse, only_daemon
from service.store.record import SqlStore
from service.store.upgrade import require_current
from service.versions import VersionKind

CHUNK = 512
POLL_S = 0.05
LOG, CSV = "FIX log", "CSV"
_SNIFFED = 65_536

Say = Callable[[str], None]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the command."""

    folder: Path
    store_url: str
    counterparty: str
    file: Path
    actor: str
    reason: str = ""
    session: str | None = None
    ignore_checksum: bool = False
    dry_run: bool = False
    timeout_s: float = 300.0


class Source:
    """One file with its messages, whichever form it has; they can be read again and again."""

    def __init__(self, wanted: Wanted, dialect: Dialect) -> None:
        self._wanted = wanted
        self.form = form_of(wanted.file)
        self._rows: tuple[Line, ...] = ()
        self.problems: tuple[str, ...] = ()
        if self.form == CSV:
            text = _text(wanted.file)
            rows = read_rows(StringIO(text, newline=""), dialect)
            self._rows, self.problems = rows.lines, rows.problems

    def lines(self) -> Iterator[Line]:
        """Yield the messages in the order of the file."""
        if self.form == CSV:
            yield from self._rows
            return
        for line in read_log(self._wanted.file, ignore_checksum=self._wanted.ignore_checksum):
            yield Line(line.number, line.body)


def fill(wanted: Wanted, say: Say) -> bool:
    """Fill the gap; return whether all that was written is processed. Raise ConfigurationError for what is wrong."""
    configuration = read_configuration(wanted.folder)
    party = _party(configuration, wanted)
    dialect = parse_dialect(party.dialect)
    source, whose = Source(wanted, dialect), Whose(_sessions(party), wanted.session)
    plan = _plan(wanted, source, whose)
    say(held_words(wanted.file.name, source.form, plan))
    with ExitStack() as stack:
        database = stack.enter_context(Database(wanted.store_url))
        require_current(database)
        wanted = _by_account(wanted, database)
        if wanted.dry_run:
            say(known_words(_known(configuration, party, source, whose, database)))
            return True
        alone = _alone(stack, database)
        journal = SqlJournal(database)
        if alone:
            calendar = live_calendar(configuration.settings.calendar, datetime.now(UTC).date())
            put_in_force(configuration, calendar, database)
        elif (VersionKind.DIALECT.value, party.name) not in journal.in_force():
            raise ConfigurationError([f"the daemon does not know counterparty {party.name} yet; start it again first"])
        first, last = _write(wanted, source, whose, plan, journal)
        if alone:
            run_road(configuration, database)
        elif not _seen_through(database, last, wanted.timeout_s):
            done = SqlStore(database).processed_offset()
            say(f"written to the journal up to {last}; the daemon has processed it up to {done} and goes on by itself")
            return False
        say(came_to_words(SqlBackfills(database).came_to(first, last)))
    return True


def form_of(path: Path) -> str:
    """Return what the file is: a FIX log if its beginning holds a FIX message, else a CSV."""
    with path.open("rb") as file:
        return LOG if b"8=FIX" in file.read(_SNIFFED) else CSV


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"{path.name}: neither a FIX log nor a CSV in UTF-8: byte {error.start} is none"
        raise ConfigurationError([problem]) from None


def _party(configuration: Configuration, wanted: Wanted) -> Counterparty:
    if not wanted.actor.strip():
        raise ConfigurationError(["nobody is named; --actor says who back-fills"])
    found = {party.name: party for party in configuration.counterparties}
    if wanted.counterparty not in found:
        known = ", ".join(sorted(found)) or "none"
        raise ConfigurationError([f"there is no counterparty {wanted.counterparty}; expected one of {known}"])
    return found[wanted.counterparty]


def _by_account(wanted: Wanted, database: Database) -> Wanted:
    """Return the call under the name of the account, where there are any, which may work on exceptions."""
    who = acting(database, Actor(name=wanted.actor, how=Way.COMMAND), May.ACT)
    return msgspec.structs.replace(wanted, actor=who.name)


def _sessions(party: Counterparty) -> list[SessionName]:
    if not party.sessions.sessions:  # the firm's own orders, that come as files alone
        return [SessionName(name=FILES_ALONE, begin_string="", sender="", target="")]
    return [
        SessionName(name=one.name, begin_string=one.begin_string, sender=one.sender, target=one.target)
        for one in party.sessions.sessions
    ]


def _plan(wanted: Wanted, source: Source, whose: Whose) -> Plan:
    """Return what the file holds; raise with everything that is wrong with it."""
    plan = Plan() if whose.problems or source.problems else whose.plan(source.lines())
    plan.problems[:0] = [*whose.problems, *(f"{wanted.file.name}: {problem}" for problem in source.problems)]
    if not plan.problems and not plan.total:
        plan.problems.append(f"{wanted.file.name}: no FIX message of the counterparty was found")
    if plan.problems:
        raise ConfigurationError([*plan.first_problems, "nothing was written"])
    return plan


def _alone(stack: ExitStack, database: Database) -> bool:
    """Hold the store if nobody does; return whether it is ours."""
    try:
        stack.enter_context(only_daemon(database))
    except StoreInUse:
        return False
    return True


def _write(wanted: Wanted, source: Source, whose: Whose, plan: Plan, journal: SqlJournal) -> tuple[int, int]:
    """Append the note and the messages in chunks; return the offsets between which they stand."""
    now = Nanos(time.time_ns())
    with wanted.file.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    note = FileNote(
        file=wanted.file.name,
        sha256=digest,
        size=wanted.file.stat().st_size,
        form=source.form,
        messages=plan.total,
        actor=wanted.actor,
        reason=wanted.reason,
    )
    first = last = journal.append(Frame(entries=(note.entry(wanted.counterparty, now),)))
    entries = (whose.entry(line, wanted.counterparty, Nanos(time.time_ns())) for line in source.lines())
    kept: Iterator[Entry] = (entry for entry in entries if entry is not None)
    while chunk := tuple(islice(kept, CHUNK)):
        last = journal.append(Frame(entries=chunk))
    return first, last


def _seen_through(database: Database, last: int, timeout_s: float) -> bool:
    """Wait until the daemon has processed the offset; return whether it did in time."""
    store, end = SqlStore(database), time.monotonic() + timeout_s
    while store.processed_offset() < last:
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True


def _known(
    configuration: Configuration, party: Counterparty, source: Source, whose: Whose, database: Database
) -> Counter[tuple[str, Known]]:
    calendar = live_calendar(configuration.settings.calendar, datetime.now(UTC).date())
    store = SqlStore(database)
    lines = (line for line in source.lines() if whose.session(line)[0])
    return of_a_file(
        (line.body for line in lines),
        parse_dialect(party.dialect),
        calendar,
        lambda day: store.known_keys(party.name, day, 2**62),
    )
