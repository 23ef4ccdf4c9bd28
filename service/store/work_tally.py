"""Counts what the store holds of exceptions, channels, certificates and seals, for the metrics; beside the road."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, literal, select

from rules.facts import SECOND, Nanos
from service.cases.clocks import closes_by
from service.cases.rules import DEFAULTS, Rules
from service.cases.states import WAITING, Action, State
from service.metrics.tally import AGE_BOUNDS, AGES, Tally, Work
from service.statements.chain import Kind
from service.statements.completeness import State as Certified
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.tables import case_events, cases, seals, statements

_WAITS = and_(cases.c.state.in_([state.value for state in WAITING]), cases.c.acknowledged_at.is_(None))
_OPEN = cases.c.state != State.CLOSED.value


class Done(NamedTuple):
    """One step of the work on an exception that is done: its severity, and how long after its opening."""

    severity: str
    seconds: float


class SqlTally:
    """The tally over one database; `rules` say when a case should have been closed."""

    def __init__(self, database: Database, rules: Rules = DEFAULTS) -> None:
        self._database = database
        self._rules = rules
        self._deliveries = SqlDeliveries(database)

    def read(self, now: Nanos) -> Tally:
        """Return how everything stands now."""
        with self._database.reading() as connection:
            work = _work(connection.execute(_standing(now)).all(), self._late(connection, now))
            certificates = dict(_certificates(connection))
            certified = select(func.max(statements.c.at)).where(statements.c.kind == Kind.COMPLETENESS.value)
            sealed = select(seals.c.at).order_by(seals.c.seq.desc()).limit(1)
            certified_at = connection.execute(certified).scalar_one()
            sealed_at = connection.execute(sealed).scalar_one_or_none()
        return Tally(
            work=work,
            channels={one.channel: one for one in self._deliveries.standings(now)},
            certificates=certificates,
            certified_at=certified_at,
            sealed_at=sealed_at,
        )

    def acknowledged(self, since: Nanos, until: Nanos) -> list[Done]:
        """Return the exceptions that were acknowledged for the first time from `since` to before `until`."""
        times = (
            select(func.count())
            .where(case_events.c.case_id == cases.c.case_id, case_events.c.kind == Action.ACKNOWLEDGE.value)
            .scalar_subquery()
        )
        return self._done(cases.c.acknowledged_at, since, until, _CAN_BE_ACKNOWLEDGED, times == 1)

    def closed(self, since: Nanos, until: Nanos) -> list[Done]:
        """Return the exceptions that were closed from `since` to before `until`."""
        return self._done(cases.c.closed_at, since, until, (State.CLOSED.value,))

    def _late(self, connection: Connection, now: Nanos) -> dict[str, int]:
        """Return how many should have been closed by now, by severity: of those of which some clock has run out."""
        columns = (cases.c.severity, cases.c.running_since, cases.c.ran)
        over = and_(_OPEN, cases.c.sla_at <= now, cases.c.running_since.is_not(None))
        limits, hours = {one.value: own for one, own in self._rules.limits.items()}, self._rules.hours
        late: Counter[str] = Counter()
        for severity, since, ran in connection.execute(select(*columns).where(over)):
            at = closes_by(since, ran or 0, limits[severity], hours)
            late[severity] += at is not None and at <= now
        return dict(late)

    def _done(
        self,
        at: ColumnElement[int],
        since: Nanos,
        until: Nanos,
        states: Iterable[str],
        *more: ColumnElement[bool],
    ) -> list[Done]:
        touched = and_(cases.c.state.in_(list(states)), cases.c.updated_at >= since)
        statement = select(cases.c.severity, cases.c.opened_at, at).where(touched, at >= since, at < until, *more)
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return [Done(severity, (done - opened) / SECOND) for severity, opened, done in rows]


_CAN_BE_ACKNOWLEDGED = tuple(state.value for state in State if state not in WAITING)


def _standing(now: Nanos) -> Select[Any]:
    age = case(
        *((cases.c.opened_at > now - bound, word) for bound, word in zip(AGE_BOUNDS, AGES, strict=False)),
        else_=AGES[-1],
    )
    return (
        select(
            *(cases.c.rule, cases.c.severity, cases.c.state, age),
            func.count(),
            func.max(cases.c.case_id),
            func.count(case((_WAITS, literal(1)))),
            func.max(case((_WAITS, cases.c.case_id))),
            func.min(case((_WAITS, cases.c.waiting_since))),
        )
        .where(_OPEN)
        .group_by(cases.c.rule, cases.c.severity, cases.c.state, age)
    )


def _work(rows: Iterable[Row[Any]], late: dict[str, int]) -> Work:
    opened: Counter[tuple[str, str]] = Counter()
    states: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    since: dict[str, int] = {}
    newest: dict[tuple[str, str], int] = {}
    newest_waiting: dict[tuple[str, str], int] = {}
    for row in rows:
        rule, severity, state, age, count, last, waits, last_waiting, first = tuple(row)
        opened[severity, age] += count
        states[state] += count
        waiting[severity] += waits
        newest[rule, severity] = max(last, newest.get((rule, severity), 0))
        if last_waiting is not None:
            newest_waiting[rule, severity] = max(last_waiting, newest_waiting.get((rule, severity), 0))
        if first is not None:
            since[severity] = min(first, since.get(severity, first))
    return Work(
        opened=dict(opened),
        states=dict(states),
        unacknowledged=dict(waiting),
        waiting_since=since,
        breached=late,
        newest=newest,
        newest_waiting=newest_waiting,
    )


def _certificates(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield each counterparty with the gravest state of its sessions on the newest certified day."""
    of = statements.c.kind == Kind.COMPLETENESS.value
    day = select(func.max(statements.c.trade_date)).where(of).scalar_subquery()
    newest = (
        select(func.max(statements.c.seq))
        .where(of, statements.c.trade_date == day)
        .group_by(statements.c.counterparty, statements.c.session)
    )
    rows = connection.execute(select(statements.c.counterparty, statements.c.state).where(statements.c.seq.in_(newest)))
    gravest = list(Certified)
    found: dict[str, Certified] = {}
    for counterparty, state in rows:
        said = Certified(state)
        found[counterparty] = min(said, found.get(counterparty, said), key=gravest.index)
    yield from ((name, state.value) for name, state in found.items())
