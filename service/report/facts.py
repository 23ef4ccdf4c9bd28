"""Everything that the report of a day is made of, as it was read in the store. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.cases.case import Case
from service.cases.principal import Principal
from service.cases.shelving import Shelving
from service.cases.states import Action
from service.incidents import Outline
from service.statements.closing import CloseOfDay


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """So many exceptions of the day that have all of this in common."""

    severity: str
    rule: str
    venue: str
    counterparty: str
    state: str
    cases: int
    findings: int
    withdrawn: int
    harm: int | None


class Did(msgspec.Struct, frozen=True, kw_only=True):
    """One action of a person, or of the clock that escalates, on one exception of the day."""

    case_id: int
    n: int
    at: Nanos
    actor: str
    action: Action


class Shelved(msgspec.Struct, frozen=True, kw_only=True):
    """A shelving that was in force on the day, and how many exceptions of the day it hid."""

    shelving: Shelving
    hid: int


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """A version that came into force on the day: of what, whose, which, when, and by whom."""

    kind: str
    name: str
    hash: str
    at: Nanos | None
    by: str
    approver: str
    why: str


class VenueChange(msgspec.Struct, frozen=True, kw_only=True):
    """One venue of a register that changed on the day."""

    counterparty: str
    venue: str
    change: str
    proposer: str
    approver: str
    why: str


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """So many second looks at findings of the day came to this."""

    verdict: str
    looks: int


class DayFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the store holds of one day, as of an instant.

    `groups` count every exception of the day; `cases` are the first of them by number, all unless `cut` is true, with
    what people `did` to them. `open` and `closed` are listed at most so far as the report shows them.
    """

    day: str
    as_of: Nanos
    close: CloseOfDay
    groups: tuple[Group, ...] = ()
    cases: tuple[Case, ...] = ()
    cut: bool = False
    did: tuple[Did, ...] = ()
    looks: tuple[Looks, ...] = ()
    shelved: tuple[Shelved, ...] = ()
    incidents: tuple[Outline, ...] = ()
    versions: tuple[Put, ...] = ()
    venues: tuple[VenueChange, ...] = ()
    principals: tuple[Principal, ...] = ()
