"""One case as it stands, the table of what can be done to it, and the chain of its history. Pure.

A finding never changes; a case gathers the findings of one rule that grouping.py says belong together, and people act
on it. Every change appends one event to the case's chain.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec

from rules.facts import Nanos
from rules.finding import Severity

GENESIS = b"\0" * 32


class State(StrEnum):
    """Where the work on a case stands."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    REOPENED = "reopened"

    @property
    def waiting(self) -> bool:
        """Return whether it waits for somebody to look at it."""
        return self is not State.ACKNOWLEDGED


class Action(StrEnum):
    """What can be done to a case; the first five are the caseworker's, the rest a person's."""

    OPEN = "open"
    ADD = "add"
    RAISE = "raise"
    REASSESS = "reassessed"
    LINK = "link"
    ACKNOWLEDGE = "acknowledge"

    @property
    def past(self) -> str:
        """Return the word for it in a history."""
        return _PAST[self]


_PAST = {
    Action.OPEN: "opened",
    Action.ADD: "grew",
    Action.RAISE: "rose",
    Action.REASSESS: "assessed again",
    Action.LINK: "linked",
    Action.ACKNOWLEDGE: "acknowledged",
}


TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.NEW, Action.ADD): State.NEW,
    (State.ACKNOWLEDGED, Action.ADD): State.ACKNOWLEDGED,
    (State.REOPENED, Action.ADD): State.REOPENED,
    (State.NEW, Action.RAISE): State.NEW,
    (State.ACKNOWLEDGED, Action.RAISE): State.REOPENED,
    (State.REOPENED, Action.RAISE): State.REOPENED,
    (State.NEW, Action.REASSESS): State.NEW,
    (State.ACKNOWLEDGED, Action.REASSESS): State.ACKNOWLEDGED,
    (State.REOPENED, Action.REASSESS): State.REOPENED,
    (State.NEW, Action.LINK): State.NEW,
    (State.ACKNOWLEDGED, Action.LINK): State.ACKNOWLEDGED,
    (State.REOPENED, Action.LINK): State.REOPENED,
    (State.NEW, Action.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.REOPENED, Action.ACKNOWLEDGE): State.ACKNOWLEDGED,
}
PERSONAL = (Action.ACKNOWLEDGE,)
CASEWORKER = "caseworker"


class CaseKey(msgspec.Struct, frozen=True, order=True):
    """What findings must share to be one case (grouping.py).

    `cause` says the values of the grouping in words, `counterparty` is empty where the grouping leaves it out.
    """

    rule: str
    cause: str
    counterparty: str
    trade_date: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case as it stands; `n` and `head` are the newest link of its chain (0 and zeros before the first).

    `finding_count` and `dollar_harm` are of the findings that stand; `uncertain_count` of them were made while messages
    were missing and are not confirmed, `withdrawn_count` more were withdrawn. Severity and sentence
    never fall. `symbol` and `venue` are those of all its findings, None where these differ. `incident` is the number
    of the incident that it was linked to.
    """

    case_id: int
    key: CaseKey
    session: str
    state: State = State.NEW
    severity: Severity
    opened_at: Nanos
    updated_at: Nanos
    first_at: Nanos
    last_at: Nanos
    finding_count: int = 0
    dollar_harm: int | None = None
    sentence: str
    symbol: str | None = None
    venue: str | None = None
    assignee: str | None = None
    n: int = 0
    head: bytes = GENESIS
    uncertain_count: int = 0
    withdrawn_count: int = 0
    incident: int | None = None


class CaseEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One link of a case's history: who did what when; `hash` covers all of it and the link before."""

    case_id: int
    n: int
    at: Nanos
    actor: str
    action: Action
    body: bytes
    previous: bytes
    hash: bytes


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a case that somebody should hear: `reason` is opened, grew, severity_rose or withdrawn."""

    case: Case
    reason: str


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """An action that was taken: the case after it, its event, and what should be said of it."""

    case: Case
    event: CaseEvent
    notice: Notice | None = None


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An action that was not taken, with who, what, and what is allowed instead, in words."""

    words: str


def link(previous: bytes, case_id: int, n: int, at: int, actor: str, action: str, body: bytes) -> bytes:
    """Return the SHA-256 that chains one event to the one before."""
    text = msgspec.json.encode([case_id, n, at, actor, action])
    return hashlib.sha256(previous + text + body).digest()


def first_broken(events: list[CaseEvent]) -> int | None:
    """Return the n of the first event whose link does not hold, None when the chain is whole."""
    previous = GENESIS
    for expected, event in enumerate(events, start=1):
        good = link(previous, event.case_id, expected, event.at, event.actor, event.action.value, event.body)
        if (event.n, event.previous, event.hash) != (expected, previous, good):
            return expected
        previous = event.hash
    return None
