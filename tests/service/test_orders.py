"""The ledger tells duplicates from news, keeps each order's life, and says how it ended."""

from __future__ import annotations

from rules.facts import Level, Nanos, OrderEnd, OrderEventKind, Quantity, QuoteState, Side, TimeInForce
from service.orders.steps import (
    Busted,
    Changed,
    Conflict,
    Duplicate,
    Ended,
    Overfilled,
    Restated,
    Traded,
)
from tests.factories import NOON, TRADE_DATE, a_quote, price, shares
from tests.factories_orders import (
    a_bust,
    a_ledger,
    an_execution,
    an_order_event,
    kinds,
    seconds,
    the,
    where,
)

NEXT_DAY = "2026-11-23"


def test_the_same_message_twice_is_a_duplicate() -> None:
    """A copy with the same key and content changes nothing, whatever its sequence and flags."""
    ledger = a_ledger()
    ledger.apply(an_execution(), where())

    steps = ledger.apply(an_execution(sequence=9, poss_dup=True), where(offset=2))

    assert steps == (Duplicate(key=f"{TRADE_DATE}|E1"),)


def test_the_same_key_with_other_content_is_a_conflict_and_changes_nothing() -> None:
    """The first copy wins; the second is something that somebody must look at."""
    ledger = a_ledger()
    ledger.apply(an_execution(), where())

    steps = ledger.apply(an_execution(filled="200"), where(offset=2))

    assert kinds(steps) == [Conflict]
    assert the(Traded, ledger.apply(an_execution("E2"), where())).before.cumulative == shares("100")


def test_an_order_event_is_recognised_again_too() -> None:
    """Order events are keyed like executions."""
    ledger = a_ledger()
    ledger.apply(an_order_event(), where())

    steps = ledger.apply(an_order_event(), where(offset=2))

    assert kinds(steps) == [Duplicate]


def test_a_message_without_a_key_is_known_by_its_content() -> None:
    """Where the dialect gives no key, the same content is the same message."""
    ledger = a_ledger()

    first = ledger.apply(an_order_event(exec_id=None), where())
    again = ledger.apply(an_order_event(exec_id=None), where(offset=2))

    assert kinds(first) == [Changed]
    assert kinds(again) == [Duplicate]


def test_an_execution_without_an_exec_id_is_counted() -> None:
    """Nothing is lost for want of an ExecID."""
    steps = a_ledger().apply(an_execution(exec_id=None), where())

    assert the(Traded, steps).after.cumulative == shares("100")


def test_a_resend_of_the_evening_before_is_known_from_the_loaded_keys() -> None:
    """Keys of a day that is not in memory come from the store, by the trade date of the message."""
    ledger = a_ledger()
    late = an_execution(trade_date="2026-11-19")

    missing = ledger.missing_days("demo", late)
    ledger.load_keys("demo", "2026-11-19", {"2026-11-19|E1": late.content_hash})
    steps = ledger.apply(late, where())

    assert missing == ("2026-11-19",)
    assert kinds(steps) == [Duplicate]
    assert ledger.missing_days("demo", late) == ()


def test_counterparties_do_not_meet() -> None:
    """The same ExecID of two counterparties is two executions."""
    ledger = a_ledger()
    ledger.apply(an_execution(), where())

    steps = ledger.apply(an_execution(), where(counterparty="other"))

    assert the(Traded, steps).execution_id == f"other/{TRADE_DATE}/E1"


def test_executions_add_up() -> None:
    """An order's cumulative quantity is the sum of its executions, never the claim of tag 14."""
    ledger = a_ledger()
    ledger.apply(an_order_event(), where())
    ledger.apply(an_execution("E1", filled="300"), where())

    traded = the(Traded, ledger.apply(an_execution("E2", filled="200"), where()))

    assert (traded.before.cumulative, traded.after.cumulative) == (shares("300"), shares("500"))
    assert (traded.before.leaves, traded.after.leaves) == (shares("700"), shares("500"))
    assert traded.execution_id == f"demo/{TRADE_DATE}/E2"


def test_an_order_ends_when_it_is_filled() -> None:
    """The last share ends the order, with what it came to."""
    ledger = a_ledger()
    ledger.apply(an_execution("E1", filled="400", at_price="10.00", venue="XNYS"), where())

    steps = ledger.apply(an_execution("E2", filled="600", at_price="10.01", venue="IEXG"), where(offset=7))

    outcome = the(Ended, steps).outcome
    assert (outcome.end, outcome.at, outcome.offset) == (OrderEnd.FILLED, NOON, 7)
    assert (outcome.ordered, outcome.executed) == (shares("1000"), shares("1000"))
    assert outcome.average_price == price("10.006")
    assert (outcome.venue, outcome.venues) == ("IEXG", ("XNYS", "IEXG"))
    assert outcome.venue_shares == (shares("400"), shares("600"))
    assert outcome.notional == shares("400") * price("10.00") + shares("600") * price("10.01")


