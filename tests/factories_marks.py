"""Marks and fades for tests, as the rules see them: prices, shares and times as people write them."""

from __future__ import annotations

from typing import Any

from rules.facts import Executed, ExemptReason, Fade, Level, Markout, Nanos, OrderType, SessionOfDay, Side
from rules.population import Population
from rules.quote import midpoint_doubled, unusable
from service.market.markouts import after
from tests.factories import NOON, TRADE_DATE, a_quote, length, price, shares

SESSION = "FIX.4.4:FIRM->SOR"


def an_executed(**named: Any) -> Executed:
    """Return what a mark knows of its execution: 100 XYZ bought at noon by a market order at XNYS."""
    exempt = named.get("exempt_reason")
    return Executed(
        at=Nanos(named.get("executed_at", NOON)),
        level=Level(named.get("level", Level.CHILD)),
        symbol=named.get("symbol", "XYZ"),
        side=Side(named.get("side", Side.BUY)),
        quantity=shares(named.get("quantity", "100")),
        venue=named.get("venue", "XNYS"),
        order_type=OrderType(named.get("order_type", OrderType.MARKET)),
        population=Population(named.get("population", Population.MARKETABLE)),
        directed=named.get("directed", False),
        exempt_reason=ExemptReason(exempt) if exempt else None,
        account=named.get("account", "A1"),
        desk=named.get("desk"),
        client=named.get("client"),
        session_of_day=SessionOfDay(named.get("session_of_day", "regular")),
    )


def a_markout(offset: int = 9, **named: Any) -> Markout:
    """Return where the market stood 50 ms after a buy at 10.01: two cents higher, unless told.

    `bid` and `offer` are the quote at the mark, `middle` the midpoint at receipt and execution.
    """
    executed = named.get("executed") or an_executed(**named)
    quote = named.get("quote") or a_quote(
        named.get("bid", "10.01"), named.get("offer", "10.03"), state=named.get("state", "normal")
    )
    paid, middle = price(named.get("price", "10.01")), 2 * price(named.get("middle", "10.00"))
    numbers = after(executed.side.sign, paid, middle, middle, midpoint_doubled(quote))
    horizon = length(named.get("horizon", "50 ms"))
    at = Nanos(executed.at + horizon)
    return Markout(
        offset=offset,
        counterparty=named.get("counterparty", "demo"),
        session=SESSION,
        trade_date=named.get("trade_date", TRADE_DATE),
        received_at=named.get("received_at", at),
        clock=named.get("clock", at),
        uncertain=named.get("uncertain", False),
        execution_id=named.get("execution_id", "E1"),
        execution_offset=named.get("execution_offset", 1),
        horizon=horizon,
        at=at,
        past_close=named.get("past_close", False),
        price=paid,
        quote=quote,
        realized_spread=numbers.realized_spread,
        price_impact=numbers.price_impact,
        delay_cost=numbers.delay_cost,
        post_trade_impact=numbers.post_trade_impact,
        not_evaluated_reason=unusable("mark", quote),
        executed=executed,
        source_mark=at,
        released=named.get("released", "mark"),
    )


def a_fade(offset: int = 9, **named: Any) -> Fade:
    """Return the move from child A of a buy of P, at noon, to child B a second later; nothing moved unless told.

    `offer`, `bid` and `offer_size` are those at the later child, those before begin with `baseline_`.
    """
    later_at = Nanos(named.get("later_at", NOON + 1_000_000_000))
    first_at = Nanos(named.get("first_at", NOON))
    return Fade(
        offset=offset,
        counterparty=named.get("counterparty", "demo"),
        session=SESSION,
        trade_date=named.get("trade_date", TRADE_DATE),
        received_at=named.get("received_at", later_at),
        clock=named.get("clock", later_at),
        uncertain=named.get("uncertain", False),
        parent_id=named.get("parent_id", "P"),
        symbol=named.get("symbol", "XYZ"),
        side=Side(named.get("side", Side.BUY)),
        first_key=named.get("first_key", "A"),
        first_at=first_at,
        first=named.get("first") or a_quote(),
        later_key=named.get("later_key", "B"),
        later_at=later_at,
        later=named.get("later") or _moved("", named),
        baseline_at=Nanos(2 * first_at - later_at),
        baseline=named.get("baseline") or _moved("baseline_", named),
        source_mark=NOON,
        released="mark",
    )


def _moved(before: str, named: dict[str, Any]) -> Any:
    return a_quote(
        named.get(f"{before}bid", "9.99"),
        named.get(f"{before}offer", "10.01"),
        state=named.get(f"{before}state", "normal"),
        bid_size=named.get(f"{before}bid_size", "500"),
        offer_size=named.get(f"{before}offer_size", "500"),
    )
