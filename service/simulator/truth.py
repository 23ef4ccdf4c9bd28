"""The labelled truth: what was done on purpose, line by line, so that what was found can be held against it.

A line says when, which fault, on what; a hit names the messages and orders that it struck, until when it lasts and by
how much. Whoever judges findings by it needs to guess nothing. It refuses to know what any rule makes of it.
"""

from __future__ import annotations

import msgspec

MOVED, REFUSED = "market_moved", "refused"
"""The truth's words for what no fault did: the market moved while an order was on its way, a venue refused it."""


class Truth(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One line of the truth: a fault began, struck (`hit`, with the ids of what it struck) or ended.

    `subject` is what the fault is about: a venue, a symbol, an order, or "feed" for the whole session. `amount` is how
    hard it struck, in the fault's own unit (strengths.STRENGTHS): ns, 1e-9 dollars a share, shares, numbers. `until` is
    the last instant that belongs to the hit where it lasts. Of an execution `spread` is the quoted one at its order's
    receipt, `beyond` how far outside the quote it was when it happened, in 1e-9 dollars.
    """

    at: int
    fault: str
    event: str
    subject: str
    exec_id: str | None = None
    cl_ord_id: str | None = None
    detail: str | None = None
    order_id: str | None = None
    parent_id: str | None = None
    venue: str | None = None
    symbol: str | None = None
    amount: int | None = None
    spread: int | None = None
    beyond: int | None = None
    until: int | None = None
    strength: float | None = None
