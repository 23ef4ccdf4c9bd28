"""The venues approved for a counterparty as lines of a page: until when, for what, by whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from rules.facts import OrderType
from rules.reading import ReadingError
from rules.register import Approval, VenueRegister, parse_register
from rules.session_of_day import SessionOfDay
from service.change.history import Held
from service.change.registers import change_words
from service.register_changes import RegisterChange
from service.versions import SEED
from service.web.said import Instant, instant, words

SOON = 30
"""An approval that ends within so many days is said to end soon."""


class VenueLine(msgspec.Struct, frozen=True, kw_only=True):
    """One approval; `mark` is "ended", "soon", "later" or "on"."""

    venue: str
    name: str
    first: str
    last: str
    state: str
    mark: str
    limits: tuple[str, ...]
    share: str
    fees: str
    pays: bool
    document: str
    by: str
    at: Instant | None
    wanted: bool


class ChangeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a register: when, which venue, what became of it, by whom and why."""

    at: Instant | None
    counterparty: str
    venue: str
    words: str
    by: str
    proposal: int | None
    why: str


def allowed_by(held: Iterable[Held]) -> dict[str, Held]:
    """Return by venue the version that made its approvals what they are; what cannot be read is left out."""
    found: dict[str, Held] = {}
    before = VenueRegister()
    for one in held:
        try:
            register = parse_register(one.version.text)
        except ReadingError:
            continue
        found |= dict.fromkeys(before.differing(register), one)
        before = register
    return found


def venue_lines(register: VenueRegister, by: Mapping[str, Held], today: str, asked: str = "") -> list[VenueLine]:
    """Return the approvals: what ends soon first, then what is approved, then what is to come, then what has ended."""
    lines = [_line(one, by[one.venue], today, asked) for one in register.approvals]
    order = {"soon": 0, "on": 1, "later": 2, "ended": 3}
    return sorted(lines, key=lambda line: (order[line.mark], line.last if line.mark == "soon" else "", line.venue))


def _line(one: Approval, held: Held, today: str, asked: str) -> VenueLine:
    state, mark = _state(one, today)
    return VenueLine(
        venue=one.venue,
        name=one.name,
        first=one.approved_from,
        last=one.approved_until or "",
        state=state,
        mark=mark,
        limits=tuple(_limits(one)),
        share=one.routing_share or "",
        fees=one.fees or "",
        pays=one.pays_for_order_flow,
        document="; ".join(part for part in (one.document, one.approver) if part),
        by=_people(held.version.proposer, held.version.approver or held.version.actor),
        at=None if held.since is None else instant(held.since),
        wanted=one.venue == asked,
    )


def _state(one: Approval, today: str) -> tuple[str, str]:
    if today < one.approved_from:
        return f"from {one.approved_from}", "later"
    if one.approved_until is None:
        return "approved", "on"
    left = (date.fromisoformat(one.approved_until) - date.fromisoformat(today)).days
    if left < 0:
        return f"ended {one.approved_until}", "ended"
    if left > SOON:
        return "approved", "on"
    return ("ends today" if not left else f"ends in {left} day{'' if left == 1 else 's'}"), "soon"


def _limits(one: Approval) -> Iterable[str]:
    """Yield what an approval is limited to; nothing where it is for everything."""
    if one.order_types:
        yield f"{', '.join(words(kind.value) for kind in one.order_types)} orders"
    if one.sessions:
        yield f"{', '.join(words(session.value) for session in one.sessions)} session"
    for name in ("desks", "clients", "accounts", "symbols"):
        if listed := getattr(one, name):
            yield f"{name} {', '.join(listed)}"


def _people(proposer: str, approver: str) -> str:
    if proposer:
        return f"{proposer}, approved by {approver}"
    return "the first start, from the file" if approver in ("", SEED) else approver


def change_line(one: RegisterChange) -> ChangeLine:
    """Return one change of a register."""
    return ChangeLine(
        at=None if one.received_at is None else instant(one.received_at),
        counterparty=one.counterparty,
        venue=one.venue,
        words=change_words(one.before, one.after),
        by=_people(one.proposer, one.approver),
        proposal=one.proposal,
        why=one.why,
    )


def order_types() -> list[tuple[str, str]]:
    """Return every order type that an approval may be limited to, value and words."""
    return [(kind.value, words(kind.value)) for kind in OrderType]


def sessions() -> list[tuple[str, str]]:
    """Return every session of the day that an approval may be limited to, value and words."""
    return [(session.value, words(session.value)) for session in SessionOfDay]
