"""Exceptions as somebody wants to see them: every filter, every order, page by page, on both kinds of store."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import Select, func, select

from rules.facts import Nanos
from rules.finding import Finding, Severity
from service.cases.actor import Actor
from service.cases.given import NOTHING, Given
from service.cases.rules import HOUR, MINUTE, Rules
from service.cases.shelving import Scope
from service.cases.states import WAITING, Action, State
from service.cases.wanted import ME, NOBODY, STATES, Order, Wanted
from service.store import case_search
from service.store.case_search import CaseSearch
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.store.tables import cases, executions
from tests.factories_cases import NO_CLOCKS, NOON, PAT, SAM, a_finding, a_queue, gather_all, recorded
from tests.factories_store import a_batch, a_frame

CLOCKS = Rules()
LATER = Nanos(NOON + 10 * MINUTE)


def filled(database: Database, *found: Finding) -> None:
    """Make an exception of each finding, in their order."""
    for number, finding in enumerate(found, start=1):
        cause = finding.cause if finding.cause != "venue XTST" else f"cause {number}"
        recorded(database, msgspec.structs.replace(finding, cause=cause))
    gather_all(a_queue(database, rules=CLOCKS))


@pytest.fixture
def search(database: Database) -> CaseSearch:
    """Give the reads over six exceptions: 4 is Pat's, 5 closed, 6 shelved."""
    filled(
        database,
        a_finding(1, severity=Severity.LOW, venue="XBOS", dollar_harm=5),
        a_finding(2, severity=Severity.CRITICAL, rule="outside_nbbo", accounts=("ACC-7",)),
        a_finding(3, symbol="OTHER", counterparty="beta", dollar_harm=9, sentence="100 % odd_lot was late."),
        a_finding(4, trade_date="2026-11-19"),
        a_finding(5, severity=Severity.LOW),
        a_finding(6, severity=Severity.LOW),
    )
    queue = a_queue(database, rules=CLOCKS)
    for number in (4, 5):
        queue.act(number, Action.ACKNOWLEDGE, PAT, Given(words="asked X1/X2"), NOON)
    queue.act(5, Action.CLOSE, PAT, Given(reason="duplicate", words="see 4"), NOON)
    queue.act(6, Action.SHELVE, SAM, Given(words="known", until=Nanos(NOON + HOUR)), NOON)
    return CaseSearch(database, CLOCKS)


def numbers(search: CaseSearch, asked: Wanted, now: Nanos = NOON, me: str = "pat") -> list[int]:
    """Return the numbers of what is wanted, and hold the count to it."""
    found = [case.case_id for case in search.page(asked, me, now).cases]
    assert search.count(asked, me, now) == len(found)
    return found


OPEN = STATES["open"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Wanted(), [2, 3, 1]),
        (Wanted(states=OPEN), [2, 4, 3, 6, 1]),
        (Wanted(states=STATES["all"]), [2, 4, 3, 6, 5, 1]),
        (Wanted(states=STATES["in_hand"]), [4]),
        (Wanted(states=(State.CLOSED,)), [5]),
        (Wanted(states=(State.SHELVED,)), [6]),
        (Wanted(severities=(Severity.LOW, Severity.CRITICAL)), [2, 1]),
        (Wanted(rules=("outside_nbbo",)), [2]),
        (Wanted(venues=("XBOS",)), [1]),
        (Wanted(symbols=("OTHER",)), [3]),
        (Wanted(counterparties=("beta",)), [3]),
        (Wanted(accounts=("acc-7",)), [2]),
        (Wanted(desks=("nobody's",)), []),
        (Wanted(day="2026-11-19", states=STATES["all"]), [4]),
        (Wanted(states=OPEN, assignee=ME), [4]),
        (Wanted(states=OPEN, assignee="PAT"), [4]),
        (Wanted(states=OPEN, assignee=NOBODY), [2, 3, 6, 1]),
        (Wanted(incident=9), []),
        (Wanted(shelving=1), []),
        (Wanted(older=MINUTE), []),
        (Wanted(younger=MINUTE), [2, 3, 1]),
        (Wanted(order=Order.HARM), [3, 1, 2]),
        (Wanted(order=Order.AGE), [1, 2, 3]),
        (Wanted(order=Order.NEWEST), [3, 2, 1]),
        (Wanted(order=Order.DUE), [2, 3, 1]),
        (Wanted(due_within=6 * MINUTE), [2]),
        (Wanted(overdue=True), []),
        (Wanted(text="e2"), [2]),
        (Wanted(text="E3 late."), [3]),
        (Wanted(text="100 % odd_lot"), [3]),
        (Wanted(text="1000%odd"), []),
        (Wanted(text="XBOS"), [1]),
        (Wanted(text="other"), [3]),
        (Wanted(text="nbbo"), [2]),
        (Wanted(text="3 odd_lot"), [3]),
        (Wanted(states=STATES["all"], text="x2"), [4, 5]),
        (Wanted(states=STATES["all"], text="asked nowhere"), []),
        (Wanted(states=(State.CLOSED,), text="e5", symbols=("ACME",)), [5]),
        (Wanted(states=(State.CLOSED,), accounts=("acc-7",)), []),
        (Wanted(states=(State.CLOSED,), rules=("slow_fill",), venues=("XTST", "XBOS")), [5]),
        (Wanted(states=(State.CLOSED,), text="5 fill"), [5]),
    ],
)
def test_each_filter_and_order_finds_what_it_says(search: CaseSearch, asked: Wanted, expected: list[int]) -> None:
    """The list and its count agree."""
    assert numbers(search, asked) == expected


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("states", [WAITING, STATES["all"]])
def test_pages_follow_one_another_without_a_hole_or_a_repetition(
    search: CaseSearch, order: Order, states: tuple[State, ...]
) -> None:
    """Also over open and closed ones together, and over those whose clocks ran out unwritten."""
    for now in (NOON, LATER):
        asked = Wanted(order=order, states=states)
        whole = numbers(search, asked, now)
        paged: list[int] = []
        for _ in whole:
            page = search.page(asked, "pat", now, 1)
            paged += [case.case_id for case in page.cases]
            asked = msgspec.structs.replace(asked, after=page.after)
        assert paged == whole
        assert asked.after is None


