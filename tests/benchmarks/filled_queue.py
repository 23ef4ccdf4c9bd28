"""A queue as it is after years: 10,000 open exceptions and a million closed, written fast, for whoever measures pages.

`python -m tests.benchmarks.filled_queue sqlite:////tmp/queue.db --closed 1000000 --open 10000` fills an empty store and
times the reads of the queue on it. The rows of the cases are plausible; their chains have one link, which is not valid.
The open ones have a finding.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import select, true

from rules.facts import Nanos
from rules.finding import Finding, Severity
from service.cases.actor import CASEWORKER
from service.cases.case import Case, CaseKey
from service.cases.clocks import next_timer, runs_out
from service.cases.rules import HOUR, MINUTE, REASONS, Rules
from service.cases.states import State
from service.cases.wanted import STATES, Order, Wanted
from service.store.bulk import insert_new
from service.store.case_rows import values_of
from service.store.case_search import CaseSearch, _ids
from service.store.engine import Database
from service.store.record import write_offset
from service.store.steps import CASE_STEP
from service.store.tables import case_events, case_findings, case_words, cases, findings, offsets
from service.store.upgrade import migrate
from service.store.work_rows import finding_row
from tests.factories_cases import a_finding

RULES = Rules()
NAMES = ("slow_fill", "unexpected_venue", "outside_nbbo", "fill_rate_drop", "poor_fill", "no_quote", "clock_suspect")
VENUES = tuple(f"X{letter}{other}S" for letter in "ABCDEFGH" for other in "NTQ")
SYMBOLS = tuple(f"{a}{b}{c}" for a in "ABCDEFGHIJ" for b in "AEIOU" for c in "KLMNPRST")
PEOPLE = ("pat", "sam", "kim", None)
DAY = 24 * HOUR
CHUNK = 20_000
OPEN_STATES = (State.NEW, State.NEW, State.NEW, State.ACKNOWLEDGED, State.ESCALATED, State.IN_REVIEW, State.SHELVED)
REPEATS = 15


def a_filled_queue(database: Database, *, closed: int, still_open: int, now: Nanos, seed: int = 1) -> None:
    """Fill an empty store of this version's tables: first the closed ones, oldest first, then the open."""
    dice = random.Random(seed)
    made = (_case(number, number > closed, now, dice) for number in range(1, closed + still_open + 1))
    batch: list[Case] = []
    for case in made:
        batch.append(case)
        if len(batch) == CHUNK:
            _put(database, batch)
            batch = []
    _put(database, batch)
    with database.writing() as connection:
        connection.execute(offsets.update().where(offsets.c.name == CASE_STEP).values(value=closed + still_open))
        write_offset(connection, CASEWORKER, closed + still_open)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _case(number: int, is_open: bool, now: Nanos, dice: random.Random) -> Case:  # noqa: FBT001
    opened = Nanos(now - dice.randrange(1, 3 * HOUR)) if is_open else Nanos(now - 5 * 365 * DAY + number * 2 * MINUTE)
    symbol, venue = dice.choice(SYMBOLS), dice.choice(VENUES)
    state = dice.choice(OPEN_STATES) if is_open else State.CLOSED
    reason = None if is_open else dice.choice(REASONS)
    day = time.strftime("%Y-%m-%d", time.gmtime(opened // 1_000_000_000))
    waits, runs = state in (State.NEW, State.ESCALATED), state not in (State.SHELVED, State.CLOSED)
    return Case(
        case_id=number,
        key=CaseKey(dice.choice(NAMES), f"venue {venue}", dice.choice(("alpha", "beta")), day),
        session="FIX.4.4:FIRM->SOR",
        state=state,
        severity=dice.choices(tuple(Severity), (60, 30, 8, 2))[0],
        opened_at=opened,
        updated_at=opened,
        first_at=opened,
        last_at=Nanos(opened + dice.randrange(HOUR // 4)),
        finding_count=dice.randrange(1, 60),
        dollar_harm=dice.choice((None, dice.randrange(10**12))),
        sentence=f"A marketable order in {symbol} waited {dice.randrange(1_000, 9_000)} ms at {venue}; 1 s is allowed.",
        symbol=symbol,
        venue=venue,
        assignee=None if waits else dice.choice(PEOPLE),
        n=1,
        head=number.to_bytes(32, "big"),
        before=State.NEW if state is State.SHELVED else None,
        shelved_until=Nanos(now + 8 * HOUR) if state is State.SHELVED else None,
        waiting_since=Nanos(now - dice.randrange(5 * MINUTE)) if waits else None,
        running_since=Nanos(now - dice.randrange(4 * HOUR)) if runs else None,
        acknowledged_at=Nanos(now - dice.randrange(HOUR)) if state is State.ACKNOWLEDGED else None,
        closed_at=None if is_open else Nanos(opened + HOUR),
        reason=reason and reason.code,
        counts_as=reason and reason.counts_as.value,
    )


def _put(database: Database, batch: list[Case]) -> None:
    with database.writing() as connection:
        insert_new(connection, cases, [_row(case) for case in batch])
        insert_new(connection, case_events, [_event(case) for case in batch])
        insert_new(connection, case_words, sorted(_words(batch)))
        still_open = [case for case in batch if case.state is not State.CLOSED]
        insert_new(connection, findings, [finding_row(_finding(case), case.case_id) for case in still_open])
        insert_new(connection, case_findings, [(case.case_id, case.case_id) for case in still_open])


def _row(case: Case) -> tuple[Any, ...]:
    due = next_timer(case, RULES)
    ahead = due is not None and due.at > time.time_ns()  # what ran out, a daemon has written down by now
    clocks = {"due_at": due.at if due is not None and ahead else None, "sla_at": runs_out(case, RULES)}
    values = {**values_of(case), **clocks, "case_id": case.case_id}
    return tuple(values.get(column.name) for column in cases.columns)


def _event(case: Case) -> tuple[Any, ...]:
    body = msgspec.json.encode({"findings": case.finding_count, "state": case.state.value})
    return (case.case_id, 1, case.opened_at, "caseworker", "open", body, bytes(32), case.head)


def _finding(case: Case) -> Finding:
    """Return the newest finding of a case: what its page needs to be shown."""
    return a_finding(
        case.case_id,
        rule=case.key.rule,
        cause=case.key.cause,
        severity=case.severity,
        trade_date=case.key.trade_date,
        counterparty=case.key.counterparty,
        at=case.last_at,
        sentence=case.sentence,
        symbol=case.symbol,
        venue=case.venue,
        offset=0,
    )


def _words(batch: list[Case]) -> Iterator[tuple[str, int]]:
    for case in batch:
        number = case.case_id
        told = (f"c{number * 7}", f"sor-{number * 11}", f"x{number * 13}", f"acc-{number % 400}", "vendor")
        yield from ((one, number) for one in told)
        yield f"account=acc-{number % 400}", number


def questions(search: CaseSearch, now: Nanos) -> dict[str, Callable[[], object]]:
    """Return what the page asks, by what it is called."""
    asked = {
        "to look at": Wanted(),
        "open, by harm": Wanted(states=STATES["open"], order=Order.HARM),
        "due within 30 min": Wanted(due_within=30 * MINUTE, order=Order.DUE),
        "high and critical at a venue": Wanted(severities=(Severity.HIGH, Severity.CRITICAL), venues=("XANS",)),
        "an id, open or closed": Wanted(states=STATES["all"], text="sor-5500000"),
        "a common word, closed": Wanted(states=(State.CLOSED,), text="vendor"),
        "words of a sentence, open": Wanted(text="marketable xans"),
        "closed at a venue": Wanted(states=(State.CLOSED,), venues=("XANS",)),
        "closed of an account": Wanted(states=(State.CLOSED,), accounts=("ACC-7",)),
        "all closed, by harm": Wanted(states=(State.CLOSED,), order=Order.HARM),
    }
    pages = {f"page: {name}": lambda one=one: search.page(one, "pat", now) for name, one in asked.items()}
    counts = {f"count: {name}": lambda one=one: search.count(one, "pat", now) for name, one in asked.items()}
    return {**pages, **counts, "tally": lambda: search.tally(now), "steps": search.steps}


def plans(database: Database, now: Nanos) -> Iterator[str]:
    """Yield how the store would read each page: the lines that name the table of cases."""
    word = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    for name, asked in (
        ("to look at", Wanted()),
        ("open at a venue", Wanted(venues=("XANS",), rules=("slow_fill",))),
        ("an id, open or closed", Wanted(states=STATES["all"], text="sor-5500000")),
        ("closed at a venue", Wanted(states=(State.CLOSED,), venues=("XANS",))),
        ("all closed", Wanted(states=(State.CLOSED,), order=Order.HARM)),
    ):
        with database.reading() as connection:
            for ids in _ids(asked, "pat", now, true()):
                words = str(ids.compile(database.engine, compile_kwargs={"literal_binds": True}))
                rows = connection.exec_driver_sql(f"{word} {words.replace('%', '%%')}")
                yield from (f"  {name}: {row[-1]}" for row in rows if "cases" in str(row[-1]) or "Scan" in str(row[-1]))


def main() -> None:
    """Fill, explain, time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--closed", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=10_000, dest="still_open")
    given = parser.parse_args()
    now = Nanos(time.time_ns())
    with Database(given.url) as database:
        migrate(database)
        with database.reading() as connection:
            is_empty = connection.execute(select(cases.c.case_id).limit(1)).first() is None
        if is_empty:
            began = time.monotonic()
            a_filled_queue(database, closed=given.closed, still_open=given.still_open, now=now)
            print(f"filled in {time.monotonic() - began:.0f} s")
        print("\n".join(plans(database, now)))
        for name, ask in questions(CaseSearch(database, RULES), now).items():
            print(f"{name:<45}" + " ".join(f"{ms:8.1f}" for ms in _timed(ask)) + "  ms (median, worst)")


def _timed(ask: Callable[[], object]) -> tuple[float, float]:
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), max(took)


if __name__ == "__main__":
    sys.exit(main())
