"""The outbox: alerts wait here from the case's own transaction until their channel has settled them."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, func, select, update

from alerts.ports import Waiting
from service.cases.states import State
from service.store.engine import Database
from service.store.tables import cases, outbox


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts wait, and since when the oldest does (None when none does)."""

    waiting: int
    oldest: int | None


class SqlOutbox:
    """The port alerts.ports.Outbox over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, channel: str, limit: int, now: int) -> list[Waiting]:
        """Return the oldest unsettled alert of each case, and of what is about none, but for those held for later."""
        # the channel as an expression: an index on it would lead through all that was ever sent
        first = (
            select(func.min(outbox.c.outbox_id))
            .where(outbox.c.channel.concat("") == channel, outbox.c.sent_at.is_(None))
            .group_by(outbox.c.case_id)
        )
        statement = (
            select(outbox, cases.c.state, cases.c.acknowledged_at)
            .join(cases, cases.c.case_id == outbox.c.case_id, isouter=True)
            .where(outbox.c.outbox_id.in_(first))
            .where(outbox.c.not_before.is_(None) | (outbox.c.not_before <= now))
            .order_by(outbox.c.outbox_id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return [
            Waiting(
                outbox_id=row.outbox_id,
                case_id=row.case_id,
                rule=row.rule,
                severity=row.severity,
                reason=row.reason,
                body=row.body,
                attempts=row.attempts,
                topic=row.topic,
                acknowledged=row.acknowledged_at is not None or row.state == State.SHELVED.value,
            )
            for row in rows
        ]

    def settle(self, settled: list[tuple[int, str, str]], now: int) -> None:
        """Mark alerts as done, with the verdict and its reason."""
        statement = (
            update(outbox)
            .where(outbox.c.outbox_id == bindparam("key"))
            .values(sent_at=now, decision=bindparam("verdict"), reason=bindparam("why"), attempts=outbox.c.attempts + 1)
        )
        with self._database.writing() as connection:
            connection.execute(statement, [{"key": i, "verdict": v, "why": why} for i, v, why in settled])

    def failed(self, failed: list[tuple[int, str, int]]) -> None:
        """Keep alerts for later, each with the error of this attempt and the time before which it rests."""
        statement = (
            update(outbox)
            .where(outbox.c.outbox_id == bindparam("key"))
            .values(error=bindparam("why"), not_before=bindparam("later"), attempts=outbox.c.attempts + 1)
        )
        with self._database.writing() as connection:
            connection.execute(statement, [{"key": i, "why": error, "later": later} for i, error, later in failed])

    def depth(self) -> Depth:
        """Return how many alerts wait on all channels."""
        statement = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.sent_at.is_(None))
        with self._database.reading() as connection:
            count, oldest = connection.execute(statement).one()
        return Depth(waiting=count, oldest=oldest)
