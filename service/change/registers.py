"""What can be done to a venue register short of writing all of it, and how two of them differ, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import msgspec

from rules.register import Approval, VenueRegister
from service.change.effective import shown_instant
from service.change.proposals import Refused
from service.register_changes import RegisterChange

Edit = Callable[[VenueRegister], VenueRegister | Refused]
"""What is to be done to the register that will be in force by then."""


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """A venue that is approved for a counterparty on a day, and the change that made it so, where that is known."""

    counterparty: str
    approval: Approval
    change: RegisterChange | None


def approving(new: Approval) -> Edit:
    """Return the edit that adds an approval; those of the venue that it overlaps end the day before, or give way.

    Without a name it gets the one that the venue has in the register.
    """

    def edit(register: VenueRegister) -> VenueRegister | Refused:
        if new.approved_until is not None and new.approved_until < new.approved_from:
            return Refused((f"the approval of {new.venue} would end before it begins",))
        name = new.name or next((one.name for one in register.by_venue.get(new.venue, ())), "")
        if not name:
            return Refused((f"{new.venue} is not in the register yet: say its name, too",))
        named = msgspec.structs.replace(new, name=name)
        return VenueRegister.of((*(kept for one in register.approvals if (kept := _beside(one, new))), named))

    return edit


def ending(venue: str, on: str) -> Edit:
    """Return the edit by which a venue is approved until that day and not after."""

    def edit(register: VenueRegister) -> VenueRegister | Refused:
        kept = tuple(one for entry in register.approvals if (one := _cut(entry, venue, on)))
        made = VenueRegister.of(kept)
        if made == register:
            return Refused((f"{venue} is not approved after {on}; nothing would change",))
        return made

    return edit


def _beside(one: Approval, new: Approval) -> Approval | None:
    """Return what stays of an approval beside a new one."""
    if one.venue != new.venue or _apart(one, new):
        return one
    if one.approved_from >= new.approved_from:
        return None
    day_before = date.fromisoformat(new.approved_from) - timedelta(days=1)
    return msgspec.structs.replace(one, approved_until=day_before.isoformat())


def _cut(one: Approval, venue: str, on: str) -> Approval | None:
    """Return what stays of an approval when a venue's end on a day."""
    if one.venue != venue or (one.approved_until is not None and one.approved_until <= on):
        return one
    return msgspec.structs.replace(one, approved_until=on) if one.approved_from <= on else None


def approved_on(register: VenueRegister, day: str) -> list[Approval]:
    """Return the approvals that are in force on a day."""
    return [
        one
        for one in register.approvals
        if one.approved_from <= day and (one.approved_until is None or day <= one.approved_until)
    ]


def approval_words(one: Approval) -> str:
    """Return an approval in words, without the venue."""
    told = [f"from {one.approved_from}" + (f" until {one.approved_until}" if one.approved_until else "")]
    told += [f"order types {', '.join(one.order_types)}"] if one.order_types else []
    told += [f"sessions {', '.join(one.sessions)}"] if one.sessions else []
    told += ["pays for order flow"] if one.pays_for_order_flow else []
    named = {"document": one.document, "approver": one.approver, "fees": one.fees}
    return "; ".join([*told, *(f"{name} {value}" for name, value in named.items() if value)])


def change_words(before: tuple[Approval, ...], after: tuple[Approval, ...]) -> str:
    """Return what became of one venue's approvals."""
    gone = " and ".join(map(approval_words, before))
    now = " and ".join(map(approval_words, after))
    if not before:
        return f"approved {now}"
    return f"{gone} → {now}" if after else f"no longer approved (was: {gone})"


def approved_words(one: Approved) -> str:
    """Return a venue of a day with who made it so."""
    by = "" if one.change is None else f" ({_by(one.change)})"
    return f"{one.counterparty} {one.approval.venue} {one.approval.name}: {approval_words(one.approval)}{by}"


def history_words(one: RegisterChange) -> str:
    """Return one change of a register in a line: when, which venue, what, by whom, why."""
    at = shown_instant(one.received_at if one.received_at is not None else one.clock)
    why = f": {one.why}" if one.why else ""
    return f"{at} {one.counterparty} {one.venue} {change_words(one.before, one.after)} ({_by(one)}){why}"


def _by(one: RegisterChange) -> str:
    if one.proposal is None:
        return f"by {one.approver or 'the start'}, journal {one.offset}"
    return f"proposal {one.proposal} of {one.proposer}, approved by {one.approver}, journal {one.offset}"


def register_differences(old: VenueRegister, new: VenueRegister) -> list[str]:
    """Return a line for every venue on which two registers differ."""
    return [
        f"{venue}: {change_words(old.by_venue.get(venue, ()), new.by_venue.get(venue, ()))}"
        for venue in old.differing(new)
    ]


def _apart(one: Approval, other: Approval) -> bool:
    """Return whether no day lies in both."""
    first, second = sorted((one, other), key=lambda approval: approval.approved_from)
    return first.approved_until is not None and first.approved_until < second.approved_from
