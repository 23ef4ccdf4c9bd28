"""Terms: later messages fill what was silent, a replace changes, and a new price is judged by its own receipt."""

from __future__ import annotations

import pytest

from rules.facts import Level, Nanos, Order, OrderEventKind, OrderType, QuoteState, Side, TimeInForce
from service.orders.ledger import Ledger, at_once
from service.orders.receipt import is_marketable, receipt_time, working_at
from service.orders.steps import Changed, Ended, Traded
from tests.factories import NOON, a_quote, price, shares
from tests.factories_orders import a_ledger, an_execution, an_order_event, kinds, seconds, the, where

REPLACED, NEW = OrderEventKind.REPLACED, OrderEventKind.NEW
SILENT = dict.fromkeys(("account", "symbol", "side", "order_type", "time_in_force", "limit_price", "quantity"))


def acknowledged(**named: object) -> Ledger:
    """Return a ledger with the order O1, acknowledged at noon with a quote of 9.99 / 10.01."""
    ledger = a_ledger()
    ledger.apply(an_order_event(**named), where(), a_quote())
    return ledger


def order_after(ledger: Ledger, kind: OrderEventKind = NEW, exec_id: str = "N2", **named: object) -> Order:
    """Return the order as it is after one more order event."""
    return the(Changed, ledger.apply(an_order_event(kind, exec_id, **named), where())).order


def test_later_messages_fill_what_was_silent() -> None:
    """An order that begins with a bare fill learns its terms from what comes next."""
    ledger = a_ledger()
    ledger.apply(an_execution(**SILENT), where())

    order = order_after(ledger, order_id="37", cl_ord_id="11", time_in_force=TimeInForce.GTC, directed=True)

    assert (order.symbol, order.side, order.account) == ("XYZ", Side.BUY, "A1")
    assert (order.order_type, order.time_in_force) == (OrderType.LIMIT, TimeInForce.GTC)
    assert (order.limit_price, order.quantity) == (price("10.00"), shares("1000"))
    assert (order.order_id, order.cl_ord_id, order.directed) == ("37", "11", True)


def test_the_way_an_order_was_sent_is_learned_once() -> None:
    """From whichever message tells it first, and kept for its fills and its end."""
    ledger = acknowledged()

    sent = order_after(ledger, route="direct")
    fill = the(Traded, ledger.apply(an_execution("E1", route="sor"), where()))

    assert (sent.route, fill.order.route) == ("direct", "direct")


def test_what_is_known_stays_when_a_message_is_silent_or_says_otherwise() -> None:
    """Only a replace or a restatement changes a term."""
    ledger = acknowledged()
    ledger.apply(an_execution("E1", **SILENT), where())

    order = order_after(ledger, quantity=shares("5"), limit_price=price("1.00"))

    assert (order.limit_price, order.quantity, order.symbol) == (price("10.00"), shares("1000"), "XYZ")


def test_a_replace_chain_is_one_order_under_its_first_identity() -> None:
    """41 leads to the order that it names by key or by ClOrdID; shares go on adding up."""
    ledger = acknowledged(cl_ord_id="11a")
    ledger.apply(an_execution("E1"), where())

    by_key = order_after(
        ledger, REPLACED, "R1", order_key="O2", previous_key="O1", cl_ord_id="11b", quantity=shares("500")
    )
    by_client = order_after(
        ledger, REPLACED, "R2", order_key="O3", previous_key="11b", cl_ord_id="11c", quantity=shares("400")
    )
    traded = the(Traded, ledger.apply(an_execution("E2", order_key="O3"), where()))

    assert by_key.order_key == by_client.order_key == traded.order.order_key == "O1"
    assert (by_client.quantity, by_client.cl_ord_id) == (shares("400"), "11c")
    assert traded.after.cumulative == shares("200")


def test_an_order_may_get_its_order_id_after_its_first_message() -> None:
    """Pending new carries only 11; the acknowledgement brings 37."""
    ledger = a_ledger()
    ledger.apply(an_order_event(OrderEventKind.PENDING_NEW, "N1", order_key="11a", cl_ord_id="11a"), where())

    order = order_after(ledger, NEW, "N2", order_key="37a", order_id="37a", cl_ord_id="11a")

    assert (order.order_key, order.order_id) == ("11a", "37a")


@pytest.mark.parametrize("other", [{"symbol": "ABC"}, {"side": Side.SELL}])
def test_a_client_id_used_for_another_symbol_or_side_joins_nothing(other: dict[str, object]) -> None:
    """A ClOrdID may be used again for a different order."""
    ledger = acknowledged(cl_ord_id="11a")

    order = order_after(ledger, REPLACED, "R1", order_key="O2", previous_key="11a", cl_ord_id="11b", **other)

    assert order.order_key == "O2"


