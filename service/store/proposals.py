"""Proposals of versions on a database: one chain of events, read whole and appended to in one write transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, text

from rules.facts import Nanos
from service.cases.case import GENESIS
from service.change.proposal_events import Draft, Event, State, first_broken, linked
from service.change.proposals import Asked, Proposal, Refused, Standing, activated, activation, decide, due, folded
from service.journal import Frame
from service.store.cells import clean_text
from service.store.engine import Database
from service.store.journal import ALONE, append_in, hashes_in_force
from service.store.tables import proposal_events as kept
from service.versions import Version

ALONE_HERE = text("LOCK TABLE proposal_events IN EXCLUSIVE MODE")


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal that the daemon took up: its version and journal offset, or why it lapsed."""

    proposal: Proposal
    version: Version | None


class SqlProposals:
    """Keeps who proposed, approved and refused which version, and puts what is due into the journal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self) -> Standing:
        """Return what is in force and every proposal."""
        with self._database.reading() as connection:
            return _standing(connection)

    def newest(self) -> int:
        """Return the number of the newest event, 0 when there is none; cheap."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.coalesce(func.max(kept.c.seq), 0))).scalar_one())

    def ask(self, asking: Callable[[Standing], Asked | Refused], now: Nanos) -> Proposal | Refused:
        """Let somebody ask for something, of what stands at this instant; return the proposal after it."""
        with self._database.writing() as connection:
            _alone(connection, ALONE_HERE)
            standing = _standing(connection)
            asked = asking(standing)
            draft = asked if isinstance(asked, Refused) else decide(standing, asked, now)
            return draft if isinstance(draft, Refused) else _append(connection, draft)

    def activate(self, now: Nanos) -> list[Activation]:
        """Put what is approved and due into the journal, with the event that says so: both or neither."""
        with self._database.writing() as connection:
            _alone(connection, ALONE)  # before the other lock, in the order in which the journal's own writers take it
            _alone(connection, ALONE_HERE)
            return [_activate(connection, one, now) for one in due(_standing(connection).proposals, now)]

    def events(self) -> list[Event]:
        """Return the whole chain."""
        with self._database.reading() as connection:
            return _events(connection)

    def verify(self) -> tuple[int, int | None]:
        """Return how many events there are, and the first whose link does not hold (None: the chain is whole)."""
        events = self.events()
        return len(events), first_broken(events)


def _activate(connection: Connection, proposal: Proposal, now: Nanos) -> Activation:
    made = activation(_standing(connection), proposal, now)
    if isinstance(made, Draft):
        return Activation(proposal=_append(connection, made), version=None)
    offset = append_in(connection, Frame(entries=(made.entry(now),)))
    return Activation(proposal=_append(connection, activated(proposal, offset, now)), version=made)


def _alone(connection: Connection, lock: Any) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(lock)


def _standing(connection: Connection) -> Standing:
    return Standing(in_force=hashes_in_force(connection), proposals=folded(_events(connection)))


def _events(connection: Connection) -> list[Event]:
    return [_event(row) for row in connection.execute(select(kept).order_by(kept.c.seq))]


def _append(connection: Connection, draft: Draft) -> Proposal:
    events = _events(connection)
    clean = msgspec.structs.replace(draft, actor=clean_text(draft.actor))
    event = linked(clean, len(events) + 1, events[-1].hash if events else GENESIS)
    connection.execute(insert(kept).values(**msgspec.structs.asdict(event) | {"state": event.state.value}))
    return _one(folded([*events, event]), event.proposal)


def _one(proposals: Iterable[Proposal], number: int) -> Proposal:
    return next(one for one in proposals if one.number == number)


def _event(row: Row[Any]) -> Event:
    return Event(
        proposal=row.proposal,
        at=row.at,
        actor=row.actor,
        state=State(row.state),
        body=row.body,
        seq=row.seq,
        prev_hash=row.prev_hash,
        hash=row.hash,
    )
