"""Who answers for a trade date and who covers for them: appended, never changed; the newest word of a date counts."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row, func, insert, select

from service.cases.principal import Principal
from service.store.engine import Database
from service.store.tables import principals


class SqlPrincipals:
    """The principals of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def name(self, principal: Principal) -> None:
        """Append who answers for a trade date."""
        with self._database.writing() as connection:
            connection.execute(
                insert(principals).values(
                    trade_date=principal.trade_date,
                    principal=principal.name,
                    deputies=msgspec.json.encode(principal.deputies).decode(),
                    actor=principal.by,
                    at=principal.at,
                    note=principal.note,
                )
            )

    def of(self, trade_date: str) -> list[Principal]:
        """Return everything that was said of a trade date, the newest first."""
        statement = select(principals).where(principals.c.trade_date == trade_date).order_by(principals.c.seq.desc())
        with self._database.reading() as connection:
            return [_principal(row) for row in connection.execute(statement)]

    def newest(self, days: int) -> list[Principal]:
        """Return who answers for the newest so many trade dates that have somebody, the newest first."""
        last = select(func.max(principals.c.seq)).group_by(principals.c.trade_date)
        newest = last.order_by(principals.c.trade_date.desc()).limit(days)
        statement = select(principals).where(principals.c.seq.in_(newest)).order_by(principals.c.trade_date.desc())
        with self._database.reading() as connection:
            return [_principal(row) for row in connection.execute(statement)]


def _principal(row: Row[Any]) -> Principal:
    return Principal(
        trade_date=row.trade_date,
        name=row.principal,
        deputies=msgspec.json.decode(row.deputies, type=tuple[str, ...]),
        by=row.actor,
        at=row.at,
        note=row.note,
    )
