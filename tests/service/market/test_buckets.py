"""Classes of size and time: each bound belongs to the bucket above it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos, Order, Quantity
from service.market.buckets import (
    NOTIONAL_BUCKETS,
    SHARE_BUCKETS,
    TIME_BUCKETS,
    notional_bucket,
    share_bucket,
    time_bucket,
)
from tests.factories import a_quote, an_order, length, price, shares


@pytest.mark.parametrize(
    ("time", "bucket"),
    [
        ("0 ns", "<100us"),
        ("99999 ns", "<100us"),
        ("100000 ns", "<1ms"),
        ("1 ms", "<10ms"),
        ("10 ms", "<1s"),
        ("1 s", "<10s"),
        ("10 s", "<30s"),
        ("30 s", "<5min"),
        ("299.999999999 s", "<5min"),
        ("5 min", ">=5min"),
    ],
)
def test_a_time_to_execution_has_a_bucket(time: str, bucket: str) -> None:
    """The lower bound is within."""
    assert time_bucket(length(time)) == bucket


@pytest.mark.parametrize(
    ("number", "bucket"),
    [("0.999999", "<1"), ("1", "<100"), ("99", "<100"), ("100", "<500"), ("9999", "<10000"), ("10000", ">=10000")],
)
def test_an_order_has_a_bucket_by_its_shares(number: str, bucket: str) -> None:
    """Parts of a share and odd lots are apart from round lots."""
    assert share_bucket(shares(number)) == bucket


def ordered(number: str | None, **named: Any) -> Order:
    """Return a market order to buy so many shares at 9.99 / 10.00, changed as named."""
    order = an_order(receipt=a_quote("9.99", "10.00"), **named)
    return msgspec.structs.replace(order, quantity=None if number is None else shares(number))


@pytest.mark.parametrize(
    ("number", "bucket"),
    [
        ("24.999999", "<250"),
        ("25", "<1000"),
        ("100", "<5000"),
        ("500", "<10000"),
        ("1000", "<20000"),
        ("2000", "<50000"),
        ("5000", "<200000"),
        ("19999.999999", "<200000"),
        ("20000", ">=200000"),
        (None, None),
    ],
)
def test_a_market_order_has_a_bucket_by_its_dollars_at_the_far_side(number: str | None, bucket: str | None) -> None:
    """At ten dollars a share; without a quantity there is none."""
    assert notional_bucket(ordered(number)) == bucket


def test_the_price_that_counts_is_the_order_s_own_where_it_has_one() -> None:
    """A limit, or the trigger of a stop without one; a sell without either is reckoned at the bid."""
    limit = msgspec.structs.replace(ordered("25", order_type="limit"), limit_price=price("9.99"))
    stop = msgspec.structs.replace(ordered("25", order_type="stop"), stop_price=price("40.00"))

    assert notional_bucket(limit) == "<250"
    assert notional_bucket(stop) == "<5000"
    assert notional_bucket(ordered("25", side="sell")) == "<250"


def test_without_a_price_or_a_side_there_is_no_bucket() -> None:
    """Nothing is guessed."""
    assert notional_bucket(msgspec.structs.replace(ordered("25"), side=None)) is None
    assert notional_bucket(msgspec.structs.replace(ordered("25"), receipt=a_quote(state="crossed"))) is None
    assert (time_bucket(None), share_bucket(None)) == (None, None)


@given(st.integers(0, 10**16), st.integers(0, 10**16))
def test_more_is_never_in_an_earlier_bucket(less: int, more: int) -> None:
    """Buckets are in order and leave no gap."""
    less, more = sorted((less, more))

    times = [TIME_BUCKETS.index(str(time_bucket(Nanos(value)))) for value in (less, more)]
    sizes = [SHARE_BUCKETS.index(str(share_bucket(Quantity(value)))) for value in (less, more)]
    dollars = [NOTIONAL_BUCKETS.index(str(notional_bucket(ordered(str(value // 10**6))))) for value in (less, more)]

    assert times == sorted(times)
    assert sizes == sorted(sizes)
    assert dollars == sorted(dollars)
