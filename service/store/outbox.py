"""The outbox: alerts wait here from the case's own transaction until their channel has settled them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from alerts.policy import UNSAID, Verdict
from alerts.ports import LONGEST_REST, Dead, Held, Letter, Paced, Sent, Settled, Waiting
from alerts.storm import BEGAN_KEY, TOPIC, began_at
from service.cases.states import WAITING, State
from service.store.engine import Database
from service.store.tables import cases, outbox

WAITS = and_(outbox.c.sent_at.is_(None), outbox.c.dead_at.is_(None))
_HELD = Verdict.HELD.value
_SENT = Verdict.SENT.value
CHUNK = 500
"""So many alerts at most in one transaction."""
T = TypeVar("T")


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
        tried = or_(outbox.c.decision.is_(None), outbox.c.decision != _HELD)
        set_back = and_(tried, outbox.c.not_before > now + LONGEST_REST)
        rested = or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now, set_back)
        turns = or_(tried, rested)
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
            .where(outbox.c.outbox_id == bindparam("key"), WAITS)
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
            .where(outbox.c.outbox_id == bindparam("key"), WAITS)
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
            .where(outbox.c.outbox_id == bindparam("key"), WAITS)
            .values(error=bindparam("why"), dead_at=now, attempts=outbox.c.attempts + bindparam("tried"))
        )
        rows = [{"key": one.outbox_id, "why": one.why, "tried": int(one.tried)} for one in dead]
        with self._database.writing() as connection:
            connection.execute(statement, rows)

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

    def paced(self, channel: str, since: int, most: int) -> Paced:
        """Return what a channel has said and left unsaid since an instant, and the storm that stands."""
        mine = outbox.c.channel == channel
        sent = and_(mine, outbox.c.decision == _SENT, outbox.c.topic.is_(None))
        unsaid = and_(mine, outbox.c.decision == Verdict.WITHHELD.value, outbox.c.reason.startswith(UNSAID))
        letters = select(outbox.c.idempotency_key, outbox.c.body).where(mine, outbox.c.case_id.is_(None))
        # `+ 0`: by the index of the cases, which holds few without one, and not by the number
        by_case = outbox.c.outbox_id + 0
        last = letters.where(outbox.c.topic == TOPIC).order_by(by_case.desc()).limit(1)
        with self._database.reading() as connection:
            said = [at for which in (sent, unsaid) for at in connection.execute(_times(which, since, most)).scalars()]
            letter = connection.execute(last).first()
            storm = letter.body if letter is not None and letter.idempotency_key.endswith(BEGAN_KEY) else None
            withheld = {} if storm is None else _by_rule(connection, unsaid, began_at(storm))
        return Paced(tuple(sorted(said)[-most:]), storm, withheld)

    def decide_anew(self, channel: str) -> None:
        """Give what the plan holds on a channel its turn, chunk by chunk."""
        held = select(outbox.c.outbox_id).where(outbox.c.channel == channel, WAITS, outbox.c.decision == _HELD)
        with self._database.reading() as connection:
            found = list(connection.execute(held).scalars())
        for part in _chunks(found):
            statement = update(outbox).where(outbox.c.outbox_id.in_(part), WAITS)
            with self._database.writing() as connection:
                connection.execute(statement.values(not_before=None))

    def tell(self, channel: str, letters: list[Letter], now: int) -> None:
        """Put letters of the relay's own into the outbox, chunk by chunk; one whose key is there is left out."""
        for part in _chunks(letters):
            keys = [letter.key for letter in part]
            there = select(outbox.c.idempotency_key).where(outbox.c.channel == channel)
            with self._database.writing() as connection:
                known = set(connection.execute(there.where(outbox.c.idempotency_key.in_(keys))).scalars())
                rows = [_row(channel, letter, now) for letter in part if letter.key not in known]
                if rows:
                    connection.execute(insert(outbox), rows)

    def depth(self) -> Depth:
        """Return how many alerts wait on all channels."""
        statement = select(func.count(), func.min(outbox.c.created_at)).where(WAITS)
        with self._database.reading() as connection:
            count, oldest = connection.execute(statement).one()
        return Depth(waiting=count, oldest=oldest)


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[first : first + CHUNK] for first in range(0, len(items), CHUNK))


def _times(which: ColumnElement[bool], since: int, most: int) -> Select[int]:
    """Return the question: when the newest of these were settled."""
    wanted = select(outbox.c.sent_at).where(which, outbox.c.sent_at > since)
    return wanted.order_by(outbox.c.sent_at.desc()).limit(most)


def _by_rule(connection: Connection, which: ColumnElement[bool], since: int) -> dict[str, int]:
    counted = (
        select(outbox.c.rule, func.count().label("many"))
        .where(which, outbox.c.sent_at >= since)
        .group_by(outbox.c.rule)
    )
    return {row.rule: row.many for row in connection.execute(counted)}


def _held_before(connection: Connection, channel: str, firsts: dict[int | None, int]) -> dict[int, tuple[int, ...]]:
    """Return by case which alerts the plan holds that are older than the one whose turn it is."""
    wanted = select(outbox.c.case_id, outbox.c.outbox_id).where(
        outbox.c.channel == channel, WAITS, outbox.c.case_id.in_([case_id for case_id in firsts if case_id])
    )
    found: dict[int, tuple[int, ...]] = {}
    # sorted here: asked for the order, SQLite would read the whole outbox in it
    for case_id, outbox_id in sorted(tuple(row) for row in connection.execute(wanted)):
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
