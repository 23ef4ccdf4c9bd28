"""The router's own books: the terms of an order and what has become of it, parents and children alike."""

from __future__ import annotations

import msgspec

from service.simulator.venues import Venue


class Terms(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What an order asked for. Prices in 1e-9 dollars, quantities in shares, codes as FIX writes them.

    `parent` is the parent's ClOrdID, None for a parent; `received_at` is the receipt at the router (parents) or at the
    venue (children). `written` is the symbol as the reports write it, where that is not the market's own.
    """

    order_id: str
    cl_ord_id: str
    parent: str | None
    account: str
    symbol: str
    side: str
    quantity: int
    limit: int | None
    immediate: bool
    received_at: int
    written: str | None = None

    @property
    def sign(self) -> int:
        """Return +1 for a buy, −1 for a sell or a short sale."""
        return 1 if self.side == "1" else -1


class Life(msgspec.Struct, kw_only=True, eq=False):
    """What has become of an order so far; a child knows its parent and its venue, a parent what is at work for it.

    `touch` is the far side when the venue received a child, `spread` what was quoted then, `starved` which part of it
    the venue will execute, `pushed` the fault that moves the market against it, `faded` says that it already ran away
    from a parent.
    """

    terms: Terms
    parent: Life | None = None
    venue: Venue | None = None
    cumulative: int = 0
    notional: int = 0
    open: bool = True
    rejected: bool = False
    working: int = 0
    children: int = 0
    attempts: int = 0
    slowed: int = 0
    touch: int | None = None
    spread: int = 0
    starved: float | None = None
    pushed: str | None = None
    faded: bool = False

    @property
    def leaves(self) -> int:
        """Return the shares still wanted."""
        return self.terms.quantity - self.cumulative if self.open else 0

    @property
    def average(self) -> int:
        """Return the average price so far in 1e-9 dollars, 0 before the first execution."""
        return self.notional // self.cumulative if self.cumulative else 0

    @property
    def status(self) -> str:
        """Return OrdStatus (39)."""
        if self.rejected:
            return "8"
        if self.cumulative == self.terms.quantity:
            return "2"
        if not self.open:
            return "4"
        return "1" if self.cumulative else "0"

    def fill(self, quantity: int, price: int) -> None:
        """Add an execution; a whole fill ends the order."""
        self.cumulative += quantity
        self.notional += quantity * price
        if self.cumulative == self.terms.quantity:
            self.open = False

    def bust(self, quantity: int, price: int) -> None:
        """Take an execution away again; an order that had ended stays ended."""
        self.cumulative -= quantity
        self.notional -= quantity * price


class Trade(msgspec.Struct, kw_only=True, eq=False):
    """An execution that may still be busted or corrected: the child's report and the roll-up of it on the parent."""

    child: Life
    exec_id: str
    parent_exec_id: str
    quantity: int
    price: int
    at: int
    amended: bool = False
