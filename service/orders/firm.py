"""What the ledger keeps of an order beside its life in the vendor's copy: the firm's own word, and claimed totals.

Pure values, changed in place by the ledger alone.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.facts import Nanos, OrderType, Price, Quantity, Quote, TimeInForce

ByVenue = tuple[tuple[str, int], ...]


def added(by_venue: ByVenue, venue: str, quantity: int) -> ByVenue:
    """Return the live quantity of each venue with this much more of one."""
    if not by_venue:
        return ((venue, quantity),)
    held = dict(by_venue)
    held[venue] = held.get(venue, 0) + quantity
    return tuple(held.items())


class Tally(msgspec.Struct, gc=False):
    """The shares that the children of an order executed, counted as the order counts its own."""

    executed: int = 0
    notional: int = 0
    by_venue: ByVenue = ()

    def count(self, quantity: int, price: int, venue: str) -> None:
        """Add shares; a negative quantity takes them away again."""
        self.executed += quantity
        self.notional += quantity * price
        self.by_venue = added(self.by_venue, venue, quantity)


class Said(StrEnum):
    """What was already said about an order, so that it is said once."""

    UNANSWERED = "unanswered"
    UNREPORTED = "unreported"
    UNKNOWN = "unknown"


class Request(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A replace that the vendor has not confirmed: the terms that it names, its receipt at the firm and the quote."""

    own_id: str
    limit_price: Price | None
    stop_price: Price | None
    quantity: Quantity | None
    order_type: OrderType | None
    time_in_force: TimeInForce | None
    received_at: Nanos | None
    receipt: Quote | None


class Firm(msgspec.Struct, gc=False, kw_only=True):
    """What the firm's own records say of an order.

    `own_id` is its ClOrdID, None while no order record came; `offset` is that record's. `answered`: the vendor said
    something of it (`direct`: of itself, not only of its children); it may be silent until `due`, and `told` says what
    was said about its silence so far. `requests` are the replaces in waiting; `children` is None until one came.
    """

    own_id: str | None = None
    offset: int = 0
    sent_at: Nanos | None = None
    due: Nanos | None = None
    answered: bool = False
    direct: bool = False
    told: tuple[Said, ...] = ()
    cancel_asked: bool = False
    requests: tuple[Request, ...] = ()
    children: Tally | None = None


class Claim(msgspec.Struct, gc=False, kw_only=True):
    """What the vendor's reports claim of an order's cumulative quantity (14), beside what the ledger counts.

    `most` is the greatest claim; `before` the shares that were executed before this watch heard of the order. `told` is
    the difference that was told last, 0 when none stands. `void`: a bust or correction made the claims unreliable.
    """

    most: int = 0
    before: int = 0
    told: int = 0
    void: bool = False
