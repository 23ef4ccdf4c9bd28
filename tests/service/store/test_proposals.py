"""Proposals on a real data base: one chain, decided inside the transaction, in force exactly once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import update

from rules.facts import Nanos
from service.change.proposal_events import State
from service.change.proposals import Asked, Proposal, Refused, Standing
from service.journal import Frame, RecordKind
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.proposals import SqlProposals
from service.store.tables import proposal_events
from service.versions import Version, VersionKind, version_of
from tests.factories import NOON
from tests.factories_proposals import HOUR, SLOWER, SLOWEST, sha, wanted


@pytest.fixture
def proposals(database: Database) -> SqlProposals:
    """Give the proposals of a store in which the catalogue's rulebook is in force."""
    seed = Version(kind=VersionKind.RULEBOOK, name="rulebook", text="", actor="seed")
    SqlJournal(database).append(Frame(entries=(seed.entry(NOON),)))
    return SqlProposals(database)


def propose(proposals: SqlProposals, text: str = SLOWER, hours: float | None = None) -> Proposal:
    """Let pat propose a rulebook."""
    asked = Asked(state=State.PROPOSED, actor="pat", wanted=wanted(text, hours=hours))
    made = proposals.ask(lambda _: asked, NOON)
    assert isinstance(made, Proposal)
    return made


def approve(proposals: SqlProposals, number: int, actor: str = "sam") -> Proposal | Refused:
    """Let somebody approve a proposal as it stands."""

    def asking(standing: Standing) -> Asked:
        one = next(one for one in standing.proposals if one.number == number)
        return Asked(state=State.APPROVED, actor=actor, proposal=one)

    return proposals.ask(asking, NOON)


def test_what_is_approved_and_due_comes_into_force_once(proposals: SqlProposals, database: Database) -> None:
    """Version and event are one commit; asking again does nothing."""
    made = propose(proposals, hours=1)
    approve(proposals, made.number)

    early = proposals.activate(Nanos(NOON + HOUR - 1))
    (done,) = proposals.activate(Nanos(NOON + HOUR))
    again = proposals.activate(Nanos(NOON + 2 * HOUR))

    assert (early, again) == ([], [])
    assert (done.proposal.state, done.proposal.offset) == (State.ACTIVATED, 2)
    record = SqlJournal(database).read(1, 9)[0]
    assert (record.kind, record.received_at) == (RecordKind.VERSION, NOON + HOUR)
    version = version_of(record.body)
    assert (version, version.text) == (done.version, SLOWER)
    assert (version.proposer, version.approver, version.proposal) == ("pat", "sam", 1)
    assert proposals.standing().in_force == {("rulebook", "rulebook"): sha(SLOWER)}
    assert proposals.verify() == (3, None)


def test_two_that_were_missed_come_into_force_in_their_order(proposals: SqlProposals, database: Database) -> None:
    """The second stands on the first."""
    for text, hours in ((SLOWER, 1), (SLOWEST, 2)):
        approve(proposals, propose(proposals, text, hours).number)

    done = proposals.activate(Nanos(NOON + 5 * HOUR))

    assert [one.proposal.offset for one in done] == [2, 3]
    assert [version_of(record.body).text for record in SqlJournal(database).read(1, 9)] == [SLOWER, SLOWEST]


def test_one_that_lost_its_ground_lapses_and_journals_nothing(proposals: SqlProposals, database: Database) -> None:
    """Here something else came into force by another road."""
    approve(proposals, propose(proposals, hours=1).number)
    other = Version(kind=VersionKind.RULEBOOK, name="rulebook", text=SLOWEST)
    SqlJournal(database).append(Frame(entries=(other.entry(NOON),)))

    (done,) = proposals.activate(Nanos(NOON + HOUR))

    assert (done.version, done.proposal.state, SqlJournal(database).last_offset()) == (None, State.LAPSED, 2)
    assert "propose it again on top of that" in done.proposal.history[-1].why


def test_of_two_who_approve_at_the_same_time_one_is_refused(proposals: SqlProposals) -> None:
    """What stands is read inside the transaction that appends."""
    made, together = propose(proposals), Barrier(2)

    def press(actor: str) -> Proposal | Refused:
        together.wait()
        return approve(proposals, made.number, actor)

    with ThreadPoolExecutor(2) as both:
        said = list(both.map(press, ("sam", "kim")))

    assert sorted(type(one).__name__ for one in said) == ["Proposal", "Refused"]
    assert proposals.verify() == (2, None)
    assert proposals.newest() == 2


def test_a_changed_event_breaks_the_chain(proposals: SqlProposals, database: Database) -> None:
    """Somebody with the data base's password makes himself the approver."""
    approve(proposals, propose(proposals).number)
    with database.writing() as connection:
        connection.execute(update(proposal_events).where(proposal_events.c.seq == 2).values(actor="mallory"))

    assert proposals.verify() == (2, 2)


def test_a_refusal_appends_nothing(proposals: SqlProposals) -> None:
    """Neither the asker's nor the pure part's."""
    made = propose(proposals)

    own = approve(proposals, made.number, "Pat")
    lost = proposals.ask(lambda _: Refused(("there is none",)), NOON)

    assert isinstance(own, Refused)
    assert lost == Refused(("there is none",))
    assert proposals.newest() == 1
