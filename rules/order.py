"""One order as the ledger knew it at one moment, and the closed sets of words that its terms and life are told in."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.amounts import Nanos, Price, Quantity
from rules.quote import Quote, QuoteState


class Side(StrEnum):
    """Side (54), as far as the measures care."""

    BUY = "buy"
    SELL = "sell"
    SELL_SHORT = "sell_short"
    SELL_SHORT_EXEMPT = "sell_short_exempt"

    def __init__(self, word: str) -> None:
        self.sign = 1 if word == "buy" else -1
        """+1 for a buy and −1 for every kind of sell (domain.md §2)."""


class Level(StrEnum):
    """What an execution or order is a part of; every rule names the one it counts."""

    PARENT = "parent"
    CHILD = "child"
    PACKAGE = "package"
    LEG = "leg"


class OrderType(StrEnum):
    """OrdType (40) in words."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    PEGGED = "pegged"
    OTHER = "other"
    UNKNOWN = "unknown"


class TimeInForce(StrEnum):
    """TimeInForce (59) in words; absent in FIX means DAY."""

    DAY = "day"
    GTC = "gtc"
    OPENING = "opening"
    IOC = "ioc"
    FOK = "fok"
    GTX = "gtx"
    GTD = "gtd"
    CLOSING = "closing"
    OTHER = "other"


class OrderEventKind(StrEnum):
    """What happened to an order that was not an execution (ExecType 150 in words; a cancel reject is 35=9)."""

    PENDING_NEW = "pending_new"
    NEW = "new"
    PENDING_REPLACE = "pending_replace"
    REPLACED = "replaced"
    PENDING_CANCEL = "pending_cancel"
    CANCELED = "canceled"
    DONE_FOR_DAY = "done_for_day"
    EXPIRED = "expired"
    REJECTED = "rejected"
    RESTATED = "restated"
    TRIGGERED = "triggered"
    STOPPED = "stopped"
    SUSPENDED = "suspended"
    CALCULATED = "calculated"
    CLEARING_HOLD = "clearing_hold"
    CANCEL_REJECTED = "cancel_rejected"
    REPLACE_REJECTED = "replace_rejected"


class OrderEnd(StrEnum):
    """How an order's life ended."""

    FILLED = "filled"
    CANCELED_BY_CUSTOMER = "canceled_by_customer"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DONE_FOR_DAY = "done_for_day"
    CLOSE = "close"


class Order(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One order as the ledger knew it at one moment (a replace chain is one order, `order_key` its first identity).

    `received_at` is the receipt at the router or venue by the vendor's own clock; `working_at` is when it became
    executable (latest of receipt, open or resumption, trigger). `marketable` is None where it cannot be known.
    `firm_received_at` is the receipt at the firm, from its own order record; where it is known, `receipt` is the quote
    at that instant (domain.md §2), else the quote at `received_at`. `route` names the way it was sent where the
    dialect knows it, so that the measures of one way (direct routing, say) can be compared with another's.
    """

    order_key: str
    order_id: str | None = None
    cl_ord_id: str | None = None
    parent_id: str | None = None
    level: Level = Level.CHILD
    account: str | None = None
    desk: str | None = None
    client: str | None = None
    symbol: str = ""
    side: Side | None = None
    order_type: OrderType = OrderType.UNKNOWN
    time_in_force: TimeInForce = TimeInForce.DAY
    limit_price: Price | None = None
    stop_price: Price | None = None
    quantity: Quantity | None = None
    held: bool | None = None
    directed: bool = False
    capacity: str | None = None
    received_at: Nanos | None = None
    working_at: Nanos | None = None
    marketable: bool | None = None
    receipt: Quote = Quote(state=QuoteState.ABSENT, note="no receipt time")
    firm_received_at: Nanos | None = None
    route: str | None = None
