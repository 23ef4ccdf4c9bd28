"""Facts for tests: each factory names only what matters and takes prices, shares and times as people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rules.facts import (
    Answer,
    ExemptReason,
    FeedEvent,
    FeedEventKind,
    Fill,
    Level,
    Measures,
    Nanos,
    Order,
    OrderChanged,
    OrderEnd,
    OrderEventKind,
    OrderOutcome,
    OrderType,
    Price,
    Quantity,
    Quote,
    QuotesApart,
    QuoteState,
    SessionOfDay,
    Side,
    Tick,
    TimeInForce,
)
from rules.rule import Kind
from rules.units import number
from service.market.measures import effective_spread, price_improvement, quoted_spread

TRADE_DATE = "2026-11-20"
NOON = Nanos(int(datetime(2026, 11, 20, 17, 0, tzinfo=UTC).timestamp()) * 1_000_000_000)
"""12:00 in New York on the trade date."""


def price(text: str) -> Price:
    """Return decimal dollars, "10.05", in 1e-9 dollars."""
    value = number(Kind.PRICE, text)
    assert value is not None, text
    return Price(value)


def shares(text: str) -> Quantity:
    """Return decimal shares, "100", in 1e-6 shares."""
    return Quantity(price(text) // 1_000)


def length(text: str) -> Nanos:
    """Return a length of time with its unit, "250 ms", in nanoseconds."""
    value = number(Kind.DURATION, text)
    assert value is not None, text
    return Nanos(value)


def a_quote(
    bid: str | None = "9.99", offer: str | None = "10.01", state: str = QuoteState.NORMAL, **named: Any
) -> Quote:
    """Return a quote of one cent on either side of 10.00, half a second old at noon."""
    return Quote(
        state=QuoteState(state),
        bid=price(bid) if bid else None,
        bid_size=_size(named, "bid_size") if bid else None,
        offer=price(offer) if offer else None,
        offer_size=_size(named, "offer_size") if offer else None,
        at=named.get("at", Nanos(NOON - 500_000_000)),
        note=named.get("note"),
    )


def _size(named: dict[str, Any], name: str) -> Quantity | None:
    told = named.get(name, "500")
    return None if told is None else shares(told)


def an_order(**named: Any) -> Order:
    """Return a child market order to buy 100 XYZ, received at noon."""
    text = {"order_type": OrderType.MARKET, "time_in_force": TimeInForce.DAY, "level": Level.CHILD} | named
    order_type = OrderType(text["order_type"])
    return Order(
        order_key=named.get("order_key", "O1"),
        order_id=named.get("order_id"),
        cl_ord_id=named.get("cl_ord_id"),
        parent_id=named.get("parent_id"),
        account=named.get("account", "A1"),
        desk=named.get("desk"),
        client=named.get("client"),
        symbol=named.get("symbol", "XYZ"),
        side=Side(named.get("side", Side.BUY)),
        level=Level(text["level"]),
        order_type=order_type,
        time_in_force=TimeInForce(text["time_in_force"]),
        quantity=shares(named.get("ordered", "100")),
        directed=named.get("directed", False),
        route=named.get("route"),
        marketable=named.get("marketable", True if order_type is OrderType.MARKET else None),
        received_at=named.get("received_at", NOON),
        working_at=NOON,
        firm_received_at=named.get("firm_received_at"),
        receipt=named.get("receipt", a_quote(state=named.get("receipt_state", QuoteState.NORMAL))),
    )


def a_fill(**named: Any) -> Fill:
    """Return a fill of 100 XYZ at the quote, one millisecond after noon, at an approved venue.

    `offer_at_execution` and `bid_at_execution` set the quote; the outside amount follows from price and side;
    `worst_touch` is the far side's worst price of the second before.
    `time_to_fill` also moves the execution, `published` and `carried` the sending of its copy and its receipt here.
    Names of an order go to its order.
    """
    side = Side(named.get("side", Side.BUY))
    paid = price(named.get("price", "10.01" if side is Side.BUY else "9.99"))
    quote = named.get("at_execution") or a_quote(
        bid=named.get("bid_at_execution", "9.99"),
        offer=named.get("offer_at_execution", "10.01"),
        state=named.get("execution_state", QuoteState.NORMAL),
        note=named.get("note"),
    )
    worst = price(named["worst_touch"]) if "worst_touch" in named else None
    waited = length(named.get("time_to_fill", "1 ms"))
    executed_at = Nanos(named.get("executed_at", NOON + waited))
    sent_at = named.get("sent_at", Nanos(executed_at + length(named.get("published", "1 ms"))))
    if "carried" in named:
        named = named | {"received_at": sent_at + length(named["carried"])}
    quantity = shares(named.get("quantity", "100"))
    venue = named.get("venue", "XNYS")
    order = named.get("order") or an_order(**{key: named[key] for key in _ORDER if key in named})
    exempt = named.get("exempt_reason")
    return Fill(
        **_placed(named, executed_at),
        execution_id=named.get("execution_id", "E1"),
        exec_id=named.get("exec_id", "17-1"),
        order=order,
        level=order.level,
        symbol=order.symbol,
        side=side,
        quantity=quantity,
        price=paid,
        venue=venue,
        book=named.get("book", venue),
        venue_raw=named.get("venue_raw", venue),
        liquidity=named.get("liquidity"),
        fee=price(named["fee"]) if "fee" in named else None,
        auction=named.get("auction", False),
        exempt_reason=ExemptReason(exempt) if exempt else None,
        executed_at=executed_at,
        executed_at_digits=named.get("executed_at_digits", 9),
        sent_at=sent_at,
        cumulative=named.get("cumulative", quantity),
        at_execution=quote,
        measures=named.get("measures") or _measures(side, paid, quote, waited, worst, order.receipt),
        regular_hours=named.get("regular_hours", True),
        resent=named.get("resent", False),
        backfilled=named.get("backfilled", False),
        declared_delay=length(named.get("declared_delay", "0 ns")),
        clock_suspect=named.get("clock_suspect"),
        amends=named.get("amends"),
        worst_touch=worst,
        quote_source=named.get("quote_source"),
        quotes_behind=_behind(named),
        quotes_apart=named.get("quotes_apart") or _apart(named.get("offer_apart")),
        session_of_day=_session(named),
    )


_ORDER = (
    "order_key",
    "order_id",
    "cl_ord_id",
    "parent_id",
    "account",
    "desk",
    "client",
    "symbol",
    "side",
    "level",
    "order_type",
    "time_in_force",
    "ordered",
    "directed",
    "route",
    "marketable",
    "receipt",
    "receipt_state",
)


def _measures(side: Side, paid: Price, quote: Quote, waited: Nanos, worst: Price | None, receipt: Quote) -> Measures:
    reference = quote.offer if side is Side.BUY else quote.bid
    outside = max(0, side.sign * (paid - reference)) if reference is not None and quote.state.usable else None
    flicker = None if worst is None or not outside else side.sign * (paid - worst) <= 0
    reason = None if quote.state.usable else f"execution {quote.state.value}"
    return Measures(
        price_improvement=price_improvement(side, paid, receipt),
        effective_spread=effective_spread(side, paid, receipt),
        quoted_spread=quoted_spread(receipt),
        outside_amount=outside,
        time_to_fill=waited,
        possible_flicker=flicker,
        not_evaluated_reason=reason,
    )


def _apart(offer: str | None) -> QuotesApart | None:
    """Return a comparison with a second source: the same bid, the offer so far apart."""
    return None if offer is None else QuotesApart(source="other", bid=0, offer=price(offer), lag=Nanos(0))


def _behind(named: dict[str, Any]) -> Nanos | None:
    """Return how far the quotes lay behind: nothing, unless it is named; None when that is named."""
    told = named.get("quotes_behind", "0 ns")
    return None if told is None else length(told)


def _session(named: dict[str, Any]) -> SessionOfDay:
    return SessionOfDay(named.get("session_of_day", "regular"))


def _placed(named: dict[str, Any], at: Nanos) -> dict[str, Any]:
    """Return where a fact stands in the journal: received two milliseconds after it happened."""
    return {
        "offset": named.get("offset", 1),
        "counterparty": named.get("counterparty", "demo"),
        "session": named.get("session", "FIX.4.4:FIRM->SOR"),
        "trade_date": named.get("trade_date", TRADE_DATE),
        "received_at": named.get("received_at", Nanos(at + 2_000_000)),
        "clock": named.get("clock", Nanos(at + 2_000_000)),
    }


_ENDED = (
    "average_price",
    "notional",
    "venues",
    "venue_shares",
    "pending_time",
    "working_time",
    "held_time",
)


def an_outcome(**named: Any) -> OrderOutcome:
    """Return a market order for 100 XYZ that ended one second after noon, filled unless `executed` says less."""
    at = Nanos(named.get("at", NOON + 1_000_000_000))
    order = named.get("order") or an_order(**{key: named[key] for key in _ORDER if key in named})
    assert order.quantity is not None
    executed = shares(named["executed"]) if "executed" in named else order.quantity
    return OrderOutcome(
        **_placed(named, at),
        order=order,
        end=OrderEnd(named.get("end", OrderEnd.FILLED)),
        at=at,
        ordered=order.quantity,
        executed=executed,
        venue=named.get("venue", "XNYS"),
        synthesised=named.get("synthesised", False),
        session_of_day=_session(named),
        **{name: named[name] for name in _ENDED if name in named},
    )


def a_change(**named: Any) -> OrderChanged:
    """Return an order event: the order became new at noon."""
    at = Nanos(named.get("at", NOON))
    order = named.get("order") or an_order(**{key: named[key] for key in _ORDER if key in named})
    kind = OrderEventKind(named.get("kind", OrderEventKind.NEW))
    return OrderChanged(
        **_placed(named, at),
        kind=kind,
        order=order,
        at=at,
        reason=named.get("reason"),
        session_of_day=_session(named),
        venue=named.get("venue", "XNYS"),
        answer=_answer(kind, named),
    )


_ASKED = {
    OrderEventKind.NEW: OrderEventKind.PENDING_NEW,
    OrderEventKind.REJECTED: OrderEventKind.PENDING_NEW,
    OrderEventKind.CANCELED: OrderEventKind.PENDING_CANCEL,
    OrderEventKind.CANCEL_REJECTED: OrderEventKind.PENDING_CANCEL,
}


def _answer(kind: OrderEventKind, named: dict[str, Any]) -> Answer | None:
    """Return what the event answers when anything is named that only an answer has."""
    lengths = {name: length(named[name]) for name in ("waited", "grain", "firm_waited", "firm_grain") if name in named}
    if not lengths and "unknown" not in named:
        return None
    meanwhile = shares(named.get("executed_meanwhile", "0"))
    return Answer(asked=_ASKED[kind], executed=meanwhile, unknown=named.get("unknown"), **lengths)


def a_feed_event(**named: Any) -> FeedEvent:
    """Return a feed event: the session fell silent at noon."""
    at = Nanos(named.get("at", NOON))
    return FeedEvent(
        **_placed(named, at),
        kind=FeedEventKind(named.get("kind", FeedEventKind.SILENT)),
        subject=named.get("subject", "FIX.4.4:FIRM->SOR"),
        at=at,
        detail=named.get("detail", {}),
        related=tuple(named.get("related", ())),
    )


def a_tick(**named: Any) -> Tick:
    """Return a tick at noon."""
    at = Nanos(named.get("at", NOON))
    return Tick(**_placed(named, at), at=at)
