"""An approval of a venue as somebody fills it in, and everything that is wrong with it at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from rules.facts import OrderType
from rules.register import Approval
from rules.rule import Kind
from rules.session_of_day import SessionOfDay
from rules.units import EXPECTED, number
from service.change.proposals import Refused


class FilledApproval(msgspec.Struct, frozen=True, kw_only=True):
    """What was filled in, as text; lists of names are parted by commas."""

    venue: str = ""
    name: str = ""
    approved_from: str = ""
    approved_until: str = ""
    order_types: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    desks: str = ""
    clients: str = ""
    accounts: str = ""
    symbols: str = ""
    document: str = ""
    approver: str = ""
    fees: str = ""
    routing_share: str = ""
    pays_for_order_flow: bool = False


def filled_approval(one: Approval) -> FilledApproval:
    """Return an approval as somebody would fill it in."""
    lists = {name: ", ".join(getattr(one, name)) for name in ("desks", "clients", "accounts", "symbols")}
    return FilledApproval(
        venue=one.venue,
        name=one.name,
        approved_from=one.approved_from,
        approved_until=one.approved_until or "",
        order_types=tuple(kind.value for kind in one.order_types),
        sessions=tuple(session.value for session in one.sessions),
        document=one.document or "",
        approver=one.approver or "",
        fees=one.fees or "",
        routing_share=one.routing_share or "",
        pays_for_order_flow=one.pays_for_order_flow,
        **lists,
    )


def approval_of(filled: FilledApproval) -> Approval | Refused:
    """Return the approval that was filled in, or everything that is wrong with it."""
    problems = tuple(_problems(filled))
    if problems:
        return Refused(problems)
    return Approval(
        venue=filled.venue,
        name=filled.name,
        approved_from=filled.approved_from,
        approved_until=filled.approved_until or None,
        order_types=tuple(OrderType(one) for one in filled.order_types),
        sessions=tuple(SessionOfDay(one) for one in filled.sessions),
        desks=_names(filled.desks),
        clients=_names(filled.clients),
        accounts=_names(filled.accounts),
        symbols=_names(filled.symbols),
        document=filled.document or None,
        approver=filled.approver or None,
        fees=filled.fees or None,
        routing_share=filled.routing_share or None,
        pays_for_order_flow=filled.pays_for_order_flow,
    )


def day_problem(what: str, text: str) -> Iterator[str]:
    """Yield why a text is no day."""
    try:
        usable = date.fromisoformat(text).isoformat() == text
    except ValueError:
        usable = False
    if not usable:
        yield f'{what} is "{text}"; expected a date such as 2026-01-31'


def _problems(filled: FilledApproval) -> Iterator[str]:
    if not filled.venue:
        yield "no venue is named"
    yield from day_problem("the first day", filled.approved_from)
    if filled.approved_until:
        yield from day_problem("the last day", filled.approved_until)
    for kind in filled.order_types:
        if kind not in list(OrderType):
            yield f'there is no order type "{kind}"; expected some of {", ".join(OrderType)}'
    for session in filled.sessions:
        if session not in list(SessionOfDay):
            yield f'there is no session "{session}"; expected some of {", ".join(SessionOfDay)}'
    if filled.routing_share and number(Kind.RATIO, filled.routing_share) is None:
        yield f'the routing share is "{filled.routing_share}"; expected {EXPECTED[Kind.RATIO]}'


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
