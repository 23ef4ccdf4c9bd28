"""Who answers for a trade date and who covers for them: appended, never changed; the newest word of a date counts."""

from __future__ import annotations

import msgspec
from sqlalchemy import insert, select

from rules.facts import Nanos
from service.store.engine import Database
from service.store.tables import principals


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for a trade date, who covers, and who said so when."""

    trade_date: str
    name: str
    deputies: tuple[str, ...] = ()
    by: str
    at: Nanos
    note: str = ""


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
            rows = connection.execute(statement).all()
        return [
            Principal(
                trade_date=row.trade_date,
                name=row.principal,
                deputies=msgspec.json.decode(row.deputies, type=tuple[str, ...]),
                by=row.actor,
                at=row.at,
                note=row.note,
            )
            for row in rows
        ]
