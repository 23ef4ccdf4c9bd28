"""The newest trade date of which anything was executed or found."""

from __future__ import annotations

from sqlalchemy import func, select

from service.store.engine import Database
from service.store.tables import cases, executions


def newest_day(database: Database, today: str) -> str:
    """Return it, today where nothing is known of any day; never a day that is still to come."""
    with database.reading() as connection:
        found = [
            connection.execute(select(func.max(table.c.trade_date)).where(table.c.trade_date <= today)).scalar_one()
            for table in (executions, cases)
        ]
    return max((day for day in found if day is not None), default=today)
