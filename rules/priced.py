"""Which executions are compared with the quote at all: why one is left out, in few words. Pure."""

from __future__ import annotations

from rules.facts import Fill, Markout, Quote
from rules.instruments import unjudged
from rules.order_class import OrderClass, order_class

_MARKETABLE = (OrderClass.MARKET, OrderClass.MARKETABLE_LIMIT, OrderClass.MARKETABLE_IOC)


def unpriced(fill: Fill, which: str, quote: Quote) -> str | None:
    """Return why the price of an execution says nothing against this quote (`which` names it), None when it does."""
    if fill.auction:
        return "auction"
    if fill.exempt_reason is not None:
        return f"exempt: {fill.exempt_reason.value}"
    if fill.order.directed:
        return "directed by the customer"
    reason = unjudged(fill.order)
    if reason is not None:
        return reason
    return None if quote.state.usable else f"quote at {which} {quote.state.value}"


def unmarked(mark: Markout) -> str | None:
    """Return why a mark says nothing of its execution, None when it does."""
    if mark.executed.exempt_reason is not None:
        return f"exempt: {mark.executed.exempt_reason.value}"
    return "directed by the customer" if mark.executed.directed else None


def marketable_class(fill: Fill) -> OrderClass | None:
    """Return the class of the execution's order when that is one of those that take the quote, else None."""
    kind = order_class(fill.order)
    return kind if kind in _MARKETABLE else None