def test_a_replace_of_something_unknown_is_a_new_order() -> None:
    """What came before was never seen here."""
    order = order_after(a_ledger(), REPLACED, "R1", order_key="O2", previous_key="O1")
    parted = order_after(acknowledged(), REPLACED, "R1", order_key="O2", previous_key="O9")

    assert order.order_key == parted.order_key == "O2"
    assert order.received_at is None


def test_an_order_that_ended_is_not_found_by_its_client_id() -> None:
    """Nothing can replace it any more."""
    ledger = acknowledged(cl_ord_id="11a")
    ledger.apply(an_order_event(OrderEventKind.CANCELED, "X1", cl_ord_id="11a"), where())

    order = order_after(ledger, REPLACED, "R1", order_key="O2", previous_key="11a")

    assert order.order_key == "O2"


def test_a_client_id_taken_over_by_another_order_is_left_to_it() -> None:
    """The end of one order does not unname the other."""
    ledger = acknowledged(cl_ord_id="11a")
    ledger.apply(an_order_event(NEW, "N2", order_key="O2", cl_ord_id="11a"), where())
    ledger.apply(an_order_event(OrderEventKind.CANCELED, "X1", cl_ord_id="11a"), where())

    order = order_after(ledger, REPLACED, "R1", order_key="O3", previous_key="11a")

    assert order.order_key == "O2"


def test_an_order_that_began_and_ended_with_one_message_is_named_by_key_only() -> None:
    """A reject that is all there is."""
    ledger = a_ledger()
    ledger.apply(an_order_event(OrderEventKind.REJECTED, "X1", cl_ord_id="11a"), where())

    again = the(Changed, ledger.apply(an_order_event(NEW, "N2", cl_ord_id="11b"), where())).order

    assert (again.order_key, again.cl_ord_id) == ("O1", "11a")


def test_pending_requests_change_nothing() -> None:
    """A request is not yet an answer."""
    ledger = acknowledged()

    order = order_after(ledger, OrderEventKind.PENDING_REPLACE, "P1", limit_price=price("11.00"))

    assert order.limit_price == price("10.00")


def test_a_new_price_is_judged_by_the_quote_at_its_own_receipt() -> None:
    """A replaced price is a new decision: receipt, executability and marketability begin anew."""
    ledger = acknowledged()
    replace = an_order_event(REPLACED, "R1", limit_price=price("10.01"), transacted_at=seconds(5))

    wanted = ledger.receipt_wanted("demo", replace)
    without = the(Changed, ledger.apply(replace, where())).order
    later = ledger.receipt_wanted("demo", an_execution())
    traded = the(Traded, ledger.apply(an_execution(), where(), a_quote()))

    assert wanted == later == seconds(5)
    assert (without.received_at, without.working_at) == (seconds(5), seconds(5))
    assert (without.marketable, without.receipt.state) == (None, QuoteState.ABSENT)
    assert traded.order.marketable is True


def test_a_replace_of_the_quantity_alone_keeps_the_receipt() -> None:
    """The price was decided when the order was received."""
    ledger = acknowledged()

    order = order_after(ledger, REPLACED, "R1", quantity=shares("700"), transacted_at=seconds(5))

    assert (order.received_at, order.receipt, order.quantity) == (NOON, a_quote(), shares("700"))


def test_a_replace_down_to_what_is_executed_fills_the_order() -> None:
    """Nothing is left to do."""
    ledger = acknowledged()
    ledger.apply(an_execution(), where())

    steps = ledger.apply(an_order_event(REPLACED, "R1", quantity=shares("100")), where())

    assert kinds(steps) == [Changed, Ended]


def test_a_restatement_is_no_new_decision() -> None:
    """150=D at the start of the day restates a multi-day order, with its receipt."""
    ledger = acknowledged()

    order = order_after(ledger, OrderEventKind.RESTATED, "D1", limit_price=price("9.50"))

    assert (order.limit_price, order.received_at) == (price("9.50"), NOON)


def test_an_execution_stands_in_for_a_replace_that_was_never_seen() -> None:
    """It names its predecessor, so its terms are the replacement's; when that was received is not known."""
    ledger = acknowledged()

    order = the(
        Traded,
        ledger.apply(an_execution("E1", order_key="O2", previous_key="O1", limit_price=price("10.05")), where()),
    ).order

    assert (order.order_key, order.limit_price, order.received_at) == ("O1", price("10.05"), None)


def test_a_leg_takes_no_quantity_from_its_reports() -> None:
    """38 on the report of a leg is the package's."""
    ledger = a_ledger()
    leg = {"level": Level.LEG}
    ledger.apply(an_execution("E1", **leg), where())

    order = order_after(ledger, REPLACED, "R1", quantity=shares("7"), **leg)

    assert order.quantity is None


