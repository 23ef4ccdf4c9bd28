"""What an export shows beside what is stored: worked out of the row's own prices, quotes and terms as they stand. Pure.

Never stored, so that a corrected price or a finer class needs no rewriting of old rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.facts import Order, OrderType, Quantity, Quote, QuoteState, Side, TimeInForce
from rules.order_class import order_class
from rules.placement import beyond_displayed, placement
from service.market.buckets import notional_bucket, share_bucket, time_bucket
from service.market.fee_schedule import FeeSchedule
from service.market.measures import net_improvement, net_price

Row = Mapping[str, Any]


def with_fee(row: Row, schedule: FeeSchedule | None) -> dict[str, Any]:
    """Return an execution with its fee and where that is from: its own copy, else the schedule, else nowhere."""
    if row["fee"] is not None or schedule is None:
        return {**row, "fee_source": None if row["fee"] is None else "copy"}
    fee = schedule.fee(row["venue"], row["liquidity"], row["trade_date"], row["quantity"])
    return {**row, "fee": fee, "fee_source": None if fee is None else "schedule"}


def with_placements(row: Row) -> dict[str, Any]:
    """Return an execution with where its price lies against both quotes, its net, and the classes that it falls in."""
    side = Side(row["side"])
    receipt, execution = quote(row, "receipt"), quote(row, "execution")
    order = _order(row, row["order_side"], row["order_quantity"], receipt)
    return {
        **row,
        "placement": placement(side, row["price"], execution),
        "receipt_placement": placement(side, row["price"], receipt),
        "beyond_displayed": beyond_displayed(side, row["quantity"], execution),
        "net_price": net_price(side, row["price"], row["quantity"], row["fee"]),
        "net_improvement": net_improvement(row["price_improvement"], row["quantity"], row["fee"]),
        "time_bucket": time_bucket(row["time_to_fill"]),
        **_classes(order),
    }


def with_class(row: Row) -> dict[str, Any]:
    """Return an order with its classes at receipt."""
    return {**row, **_classes(_order(row, row["side"], row["quantity"], quote(row, "receipt")))}


def with_order_class(row: Row) -> dict[str, Any]:
    """Return a row that holds its order's terms with the order's class alone."""
    order = _order(row, row["order_side"], row["order_quantity"], quote(row, "receipt"))
    return {**row, "order_class": order_class(order)}


def quote(row: Row, prefix: str) -> Quote:
    """Return one reference quote of a row."""
    sides = {name: row[f"{prefix}_{name}"] for name in ("bid", "bid_size", "offer", "offer_size")}
    return Quote(state=QuoteState(row[f"{prefix}_quote_state"]), at=row[f"{prefix}_quote_at"], **sides)


def _classes(order: Order) -> dict[str, str | None]:
    return {
        "order_class": order_class(order),
        "shares_bucket": share_bucket(order.quantity),
        "dollars_bucket": notional_bucket(order),
    }


def _order(row: Row, side: str | None, quantity: Quantity | None, receipt: Quote) -> Order:
    return Order(
        order_key=row["order_key"],
        side=None if side is None else Side(side),
        order_type=OrderType(row["order_type"]),
        time_in_force=TimeInForce(row["time_in_force"]),
        limit_price=row["limit_price"],
        stop_price=row["stop_price"],
        quantity=quantity,
        marketable=row["marketable"],
        receipt=receipt,
    )
