"""An execution put together again from what was recorded of it and its order."""

from __future__ import annotations

from typing import Any

from rules.facts import OrderEnd, Price, Quantity
from service.orders.known_execution import StoredEnd, StoredTrade, known_execution, the_one_meant
from tests.factories import NOON, TRADE_DATE, an_order, price, shares


def a_stored_trade(exec_id: str = "E1", **named: Any) -> StoredTrade:
    """Return a recorded trade of 100 at 10.00."""
    return StoredTrade(
        execution_id=f"demo/{exec_id}",
        trade_date=named.get("trade_date", TRADE_DATE),
        key=exec_id,
        exec_id=exec_id,
        content_hash=b"",
        session="S",
        order=an_order(account=named.get("account", "A1")),
        quantity=Quantity(shares(named.get("quantity", "100"))),
        price=Price(price(named.get("price", "10.00"))),
        venue=named.get("venue", "XNYS"),
        executed_at=NOON,
    )


def test_the_execution_of_the_newest_trade_date_is_meant() -> None:
    """ExecIDs begin anew every day at some vendors."""
    old, new = a_stored_trade(trade_date="2026-11-18"), a_stored_trade(trade_date="2026-11-19")

    assert the_one_meant([old, new]) is new
    assert the_one_meant([]) is None


def test_of_several_on_one_day_none_is_guessed() -> None:
    """Both sides of a self-cross may share an ExecID."""
    assert the_one_meant([a_stored_trade(), a_stored_trade()]) is None


def test_the_totals_are_those_of_all_live_executions_of_the_order() -> None:
    """A busted one counts nothing; the newest day's order knows most."""
    meant = a_stored_trade("E1", trade_date="2026-11-19")
    others = [
        a_stored_trade("E2", venue="XNAS", quantity="50", account="A2"),
        a_stored_trade("E3", quantity="0", trade_date="2026-11-19"),
    ]

    known = known_execution(meant, [meant, *others], StoredEnd(OrderEnd.FILLED, NOON, TRADE_DATE))

    assert known.by_venue == (("XNYS", shares("100")), ("XNAS", shares("50")))
    assert known.notional == shares("150") * price("10.00")
    assert known.order.account == "A2"
    assert (known.end, known.ended_at, known.ended_on) == (OrderEnd.FILLED, NOON, TRADE_DATE)


def test_an_order_without_an_outcome_has_not_ended() -> None:
    """Its bust will not restate anything."""
    meant = a_stored_trade()

    known = known_execution(meant, [meant], None)

    assert (known.end, known.ended_at, known.ended_on) == (None, None, None)
