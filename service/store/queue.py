"""Cases in the store: the caseworker gathers findings into them, people and clocks act on them.

Everything decided is decided by service/cases; this file reads inside the write transaction and puts away.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, func, insert, select

from rules.facts import Nanos
from rules.finding import Finding
from service.cases.actor import CASEWORKER, Actor
from service.cases.case import Acted, Case, CaseEvent, CaseKey, Notice, Refused
from service.cases.clocks import as_of
from service.cases.gathering import add_findings, link_to, open_case
from service.cases.given import Given
from service.cases.rules import DEFAULTS, Rules
from service.cases.shelving import Shelving
from service.cases.states import Action, State
from service.grouping import Held, Share, by_key, open_since, shared_out
from service.store.bulks import SqlBulks
from service.store.case_book import CHUNK, Alerting, CaseBook
from service.store.case_rows import case_of, event_of
from service.store.case_words import keep_found
from service.store.engine import Database
from service.store.incidents import note_incidents, to_link
from service.store.record import read_offset, write_offset
from service.store.reliefs import relieve, waiting
from service.store.rulebooks import Rulebooks
from service.store.second_looks import Looks, next_looks, reassessed
from service.store.shelvings import SqlShelvings, hidden, in_force, sweep
from service.store.steps import take_turn
from service.store.tables import case_events, case_findings, cases, findings
from service.store.untaken import anything_to_gather

HUSHED = ("opened", "grew")
"""What is not said of a case that goes on the shelf in the same step."""


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


class Tended(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to cases without a new finding: by clocks, by shelvings, by later events that end a condition."""

    timers: int
    hidden: int
    notices: tuple[Notice, ...]

    @property
    def any(self) -> bool:
        """Return whether there was anything to do."""
        return bool(self.timers or self.hidden or self.notices)


