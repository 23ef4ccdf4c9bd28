"""What a version of a counterparty's register changed, venue by venue, and who said so: made on the road. Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.facts import Nanos
from rules.register import Approval, VenueRegister
from service.market.calendar import trade_date
from service.orders.steps import Where
from service.versions import Version


class Change(StrEnum):
    """What happened to a venue's approvals."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class RegisterChange(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One venue that a version changed: its approvals before and after, and who proposed and approved that.

    What a start put in force from a file has no proposer and "seed" as approver. `effective` is from when it was to be
    in force, None for at once; `clock` is the road's when it was.
    """

    offset: int
    counterparty: str
    session: str
    trade_date: str
    received_at: Nanos | None
    clock: Nanos
    venue: str
    change: Change
    before: tuple[Approval, ...]
    after: tuple[Approval, ...]
    proposer: str
    approver: str
    why: str
    proposal: int | None
    effective: Nanos | None


def register_changes(
    version: Version, old: VenueRegister | None, new: VenueRegister, where: Where
) -> list[RegisterChange]:
    """Return a row for every venue on which the two registers differ, in order."""
    old = old or VenueRegister()
    made = []
    for venue in old.differing(new):
        before, after = old.by_venue.get(venue, ()), new.by_venue.get(venue, ())
        change = Change.CHANGED if before and after else Change.ADDED if after else Change.REMOVED
        made.append(
            RegisterChange(
                offset=where.offset,
                counterparty=version.name,
                session=where.session,
                trade_date=trade_date(where.clock),
                received_at=where.received_at,
                clock=where.clock,
                venue=venue,
                change=change,
                before=before,
                after=after,
                proposer=version.proposer,
                approver=version.approver or version.actor,
                why=version.why,
                proposal=version.proposal,
                effective=version.effective,
            )
        )
    return made
