"""The life of an order as points in time, each by both clocks, and the family of a finding's order. Pure.

A point's `at` is the vendor's stamp of what happened, `received_at` our receipt of the message that told it. An order's
receipt at the router is a point without a message of its own. Of an order with more events than are read the nearest
to the finding are here, and `more` says how many are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from rules.facts import Fill, Nanos, Order, OrderChanged, OrderEventKind, OrderOutcome, Price, Quantity
from rules.words import dollars, shares
from service.processed import Amendment


class What(StrEnum):
    """What kind of point it is: its shape in a picture, its words in a key."""

    SENT = "sent by us"
    RECEIVED = "received by the router"
    ACKNOWLEDGED = "acknowledged"
    PART = "part executed"
    FILLED = "executed in full"
    REPLACED = "replaced"
    CANCELED = "canceled"
    REFUSED = "refused"
    AMENDED = "busted or corrected"
    OTHER = "other event"


class Role(StrEnum):
    """What an order is to the order of the finding."""

    OWN = "the order"
    PARENT = "its parent"
    CHILD = "a child of it"
    SIBLING = "another child of its parent"
    LEG = "another part of its package"


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an order; `offset` is the journal's of the message that told it, None: no message."""

    what: What
    words: str
    at: Nanos | None
    received_at: Nanos | None = None
    offset: int | None = None
    quantity: Quantity | None = None
    price: Price | None = None
    venue: str = ""
    note: str = ""
    execution_id: str = ""


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """One order: its newest terms, its points by the vendor's clock, how it ended ("" while it is open)."""

    role: Role
    order: Order
    points: tuple[Point, ...]
    more: int = 0
    end: str = ""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """The order of a finding, its parent if one was told, and the others of the family, nearest to the finding first.

    `more_others` counts those that are left out; `looked` says in words where they were looked for, "" for everywhere.
    """

    own: Life
    parent: Life | None = None
    others: tuple[Life, ...] = ()
    more_others: int = 0
    looked: str = ""
    subject: str = ""

    @property
    def execution(self) -> Point | None:
        """Return the execution that the finding is about, None when it is about none."""
        return next((one for one in self.own.points if self.subject and one.execution_id == self.subject), None)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The firm's own order, replace or cancel of an order, as a row of `own_orders` holds it."""

    kind: str
    at: Nanos
    received_at: Nanos | None
    offset: int
    quantity: Quantity | None
    price: Price | None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the store tells of one order; `received` is our receipt of the messages of amendments, by offset.

    `order` is what our own record of it says, for an order that the vendor has told nothing of.
    """

    order: Order = Order(order_key="")
    fills: Sequence[Fill] = ()
    changes: Sequence[OrderChanged] = ()
    ends: Sequence[OrderOutcome] = ()
    requests: Sequence[Request] = ()
    amendments: Sequence[Amendment] = ()
    received: Mapping[int, Nanos | None] = {}
    more: int = 0


_KINDS = {
    OrderEventKind.NEW: What.ACKNOWLEDGED,
    OrderEventKind.REPLACED: What.REPLACED,
    OrderEventKind.CANCELED: What.CANCELED,
    OrderEventKind.EXPIRED: What.CANCELED,
    OrderEventKind.DONE_FOR_DAY: What.CANCELED,
    OrderEventKind.REJECTED: What.REFUSED,
    OrderEventKind.CANCEL_REJECTED: What.REFUSED,
    OrderEventKind.REPLACE_REJECTED: What.REFUSED,
}
_NEW = "new"
_ASKED = {_NEW: "sent by us", "replace": "replace asked by us", "cancel": "cancel asked by us"}


def life(role: Role, facts: Facts) -> Life:
    """Return the life of the order that these facts tell of."""
    told: list[Fill | OrderChanged | OrderOutcome] = [*facts.changes, *facts.fills, *facts.ends]
    order = max(told, key=lambda fact: fact.offset).order if told else facts.order
    points = [*_receipts(order, facts.requests), *map(_request, facts.requests), *map(_change, facts.changes)]
    points += [*map(_fill, facts.fills), *(_amendment(one, facts.received) for one in facts.amendments)]
    points += [_closed(end) for end in facts.ends if end.synthesised]
    return Life(
        role=role, order=order, points=tuple(sorted(points, key=_moment)), more=facts.more, end=_end_words(facts.ends)
    )


def _moment(point: Point) -> tuple[int, int]:
    return (point.at or point.received_at or 0, point.offset or 0)


def _receipts(order: Order, requests: Iterable[Request]) -> Iterator[Point]:
    if order.firm_received_at is not None and not any(one.kind == _NEW for one in requests):
        yield Point(what=What.SENT, words="received by the firm", at=order.firm_received_at)
    if order.received_at is not None:
        yield Point(what=What.RECEIVED, words=What.RECEIVED.value, at=order.received_at)


def _request(asked: Request) -> Point:
    return Point(
        what=What.SENT,
        words=_ASKED.get(asked.kind, f"{asked.kind} by us"),
        at=asked.at,
        received_at=asked.received_at,
        offset=asked.offset,
        quantity=asked.quantity,
        price=asked.price,
    )


def _change(changed: OrderChanged) -> Point:
    what = _KINDS.get(changed.kind, What.OTHER)
    renewed = what in (What.ACKNOWLEDGED, What.REPLACED)
    return Point(
        what=what,
        words="acknowledged" if what is What.ACKNOWLEDGED else changed.kind.value.replace("_", " "),
        at=changed.at,
        received_at=changed.received_at,
        offset=changed.offset,
        quantity=changed.order.quantity if renewed else None,
        price=changed.order.limit_price if renewed else None,
        venue="" if changed.venue == "venue_unknown" else changed.venue,
        note=changed.reason or "",
    )


def _fill(fill: Fill) -> Point:
    whole = fill.order.quantity is not None and fill.cumulative >= fill.order.quantity
    return Point(
        what=What.FILLED if whole else What.PART,
        words=f"executed {shares(fill.quantity)} at {dollars(fill.price)}",
        at=fill.executed_at,
        received_at=fill.received_at,
        offset=fill.offset,
        quantity=fill.quantity,
        price=fill.price,
        venue=fill.venue,
        note=_doubts(fill),
        execution_id=fill.execution_id,
    )


def _doubts(fill: Fill) -> str:
    doubts = {
        "read from a file": fill.backfilled,
        "sent again": fill.resent and not fill.backfilled,
        f"stamps cannot be believed: {fill.clock_suspect}": fill.clock_suspect is not None,
    }
    return "; ".join(words for words, true in doubts.items() if true)


def _amendment(made: Amendment, received: Mapping[int, Nanos | None]) -> Point:
    return Point(
        what=What.AMENDED,
        words="busted" if made.kind == "bust" else "corrected",
        at=made.at,
        received_at=received.get(made.offset),
        offset=made.offset,
        quantity=made.quantity,
        price=made.price,
        venue=made.venue or "",
    )


def _closed(end: OrderOutcome) -> Point:
    return Point(what=What.CANCELED, words="ended by the close: no last message came", at=end.at, offset=end.offset)


def _end_words(ends: Sequence[OrderOutcome]) -> str:
    if not ends:
        return ""
    last = max(ends, key=lambda end: end.offset)
    paid = "" if last.average_price is None else f" at {dollars(last.average_price)} on average"
    return f"{last.end.value.replace('_', ' ')}, {shares(last.executed)} of {shares(last.ordered)} executed{paid}"
