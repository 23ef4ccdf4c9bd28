"""Proposals and the hands they go through, for the tests of versions."""

from __future__ import annotations

import hashlib

import msgspec

from rules.facts import Nanos
from service.cases.case import GENESIS
from service.change.proposal_events import Draft, Event, State, Wanted, linked
from service.change.proposals import Asked, Proposal, Refused, Standing, decide, folded
from service.versions import Version, VersionKind
from tests.factories import NOON

HOUR = 3_600 * 1_000_000_000
BOOK = (VersionKind.RULEBOOK.value, "rulebook")
SLOWER = "rules: {slow_fill: {parameters: {at_most: 2 s}}}\n"
SLOWEST = "rules: {slow_fill: {parameters: {at_most: 3 s}}}\n"


def sha(text: str) -> str:
    """Return the SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def wanted(text: str = SLOWER, *, hours: float | None = None, why: str = "agreed with the desk") -> Wanted:
    """Return a rulebook that somebody wants, from so many hours after noon on."""
    effective = None if hours is None else Nanos(NOON + int(hours * HOUR))
    return Wanted(kind=VersionKind.RULEBOOK, name="rulebook", text=text, why=why, effective=effective)


class Desk:
    """A chain of events in memory, with what is in force, for the pure part of versions."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.in_force = {BOOK: sha("")}
        self.now = NOON

    @property
    def standing(self) -> Standing:
        """Return what stands."""
        return Standing(in_force=self.in_force, proposals=folded(self.events))

    def proposal(self, number: int) -> Proposal:
        """Return one proposal as it stands."""
        return next(one for one in self.standing.proposals if one.number == number)

    def ask(self, asked: Asked) -> Proposal | Refused:
        """Let somebody ask; return the proposal after it, or the refusal."""
        draft = decide(self.standing, asked, self.now)
        return draft if isinstance(draft, Refused) else self.put(draft)

    def put(self, draft: Draft) -> Proposal:
        """Append what was decided."""
        previous = self.events[-1].hash if self.events else GENESIS
        self.events.append(linked(draft, len(self.events) + 1, previous))
        return self.proposal(self.events[-1].proposal)

    def propose(self, what: Wanted | None = None, actor: str = "pat") -> Proposal:
        """Propose something that may be."""
        made = self.ask(Asked(state=State.PROPOSED, actor=actor, wanted=what or wanted()))
        assert isinstance(made, Proposal), made
        return made

    def do(self, state: State, proposal: Proposal, actor: str = "sam", why: str = "") -> Proposal | Refused:
        """Do something to a proposal."""
        return self.ask(Asked(state=state, actor=actor, why=why, proposal=self.proposal(proposal.number)))

    def approve(self, proposal: Proposal) -> Proposal:
        """Approve one that may be."""
        made = self.do(State.APPROVED, proposal)
        assert isinstance(made, Proposal), made
        return made

    def force(self, version: Version) -> None:
        """Put a version in force, as the journal does."""
        self.in_force = {**self.in_force, version.key: version.hash}

    def forge(self, place: int, **changes: object) -> None:
        """Change an event behind everybody's back."""
        self.events[place - 1] = msgspec.structs.replace(self.events[place - 1], **changes)