def test_of_equal_venues_the_first_touched_counts() -> None:
    """A tie has one answer in every replay."""
    ledger = a_ledger()
    ledger.apply(an_execution("E1", filled="500", venue="XNYS"), where())

    steps = ledger.apply(an_execution("E2", filled="500", venue="IEXG"), where())

    assert the(Ended, steps).outcome.venue == "XNYS"


def test_the_average_price_is_rounded_to_the_nearest_for_either_sign() -> None:
    """Legs of a package may trade below zero."""
    ledger = a_ledger()
    ledger.apply(an_execution("E1", filled="1", at_price="0.01", quantity=shares("3")), where())
    ledger.apply(an_execution("E2", filled="1", at_price="0.01"), where())
    below = an_execution("E3", filled="1", order_key="O2", quantity=shares("1"))
    negative = type(below)(**{name: getattr(below, name) for name in below.__struct_fields__} | {"price": -5})

    positive_end = ledger.apply(an_execution("E4", filled="1", at_price="0.02"), where())
    negative_end = ledger.apply(negative, where())

    assert the(Ended, positive_end).outcome.average_price == 13_333_333
    assert the(Ended, negative_end).outcome.average_price == -5


def test_more_than_was_ordered_is_said() -> None:
    """Live shares beyond the order are an overfill, with the execution that went over."""
    ledger = a_ledger()
    ledger.apply(an_execution("E1", filled="900"), where())

    steps = ledger.apply(an_execution("E2", filled="200"), where())

    assert kinds(steps) == [Traded, Overfilled, Ended]
    overfilled = the(Overfilled, steps)
    assert (overfilled.ordered, overfilled.cumulative) == (shares("1000"), shares("1100"))
    assert overfilled.execution_id == f"demo/{TRADE_DATE}/E2"


def test_a_cancel_by_the_customer_is_told_from_one_by_the_router() -> None:
    """Customer cancels stay apart in every fill rate."""
    ledger = a_ledger()
    ledger.apply(an_order_event(), where())
    ledger.apply(an_order_event(exec_id="N2", order_key="O2"), where())
    cancel = OrderEventKind.CANCELED

    router = ledger.apply(an_order_event(cancel, "X1"), where())
    customer = ledger.apply(an_order_event(cancel, "X2", order_key="O2", by_customer=True), where())

    assert the(Ended, router).outcome.end is OrderEnd.CANCELED
    assert the(Ended, customer).outcome.end is OrderEnd.CANCELED_BY_CUSTOMER


def test_an_order_without_fills_is_counted_under_the_venue_of_its_events() -> None:
    """Of its fills, else of its events, else unknown."""
    ledger = a_ledger()
    ledger.apply(an_order_event(venue="IEXG"), where())

    named = ledger.apply(an_order_event(OrderEventKind.REJECTED, "X1"), where())
    unnamed = ledger.apply(an_order_event(OrderEventKind.EXPIRED, "X2", order_key="O2"), where())

    assert (the(Ended, named).outcome.venue, the(Ended, named).outcome.venues) == ("IEXG", ())
    assert the(Ended, unnamed).outcome.venue == "venue_unknown"


def test_a_second_end_is_only_a_change() -> None:
    """An order ends once."""
    ledger = a_ledger()
    ledger.apply(an_order_event(OrderEventKind.CANCELED, "X1"), where())

    steps = ledger.apply(an_order_event(OrderEventKind.EXPIRED, "X2"), where())

    assert kinds(steps) == [Changed]


def test_a_multi_day_order_outlives_done_for_day_and_the_close() -> None:
    """Done for day ends a DAY order only."""
    ledger = a_ledger()
    gtc = TimeInForce.GTC
    ledger.apply(an_order_event(time_in_force=gtc), where())

    done = ledger.apply(an_order_event(OrderEventKind.DONE_FOR_DAY, "X1", time_in_force=gtc), where())
    closed = ledger.close(TRADE_DATE, NOON, where())

    assert kinds(done) == [Changed]
    assert closed == ()


def test_done_for_day_ends_a_day_order() -> None:
    """A DAY order that is done for the day is done."""
    steps = a_ledger().apply(an_order_event(OrderEventKind.DONE_FOR_DAY, "X1"), where())

    assert the(Ended, steps).outcome.end is OrderEnd.DONE_FOR_DAY


