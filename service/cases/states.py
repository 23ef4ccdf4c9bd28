"""Where the work on a case can stand, what can be done to it, and the one table that says what leads where. Pure."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where the work on a case stands."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    IN_REVIEW = "in_review"
    ESCALATED = "escalated"
    WAITING_ON_VENDOR = "waiting_on_vendor"
    SHELVED = "shelved"
    CLOSED = "closed"
    REOPENED = "reopened"

    @property
    def waiting(self) -> bool:
        """Return whether it waits for somebody to look at it."""
        return self in WAITING

    @property
    def words(self) -> str:
        """Return it as people say it: "waiting on vendor"."""
        return self.value.replace("_", " ")


WAITING = (State.NEW, State.ESCALATED, State.REOPENED)
"""States in which a case waits for somebody to look at it."""
STOPPED = (State.WAITING_ON_VENDOR, State.SHELVED, State.CLOSED)
"""States in which the clock of its closing stands still."""


class Action(StrEnum):
    """What can be done to a case."""

    OPEN = "open"
    ADD = "add"
    RAISE = "raise"
    REASSESS = "reassessed"
    LINK = "link"
    RESOLVE = "resolve"
    HIDE = "hide"
    ESCALATE_OVERDUE = "escalate_overdue"
    ACKNOWLEDGEMENT_EXPIRED = "acknowledgement_expired"
    SHELVING_EXPIRED = "shelving_expired"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    NOTE = "note"
    ESCALATE = "escalate"
    WAIT_ON_VENDOR = "wait_on_vendor"
    VENDOR_ANSWERED = "vendor_answered"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    PROPOSE_CLOSE = "propose_close"
    APPROVE_CLOSE = "approve_close"
    REFUSE_CLOSE = "refuse_close"
    CLOSE = "close"
    REOPEN = "reopen"

    @property
    def words(self) -> str:
        """Return it as people say it: "wait on vendor", "propose closing"."""
        return self.value.replace("_close", "_closing").replace("_", " ")

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
    Action.RESOLVE: "found its condition over",
    Action.HIDE: "shelved with others",
    Action.ESCALATE_OVERDUE: "escalated, being overdue",
    Action.ACKNOWLEDGEMENT_EXPIRED: "let the acknowledgement expire",
    Action.SHELVING_EXPIRED: "let the shelving end",
    Action.ACKNOWLEDGE: "acknowledged",
    Action.ASSIGN: "assigned",
    Action.NOTE: "noted",
    Action.ESCALATE: "escalated",
    Action.WAIT_ON_VENDOR: "asked the vendor",
    Action.VENDOR_ANSWERED: "had the vendor's answer",
    Action.SHELVE: "shelved",
    Action.UNSHELVE: "took from the shelf",
    Action.PROPOSE_CLOSE: "proposed to close",
    Action.APPROVE_CLOSE: "approved the closing",
    Action.REFUSE_CLOSE: "refused the closing",
    Action.CLOSE: "closed",
    Action.REOPEN: "reopened",
}
GATHERING = (Action.OPEN, Action.ADD, Action.RAISE, Action.REASSESS, Action.LINK)
"""What findings and second looks do (gathering.py)."""
OF_CASEWORKER = (Action.RESOLVE, Action.HIDE)
"""What the caseworker does by the door."""
TIMED = (Action.ESCALATE_OVERDUE, Action.ACKNOWLEDGEMENT_EXPIRED, Action.SHELVING_EXPIRED)
PERSONAL = tuple(action for action in Action if action not in (*GATHERING, *OF_CASEWORKER, *TIMED))

_UNSHELVED = (Action.UNSHELVE, Action.SHELVING_EXPIRED)


def _same(action: Action, *but: State) -> dict[tuple[State, Action], State | None]:
    return {(state, action): state for state in State if state not in but}


def _to(target: State | None, action: Action, *states: State) -> dict[tuple[State, Action], State | None]:
    return dict.fromkeys(((state, action) for state in states), target)


_WORKED_ON = (State.ACKNOWLEDGED, State.ESCALATED, State.WAITING_ON_VENDOR)
_OPEN = (State.NEW, State.REOPENED, *_WORKED_ON)

TRANSITIONS: dict[tuple[State, Action], State | None] = {
    **_same(Action.ADD),
    **_to(State.REOPENED, Action.ADD, State.CLOSED),
    **_to(State.REOPENED, Action.RAISE, *State),
    **_to(State.NEW, Action.RAISE, State.NEW),
    **_to(State.ESCALATED, Action.RAISE, State.ESCALATED),
    **_same(Action.REASSESS),
    **_same(Action.LINK),
    **_same(Action.RESOLVE, State.CLOSED),
    **_to(State.SHELVED, Action.HIDE, State.NEW, State.REOPENED),
    **_to(State.ESCALATED, Action.ESCALATE_OVERDUE, State.NEW, State.REOPENED, State.ACKNOWLEDGED),
    **_to(State.NEW, Action.ACKNOWLEDGEMENT_EXPIRED, State.ACKNOWLEDGED),
    **_to(State.ACKNOWLEDGED, Action.ACKNOWLEDGE, State.NEW, State.REOPENED, State.ESCALATED),
    **_same(Action.ASSIGN, State.CLOSED),
    **_same(Action.NOTE),
    **_to(State.ESCALATED, Action.ESCALATE, *_OPEN),
    **_to(State.WAITING_ON_VENDOR, Action.WAIT_ON_VENDOR, State.ACKNOWLEDGED, State.ESCALATED),
    **_to(State.ACKNOWLEDGED, Action.VENDOR_ANSWERED, State.WAITING_ON_VENDOR),
    **_to(State.SHELVED, Action.SHELVE, *_OPEN),
    **{(State.SHELVED, action): None for action in _UNSHELVED},
    **_to(State.IN_REVIEW, Action.PROPOSE_CLOSE, *_WORKED_ON),
    **_to(State.CLOSED, Action.APPROVE_CLOSE, State.IN_REVIEW),
    **_to(State.ACKNOWLEDGED, Action.REFUSE_CLOSE, State.IN_REVIEW),
    **_to(State.CLOSED, Action.CLOSE, *_WORKED_ON),
    **_to(State.REOPENED, Action.REOPEN, State.CLOSED),
}
"""Every transition; None: the state before the shelving, which the case keeps. What is not here is refused."""
CLOSINGS = tuple(
    action
    for action in Action
    if any(to is State.CLOSED is not state for (state, by), to in TRANSITIONS.items() if by is action)
)
"""What closes an exception."""
