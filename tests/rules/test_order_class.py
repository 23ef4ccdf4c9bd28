"""Every order has one class at receipt, or none where nothing can tell."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import Order, QuoteState, Side
from rules.order_class import OrderClass, order_class
from service.orders.receipt import is_marketable
from tests.factories import a_quote, an_order, price

QUOTE = a_quote("9.90", "10.10")
C = OrderClass


def placed(side: str, order_type: str, *, limit: str | None = None, stop: str | None = None, **named: Any) -> Order:
    """Return an order received on 9.90 / 10.10, marketable or not by that quote."""
    order = an_order(side=side, order_type=order_type, marketable=None, **({"receipt": QUOTE} | named))
    order = msgspec.structs.replace(
        order, limit_price=None if limit is None else price(limit), stop_price=None if stop is None else price(stop)
    )
    return msgspec.structs.replace(order, marketable=is_marketable(order, order.receipt))


@pytest.mark.parametrize(
    ("bought_at", "sold_at", "expected"),
    [
        ("10.11", "9.89", C.MARKETABLE_LIMIT),
        ("10.10", "9.90", C.MARKETABLE_LIMIT),
        ("10.09", "9.91", C.MIDPOINT_OR_BETTER_LIMIT),
        ("10.00", "10.00", C.MIDPOINT_OR_BETTER_LIMIT),
        ("9.999999999", "10.000000001", C.EXECUTABLE_NON_MARKETABLE_LIMIT),
        ("9.90", "10.10", C.EXECUTABLE_NON_MARKETABLE_LIMIT),
        ("9.89", "10.11", C.OTHER_NON_MARKETABLE_LIMIT),
    ],
)
def test_a_limit_order_is_classed_by_its_price_and_the_quote_at_receipt(
    bought_at: str, sold_at: str, expected: OrderClass
) -> None:
    """A sell has the class of the buy in the mirror."""
    assert order_class(placed("buy", "limit", limit=bought_at)) is expected
    assert order_class(placed("sell_short", "limit", limit=sold_at)) is expected


@pytest.mark.parametrize("time_in_force", ["ioc", "fok"])
def test_a_marketable_limit_that_may_not_rest_is_a_class_of_its_own(time_in_force: str) -> None:
    """One that is not marketable is where its price puts it."""
    assert order_class(placed("buy", "limit", limit="10.10", time_in_force=time_in_force)) is C.MARKETABLE_IOC
    assert order_class(placed("buy", "limit", limit="10", time_in_force=time_in_force)) is C.MIDPOINT_OR_BETTER_LIMIT


def test_a_market_order_needs_no_quote() -> None:
    """Its class stands whatever the market was."""
    assert order_class(placed("sell", "market", receipt=a_quote(state="halted"))) is C.MARKET


@pytest.mark.parametrize(
    ("side", "limit", "stop", "expected"),
    [
        ("buy", "10.50", "10.50", C.MARKETABLE_LIMIT_STOP),
        ("buy", "10.49", "10.50", C.NON_MARKETABLE_LIMIT_STOP),
        ("sell", "9.40", "9.50", C.MARKETABLE_LIMIT_STOP),
        ("sell", "9.51", "9.50", C.NON_MARKETABLE_LIMIT_STOP),
        ("sell", None, "9.50", None),
        ("sell", "9.51", None, None),
    ],
)
def test_a_stop_limit_is_classed_by_whether_its_limit_reaches_its_stop(
    side: str, limit: str | None, stop: str | None, expected: OrderClass | None
) -> None:
    """What it will be is known from its own two prices, not from the quote before its trigger."""
    assert order_class(placed(side, "stop_limit", limit=limit, stop=stop)) is expected


def test_a_stop_without_a_limit_becomes_a_market_order() -> None:
    """It is apart from those that were one from the beginning."""
    assert order_class(placed("sell", "stop", stop="9.50")) is C.MARKET_STOP


def test_a_stop_limit_without_a_side_has_no_class() -> None:
    """Nothing tells which way it reaches."""
    order = msgspec.structs.replace(placed("buy", "stop_limit", limit="10", stop="10"), side=None)

    assert order_class(order) is None


@pytest.mark.parametrize("state", [QuoteState.CROSSED, QuoteState.STALE, QuoteState.ABSENT])
def test_a_limit_order_without_a_usable_quote_has_no_class(state: QuoteState) -> None:
    """It is not known, and not guessed from a later quote."""
    assert order_class(placed("buy", "limit", limit="10.10", receipt=a_quote(state=state))) is None


@pytest.mark.parametrize("named", [{"time_in_force": "closing"}, {"time_in_force": "opening"}])
def test_an_order_for_an_auction_has_no_class(named: dict[str, str]) -> None:
    """It is measured against no quote."""
    assert order_class(placed("buy", "market", **named)) is None


@pytest.mark.parametrize("order_type", ["pegged", "other", "unknown"])
def test_a_type_that_has_no_class_has_none(order_type: str) -> None:
    """Its price moves with the market, or is not known."""
    assert order_class(placed("buy", order_type, limit="10.10")) is None


def test_in_a_locked_market_a_limit_below_it_rests() -> None:
    """Nothing lies between: it is marketable, or beyond the near touch."""
    locked = a_quote("10", "10", "locked")

    assert order_class(placed(Side.BUY, "limit", limit="10", receipt=locked)) is C.MARKETABLE_LIMIT
    assert order_class(placed(Side.BUY, "limit", limit="9.99", receipt=locked)) is C.OTHER_NON_MARKETABLE_LIMIT