def test_the_close_ends_a_day_order_and_says_that_it_did() -> None:
    """An order without a final message ends at the close, synthesised and marked."""
    ledger = a_ledger()
    ledger.apply(an_execution(), where())

    (ended,) = ledger.close(TRADE_DATE, seconds(9), where(offset=5, counterparty=""))

    assert (ended.outcome.end, ended.outcome.synthesised) == (OrderEnd.CLOSE, True)
    assert (ended.outcome.counterparty, ended.outcome.at) == ("demo", seconds(9))
    assert ended.outcome.executed == shares("100")


def test_the_close_leaves_later_days_other_counterparties_and_ended_orders_alone() -> None:
    """Only orders last seen on that day or before, of the counterparty that is named."""
    ledger = a_ledger()
    ledger.apply(an_order_event(OrderEventKind.CANCELED, "X1"), where())
    ledger.apply(an_order_event(exec_id="N2", order_key="O2", trade_date=NEXT_DAY), where())
    ledger.apply(an_order_event(), where(counterparty="other"))

    closed = ledger.close(TRADE_DATE, NOON, where())

    assert closed == ()


def test_the_real_end_replaces_a_synthesised_one() -> None:
    """A final message that comes after the close restates the outcome."""
    ledger = a_ledger()
    ledger.apply(an_order_event(), where())
    ledger.close(TRADE_DATE, seconds(9), where())

    steps = ledger.apply(an_order_event(OrderEventKind.CANCELED, "X1"), where())

    restated = the(Restated, steps).outcome
    assert (restated.end, restated.synthesised) == (OrderEnd.CANCELED, False)


def test_a_fill_after_the_end_restates_the_outcome() -> None:
    """Late fills are not counted twice: they are another kind of step."""
    ledger = a_ledger()
    ledger.apply(an_order_event(OrderEventKind.CANCELED, "X1"), where())

    steps = ledger.apply(an_execution(), where())

    assert kinds(steps) == [Traded, Restated]
    assert the(Restated, steps).outcome.executed == shares("100")


def test_an_order_of_unknown_size_is_judged_by_what_was_executed() -> None:
    """A copy may never say what was ordered: then nothing can be said to be missing."""
    ledger = a_ledger()
    traded = the(Traded, ledger.apply(an_execution(quantity=None), where()))

    (ended,) = ledger.close(TRADE_DATE, NOON, where())

    assert traded.after.leaves is None
    assert ended.outcome.ordered == ended.outcome.executed == shares("100")


def test_an_order_of_which_nothing_is_known_has_no_outcome() -> None:
    """There is nothing to divide by."""
    ledger = a_ledger()
    ledger.apply(an_order_event(quantity=None), where())

    steps = ledger.apply(an_order_event(OrderEventKind.CANCELED, "X1", quantity=None), where())
    late = ledger.apply(an_order_event(OrderEventKind.CANCELED, "X2", quantity=None), where())

    assert kinds(steps) == kinds(late) == [Changed]


def test_a_fill_that_an_order_event_hid_is_both() -> None:
    """A cancel that carries shares is a trade and a cancel."""
    steps = a_ledger().apply(an_execution(order_event=OrderEventKind.CANCELED), where())

    assert kinds(steps) == [Traded, Changed, Ended]
    assert the(Changed, steps).key is None
    assert the(Ended, steps).outcome.end is OrderEnd.CANCELED


def test_each_share_counts_at_its_own_level() -> None:
    """A parent's roll-up fill and its child's fill under one order id do not add up."""
    ledger = a_ledger()
    ledger.apply(an_execution("P1", level=Level.PARENT), where())

    traded = the(Traded, ledger.apply(an_execution("E1", level=Level.CHILD), where()))

    assert traded.after.cumulative == shares("100")


def test_legs_of_one_package_are_apart_and_have_no_outcome() -> None:
    """Legs share ids and the package's quantity; the outcome is the package's."""
    ledger = a_ledger()
    size, leg = shares("10"), Level.LEG
    ledger.apply(an_execution("L1", level=leg, symbol="ABC", quantity=size, filled="20"), where())

    steps = ledger.apply(
        an_execution("L2", level=leg, symbol="XYZ", side=Side.SELL, quantity=size, filled="30"), where()
    )
    package = ledger.apply(
        an_execution("P1", level=Level.PACKAGE, quantity=size, filled="10", symbol="ABC/XYZ"), where()
    )
    closed = ledger.close(TRADE_DATE, NOON, where())

    assert (kinds(steps), the(Traded, steps).after.cumulative) == ([Traded], shares("30"))
    assert kinds(package) == [Traded, Ended]
    assert closed == ()


