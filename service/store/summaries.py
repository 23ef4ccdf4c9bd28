"""What is open of each rule now, in one bounded read of the open exceptions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Row, Select, case, func, select

from alerts.summary import Summary
from rules.facts import Nanos
from rules.finding import Severity
from service.cases.states import State
from service.exact_text import iso_utc
from service.store.case_conditions import bare
from service.store.engine import Database
from service.store.tables import cases
from service.store.work_tables import OPEN


class SqlSummaries:
    """Summaries of every rule of a firm, also of those of which nothing is open; never writes."""

    def __init__(
        self, database: Database, firm: str, rules: Iterable[str], clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._database = database
        self._firm = firm
        self._rules = tuple(rules)
        self._clock = clock

    async def current(self) -> Sequence[Summary]:
        """Return the summaries as they are now, by rule; the loop does not wait for the store."""
        return await asyncio.to_thread(self.read)

    def read(self) -> list[Summary]:
        """Return the summaries as they are now, by rule."""
        with self._database.reading() as connection:
            rows = connection.execute(open_by_rule()).all()
        as_of = iso_utc(Nanos(self._clock()))
        named = sorted({*self._rules, *(row.of_rule for row in rows)})
        return [self._summary(rule, [row for row in rows if row.of_rule == rule], as_of) for rule in named]

    def _summary(self, rule: str, rows: Sequence[Row[tuple[str, str, int, int, int, int]]], as_of: str) -> Summary:
        counted = {row.severity: int(row.open) for row in rows}
        return Summary(
            firm=self._firm,
            rule=rule,
            open={severity.value: counted.get(severity.value, 0) for severity in Severity},
            unacknowledged=sum(int(row.unacknowledged) for row in rows),
            newest=max((int(row.newest) for row in rows), default=None),
            last_at=iso_utc(Nanos(max(int(row.last_at) for row in rows))) if rows else None,
            as_of=as_of,
        )


def open_by_rule() -> Select[tuple[str, str, int, int, int, int]]:
    """Return the question: what is open, by rule and severity."""
    unheard = case((cases.c.acknowledged_at.is_(None) & (cases.c.state != State.SHELVED.value), 1), else_=0)
    wanted = select(
        bare(cases.c.rule).label("of_rule"),  # by the index of the open ones, and not by that of the rules
        cases.c.severity,
        func.count().label("open"),
        func.sum(unheard).label("unacknowledged"),
        func.max(cases.c.case_id).label("newest"),
        func.max(cases.c.last_at).label("last_at"),
    )
    return wanted.where(OPEN).group_by("of_rule", cases.c.severity)
