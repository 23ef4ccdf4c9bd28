"""The timeline of a finding's order for a page: its parent, itself, the others, each with its events as lines. Pure.

For a template: `timeline(family)` gives groups with a heading and lines; a line has both clocks as `Instant` (None: not
told), by how much ours is later in words, and texts that are "" where there is nothing to say.
"""

from __future__ import annotations

import msgspec

from rules.facts import Order
from rules.words import dollars, duration, shares
from service.picture.life import Family, Life, Point, Role
from service.web.said import Instant, grouped, instant

OPEN = "no end was told"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened; `about` marks the execution that the finding is about."""

    at: Instant | None
    received: Instant | None
    later: str
    words: str
    quantity: str
    price: str
    venue: str
    note: str
    offset: int | None
    about: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One order: what it is to the finding's, its terms and its end in words, its events, what is left out."""

    role: str
    name: str
    terms: str
    end: str
    events: tuple[Event, ...]
    more: str


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """The orders of a family, the finding's own first; `more` and `looked` say what is not shown, "" when all is."""

    groups: tuple[Group, ...]
    more: str
    looked: str


def timeline(family: Family | None) -> Timeline | None:
    """Return the timeline of a family, None for a finding that is about no order."""
    if family is None:
        return None
    parents = () if family.parent is None else (family.parent,)
    more = family.more_others
    return Timeline(
        groups=tuple(_group(life, family.subject) for life in (family.own, *parents, *family.others)),
        more=f"and {more:,} more {'order' if more == 1 else 'orders'} of the same parent" if more else "",
        looked=family.looked,
    )


def _group(life: Life, subject: str) -> Group:
    order = life.order
    return Group(
        role=life.role.value,
        name=order.order_id or order.cl_ord_id or order.order_key,
        terms=_terms(order),
        end=life.end or OPEN,
        events=tuple(_event(point, subject if life.role is Role.OWN else "") for point in life.points),
        more=f"and {life.more:,} more, farther from the finding" if life.more else "",
    )


def _terms(order: Order) -> str:
    side = "" if order.side is None else order.side.value.replace("_", " ")
    quantity = "" if order.quantity is None else grouped(shares(order.quantity))
    limit = "" if order.limit_price is None else f"limit {dollars(order.limit_price)}"
    stop = "" if order.stop_price is None else f"stop {dollars(order.stop_price)}"
    kind = "" if limit or stop else order.order_type.value.replace("_", " ")
    said = (side, quantity, order.symbol, kind, limit, stop, order.time_in_force.value)
    return " ".join(word for word in said if word)


def _event(point: Point, subject: str) -> Event:
    both = point.at is not None and point.received_at is not None
    return Event(
        at=None if point.at is None else instant(point.at),
        received=None if point.received_at is None else instant(point.received_at),
        later=duration((point.received_at or 0) - (point.at or 0)) if both else "",
        words=point.words,
        quantity="" if point.quantity is None else grouped(shares(point.quantity)),
        price="" if point.price is None else dollars(point.price),
        venue=point.venue,
        note=point.note,
        offset=point.offset,
        about=bool(subject) and point.execution_id == subject,
    )
