"""One case as it stands, and what can come of acting on it. Pure.

A finding never changes; a case gathers the findings of one rule that grouping.py says belong together, and people act
on it. Every change appends one event to the case's chain (chain.py).
"""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.states import Action, State

GENESIS = b"\0" * 32


class CaseKey(msgspec.Struct, frozen=True, order=True):
    """What findings must share to be one case (grouping.py).

    `cause` says the values of the grouping in words, `counterparty` is empty where the grouping leaves it out.
    """

    rule: str
    cause: str
    counterparty: str
    trade_date: str


class Touch(msgspec.Struct, frozen=True):
    """The last thing but a note that a person did to a case: who, what, when, and as which link of its chain."""

    by: str
    action: Action
    at: Nanos
    n: int


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case as it stands; `n` and `head` are the newest link of its chain (0 and zeros before the first).

    `finding_count` and `dollar_harm` are of the findings that stand; `uncertain_count` of them were made while messages
    were missing and are not confirmed, `withdrawn_count` more were withdrawn. Severity and sentence
    never fall. `symbol` and `venue` are those of all its findings, None where these differ. `incident` is the number
    of the incident that it was linked to, `desks` those whose accounts its findings touched.

    `before` is the state that a shelved case returns to, `shelving` the scope that hid it last. `acknowledged_at` is
    None unless an acknowledgement stands. `waiting_since` is when it began to wait for somebody to look at it;
    `running_since` and `ran` are the clock of its closing (None while it stands still), `vendor_since` and `vendor_ran`
    the vendor's, both in the firm's hours (hours.py). `overdue` says that its closing was escalated once.
    `proposed_by`, `reason` and `counts_as` are those of the closing that is proposed or done; `resolved_at` is when the
    condition was last found over.
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
    desks: tuple[str, ...] = ()
    before: State | None = None
    shelved_until: Nanos | None = None
    shelving: int | None = None
    acknowledged_at: Nanos | None = None
    waiting_since: Nanos | None = None
    running_since: Nanos | None = None
    ran: int = 0
    vendor_since: Nanos | None = None
    vendor_ran: int = 0
    overdue: bool = False
    ticket: str | None = None
    escalated_to: str | None = None
    proposed_by: str | None = None
    reason: str | None = None
    counts_as: str | None = None
    closed_at: Nanos | None = None
    resolved_at: Nanos | None = None
    touch: Touch | None = None


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
    """Something about a case that somebody should hear, for one of the reasons in notices.py."""

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