def test_the_end_is_timed_by_the_best_stamp_there_is() -> None:
    """The execution's own stamp, else 60, else 52, else our clock."""
    ledger = a_ledger()
    all_of_it = {"filled": "1000"}

    by_stamp = ledger.apply(an_execution("E1", executed=seconds(1), **all_of_it), where())
    by_sending = ledger.apply(
        an_execution("E2", order_key="O2", transacted_at=None, sent_at=seconds(2), **all_of_it), where()
    )
    by_us = ledger.apply(an_execution("E3", order_key="O3", transacted_at=None, **all_of_it), where(clock=seconds(3)))

    ends = [the(Ended, steps).outcome.at for steps in (by_stamp, by_sending, by_us)]
    assert ends == [seconds(1), seconds(2), seconds(3)]


def test_the_quote_at_receipt_is_asked_for_once_and_kept() -> None:
    """The acknowledgement asks for it; it stays with the order and says whether that was marketable."""
    ledger = a_ledger()
    quote = a_quote(bid="9.99", offer="10.00")

    wanted = ledger.receipt_wanted("demo", an_order_event())
    changed = the(Changed, ledger.apply(an_order_event(), where(), quote))
    again = ledger.receipt_wanted("demo", an_execution())
    traded = the(Traded, ledger.apply(an_execution(), where()))

    assert (wanted, again) == (NOON, None)
    assert (changed.order.receipt, changed.order.marketable) == (quote, True)
    assert traded.order.receipt == quote


def test_a_copy_with_fills_only_has_no_receipt() -> None:
    """The quote at execution never takes its place."""
    ledger = a_ledger()

    wanted = ledger.receipt_wanted("demo", an_execution())
    order = the(Traded, ledger.apply(an_execution(), where())).order

    assert wanted is None
    assert (order.received_at, order.receipt.state) == (None, QuoteState.ABSENT)


def test_a_bust_asks_for_no_receipt() -> None:
    """It has none."""
    assert a_ledger().receipt_wanted("demo", a_bust()) is None


def test_what_a_message_is_about_can_be_asked_before_it_is_applied() -> None:
    """Symbol and time of the execution that a bust names, for the quotes to be fetched."""
    ledger = a_ledger()
    ledger.apply(an_execution(executed=seconds(1), symbol="ABC"), where())
    silent = a_bust(symbol=None)

    known = (ledger.symbol("demo", silent), ledger.executed_at("demo", silent))
    by_order = ledger.symbol("demo", an_execution("E2", symbol=None))
    unknown = (
        ledger.symbol("demo", a_bust("E9", symbol=None, order_key="O9")),
        ledger.executed_at("demo", a_bust("E9")),
    )
    stranger = ledger.symbol("demo", an_execution("E3", order_key="O9", symbol="NEW"))

    assert known == ("ABC", seconds(1))
    assert by_order == "ABC"
    assert unknown == ("", None)
    assert stranger == "NEW"


def test_orders_that_ended_are_forgotten_with_their_day_and_open_ones_are_not() -> None:
    """Memory is bounded by the days that are kept; a GTC order stays whatever its date."""
    ledger = a_ledger()
    gtc = TimeInForce.GTC
    ledger.apply(an_execution("E1", order_key="A", time_in_force=gtc), where())
    ledger.apply(an_execution("E2", order_key="B", filled="1000"), where())

    ledger.forget(NEXT_DAY)
    lives = [life.order.order_key for life in ledger._books["demo"].lives()]
    more = an_execution("E3", order_key="A", trade_date=NEXT_DAY)

    assert lives == ["A"]
    assert the(Traded, ledger.apply(more, where())).after.cumulative == shares("200")


def test_a_key_that_comes_back_on_another_day_is_another_order() -> None:
    """Counters start again every morning."""
    ledger = a_ledger()
    ledger.apply(an_execution("E1", filled="1000"), where())

    traded = the(Traded, ledger.apply(an_execution("E1", trade_date=NEXT_DAY), where()))

    assert traded.after.cumulative == shares("100")


def test_a_bust_undoes_the_end_only_in_the_restated_outcome() -> None:
    """A filled order whose fill is busted is stated anew, not reopened."""
    ledger = a_ledger()
    ledger.apply(an_execution("E1", filled="1000"), where())

    steps = ledger.apply(a_bust(), where())

    assert kinds(steps) == [Busted, Restated]
    restated = the(Restated, steps).outcome
    assert (restated.executed, restated.average_price, restated.venues) == (Quantity(0), None, ())


def test_the_clock_of_the_market_moves_when_an_order_could_work() -> None:
    """An order received before the open works from the open on."""
    ledger = a_ledger(opening=lambda symbol, at: Nanos(max(at, seconds(30))))

    order = the(Changed, ledger.apply(an_order_event(), where())).order

    assert (order.received_at, order.working_at) == (NOON, seconds(30))
