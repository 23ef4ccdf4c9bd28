"""What people and the daemon do with proposals, as events of one chain that is only ever appended to. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from rules.facts import Nanos
from service.cases.case import GENESIS
from service.cases.chain import link
from service.versions import VersionKind


class State(StrEnum):
    """Where a proposal stands, which is what was last done with it."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ACTIVATED = "activated"
    LAPSED = "lapsed"


FOLLOWS: dict[State, tuple[State, ...]] = {
    State.PROPOSED: (State.APPROVED, State.REFUSED, State.WITHDRAWN),
    State.APPROVED: (State.REFUSED, State.WITHDRAWN, State.ACTIVATED, State.LAPSED),
}
"""What may follow what; the rest is the end of a proposal."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is proposed: a text for a kind and name, from when (None: as soon as it is approved), and why."""

    kind: VersionKind
    name: str
    text: str
    why: str
    effective: Nanos | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what it would replace."""
        return (self.kind.value, self.name)

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the text, in hex: the hash of the version that it would be."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of an event: what was proposed on top of which version, why it was decided so, its journal offset.

    `backtest` is the digest of the backtest that whoever decided had before them, "" where there was none.
    """

    wanted: Wanted | None = None
    based_on: str = ""
    why: str = ""
    offset: int | None = None
    backtest: str = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event before the chain has given it a place; a new proposal is `None` until then and gets that place."""

    proposal: int | None
    at: Nanos
    actor: str
    state: State
    body: bytes


class Event(Draft, frozen=True, kw_only=True):
    """One link of the chain: `seq` is 1, 2, 3 … without holes."""

    proposal: int
    seq: int
    prev_hash: bytes
    hash: bytes


def linked(draft: Draft, seq: int, previous: bytes) -> Event:
    """Return the draft as the link that follows `previous`; a new proposal is numbered by its place."""
    number = seq if draft.proposal is None else draft.proposal
    return Event(
        proposal=number,
        at=draft.at,
        actor=draft.actor,
        state=draft.state,
        body=draft.body,
        seq=seq,
        prev_hash=previous,
        hash=link(previous, number, seq, draft.at, draft.actor, draft.state.value, draft.body),
    )


def first_broken(events: Iterable[Event]) -> int | None:
    """Return the place (from 1) of the first link that does not hold, None when the chain is whole."""
    previous = GENESIS
    for expected, event in enumerate(events, start=1):
        if event != linked(event, expected, previous):
            return expected
        previous = event.hash
    return None
