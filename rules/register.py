"""The register of venues that the firm has approved for one counterparty's router, with the dates of each approval.

Refuses to infer: a venue is approved by its own entry, else by that of the lit book which the dialect's table names.
"""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TypeVar

import msgspec

from rules.facts import Order, OrderType
from rules.reading import Block, Node, Reader, ReadingError, Scalar
from rules.rule import Kind
from rules.session_of_day import SessionOfDay
from rules.units import EXPECTED, number

_KEYS = (
    *("venue", "name", "approved_from", "approved_until", "order_types", "sessions"),
    *("document", "approver", "pays_for_order_flow", "fees"),
    *("desks", "clients", "accounts", "symbols", "routing_share"),
)
_SCOPES = {"desks": "desk", "clients": "client", "accounts": "account", "symbols": "symbol"}
"""What an approval may be limited to, and where an order says which it is."""
_EVERYTHING = 1_000_000
_Word = TypeVar("_Word", bound=StrEnum)


class RegisterError(ReadingError):
    """A venue register cannot be used."""


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """One approval: a venue (MIC or local code), from a date, until a date (inclusive; open when None).

    `order_types` and `sessions` (of the day) empty mean every one. `document` is where the approval is written down,
    `approver` who or which committee gave it, `fees` the fee schedule that was looked at. `desks`, `clients`,
    `accounts` and `symbols` empty mean all of them. `routing_share` is the share of the executed shares that the firm's
    routing policy gives the venue, as a ratio in words ("40 %"); None where the policy says nothing of it.
    """

    venue: str
    name: str
    approved_from: str
    approved_until: str | None = None
    order_types: tuple[OrderType, ...] = ()
    sessions: tuple[SessionOfDay, ...] = ()
    document: str | None = None
    approver: str | None = None
    pays_for_order_flow: bool = False
    fees: str | None = None
    desks: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    routing_share: str | None = None

    def in_force(self, trade_date: str) -> bool:
        """Return whether the date lies within the approval's dates."""
        return self.approved_from <= trade_date and (self.approved_until is None or trade_date <= self.approved_until)

    def covers(self, order: Order) -> bool:
        """Return whether the order's desk, client, account and symbol are among those it is for."""
        if not (self.desks or self.clients or self.accounts or self.symbols):
            return True
        return all(
            not (allowed := getattr(self, several)) or getattr(order, one) in allowed
            for several, one in _SCOPES.items()
        )

    def allows(self, trade_date: str, order: Order, session: SessionOfDay | None) -> bool:
        """Return whether the order may trade under it on the date and in the session of day, None for any session."""
        if self.order_types and order.order_type not in self.order_types:
            return False
        if self.sessions and session is not None and session not in self.sessions:
            return False
        return self.in_force(trade_date) and self.covers(order)


class NotApproved(msgspec.Struct, frozen=True):
    """Why a venue is not approved, in a word for counting and in a sentence's end for people."""

    reason: str
    words: str


