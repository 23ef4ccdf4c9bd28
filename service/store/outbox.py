"""The outbox: alerts wait here from the case's own transaction until their channel has settled them."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, exists, func, insert, or_, select, update

from alerts.policy import Verdict
from alerts.ports import Dead, Held, Letter, Sent, Settled, Waiting
from service.cases.states import WAITING, State
from service.store.engine import Database
from service.store.tables import cases, outbox

WAITS = and_(outbox.c.sent_at.is_(None), outbox.c.dead_at.is_(None))
_HELD = Verdict.HELD.value
_SENT = Verdict.SENT.value


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts wait, and since when the oldest does (None when none does)."""

    waiting: int
    oldest: int | None


class SqlOutbox:
    """The port alerts.ports.Outbox over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, channel: str, limit: int, now: int) -> list[Waiting]:
        """Return the oldest unsettled alert of each case, and of what is about none, but for those that rest.

        What the plan holds leaves the turn to the next alert of its case, which may be too grave to be held.
        """
        rested = or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now)
        turns = or_(outbox.c.decision.is_(None), outbox.c.decision != _HELD, rested)
        first = (
            select(func.min(outbox.c.outbox_id))
            .where(outbox.c.channel == channel, WAITS, turns)
            .group_by(outbox.c.case_id)
        )
        statement = (
            select(outbox, cases.c.state, cases.c.acknowledged_at)
            .join(cases, cases.c.case_id == outbox.c.case_id, isouter=True)
            .where(outbox.c.outbox_id.in_(first))
            .where(rested)
            .order_by(outbox.c.outbox_id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
            behind = _held_before(connection, channel, {row.case_id: row.outbox_id for row in rows})
        return [_waiting(row, behind.get(row.case_id, ())) for row in rows]

    def settle(self, settled: list[Settled], now: int) -> None:
        """Mark alerts as done, with the verdict, its reason and its route."""
        statement = (
            update(outbox)
            .where(outbox.c.outbox_id == bindparam("key"))
            .values(
                sent_at=now,
                decision=bindparam("verdict"),
                reason=bindparam("why"),
                route=bindparam("by_route"),
                attempts=outbox.c.attempts + 1,
            )
        )
        rows = [
            {"key": one.outbox_id, "verdict": one.verdict, "why": one.reason, "by_route": one.route} for one in settled
        ]
        with self._database.writing() as connection:
            connection.execute(statement, rows)

    def hold(self, held: list[Held]) -> None:
        """Keep alerts for later, each with why and the time before which it rests; untried ones as held."""
        statement = (
            update(outbox)
            .where(outbox.c.outbox_id == bindparam("key"))
            .values(
                error=bindparam("why"),
                not_before=bindparam("later"),
                attempts=outbox.c.attempts + bindparam("tried"),
                decision=bindparam("verdict"),
            )
        )
        rows = [
            {
                "key": one.outbox_id,
                "why": one.why,
                "later": one.not_before,
                "tried": int(one.tried),
                "verdict": None if one.tried else _HELD,
            }
            for one in held
        ]
        with self._database.writing() as connection:
            connection.execute(statement, rows)

    def bury(self, dead: list[Dead], now: int) -> None:
        """Make dead letters of alerts, each with what the other side said."""
        statement = (
            update(outbox)
            .where(outbox.c.outbox_id == bindparam("key"))
            .values(error=bindparam("why"), dead_at=now, attempts=outbox.c.attempts + 1)
        )
        with self._database.writing() as connection:
            connection.execute(statement, [{"key": one.outbox_id, "why": one.why} for one in dead])

    def sent_since(self, channel: str, since: int) -> list[Waiting]:
        """Return what was sent on a channel from `since` on, in the order of sending."""
        statement = (
            select(outbox, cases.c.state, cases.c.acknowledged_at)
            .join(cases, cases.c.case_id == outbox.c.case_id, isouter=True)
            .where(outbox.c.channel == channel, outbox.c.sent_at >= since, outbox.c.decision == _SENT)
            .order_by(outbox.c.sent_at, outbox.c.outbox_id)
        )
        with self._database.reading() as connection:
            return [_waiting(row) for row in connection.execute(statement).all()]

    def sent_again(self, outbox_ids: list[int]) -> None:
        """Count one more attempt at alerts that stay settled."""
        statement = update(outbox).where(outbox.c.outbox_id == bindparam("key"))
        with self._database.writing() as connection:
            connection.execute(statement.values(attempts=outbox.c.attempts + 1), [{"key": key} for key in outbox_ids])

    def unanswered(self, channel: str, before: int) -> list[Sent]:
        """Return what was sent last of exceptions that nobody has acknowledged and that are quiet since an instant."""
        mine = outbox.alias("mine")
        of_case = and_(mine.c.case_id == cases.c.case_id, mine.c.channel == channel)
        waits = and_(mine.c.sent_at.is_(None), mine.c.dead_at.is_(None))
        newest = select(func.max(mine.c.outbox_id)).where(of_case, mine.c.decision == _SENT).scalar_subquery()
        done = select(func.max(func.coalesce(mine.c.sent_at, mine.c.dead_at))).where(of_case).scalar_subquery()
        told = select(func.count()).where(of_case, mine.c.n == outbox.c.n).scalar_subquery()
        statement = (
            select(outbox, cases.c.state, cases.c.acknowledged_at, done.label("done"), told.label("told"))
            .select_from(cases.join(outbox, outbox.c.outbox_id == newest))
            .where(cases.c.state.in_([state.value for state in WAITING]), cases.c.acknowledged_at.is_(None))
            .where(done <= before, ~exists().where(of_case, waits))
            .order_by(outbox.c.outbox_id)
        )
        with self._database.reading() as connection:
            return [Sent(_waiting(row), row.done, row.told) for row in connection.execute(statement).all()]

    def tell(self, channel: str, letters: list[Letter], now: int) -> None:
        """Put letters of the relay's own into the outbox; one whose key is there already is left out."""
        keys = [letter.key for letter in letters]
        there = select(outbox.c.idempotency_key).where(outbox.c.channel == channel, outbox.c.idempotency_key.in_(keys))
        with self._database.writing() as connection:
            known = set(connection.execute(there).scalars())
            rows = [_row(channel, letter, now) for letter in letters if letter.key not in known]
            if rows:
                connection.execute(insert(outbox), rows)

    def depth(self) -> Depth:
        """Return how many alerts wait on all channels."""
        statement = select(func.count(), func.min(outbox.c.created_at)).where(WAITS)
        with self._database.reading() as connection:
            count, oldest = connection.execute(statement).one()
        return Depth(waiting=count, oldest=oldest)


