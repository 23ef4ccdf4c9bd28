"""Cases in the store: the caseworker gathers findings into them, people act on them, both in one write transaction.

Everything decided is decided by service/cases.py; this file reads the case inside the transaction and puts it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from rules.facts import Nanos
from rules.finding import Finding
from service.case import CASEWORKER, Acted, Action, Case, CaseEvent, CaseKey, Notice, Refused
from service.cases import act, add_findings, open_case
from service.grouping import Held, Share, by_key, open_since, shared_out
from service.store.case_rows import case_of
from service.store.engine import Database
from service.store.record import read_offset, write_offset
from service.store.rulebooks import Rulebooks
from service.store.second_looks import next_looks, reassessed
from service.store.tables import case_events, case_findings, cases, findings, outbox

CHUNK = 200

Alerting = Callable[[Notice, Nanos], bytes]
"""Makes the wire form of the alert about a notice, committed at an instant."""


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of the caseworker: how many findings and second looks it took, and what should be heard of it."""

    findings: int
    notices: tuple[Notice, ...]
    second_looks: int = 0

    @property
    def any(self) -> bool:
        """Return whether there was anything to take."""
        return bool(self.findings or self.second_looks)


class SqlQueue:
    """The queue over one database; `channels` get a row in the outbox for every notice, in the case's transaction."""

    def __init__(self, database: Database, *, alerting: Alerting, channels: tuple[str, ...] = ("mqtt",)) -> None:
        self._database = database
        self._alerting = alerting
        self._channels = channels
        self._rulebooks = Rulebooks()

    def gather(self, now: Nanos) -> Gathered:
        """Turn the next findings and second looks (at most 200) into cases and alerts, and move the offsets, as one."""
        with self._database.writing() as connection:
            held = self._next_findings(connection)
            notices = list(self._gather(connection, held, now))
            if held:
                write_offset(connection, CASEWORKER, held[-1].seq)
            taken, looked = next_looks(connection, CHUNK - len(held))
            for acted in reassessed(connection, looked, now):
                self._put(connection, acted, opened=False)
                notices += [] if acted.notice is None else [acted.notice]
        return Gathered(findings=len(held), notices=tuple(notices), second_looks=taken)

    def act(self, case_id: int, action: Action, actor: str, note: str, now: Nanos) -> Acted | Refused:
        """Take a person's action, or refuse it; the case is read inside the write transaction."""
        with self._database.writing() as connection:
            statement = select(cases).where(cases.c.case_id == case_id).with_for_update()
            row = connection.execute(statement).one_or_none()
            if row is None:
                return Refused(words=f"there is no exception {case_id}")
            result = act(case_of(row), action, actor, note, now)
            if isinstance(result, Acted):
                self._put(connection, result, opened=False)
        return result

    def case(self, case_id: int) -> Case | None:
        """Return one case, None when there is none of that number."""
        with self._database.reading() as connection:
            row = connection.execute(select(cases).where(cases.c.case_id == case_id)).one_or_none()
        return None if row is None else case_of(row)

    def history(self, case_id: int) -> list[CaseEvent]:
        """Return the chained events of one case, oldest first."""
        with self._database.reading() as connection:
            statement = select(case_events).where(case_events.c.case_id == case_id).order_by(case_events.c.n)
            return [_event(row) for row in connection.execute(statement)]

    def _next_findings(self, connection: Connection) -> list[Held]:
        after = read_offset(connection, CASEWORKER)
        wanted = select(findings.c.seq, findings.c.body).where(findings.c.seq > after)
        self._rulebooks.catch_up(connection)
        held = []
        for row in connection.execute(wanted.order_by(findings.c.seq).limit(CHUNK)).all():
            finding = msgspec.json.decode(row.body, type=Finding)
            held.append(Held(row.seq, finding, self._rulebooks.terms(connection, finding.offset, finding.rule)))
        return held

    def _gather(self, connection: Connection, held: list[Held], now: Nanos) -> Iterator[Notice]:
        for key, group in by_key(held).items():
            for share in shared_out(_open_cases(connection, key, open_since(group)), group):
                acted = self._take(connection, key, share, now)
                if acted.notice is not None:
                    yield acted.notice

    def _take(self, connection: Connection, key: CaseKey, share: Share, now: Nanos) -> Acted:
        batch = [held.finding for held in share.held]
        if share.case is not None:
            acted = add_findings(share.case, batch, now)
        else:
            acted = open_case(_next_id(connection), key, batch, now)
        self._put(connection, acted, opened=share.case is None)
        rows = [{"case_id": acted.case.case_id, "seq": held.seq} for held in share.held]
        connection.execute(insert(case_findings), rows)
        return acted

    def _put(self, connection: Connection, acted: Acted, *, opened: bool) -> None:
        values = _values(acted.case)
        if opened:
            connection.execute(insert(cases).values(case_id=acted.case.case_id, **values))
        else:
            connection.execute(update(cases).where(cases.c.case_id == acted.case.case_id).values(**values))
        connection.execute(insert(case_events).values(**_event_values(acted.event)))
        if acted.notice is not None:
            self._announce(connection, acted.notice, acted.event.at)

    def _announce(self, connection: Connection, notice: Notice, now: Nanos) -> None:
        case = notice.case
        body = self._alerting(notice, now)
        for channel in self._channels:
            connection.execute(
                insert(outbox).values(
                    channel=channel,
                    case_id=case.case_id,
                    n=case.n,
                    idempotency_key=f"{case.case_id}/{case.n}",
                    rule=case.key.rule,
                    severity=case.severity.value,
                    reason=notice.reason,
                    body=body,
                    created_at=now,
                    attempts=0,
                )
            )