class VenueRegister(msgspec.Struct, frozen=True, kw_only=True):
    """All approvals of one counterparty's router, and the SHA-256 of their canonical JSON."""

    approvals: tuple[Approval, ...] = ()
    hash: str = ""
    by_venue: dict[str, tuple[Approval, ...]] = {}

    @classmethod
    def of(cls, approvals: tuple[Approval, ...]) -> VenueRegister:
        """Return the register that holds these approvals, in order of venue and date."""
        ordered = tuple(sorted(approvals, key=lambda approval: (approval.venue, approval.approved_from)))
        by_venue: dict[str, tuple[Approval, ...]] = {}
        for approval in ordered:
            by_venue[approval.venue] = (*by_venue.get(approval.venue, ()), approval)
        digest = hashlib.sha256(msgspec.json.encode(ordered, order="sorted")).hexdigest()
        return cls(approvals=ordered, hash=digest, by_venue=by_venue)

    def approval(
        self, venue: str, book: str, trade_date: str, order: Order, session: SessionOfDay | None = None
    ) -> Approval | NotApproved:
        """Return the approval under which the order may trade there then, or why there is none.

        `session` is the session of day of the execution; None leaves it out of account.
        """
        entries = self.by_venue.get(venue) or self.by_venue.get(book) or ()
        for entry in entries:
            if entry.allows(trade_date, order, session):
                return entry
        return self._refusal(entries, trade_date, order, session)

    @staticmethod
    def _refusal(
        entries: tuple[Approval, ...], trade_date: str, order: Order, session: SessionOfDay | None
    ) -> NotApproved:
        """Return why none of these approvals is for it."""
        if not entries:
            return NotApproved("not in the register", "is not in the register")
        dated = [entry for entry in entries if entry.in_force(trade_date)]
        if not dated:
            return NotApproved(_when(entries, trade_date), f"is approved {_dates(entries)}, not on {trade_date}")
        typed = [entry for entry in dated if not entry.order_types or order.order_type in entry.order_types]
        if not typed:
            allowed = ", ".join(sorted({kind for entry in dated for kind in entry.order_types}))
            return NotApproved("order type", f"is approved for {allowed} orders, not for {order.order_type.value}")
        timed = [entry for entry in typed if session is None or not entry.sessions or session in entry.sessions]
        if not timed:
            return NotApproved("session", f"is approved in {_sessions(typed)}, not in {session}")
        return NotApproved("scope", f"is approved for {_scopes(timed)}, not for {_whose(order)}")

    def pays(self, venue: str, trade_date: str) -> bool:
        """Return whether the venue pays for order flow by an entry that is in force on the date."""
        return any(entry.pays_for_order_flow and entry.in_force(trade_date) for entry in self.by_venue.get(venue, ()))

    def routing_policy(self, trade_date: str) -> dict[str, int]:
        """Return by venue the share in ppm that the routing policy gives it on the date; empty without a policy."""
        return {
            entry.venue: share_ppm(entry.routing_share)
            for entry in self.approvals
            if entry.routing_share is not None and entry.in_force(trade_date)
        }

    def differing(self, other: VenueRegister) -> tuple[str, ...]:
        """Return the venues whose approvals are not the same in both, in order."""
        venues = {*self.by_venue, *other.by_venue}
        return tuple(sorted(venue for venue in venues if self.by_venue.get(venue) != other.by_venue.get(venue)))


@cache
def share_ppm(text: str) -> int:
    """Return a routing share that was read before ("40 %") in parts per million."""
    value = number(Kind.RATIO, text)
    assert value is not None
    return value


def _when(entries: tuple[Approval, ...], trade_date: str) -> str:
    """Return in a word on which side of every approval the date lies."""
    if all(entry.approved_until is not None and entry.approved_until < trade_date for entry in entries):
        return "expired"
    return "not yet approved" if all(trade_date < entry.approved_from for entry in entries) else "between approvals"


def _scopes(entries: list[Approval]) -> str:
    """Return what the approvals are limited to, each in words."""
    told = (
        " and ".join(f"{name} {', '.join(allowed)}" for name in _SCOPES if (allowed := getattr(entry, name)))
        for entry in entries
    )
    return " or ".join(told)


def _whose(order: Order) -> str:
    return ", ".join(f"{name} {getattr(order, name) or 'unknown'}" for name in _SCOPES.values())


def _dates(entries: tuple[Approval, ...]) -> str:
    return " and ".join(
        f"from {entry.approved_from}" + (f" until {entry.approved_until}" if entry.approved_until else "")
        for entry in entries
    )


def _sessions(entries: list[Approval]) -> str:
    allowed = {session for entry in entries for session in entry.sessions}
    return ", ".join(session for session in SessionOfDay if session in allowed)