def _held_before(connection: Connection, channel: str, firsts: dict[int | None, int]) -> dict[int, tuple[int, ...]]:
    """Return by case which alerts the plan holds that are older than the one whose turn it is."""
    wanted = (
        select(outbox.c.case_id, outbox.c.outbox_id)
        .where(outbox.c.channel == channel, WAITS, outbox.c.case_id.in_([case_id for case_id in firsts if case_id]))
        .order_by(outbox.c.outbox_id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for case_id, outbox_id in connection.execute(wanted):
        if outbox_id < firsts[case_id]:
            found[case_id] = (*found.get(case_id, ()), outbox_id)
    return found


def _waiting(row: Row[Any], behind: tuple[int, ...] = ()) -> Waiting:
    return Waiting(
        outbox_id=row.outbox_id,
        key=row.idempotency_key,
        case_id=row.case_id,
        rule=row.rule,
        severity=row.severity,
        reason=row.reason,
        body=row.body,
        attempts=row.attempts,
        topic=row.topic,
        acknowledged=row.acknowledged_at is not None or row.state == State.SHELVED.value,
        since=row.created_at,
        behind=behind,
    )


def _row(channel: str, letter: Letter, now: int) -> dict[str, object]:
    return {
        "channel": channel,
        "case_id": letter.case_id,
        "n": letter.n,
        "idempotency_key": letter.key,
        "rule": letter.rule,
        "severity": letter.severity,
        "reason": letter.reason,
        "body": letter.body,
        "topic": letter.topic,
        "created_at": now,
        "attempts": 0,
    }
