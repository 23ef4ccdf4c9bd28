"""Counts what the store holds of exceptions, channels, certificates and seals, for the metrics; beside the road."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, exists, func, literal, not_, or_, select

from rules.facts import SECOND, Nanos
from service.cases.clocks import closes_by
from service.cases.rules import DEFAULTS, Rules
from service.cases.states import CLOSINGS, WAITING, Action, State
from service.metrics.done import Done
from service.metrics.tally import AGE_BOUNDS, AGES, Tally, Work
from service.statements.chain import Kind
from service.statements.completeness import State as Certified
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.tables import case_events, cases, seals, statements, versions

_WAITS = and_(cases.c.state.in_([state.value for state in WAITING]), cases.c.acknowledged_at.is_(None))
_OPEN = cases.c.state != State.CLOSED.value
_ACKNOWLEDGE = Action.ACKNOWLEDGE.value


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
            began = connection.execute(select(func.min(versions.c.activated_at))).scalar_one()
            certified_at = connection.execute(certified).scalar_one() or began
            sealed_at = connection.execute(sealed).scalar_one_or_none() or began
        return Tally(
            work=work,
            channels={one.channel: one for one in self._deliveries.standings(now)},
            certificates=certificates,
            certified_at=certified_at,
            sealed_at=sealed_at,
        )

    def done(self, since: Nanos) -> list[Done]:
        """Return every first acknowledgement and every closing taken at `since` or later, whatever followed it."""
        before = case_events.alias()
        not_the_first = exists().where(
            before.c.case_id == case_events.c.case_id, before.c.n < case_events.c.n, before.c.kind == _ACKNOWLEDGE
        )
        counts = or_(
            case_events.c.kind.in_([action.value for action in CLOSINGS]),
            and_(case_events.c.kind == _ACKNOWLEDGE, not_(not_the_first)),
        )
        # by the state, too, because the index begins with it
        touched = and_(cases.c.state.in_([state.value for state in State]), cases.c.updated_at >= since)
        columns = (cases.c.severity, cases.c.opened_at, case_events)
        wanted = select(*columns).join(case_events, case_events.c.case_id == cases.c.case_id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.where(touched, case_events.c.at >= since, counts)).all()
        return [_done(row) for row in rows]

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


def _done(row: Row[Any]) -> Done:
    return Done(
        case_id=row.case_id,
        n=row.n,
        at=Nanos(row.at),
        action=Action(row.kind),
        severity=row.severity,
        seconds=(row.at - row.opened_at) / SECOND,
    )


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
