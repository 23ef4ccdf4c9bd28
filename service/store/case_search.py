"""Exceptions as somebody wants to see them, as they stand at an instant: bounded reads, page by page.

Open ones are thousands at most, and are read by indices that hold no closed one. Of closed ones, a million or more, no
read goes through all: the newest 10,000 are looked at, or the newest 10,000 of what the filter names (a trade date, a
symbol, a word …). Cases whose clocks ran out unwritten are looked at one by one; with a daemon there are none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Table,
    and_,
    func,
    literal_column,
    not_,
    select,
    true,
    tuple_,
    union,
)

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.case import Case
from service.cases.clocks import as_of, runs_out
from service.cases.rules import Rules
from service.cases.states import State
from service.cases.tally import Group, Tally, group_of
from service.cases.telling import asked_for, of_account
from service.cases.wanted import LAST, Order, Place, Wanted, place_of
from service.store.case_conditions import Condition, beyond, in_order, is_number, lasting, moving
from service.store.case_rows import case_of
from service.store.engine import Database
from service.store.steps import last_step
from service.store.tables import case_words, cases

PAGE = 200
REACH = 10_000
"""So many closed ones are looked at, the newest."""
MOST_LATE = 1_000
OPEN = and_(cases.c.state != literal_column("'closed'"), cases.c.gravity >= 0)
"""By the index that holds the open ones alone."""
CLOSED = cases.c.state == literal_column("'closed'")
_FOUND = ("state", "severity", "rule", "venue", "symbol", "counterparty", "assignee", "desks")


class Page(msgspec.Struct, frozen=True):
    """Some of the wanted exceptions in their order; `after` is the cursor of the next page, None on the last."""

    cases: tuple[Case, ...]
    after: Place | None


class CaseSearch:
    """Reads over one database: with the firm's rules as cases stand at an instant, without them as they are written."""

    def __init__(self, database: Database, rules: Rules | None) -> None:
        self._database = database
        self._rules = rules

    def page(self, asked: Wanted, me: str, now: Nanos, most: int = PAGE) -> Page:
        """Return the next of the wanted exceptions after the cursor; `me` is who asks."""
        with self._database.reading() as connection:
            late = self._late(connection, asked, me, now)
            found = [case_of(row) for row in _read(connection, asked, me, now, late.written, most + 1)]
        order = asked.order
        placed = sorted(
            ((self._place(case, order), case) for case in [*found, *late.wanted]),
            key=lambda one: one[0],
            reverse=order.falls,
        )
        shown = placed[:most]
        return Page(tuple(case for _, case in shown), shown[-1][0] if len(placed) > most else None)

    def count(self, asked: Wanted, me: str, now: Nanos) -> int:
        """Return how many are wanted, on all pages."""
        whole = msgspec.structs.replace(asked, after=None)
        with self._database.reading() as connection:
            late = self._late(connection, whole, me, now)
            wanted = (select(func.count()).select_from(ids.subquery()) for ids in _ids(whole, me, now, late.written))
            return len(late.wanted) + sum(connection.execute(count).scalar_one() for count in wanted)

    def tally(self, now: Nanos) -> Tally:
        """Return how many open ones stand where."""
        columns = [cases.c[name] for name in _FOUND]
        with self._database.reading() as connection:
            late = self._late(connection, _ALL_OPEN, "", now)
            wanted = select(*columns, func.count().label("many")).where(OPEN, late.written).group_by(*columns)
            found = {_group(row): row.many for row in connection.execute(wanted)}
        return Tally(Counter(found) + Counter(map(group_of, late.wanted)))

    def steps(self) -> int:
        """Return the number of the newest step of any exception."""
        with self._database.reading() as connection:
            return last_step(connection)

    def _late(self, connection: Connection, asked: Wanted, me: str, now: Nanos) -> _Late:
        """Return those of the wanted whose clocks ran out unwritten, and the condition that leaves them to us."""
        if self._rules is None:
            return _Late((), true())
        overdue = select(cases).where(cases.c.due_at <= now, *lasting(asked, me, now))
        rows = connection.execute(overdue.order_by(cases.c.due_at, cases.c.case_id).limit(MOST_LATE)).all()
        seen: Condition = func.coalesce(cases.c.due_at, LAST) <= now
        if len(rows) == MOST_LATE:
            seen = tuple_(func.coalesce(cases.c.due_at, LAST), cases.c.case_id) <= (rows[-1].due_at, rows[-1].case_id)
        stands = (as_of(case_of(row), self._rules, now) for row in rows)
        wanted = tuple(case for case in stands if self._is_wanted(case, asked, now))
        return _Late(wanted, not_(seen))

    def _is_wanted(self, case: Case, asked: Wanted, now: Nanos) -> bool:
        """Return whether a case, as it stands, is one of those that clocks decide about, after the cursor."""
        over = self._runs_out(case)
        bounds = [now] * asked.overdue + ([] if asked.due_within is None else [now + asked.due_within])
        if case.state not in asked.states or any(over is None or over > bound for bound in bounds):
            return False
        place = self._place(case, asked.order)
        return asked.after is None or (place < asked.after if asked.order.falls else place > asked.after)

    def _place(self, case: Case, order: Order) -> Place:
        return place_of(case, order, self._runs_out(case))

    def _runs_out(self, case: Case) -> Nanos | None:
        return None if self._rules is None else runs_out(case, self._rules)


