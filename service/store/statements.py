"""Statements on a database: one chain, appended in a write transaction that reads its head, never edited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, text

from service.statements.chain import GENESIS, Draft, Kind, Statement, first_broken, linked, signature
from service.store.cells import clean_text
from service.store.engine import Database
from service.store.tables import statements

PAGE = 1000
MOST = 400


class SqlStatements:
    """Keeps what was stated about each day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, *drafts: Draft) -> list[Statement]:
        """Append drafts in this order, all or none; return them as links of the chain."""
        with self._database.writing() as connection:
            return self.append_in(connection, *drafts)

    def append_in(self, connection: Connection, *drafts: Draft) -> list[Statement]:
        """Append drafts inside a write transaction that is already open."""
        if connection.dialect.name != "sqlite":
            # two processes may append at the same time, and a lock on the newest row lets both go on from it
            connection.execute(text("LOCK TABLE statements IN EXCLUSIVE MODE"))
        newest = select(statements.c.seq, statements.c.hash).order_by(statements.c.seq.desc()).limit(1)
        head = connection.execute(newest).first()
        seq, previous = (0, GENESIS) if head is None else (head.seq, head.hash)
        made: list[Statement] = []
        for number, draft in enumerate(drafts, start=seq + 1):
            one = linked(_clean(draft), number, previous)
            connection.execute(insert(statements).values(**_values(one)))
            made.append(one)
            previous = one.hash
        return made

    def append_signed(self, draft: Draft, actor: str, comment: str) -> tuple[Statement, Statement]:
        """Append a statement and a person's signature under it, both or none."""
        with self._database.writing() as connection:
            (made,) = self.append_in(connection, draft)
            (signed,) = self.append_in(connection, signature(made, actor, comment, draft.at))
        return made, signed

    def one(self, seq: int) -> Statement | None:
        """Return one statement, None when there is none of that number."""
        with self._database.reading() as connection:
            row = connection.execute(select(statements).where(statements.c.seq == seq)).one_or_none()
        return None if row is None else statement_of(row)

    def of_day(self, day: str, kind: Kind | None = None) -> list[Statement]:
        """Return the statements of a trade date, oldest first, at most the newest 400."""
        wanted = select(statements).where(statements.c.trade_date == day)
        if kind is not None:
            wanted = wanted.where(statements.c.kind == kind.value)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(statements.c.seq.desc()).limit(MOST)).all()
        return [statement_of(row) for row in reversed(rows)]

    def newest(self, days: int) -> dict[str, dict[tuple[str, str], Statement]]:
        """Return the newest certificate of each session, by day, of the newest so many days that have any."""
        mine = statements.c.kind == Kind.COMPLETENESS.value
        dates = select(statements.c.trade_date).where(mine).distinct().order_by(statements.c.trade_date.desc())
        wanted = select(statements).where(mine, statements.c.trade_date.in_(dates.limit(days)))
        found: dict[str, dict[tuple[str, str], Statement]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(wanted.order_by(statements.c.trade_date.desc(), statements.c.seq)):
                found.setdefault(row.trade_date, {})[row.counterparty, row.session] = statement_of(row)
        return found

    def newest_of(self, day: str) -> dict[tuple[str, str], Statement]:
        """Return the newest certificate of each session of one day."""
        return {(one.counterparty, one.session): one for one in self.of_day(day, Kind.COMPLETENESS)}

    def verify(self) -> tuple[int, int | None]:
        """Return how many statements there are, and the first whose link does not hold (None: the chain is whole)."""
        read = 0

        def counted(rows: Iterable[Row[Any]]) -> Iterator[Statement]:
            nonlocal read
            for row in rows:
                read += 1
                yield statement_of(row)

        wanted = select(statements).order_by(statements.c.seq)
        with (
            self._database.reading() as connection,
            connection.execution_options(yield_per=PAGE).execute(wanted) as rows,
        ):
            broken = first_broken(counted(rows))
        return read, broken


def statement_of(row: Row[Any]) -> Statement:
    """Return the statement that a row of the table holds."""
    return Statement(
        seq=row.seq,
        kind=Kind(row.kind),
        counterparty=row.counterparty,
        session=row.session,
        trade_date=row.trade_date,
        state=row.state,
        at=row.at,
        actor=row.actor,
        body=row.body,
        prev_hash=row.prev_hash,
        hash=row.hash,
    )


def _clean(draft: Draft) -> Draft:
    """Return the draft with texts that every database takes; it is they that are chained."""
    names = ("counterparty", "session", "trade_date", "state", "actor")
    texts = {name: value for name in names if isinstance(value := getattr(draft, name), str)}
    return msgspec.structs.replace(draft, **{name: clean_text(value) for name, value in texts.items()})


def _values(one: Statement) -> dict[str, Any]:
    return msgspec.structs.asdict(one) | {"kind": one.kind.value}
