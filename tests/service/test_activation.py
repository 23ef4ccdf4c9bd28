"""What is approved comes into force at its time, while the daemon runs or when it starts."""

from __future__ import annotations

import pytest

from rules.facts import Nanos
from service.change.activation import LOOK_EVERY_S, ActivationWork
from service.change.proposal_events import State
from service.change.proposals import Asked, Proposal
from service.journal import Frame
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.proposals import SqlProposals
from service.versions import Version, VersionKind, version_of
from tests.factories import NOON
from tests.factories_proposals import HOUR, SLOWER, SLOWEST, wanted


class Watch:
    """The daemon's thread for versions on a store, and how often it woke the pipeline."""

    def __init__(self, database: Database) -> None:
        self.journal = SqlJournal(database)
        seed = Version(kind=VersionKind.RULEBOOK, name="rulebook", text="", actor="seed")
        self.journal.append(Frame(entries=(seed.entry(Nanos(1)),)))
        self.proposals = SqlProposals(database)
        self.woken = 0
        self.now = NOON
        self._work = ActivationWork(self.proposals, self._wake, clock=lambda: self.now)

    def _wake(self) -> None:
        self.woken += 1

    def work(self) -> float:
        """Let it look once; return how long it would sleep."""
        return self._work.work()

    def agree(self, text: str, *, hours: float | None = None) -> None:
        """Let two people agree on a rulebook, from so many hours after noon on."""
        what = wanted(text, hours=hours)
        made = self.proposals.ask(lambda _: Asked(state=State.PROPOSED, actor="pat", wanted=what), NOON)
        assert isinstance(made, Proposal)
        done = self.proposals.ask(lambda _: Asked(state=State.APPROVED, actor="sam", proposal=made), NOON)
        assert isinstance(done, Proposal)

    def in_force(self) -> list[str]:
        """Return every rulebook that ever was in force."""
        return [version_of(record.body).text for record in self.journal.read(0, 99)]


@pytest.fixture
def watch(database: Database) -> Watch:
    """Give a watch on a store in which the catalogue's rulebook is in force."""
    return Watch(database)


def test_what_is_approved_comes_into_force_at_the_next_look(watch: Watch) -> None:
    """Once; and the pipeline hears of it."""
    idle = watch.work()
    watch.agree(SLOWER)

    watch.work()
    after = watch.work()

    assert (idle, after, watch.woken) == (LOOK_EVERY_S, LOOK_EVERY_S, 1)
    assert watch.in_force() == ["", SLOWER]


def test_what_is_for_later_waits_for_its_hour(watch: Watch) -> None:
    """And the look before it is timed to be on time."""
    watch.agree(SLOWER, hours=1)
    watch.agree(SLOWEST, hours=2)
    far = watch.work()
    watch.now = Nanos(NOON + HOUR - 100_000_000)

    near, early = watch.work(), watch.in_force()
    watch.now = Nanos(NOON + HOUR)
    watch.work()
    watch.work()

    assert (far, near) == (LOOK_EVERY_S, 0.1)
    assert early == [""]
    assert (watch.in_force(), watch.woken) == (["", SLOWER], 1)


def test_one_that_lapses_wakes_nobody(watch: Watch) -> None:
    """It is said in the log and in its history, and not tried again."""
    watch.agree(SLOWER)
    other = Version(kind=VersionKind.RULEBOOK, name="rulebook", text=SLOWEST)
    watch.journal.append(Frame(entries=(other.entry(Nanos(2)),)))

    watch.work()
    pause = watch.work()

    assert (pause, watch.woken, watch.in_force()) == (LOOK_EVERY_S, 0, ["", SLOWEST])
    assert watch.proposals.standing().proposals[0].state is State.LAPSED
