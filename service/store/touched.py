"""Whose orders the findings of an exception are about: accounts, clients, desks. Bounded reads."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from rules.finding import Finding
from service.store.engine import Database
from service.store.tables import executions, order_events, order_outcomes

MOST_ASKED = 500


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """Names, each once and in order."""

    accounts: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()


class SqlTouched:
    """Reads who was touched from one database; never writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by(self, found: Iterable[Finding]) -> Touched:
        """Return whom these findings touched, by the facts of their records."""
        findings = list(found)
        offsets = sorted({offset for one in findings for offset in (one.offset, *one.related)})[-MOST_ASKED:]
        told: set[tuple[str | None, str | None, str | None]] = set()
        with self._database.reading() as connection:
            for table in (executions, order_events, order_outcomes):
                wanted = select(table.c.account, table.c.client, table.c.desk).where(table.c.offset.in_(offsets))
                told |= {(row.account, row.client, row.desk) for row in connection.execute(wanted.distinct())}
        accounts = {account for one in findings for account in one.accounts}
        return Touched(
            accounts=_sorted({*accounts, *(account for account, _, _ in told)}),
            clients=_sorted({client for _, client, _ in told}),
            desks=_sorted({desk for _, _, desk in told}),
        )


def _sorted(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if name))