def parse_register(text: str) -> VenueRegister:
    """Return the register that a venues.yaml holds (empty for an empty text); raise RegisterError with all problems."""
    reader = Reader()
    items = reader.listing(reader.tree(text), "the register")
    approvals = [_approval(reader, item) for item in items]
    _refuse_reversed_dates(reader, items, approvals)
    if not reader.problems:
        _refuse_too_much(reader, items, approvals)
    if reader.problems:
        raise RegisterError(reader.problems)
    return VenueRegister.of(tuple(approvals))


def _approval(reader: Reader, node: Node) -> Approval:
    block = reader.block(node, "a venue", _KEYS)
    return Approval(
        venue=_needed(reader, block, "venue"),
        name=_needed(reader, block, "name"),
        approved_from=_date(reader, block, "approved_from") or _needed(reader, block, "approved_from"),
        approved_until=_date(reader, block, "approved_until"),
        order_types=_words(reader, block.items.get("order_types"), "order_types", OrderType),
        sessions=_words(reader, block.items.get("sessions"), "sessions", SessionOfDay),
        document=reader.scalar(block.items.get("document"), "document"),
        approver=reader.scalar(block.items.get("approver"), "approver"),
        pays_for_order_flow=_flag(reader, block.items.get("pays_for_order_flow")),
        fees=reader.scalar(block.items.get("fees"), "fees"),
        **{name: _names(reader, block.items.get(name), name) for name in _SCOPES},
        routing_share=_share(reader, block.items.get("routing_share")),
    )


def _names(reader: Reader, node: Node | None, what: str) -> tuple[str, ...]:
    found = [reader.scalar(item, what) for item in reader.listing(node, what)]
    return tuple(name for name in found if name)


def _share(reader: Reader, node: Node | None) -> str | None:
    text = reader.scalar(node, "routing_share")
    if node is not None and text is not None and number(Kind.RATIO, text) is None:
        reader.refuse(node, f'routing_share is "{text}"; expected {EXPECTED[Kind.RATIO]}')
    return text


def _needed(reader: Reader, block: Block, key: str) -> str:
    text = reader.scalar(block.items.get(key), key)
    if not text:
        reader.refuse(block, f"{key} is missing; every venue has venue, name and approved_from")
    return text or ""


def _date(reader: Reader, block: Block, key: str) -> str | None:
    text = reader.scalar(block.items.get(key), key)
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        reader.refuse(block.lines[key], f'{key} is "{text}"; expected a date such as 2026-01-31')
        return None


def _words(reader: Reader, node: Node | None, what: str, words: type[_Word]) -> tuple[_Word, ...]:
    found = [reader.word(item, what, words) for item in reader.listing(node, what)]
    return tuple(word for word in found if word)


def _flag(reader: Reader, node: Node | None) -> bool:
    text = reader.scalar(node, "pays_for_order_flow")
    value = number(Kind.FLAG, text or "false")
    if value is None:
        assert isinstance(node, Scalar)
        reader.refuse(node, f'pays_for_order_flow is "{text}"; expected true or false')
    return bool(value)


def _refuse_reversed_dates(reader: Reader, items: tuple[Node, ...], approvals: list[Approval]) -> None:
    """Refuse dates that end before they begin."""
    for item, approval in zip(items, approvals, strict=True):
        if approval.approved_until is not None and approval.approved_until < approval.approved_from:
            reader.refuse(item, "the approval of this venue ends before it begins")


def _refuse_too_much(reader: Reader, items: tuple[Node, ...], approvals: list[Approval]) -> None:
    """Refuse a routing policy that gives away more than everything, or two shares to one venue, on one date."""
    stated = [one for one in approvals if one.routing_share is not None]
    for item, approval in zip(items, approvals, strict=True):
        if approval.routing_share is None:
            continue
        also = [one for one in stated if one.in_force(approval.approved_from)]
        if sum(one.venue == approval.venue for one in also) > 1:
            reader.refuse(item, f"{approval.venue} has two routing shares on {approval.approved_from}")
        elif sum(share_ppm(one.routing_share or "") for one in also) > _EVERYTHING:
            reader.refuse(item, f"the routing shares on {approval.approved_from} add up to more than 100 %")
