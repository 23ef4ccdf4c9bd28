"""Cases in the store: the caseworker gathers findings into them, people act on them, both in one write transaction.

Everything decided is decided by service/cases.py; this file reads the case inside the transaction and puts it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from rules.facts import Nanos
from rules.finding import Finding
from service.case import CASEWORKER, Acted, Action, Case, CaseEvent, CaseKey, Notice, Refused
from service.cases import act, add_findings, link_to, open_case
from service.grouping import Held, Share, by_key, open_since, shared_out
from service.store.case_rows import case_of, event_of, event_values, values_of
from service.store.engine import Database
from service.store.incidents import note_incidents, to_link
from service.store.record import read_offset, write_offset
from service.store.rulebooks import Rulebooks
from service.store.second_looks import Looks, next_looks, reassessed
from service.store.tables import case_events, case_findings, cases, findings, outbox

CHUNK = 200

Alerting = Callable[[Notice, Nanos], bytes]
"""Makes the wire form of the alert about a notice, committed at an instant."""


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of the caseworker: how many findings and second looks it took, and what should be heard of it.

    `links` counts the cases that it linked to their incidents.
    """

    findings: int
    notices: tuple[Notice, ...]
    second_looks: int = 0
    links: int = 0

    @property
    def any(self) -> bool:
        """Return whether there was anything to take."""
        return bool(self.findings or self.second_looks or self.links)


class _Taken(msgspec.Struct, frozen=True):
    """What became of a case, and the findings that did it."""

    acted: Acted
    held: list[Held]


class SqlQueue:
    """The queue over one database; `channels` get a row in the outbox for every notice, in the case's transaction."""

    def __init__(self, database: Database, *, alerting: Alerting, channels: tuple[str, ...] = ("mqtt",)) -> None:
        self._database = database
        self._alerting = alerting
        self._channels = channels
        self._rulebooks = Rulebooks()

    def gather(self, now: Nanos) -> Gathered:
        """Turn the next findings and second looks (at most 200) into cases, incidents and alerts, and move the offsets.

        All of it is one transaction. A case that comes to its incident in this turn is alerted with it.
        """
        with self._database.writing() as connection:
            held = self._next_findings(connection)
            gathered = [self._take(connection, key, share, now) for key, share in _shares(connection, held)]
            placed = [(taken.acted.case.case_id, one) for taken in gathered for one in taken.held]
            note_incidents(connection, placed, now)
            links = [link_to(case, incident, now) for case, incident in to_link(connection, CHUNK - len(gathered))]
            looks, looked = next_looks(connection, CHUNK - len(held))
            for acted in links:
                self._put(connection, acted)
            again = list(self._reassess(connection, looked, now))
            notices = _noticed([*(taken.acted for taken in gathered), *again], links)
            for notice in notices:
                self._announce(connection, notice, now)
        return Gathered(findings=len(held), notices=notices, second_looks=looks, links=len(links))

    def act(self, case_id: int, action: Action, actor: str, note: str, now: Nanos) -> Acted | Refused:
        """Take a person's action, or refuse it; the case is read inside the write transaction."""
        with self._database.writing() as connection:
            statement = select(cases).where(cases.c.case_id == case_id).with_for_update()
            row = connection.execute(statement).one_or_none()
            if row is None:
                return Refused(words=f"there is no exception {case_id}")
            result = act(case_of(row), action, actor, note, now)
            if isinstance(result, Acted):
                self._put(connection, result)
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
            return [event_of(row) for row in connection.execute(statement)]

    def _next_findings(self, connection: Connection) -> list[Held]:
        after = read_offset(connection, CASEWORKER)
        wanted = select(findings.c.seq, findings.c.body).where(findings.c.seq > after)
        self._rulebooks.catch_up(connection)
        held = []
        for row in connection.execute(wanted.order_by(findings.c.seq).limit(CHUNK)).all():
            finding = msgspec.json.decode(row.body, type=Finding)
            held.append(Held(row.seq, finding, self._rulebooks.terms(connection, finding.offset, finding.rule)))
        if held:
            write_offset(connection, CASEWORKER, held[-1].seq)
        return held

    def _take(self, connection: Connection, key: CaseKey, share: Share, now: Nanos) -> _Taken:
        batch = [held.finding for held in share.held]
        if share.case is not None:
            acted = add_findings(share.case, batch, now)
            self._put(connection, acted)
        else:
            acted = open_case(_next_id(connection), key, batch, now)
            connection.execute(insert(cases).values(case_id=acted.case.case_id, **values_of(acted.case)))
            connection.execute(insert(case_events).values(**event_values(acted.event)))
        rows = [{"case_id": acted.case.case_id, "seq": held.seq} for held in share.held]
        connection.execute(insert(case_findings), rows)
        return _Taken(acted, share.held)

    def _reassess(self, connection: Connection, looked: Looks, now: Nanos) -> Iterator[Acted]:
        for acted in reassessed(connection, looked, now):
            self._put(connection, acted)
            yield acted

    def _put(self, connection: Connection, acted: Acted) -> None:
        case = acted.case
        connection.execute(update(cases).where(cases.c.case_id == case.case_id).values(**values_of(case)))
        connection.execute(insert(case_events).values(**event_values(acted.event)))

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


def _shares(connection: Connection, held: list[Held]) -> Iterator[tuple[CaseKey, Share]]:
    """Yield which findings go into which case; a new case is in the store before the next is asked for."""
    for key, group in by_key(held).items():
        for share in shared_out(_open_cases(connection, key, open_since(group)), group):
            yield key, share


def _noticed(acted: list[Acted], links: list[Acted]) -> tuple[Notice, ...]:
    """Return what should be heard, each with the incident that its case has come to by now."""
    came_to = {link.case.case_id: link.case.incident for link in links}
    told = []
    for notice in (one.notice for one in acted if one.notice is not None):
        incident = came_to.get(notice.case.case_id, notice.case.incident)
        told.append(msgspec.structs.replace(notice, case=msgspec.structs.replace(notice.case, incident=incident)))
    return tuple(told)


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
