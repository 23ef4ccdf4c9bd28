"""What back-filled files came to, read from what was recorded; and which files there were. Never writes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import func, literal_column, select

from rules.facts import FeedEventKind
from service.backfill.plan import CameTo, FileNote
from service.journal import Record, RecordKind
from service.orders.again import NOT_COMPARED
from service.store.engine import Database
from service.store.journal import record_of
from service.store.tables import executions, feed_events, journal, message_outcomes


class SqlBackfills:
    """Reads for the command and the doctor over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def came_to(self, first: int, last: int) -> CameTo:
        """Return what the BACKFILL records of these offsets (both inclusive) came to."""
        became, events = message_outcomes.c, feed_events.c
        ours = journal.c.offset.between(first, last) & (journal.c.kind == RecordKind.BACKFILL.value)
        counts = (
            select(became.outcome, became.reason, func.count())
            .join_from(message_outcomes, journal, journal.c.offset == became.offset)
            .where(ours)
            .group_by(became.outcome, became.reason)
        )
        made = select(func.count()).where(executions.c.offset.between(first, last), executions.c.backfilled)
        closed = (
            select(events.session, events.subject)
            .join_from(feed_events, journal, journal.c.offset == events.offset)
            .where(ours, events.kind == FeedEventKind.GAP_CLOSED.value)
            .order_by(events.offset, events.part)
        )
        outcomes: dict[str, int] = {}
        reasons: dict[str, int] = {}
        with self._database.reading() as connection:
            for outcome, reason, count in connection.execute(counts):
                outcomes[outcome] = outcomes.get(outcome, 0) + count
                if outcome == "duplicate" and reason:
                    reasons[reason] = reasons.get(reason, 0) + count
            new = int(connection.execute(made).scalar_one())
            gaps = tuple(f"{session} {subject}" for session, subject in connection.execute(closed))
        not_compared = reasons.pop(NOT_COMPARED, 0)
        conflicts = sum(reasons.values())
        return CameTo(outcomes=outcomes, conflicts=conflicts, not_compared=not_compared, executions=new, closed=gaps)

    def files(self) -> Sequence[tuple[Record, FileNote]]:
        """Return the files that were back-filled, newest first."""
        # spelt out, not bound: only so can the database see that its index of files covers the question
        of_a_file = journal.c.kind == literal_column("'file'")
        wanted = select(journal).where(of_a_file).order_by(journal.c.offset.desc())
        with self._database.reading() as connection:
            records = [record_of(row) for row in connection.execute(wanted)]
        return [(record, msgspec.json.decode(record.body, type=FileNote)) for record in records]
