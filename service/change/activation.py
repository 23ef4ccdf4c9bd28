"""Puts in force what is to be: the files of the first start, and what is approved and due, at a start and later.

Only here does a version get into the journal of a daemon: between two frames of it, so that everything before is judged
by the old version and everything behind by the new one, without a restart.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import structlog

from rules.facts import SECOND, Nanos
from service.change.proposal_events import State
from service.change.proposals import Proposal
from service.configuration import Configuration
from service.journal import Frame
from service.market.calendar import TradingCalendar
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.proposals import SqlProposals
from service.versions import changes

log = structlog.get_logger()

LOOK_EVERY_S = 0.25


def put_in_force(configuration: Configuration, calendar: TradingCalendar, database: Database) -> None:
    """Journal what a start puts in force: what changed of the configuration, then what was approved and is due."""
    now = Nanos(time.time_ns())
    journal = SqlJournal(database)
    new = changes(configuration.versions(msgspec.json.encode(calendar).decode()), journal.in_force())
    if new:
        journal.append(Frame(entries=tuple(version.entry(now) for version in new)))
    activate(SqlProposals(database), now)


def activate(proposals: SqlProposals, now: Nanos) -> int:
    """Put what is due into the journal, and say so; return how many versions came into force."""
    done = proposals.activate(now)
    for one in done:
        told = one.proposal
        kind, name, approved = told.wanted.kind.value, told.wanted.name, told.approved
        assert approved is not None
        if one.version is None:
            log.error("proposal_lapsed", kind=kind, name=name, proposal=told.number, reason=told.history[-1].why)
        else:
            log.info(
                "version_activated",
                kind=kind,
                name=name,
                hash=told.wanted.hash,
                proposal=told.number,
                proposer=told.proposer,
                approver=approved.actor,
                offset=told.offset,
            )
    return sum(one.version is not None for one in done)


class ActivationWork:
    """Looks for what has been approved, and activates it at its time; `after` is called when it has."""

    def __init__(
        self, proposals: SqlProposals, after: Callable[[], None], *, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self._proposals = proposals
        self._after = after
        self._clock = clock
        self._seen = -1
        self._waiting: list[Proposal] = []

    def work(self) -> float:
        """Activate what is due; return how long nothing will be."""
        newest = self._proposals.newest()
        if newest != self._seen:
            self._waiting = [one for one in self._proposals.standing().proposals if one.state is State.APPROVED]
            self._seen = newest
        now = Nanos(self._clock())
        next_due = min((one.due for one in self._waiting), default=None)
        if next_due is None:
            return LOOK_EVERY_S
        if next_due > now:
            return min(LOOK_EVERY_S, (next_due - now) / SECOND)
        if activate(self._proposals, now):
            self._after()
        return 0.0
