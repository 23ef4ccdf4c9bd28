"""What a picture is of: the execution of a finding with its order's limit, as far as they are known. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos, Price, Quantity, Side
from rules.finding import Finding
from rules.words import dollars, shares
from service.picture.life import Family

_DONE = {
    Side.BUY: "bought",
    Side.SELL: "sold",
    Side.SELL_SHORT: "sold short",
    Side.SELL_SHORT_EXEMPT: "sold short exempt",
}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The execution; `at` is the vendor's stamp, `received_at` our receipt of the message that told it."""

    symbol: str
    at: Nanos
    price: Price | None = None
    quantity: Quantity | None = None
    side: Side | None = None
    received_at: Nanos | None = None
    limit: Price | None = None

    @property
    def words(self) -> str:
        """Return what was done: "bought 400 at 42.18"; "" when no price is known."""
        if self.price is None:
            return ""
        done = "executed" if self.side is None else _DONE[self.side]
        quantity = "" if self.quantity is None else f" {shares(self.quantity)}"
        return f"{done}{quantity} at {dollars(self.price)}"


def subject_of(finding: Finding, family: Family | None) -> Subject:
    """Return what the finding's picture is of: from its execution, without one from the finding's own values."""
    order = None if family is None else family.own.order
    symbol = finding.symbol or (order.symbol if order else "")
    side, limit = (order.side, order.limit_price) if order else (None, None)
    made = None if family is None else family.execution
    if made is None or made.at is None:
        price, quantity = (finding.values.get(name) for name in ("executed_price", "executed_shares"))
        return Subject(
            symbol=symbol,
            at=finding.at,
            price=Price(price) if isinstance(price, int) else None,
            quantity=Quantity(quantity) if isinstance(quantity, int) else None,
            side=side,
            limit=limit,
        )
    return Subject(
        symbol=symbol,
        at=made.at,
        price=made.price,
        quantity=made.quantity,
        side=side,
        received_at=made.received_at,
        limit=limit,
    )
