"""Backtests of proposals on a database: at most one runs at a time, whichever page asked for it."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, text, update

from rules.facts import Nanos
from service.backtest.kept import Kept, State
from service.store.cells import clean_text
from service.store.engine import Database
from service.store.tables import proposal_backtests as table

ALONE_HERE = text("LOCK TABLE proposal_backtests IN EXCLUSIVE MODE")
SHOWN = 10
"""So many of a proposal are looked at, the newest first."""


class SqlProposalBacktests:
    """Keeps which backtests of which proposal were asked for, how far they are, and what came of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, proposal: int, days: tuple[str, ...], asked_by: str, now: Nanos) -> tuple[Kept, bool]:
        """Begin one; return it, or the one that runs already, and whether it was begun."""
        with self._database.writing() as connection:
            if connection.dialect.name != "sqlite":
                connection.execute(ALONE_HERE)
            running = select(table).where(table.c.state == State.RUNNING.value).order_by(table.c.seq)
            for row in connection.execute(running):
                one = _kept(row).as_of(now)
                if one.state is State.RUNNING:
                    return one, False
            values = {
                "proposal": proposal,
                "asked_by": clean_text(asked_by),
                "days": msgspec.json.encode(days).decode(),
                "state": State.RUNNING.value,
                "begun_at": now,
                "beat_at": now,
                "done": 0,
            }
            made = connection.execute(insert(table).values(**values).returning(table)).one()
            return _kept(made), True

    def beat(self, seq: int, done: int, now: Nanos) -> bool:
        """Say that so many days are done; return whether it is still wanted."""
        with self._database.writing() as connection:
            changed = update(table).where(table.c.seq == seq, table.c.state == State.RUNNING.value)
            return connection.execute(changed.values(done=done, beat_at=now)).rowcount == 1

    def end(self, seq: int, state: State, now: Nanos, **told: Any) -> None:
        """Say how it ended, unless somebody has ended it before."""
        with self._database.writing() as connection:
            changed = update(table).where(table.c.seq == seq, table.c.state == State.RUNNING.value)
            connection.execute(changed.values(state=state.value, ended_at=now, **told))

    def of(self, proposal: int, now: Nanos) -> list[Kept]:
        """Return those of a proposal as they stand, the newest first."""
        wanted = select(table).where(table.c.proposal == proposal).order_by(table.c.seq.desc()).limit(SHOWN)
        with self._database.reading() as connection:
            return [_kept(row).as_of(now) for row in connection.execute(wanted)]

    def running(self, now: Nanos) -> Kept | None:
        """Return the one that runs, None when none does."""
        wanted = select(table).where(table.c.state == State.RUNNING.value)
        with self._database.reading() as connection:
            found = [_kept(row).as_of(now) for row in connection.execute(wanted)]
        return next((one for one in found if one.state is State.RUNNING), None)


def _kept(row: Row[Any]) -> Kept:
    days = msgspec.json.decode(row.days, type=tuple[str, ...])
    return Kept(**row._asdict() | {"days": days, "state": State(row.state)})
