"""The words of exceptions in the store, written in the transaction of what brought them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from rules.finding import Finding
from service.cases.case import CaseEvent
from service.cases.telling import of_finding, of_ids, of_texts
from service.store.tables import case_words, executions, order_events, order_outcomes

MOST_OFFSETS = 400
"""So many records are asked about in one statement."""
MOST_RELATED = 20
"""Of so many of a finding's records the ids are kept; of the newest."""
_IDS = ("exec_id", "order_id", "cl_ord_id", "parent_id")


class _Told(msgspec.Struct, frozen=True):
    """What is asked of an event's body."""

    note: str = ""
    ticket: str = ""


def keep_told(connection: Connection, event: CaseEvent) -> None:
    """Keep the words of what somebody wrote, and the number of a ticket."""
    told = msgspec.json.decode(event.body, type=_Told)
    if told.note or told.ticket:
        _keep(connection, ((name, event.case_id) for name in of_texts(told.note, told.ticket)))


def keep_found(connection: Connection, case_id: int, found: list[Finding]) -> None:
    """Keep the words of findings: what they are about, their accounts, and the ids of their records."""
    offsets = {offset for finding in found for offset in (finding.offset, *finding.related[-MOST_RELATED:])}
    told = of_ids(_ids(connection, sorted(offsets))).union(*map(of_finding, found))
    _keep(connection, ((name, case_id) for name in told))


def _keep(connection: Connection, pairs: Iterable[tuple[str, int]]) -> None:
    rows = [{"word": name, "case_id": case_id} for name, case_id in sorted(pairs)]
    if rows:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(case_words).on_conflict_do_nothing(), rows)


def _ids(connection: Connection, offsets: list[int]) -> Iterator[Any]:
    for first in range(0, len(offsets), MOST_OFFSETS):
        some = offsets[first : first + MOST_OFFSETS]
        for table in (executions, order_events, order_outcomes):
            columns = [table.c[name] for name in _IDS if name in table.c]
            for row in connection.execute(select(*columns).where(table.c.offset.in_(some))):
                yield from row
