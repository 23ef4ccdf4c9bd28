"""Runs a backtest: reads what was in force, gives each day to a process of its own, and never writes to the store."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import select

from rules.reading import ReadingError
from rules.rulebook import Rulebook, parse_rulebook
from service.backtest.day import DayResult, Task, judge_day
from service.backtest.plan import Sweep, dates, read_sweep
from service.backtest.reading import StoredDay
from service.backtest.shown import Backtest
from service.backtest.timeline import Timeline, named
from service.journal import RecordKind
from service.settings import ConfigurationError
from service.store import tables
from service.store.engine import Database
from service.store.upgrade import require_current
from service.versions import Version, version_of

IN_FORCE = "in-force"
Versions = list[tuple[int, Version]]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the command was asked for."""

    store_url: str
    rulebook: Path
    against: str
    first: str
    last: str
    sweep: str | None
    jobs: int


def backtest(wanted: Wanted) -> Backtest:
    """Return what came of it; raise ConfigurationError with every problem."""
    problems: list[str] = []
    tried = _rulebook(wanted.rulebook, problems)
    sweep = _sweep(wanted.sweep, problems)
    days = dates(wanted.first, wanted.last)
    if not days:
        problems.append(f"the range is empty: --from {wanted.first} is after --to {wanted.last}")
    if problems or tried is None:
        raise ConfigurationError(problems)
    with Database(wanted.store_url) as database:
        require_current(database)
        versions = journalled(database)
        days = recorded_days(database, days)
    if not days:
        raise ConfigurationError([f"nothing is recorded between {wanted.first} and {wanted.last}"])
    task = Task(tried=tried, against=_against(wanted.against, versions), sweep=sweep)
    results = _judged(wanted, task, versions, days)
    return Backtest(
        tried=f"{wanted.rulebook.name} ({tried.hash[:12]})",
        against="what was in force" if task.against is None else f"version {task.against.hash[:12]}",
        days=tuple(results),
        parameter=None if sweep is None else f"{sweep.rule}.{sweep.parameter}",
    )


def _rulebook(path: Path, problems: list[str]) -> Rulebook | None:
    try:
        return parse_rulebook(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path.name} cannot be read: {error}")
    except ReadingError as error:
        problems.extend(f"{path.name}: {problem}" for problem in error.problems)
    return None


def _sweep(text: str | None, problems: list[str]) -> Sweep | None:
    read = None if text is None else read_sweep(text)
    if isinstance(read, str):
        problems.append(f"--sweep: {read}")
        return None
    return read


def journalled(database: Database) -> Versions:
    """Return every version that the journal holds, with its offset."""
    journal = tables.journal.c
    wanted = select(journal.offset, journal.body).where(
        journal.offset.in_(select(tables.versions.c.offset)), journal.kind == RecordKind.VERSION.value
    )
    with database.reading() as connection:
        return [(offset, version_of(body)) for offset, body in connection.execute(wanted.order_by(journal.offset))]


def _against(name: str, versions: Versions) -> Rulebook | None:
    if name == IN_FORCE:
        return None
    found = named(versions, name)
    if len(found) != 1:
        known = "no rulebook" if not found else f"{len(found)} rulebooks"
        raise ConfigurationError([f"--against {name}: {known} of that hash was ever in force; expected one"])
    return found[0]


def recorded_days(database: Database, days: list[str]) -> list[str]:
    """Return those of the dates, which are in order, that have facts or findings."""
    found: set[str] = set()
    with database.reading() as connection:
        for table in (tables.executions, tables.order_events, tables.order_outcomes, tables.findings):
            at = table.c.trade_date
            found.update(connection.execute(select(at).where(at.between(days[0], days[-1])).distinct()).scalars())
    return sorted(found)


def _judged(wanted: Wanted, task: Task, versions: Versions, days: list[str]) -> list[DayResult]:
    with _progress(len(days)) as done:
        if wanted.jobs == 1 or len(days) == 1:
            return [_one(wanted.store_url, day, task, versions, done) for day in days]
        context = multiprocessing.get_context("forkserver")  # a plain fork would share open connections and threads
        context.set_forkserver_preload([__name__])  # imports are paid once, not by each process
        with ProcessPoolExecutor(min(wanted.jobs, len(days)), mp_context=context) as pool:
            running = [pool.submit(work, wanted.store_url, day, task, versions) for day in days]
            for _ in as_completed(running):
                done()
            return [each.result() for each in running]


def _one(url: str, day: str, task: Task, versions: Versions, done: Callable[[], None]) -> DayResult:
    result = work(url, day, task, versions)
    done()
    return result


def work(url: str, day: str, task: Task, versions: Versions) -> DayResult:
    """Judge one day; what a process of the pool does."""
    try:
        timeline = Timeline.of(versions)
    except ReadingError as error:
        words = "a rulebook or register in the journal cannot be read by this version: " + "; ".join(error.problems)
        raise ConfigurationError([words]) from None
    with Database(url) as database, database.reading() as connection:
        return judge_day(day, task, timeline, StoredDay(connection, day))


@contextmanager
def _progress(days: int) -> Iterator[Callable[[], None]]:
    """Give what moves a bar on a terminal, and does nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("backtest"), BarColumn(), MofNCompleteColumn(), TextColumn("days"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=days)
        yield lambda: bar.advance(task)