def _open_cases(connection: Connection, key: CaseKey, since: Nanos) -> list[Case]:
    """Return the cases of a key whose last finding is not earlier, in the order in which they were opened."""
    statement = (
        select(cases)
        .where(
            cases.c.rule == key.rule,
            cases.c.cause == key.cause,
            cases.c.counterparty == key.counterparty,
            cases.c.trade_date == key.trade_date,
            cases.c.last_at >= since,
        )
        .order_by(cases.c.case_id)
        .with_for_update()
    )
    return [case_of(row) for row in connection.execute(statement)]


def _next_id(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(cases.c.case_id), 0))).scalar_one()) + 1


def _values(case: Case) -> dict[str, Any]:
    return {
        "rule": case.key.rule,
        "cause": case.key.cause,
        "counterparty": case.key.counterparty,
        "session": case.session,
        "trade_date": case.key.trade_date,
        "severity": case.severity.value,
        "state": case.state.value,
        "opened_at": case.opened_at,
        "updated_at": case.updated_at,
        "first_at": case.first_at,
        "last_at": case.last_at,
        "finding_count": case.finding_count,
        "dollar_harm": case.dollar_harm,
        "sentence": case.sentence,
        "symbol": case.symbol,
        "venue": case.venue,
        "assignee": case.assignee,
        "head_n": case.n,
        "head_hash": case.head,
        "uncertain_count": case.uncertain_count,
        "withdrawn_count": case.withdrawn_count,
    }


def _event_values(event: CaseEvent) -> dict[str, Any]:
    return {
        "case_id": event.case_id,
        "n": event.n,
        "at": event.at,
        "actor": event.actor,
        "kind": event.action.value,
        "body": event.body,
        "prev_hash": event.previous,
        "hash": event.hash,
    }


def _event(row: Row[Any]) -> CaseEvent:
    return CaseEvent(
        case_id=row.case_id,
        n=row.n,
        at=row.at,
        actor=row.actor,
        action=Action(row.kind),
        body=row.body,
        previous=row.prev_hash,
        hash=row.hash,
    )
