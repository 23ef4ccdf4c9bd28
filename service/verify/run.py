"""Runs a recorded day again beside a store that it only reads, with a bar on a terminal while it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.core import Core
from service.in_force import UnusableVersionError
from service.pipeline import JournalTooShortError
from service.settings import ConfigurationError
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.upgrade import require_current
from service.verify.again import Again
from service.verify.close import at_close
from service.verify.compare import Came
from service.verify.recorded import counted, recorded
from service.verify.verified import Verified, verified

Progressed = Callable[[int], None]


def verify_store(url: str, day: str) -> Verified:
    """Return a day of the store at that URL as it was recorded beside its second run."""
    with Database(url) as database:
        require_current(database)
        return verify(database, day)


def verify(database: Database, day: str) -> Verified:
    """Return the day as it was recorded beside its second run; raise ConfigurationError when it cannot be run."""
    live = recorded(database, day)
    if live is None:
        raise ConfigurationError([f"nothing is recorded of trade date {day}"])
    store = SqlStore(database)
    begin = store.checkpoint_before(Core.schema, live.first)
    try:
        again = Again(journal=SqlJournal(database), recorded=store, day=day, begin=begin)
        with _progress(day, again.start, live.last) as progress:
            upto = live.last
            came = again.run(upto, progress)
        if upto < live.processed and _lacks(came, live.came):  # a later record may have brought it about
            upto = live.processed
            with _progress(f"{day}, beyond", live.last, upto) as progress:
                came = again.run(upto, progress)
    except (UnusableVersionError, JournalTooShortError) as error:
        raise ConfigurationError([str(error)]) from None
    return verified(
        day,
        _up_to(database, day, live.came, again.start + 1, upto),
        came,
        start=again.start,
        upto=upto,
        begun=None if begin is None else begin.day,
        closed=at_close(live.closed, live.came),
    )


def _lacks(again: Came, live: Came) -> bool:
    missing = {one.finding_id for one in live.findings} - {one.finding_id for one in again.findings}
    return bool(missing) or len(again.looks) < len(live.looks)


def _up_to(database: Database, day: str, live: Came, first: int, upto: int) -> Came:
    """Return what was recorded live, its facts counted over the records that were run again."""
    with database.reading() as connection:
        return Came(findings=live.findings, looks=live.looks, facts=counted(connection, day, first, upto))


@contextmanager
def _progress(what: str, start: int, upto: int) -> Iterator[Progressed]:
    """Give what moves a bar on a terminal, and does nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("records"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=upto - start)
        yield lambda at: bar.update(task, completed=at - start)