class SqlQueue:
    """The queue over one database, by the firm's rules; `channels` get a row in the outbox for every notice."""

    def __init__(
        self,
        database: Database,
        *,
        alerting: Alerting,
        channels: tuple[str, ...] = ("mqtt",),
        rules: Rules = DEFAULTS,
    ) -> None:
        self.rules = rules
        self._database = database
        self._book = CaseBook(alerting, channels, rules)
        self._rulebooks = Rulebooks()
        self.bulks = SqlBulks(database, self._book)
        self.shelvings = SqlShelvings(database, self._book)

    def gather(self, now: Nanos) -> Gathered:
        """Turn the next findings and second looks (at most 200) into cases, incidents and alerts, and move the offsets.

        All of it is one transaction. A case that comes to its incident in this turn is alerted with it. It is looked
        first whether there is anything to take, so that a quiet queue keeps nobody from writing.
        """
        with self._database.reading() as connection:
            if not anything_to_gather(connection):
                return Gathered(findings=0, notices=())
        with self._database.writing() as connection:
            take_turn(connection)
            held = self._next_findings(connection)
            shelves = in_force(connection, now) if held else []
            gathered = [self._take(connection, key, share, shelves, now) for key, share in _shares(connection, held)]
            placed = [(taken.acted.case.case_id, one) for taken in gathered for one in taken.held]
            note_incidents(connection, placed, now)
            links = [link_to(case, incident, now) for case, incident in to_link(connection, CHUNK - len(gathered))]
            looks, looked = next_looks(connection, CHUNK - len(held))
            for acted in links:
                self._book.put(connection, acted)
            again = list(self._reassess(connection, looked, now))
            notices = _noticed([*(taken.acted for taken in gathered), *again], links)
            for notice in notices:
                self._book.announce(connection, notice, now)
        return Gathered(findings=len(held), notices=notices, second_looks=looks, links=len(links))

    def tend(self, now: Nanos) -> Tended:
        """Do what clocks, shelvings and ended conditions ask for, at most 200 cases of each.

        As with `gather`, it is looked first whether anything is to be done.
        """
        with self._database.reading() as connection:
            asked = _due(connection, now) or in_force(connection, now) or waiting(connection)
        if not asked:
            return Tended(timers=0, hidden=0, notices=())
        with self._database.writing() as connection:
            take_turn(connection)
            timed = list(self._run_out(connection, now))
            hid = sweep(connection, self._book, now)
            resolved = list(relieve(connection, self._book, now))
        notices = tuple(acted.notice for acted in (*timed, *resolved) if acted.notice is not None)
        return Tended(timers=len(timed), hidden=hid, notices=notices)

    def set_clocks(self) -> None:
        """Say anew of every open case when its clocks run out, in case the firm's rules or hours changed."""
        not_closed = [state.value for state in State if state is not State.CLOSED]
        with self._database.reading() as connection:
            ids = connection.execute(select(cases.c.case_id).where(cases.c.state.in_(not_closed))).scalars().all()
        for first in range(0, len(ids), CHUNK):
            with self._database.writing() as connection:
                take_turn(connection)
                self._book.set_clocks(connection, ids[first : first + CHUNK])

    def act(self, case_id: int, action: Action, actor: Actor, given: Given, now: Nanos) -> Acted | Refused:
        """Take an action, or refuse it; the case is read inside the write transaction."""
        with self._database.writing() as connection:
            take_turn(connection)
            return self._book.act(connection, case_id, action, actor, given, now)

    def case(self, case_id: int) -> Case | None:
        """Return one case, None when there is none of that number."""
        with self._database.reading() as connection:
            row = connection.execute(select(cases).where(cases.c.case_id == case_id)).one_or_none()
        return None if row is None else case_of(row)

    def case_at(self, case_id: int, now: Nanos) -> Case | None:
        """Return one case as it stands at an instant, whether or not its timers have been written by then."""
        case = self.case(case_id)
        return None if case is None else as_of(case, self.rules, now)

    def history(self, case_id: int, after: int = 0) -> list[CaseEvent]:
        """Return the chained events of one case after the n-th, oldest first."""
        with self._database.reading() as connection:
            wanted = (case_events.c.case_id == case_id, case_events.c.n > after)
            statement = select(case_events).where(*wanted).order_by(case_events.c.n)
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

    def _run_out(self, connection: Connection, now: Nanos) -> Iterator[Acted]:
        due = select(cases).where(cases.c.due_at <= now).order_by(cases.c.due_at, cases.c.case_id)
        for row in connection.execute(due.limit(CHUNK).with_for_update()).all():
            yield from self._book.run_out(connection, case_of(row), now)

    def _take(self, connection: Connection, key: CaseKey, share: Share, shelves: list[Shelving], now: Nanos) -> _Taken:
        batch = [held.finding for held in share.held]
        if share.case is not None:
            acted = add_findings(share.case, batch, now, self.rules)
            self._book.put(connection, acted)
        else:
            acted = open_case(_next_id(connection), key, batch, now, self.rules)
            self._book.open(connection, acted)
        rows = [{"case_id": acted.case.case_id, "seq": held.seq} for held in share.held]
        connection.execute(insert(case_findings), rows)
        keep_found(connection, acted.case.case_id, batch)
        if hidden(connection, self._book, acted.case, shelves, now) is not None and _hushed(acted):
            acted = msgspec.structs.replace(acted, notice=None)
        return _Taken(acted, share.held)

    def _reassess(self, connection: Connection, looked: Looks, now: Nanos) -> Iterator[Acted]:
        for acted in reassessed(connection, looked, now, self.rules):
            self._book.put(connection, acted)
            yield acted


def _due(connection: Connection, now: Nanos) -> bool:
    return connection.execute(select(cases.c.case_id).where(cases.c.due_at <= now).limit(1)).first() is not None


def _hushed(acted: Acted) -> bool:
    return acted.notice is not None and acted.notice.reason in HUSHED


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