def test_clocks_that_ran_out_unwritten_count_as_if_they_were_written(database: Database, search: CaseSearch) -> None:
    """The critical one is escalated after five minutes, whether or not a daemon wrote it down."""
    before = (numbers(search, Wanted(states=(State.ESCALATED,)), LATER), numbers(search, Wanted(overdue=True), LATER))
    tally = search.tally(LATER)

    a_queue(database, rules=CLOCKS).tend(LATER)

    assert before == ([2], [2])
    assert (
        numbers(search, Wanted(states=(State.ESCALATED,)), LATER),
        numbers(search, Wanted(overdue=True), LATER),
    ) == (before)
    assert search.tally(LATER) == tally
    assert tally.states() == {State.NEW: 2, State.ESCALATED: 1, State.ACKNOWLEDGED: 1, State.SHELVED: 1}


def test_when_too_many_are_late_to_look_at_the_others_stand_as_they_were_written(
    search: CaseSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is lost and none is shown twice."""
    monkeypatch.setattr(case_search, "MOST_LATE", 1)
    late = Nanos(NOON + 2 * HOUR)

    found = search.page(Wanted(states=OPEN), "pat", late).cases

    assert sorted(case.case_id for case in found) == [1, 2, 3, 4, 6]
    assert [case.case_id for case in found if case.state is State.ESCALATED] == [2]


def test_of_the_closed_ones_only_so_many_are_looked_at(search: CaseSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest; what a filter names with an index reaches its own newest."""
    monkeypatch.setattr(case_search, "REACH", 0)

    assert numbers(search, Wanted(states=(State.CLOSED,))) == []
    assert numbers(search, Wanted(states=(State.CLOSED, State.NEW))) == [2, 3, 1]


def test_every_step_of_any_exception_moves_the_one_count(database: Database, search: CaseSearch) -> None:
    """So whoever has seen a number knows whether anything happened since."""
    before = search.steps()

    a_queue(database, rules=CLOCKS).act(3, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    a_queue(database, rules=CLOCKS).act(1, Action.NOTE, PAT, Given(words="seen"), NOON)

    assert search.steps() == before + 2


def test_what_a_shelving_hid_is_found_by_it(database: Database, search: CaseSearch) -> None:
    """With the name of who hid it."""
    queue = a_queue(database, rules=CLOCKS)
    queue.shelvings.shelve(Scope(symbol="OTHER"), PAT, "known", Nanos(NOON + HOUR), NOON)

    queue.tend(NOON)

    assert numbers(search, Wanted(states=(State.SHELVED,), shelving=1)) == [3]


def test_a_desk_is_found_by_its_name_whatever_signs_it_has(database: Database) -> None:
    """Another desk whose name holds it is another desk."""
    rules = msgspec.structs.replace(NO_CLOCKS, desks={"A": 'Cash "1"_%', "B": "Cash"})
    recorded(database, a_finding(1, accounts=("A",)), a_finding(2, cause="other", accounts=("B",)))
    gather_all(a_queue(database, rules=rules))
    search = CaseSearch(database, rules)

    assert numbers(search, Wanted(desks=("Cash",))) == [2]
    assert numbers(search, Wanted(desks=('Cash "1"_%',))) == [1]
    assert search.tally(NOON).values()["desk"] == ["Cash", 'Cash "1"_%']


def test_ids_of_the_messages_behind_an_exception_find_it(database: Database) -> None:
    """What the records of its findings carry, as the ledger knew it."""
    offset = SqlJournal(database).append(a_frame(1))
    SqlStore(database).record(a_batch(offset))
    gather_all(a_queue(database))
    with database.reading() as connection:
        names = (executions.c.exec_id, executions.c.order_id, executions.c.cl_ord_id)
        ids = connection.execute(select(*names).where(executions.c.offset == offset)).one()

    assert any(ids)
    for one in filter(None, ids):
        assert numbers(CaseSearch(database, NO_CLOCKS), Wanted(text=one)) == [1]


def test_no_read_of_the_page_goes_through_the_closed_ones(database: Database, search: CaseSearch) -> None:
    """The store itself says by which index it would read."""
    if not database.is_sqlite:
        pytest.skip("the plan of PostgreSQL goes by how many rows there are; the benchmark asks for it")
    told: list[str] = []
    for asked in (Wanted(), Wanted(rules=("slow_fill",), text="e2"), Wanted(states=STATES["all"], venues=("XBOS",))):
        statements = case_search._ids(asked, "pat", NOON, func.coalesce(cases.c.due_at, 0) > NOON)
        told += [line for statement in statements for line in plan(database, statement)]

    assert told
    found = [line for line in told if " cases" in line]
    assert len([line for line in found if "ix_cases_open (gravity>?)" in line]) == 3, told
    assert [line for line in found if line.startswith("SCAN") or "ix_cases_due_at" in line] == []


def plan(database: Database, statement: Select[tuple[int]]) -> list[str]:
    """Return how SQLite would read."""
    words = str(statement.compile(database.engine, compile_kwargs={"literal_binds": True}))
    with database.reading() as connection:
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}")]


def test_whoever_asks_is_me(search: CaseSearch) -> None:
    """By the name of the account."""
    assert numbers(search, Wanted(states=OPEN, assignee=ME), me=Actor(name="sam").name) == []