class _Late(msgspec.Struct, frozen=True):
    """The wanted ones among those that are late, and the condition that holds for all others."""

    wanted: tuple[Case, ...]
    written: Condition


_ALL_OPEN = Wanted(states=tuple(state for state in State if state is not State.CLOSED))
Ids = Select[tuple[int]]


def _read(
    connection: Connection, asked: Wanted, me: str, now: Nanos, written: Condition, most: int
) -> Iterator[Row[Any]]:
    for ids in _ids(asked, me, now, written):
        first = ids.order_by(*in_order(asked.order)).limit(most)
        yield from connection.execute(select(cases).where(cases.c.case_id.in_(first)))


def _ids(asked: Wanted, me: str, now: Nanos, written: Condition) -> Iterator[Ids]:
    """Yield the reads of the open and of the closed ones that are wanted."""
    asks = [*lasting(asked, me, now), *moving(asked, now), *beyond(asked)]
    if asked.open_states:
        yield select(cases.c.case_id).where(OPEN, written, *asks)
    if asked.asks_closed:
        yield select(cases.c.case_id).where(CLOSED, cases.c.case_id.in_(_reach(asked)), *asks)


def _reach(asked: Wanted) -> ScalarSelect[int]:
    """Return the closed ones that are looked at: the newest of what the filter names, and of each of its words."""
    by_word = [case_words.c.word == of_account(account) for account in asked.accounts]
    sources = [_newest(cases, CLOSED, condition) for condition in _named(asked)]
    sources = [_newest(case_words, condition) for condition in by_word] or sources
    for one in asked_for(asked.text):
        sources.append(_newest(case_words, case_words.c.word == one))
        sources += [_newest(cases, column == one.upper()) for column in (cases.c.symbol, cases.c.venue)]
        sources += [_newest(cases, cases.c.case_id == int(one))] if is_number(one) else []
    each = [select(source.subquery().c.case_id) for source in sources]
    return union(*each).scalar_subquery() if len(each) > 1 else each[0].scalar_subquery()


def _newest(table: Table, *conditions: Condition) -> Ids:
    return select(table.c.case_id).where(*conditions).order_by(table.c.case_id.desc()).limit(REACH)


def _named(asked: Wanted) -> list[Condition]:
    """Return by what the closed ones are narrowed: the one of the filters that has an index and names the fewest."""
    named: tuple[tuple[ColumnElement[Any], tuple[object, ...]], ...] = (
        (cases.c.incident_id, () if asked.incident is None else (asked.incident,)),
        (cases.c.shelving_id, () if asked.shelving is None else (asked.shelving,)),
        (cases.c.trade_date, () if asked.day is None else (asked.day,)),
        (cases.c.symbol, asked.symbols),
        (cases.c.venue, asked.venues),
        (cases.c.rule, asked.rules),
    )
    column, values = next(((column, values) for column, values in named if values), (None, ()))
    return [true()] if column is None else [column == value for value in values]


def _group(row: Any) -> Group:
    return Group(
        State(row.state),
        Severity(row.severity),
        row.rule,
        row.venue,
        row.symbol,
        row.counterparty,
        row.assignee,
        msgspec.json.decode(row.desks, type=tuple[str, ...]) if row.desks else (),
    )