def test_the_vendor_s_time_in_comes_before_the_acknowledgement_s_time() -> None:
    """768/769/770 say when it was received, even on a fill; 60 says so on an acknowledgement only."""
    by_stamp = an_order_event(time_in=seconds(-1))
    on_a_fill = an_execution(time_in=seconds(-2))

    assert receipt_time(by_stamp) == seconds(-1)
    assert receipt_time(on_a_fill) == seconds(-2)
    assert receipt_time(an_order_event(OrderEventKind.PENDING_NEW)) == NOON
    assert receipt_time(an_order_event(OrderEventKind.EXPIRED)) is None


def test_a_stamp_that_cannot_be_believed_is_no_receipt() -> None:
    """A suspect clock gives no reference."""
    assert receipt_time(an_order_event(suspect="60 is after 52")) is None


def test_a_receipt_that_could_not_be_had_is_asked_for_again() -> None:
    """After a restart the order may know when it was received but not the quote."""
    ledger = a_ledger()
    ledger.apply(an_order_event(), where())

    assert ledger.receipt_wanted("demo", an_execution()) == NOON


def test_a_stop_works_from_its_trigger() -> None:
    """Before it the order is not marketable, after it a stop is."""
    ledger = a_ledger()
    stop = {"order_type": OrderType.STOP, "limit_price": None, "stop_price": price("10.10")}
    asleep = the(Changed, ledger.apply(an_order_event(**stop), where(), a_quote())).order

    awake = order_after(ledger, OrderEventKind.TRIGGERED, "T1", transacted_at=seconds(4), **stop)

    assert (asleep.working_at, asleep.marketable) == (None, False)
    assert (awake.working_at, awake.marketable) == (seconds(4), True)


def test_an_order_works_from_the_latest_of_receipt_open_and_trigger() -> None:
    """Each of the three may be the last."""
    stop = Order(order_key="O", order_type=OrderType.STOP_LIMIT, received_at=NOON)
    limit = Order(order_key="O", order_type=OrderType.LIMIT, received_at=NOON)

    assert working_at(limit, None, at_once) == NOON
    assert working_at(limit, None, lambda symbol, at: Nanos(at + 5)) == NOON + 5
    assert working_at(stop, Nanos(NOON + 9), lambda symbol, at: Nanos(at + 5)) == NOON + 9
    assert working_at(stop, Nanos(NOON + 1), lambda symbol, at: Nanos(at + 5)) == NOON + 5
    assert working_at(Order(order_key="O"), None, at_once) is None


@pytest.mark.parametrize(
    ("side", "limit", "expected"),
    [
        (Side.BUY, "10.00", False),
        (Side.BUY, "10.01", True),
        (Side.BUY, "10.02", True),
        (Side.SELL, "10.00", False),
        (Side.SELL_SHORT, "9.99", True),
        (Side.SELL_SHORT_EXEMPT, "9.98", True),
    ],
)
def test_a_limit_order_is_marketable_at_the_far_side_of_the_quote(
    side: Side,
    limit: str,
    expected: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Buy limit at or above the best offer, sell limit at or below the best bid (9.99 / 10.01)."""
    order = Order(order_key="O", order_type=OrderType.LIMIT, side=side, limit_price=price(limit))

    assert is_marketable(order, a_quote()) is expected


def test_marketability_that_cannot_be_known_is_not_guessed() -> None:
    """No usable quote, no limit, no side, a peg, a triggered stop limit: None."""
    limit = Order(order_key="O", order_type=OrderType.LIMIT, side=Side.BUY, limit_price=price("10.00"))
    peg = Order(order_key="O", order_type=OrderType.PEGGED, side=Side.BUY, limit_price=price("10.00"))
    stop_limit = Order(order_key="O", order_type=OrderType.STOP_LIMIT, side=Side.BUY, limit_price=price("10.00"))
    sideless = Order(order_key="O", order_type=OrderType.LIMIT, limit_price=price("10.00"))
    priceless = Order(order_key="O", order_type=OrderType.LIMIT, side=Side.BUY)
    market = Order(order_key="O", order_type=OrderType.MARKET)

    assert is_marketable(limit, a_quote(state="crossed")) is None
    assert is_marketable(limit, a_quote(offer=None)) is None
    assert is_marketable(peg, a_quote()) is None
    assert is_marketable(stop_limit, a_quote(), triggered=True) is None
    assert is_marketable(sideless, a_quote()) is None
    assert is_marketable(priceless, a_quote()) is None
    assert is_marketable(market, a_quote(state="absent", bid=None, offer=None)) is True
