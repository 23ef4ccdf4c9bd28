"""Busts and corrections meet their execution whatever the order they come in, and an orphan is not forgotten."""

from __future__ import annotations

from rules.facts import Level, Nanos, OrderEnd, Side
from service.orders.ledger import Ledger
from service.orders.snapshot import KnownExecution
from service.orders.steps import (
    Busted,
    Corrected,
    Duplicate,
    Ended,
    Orphaned,
    OrphanOverdue,
    Overfilled,
    Restated,
    Traded,
)
from tests.factories import NOON, TRADE_DATE, an_order, length, price, shares
from tests.factories_orders import (
    SESSION,
    a_bust,
    a_correction,
    a_ledger,
    an_execution,
    an_order_event,
    kinds,
    the,
    where,
)

NEXT_DAY = "2026-11-23"


def traded_ledger() -> Ledger:
    """Return a ledger with one execution E1 of 100 shares at 10.00."""
    ledger = a_ledger()
    ledger.apply(an_execution(), where())
    return ledger


def cumulative(ledger: Ledger) -> int:
    """Return what the order O1 has executed now."""
    (life,) = (life for life in ledger._books["demo"].lives() if life.order.order_key == "O1")
    return life.executed


def test_a_bust_takes_the_shares_away() -> None:
    """The order is recomputed from its live executions."""
    steps = traded_ledger().apply(a_bust(), where(offset=2))

    busted = the(Busted, steps)
    assert busted.execution_id == f"demo/{TRADE_DATE}/E1"
    assert (busted.before.cumulative, busted.after.cumulative) == (shares("100"), 0)
    assert (busted.live, busted.was_quantity, busted.was_price) == (False, shares("100"), price("10.00"))
    assert (busted.executed_at, busted.where.offset) == (NOON, 2)


def test_a_correction_changes_quantity_price_and_venue() -> None:
    """The corrected values count from now on."""
    steps = traded_ledger().apply(a_correction(filled="60", at_price="9.90", venue="IEXG"), where())

    corrected = the(Corrected, steps)
    assert (corrected.quantity, corrected.price, corrected.venue) == (shares("60"), price("9.90"), "IEXG")
    assert (corrected.live, corrected.after.cumulative) == (True, shares("60"))


def test_a_bust_twice_is_a_duplicate() -> None:
    """Busts are keyed like executions."""
    ledger = traded_ledger()
    ledger.apply(a_bust(), where())

    steps = ledger.apply(a_bust(), where())

    assert kinds(steps) == [Duplicate]


def test_a_second_bust_of_the_same_execution_changes_nothing_more() -> None:
    """What is not live cannot be taken away."""
    ledger = traded_ledger()
    ledger.apply(a_bust(), where())

    busted = the(Busted, ledger.apply(a_bust(exec_id="B2"), where()))

    assert (busted.was_quantity, busted.after.cumulative) == (0, 0)


def test_a_chain_may_point_at_a_correction() -> None:
    """19 may name the correction's ExecID; the execution is still the first one."""
    ledger = traded_ledger()
    ledger.apply(a_correction(), where())

    busted = the(Busted, ledger.apply(a_bust("C1"), where()))

    assert busted.execution_id == f"demo/{TRADE_DATE}/E1"
    assert busted.after.cumulative == 0


def test_a_correction_of_a_bust_brings_the_trade_back() -> None:
    """Some vendors bust and then correct what they busted, naming the bust."""
    ledger = traded_ledger()
    ledger.apply(a_bust(), where())

    corrected = the(Corrected, ledger.apply(a_correction("B1"), where()))

    assert (corrected.live, corrected.after.cumulative) == (True, shares("60"))


def test_a_bust_wins_over_a_correction_of_the_same_execution() -> None:
    """Whichever comes first: what was busted did not happen."""
    bust_first, correction_first = traded_ledger(), traded_ledger()
    bust_first.apply(a_bust(), where())
    correction_first.apply(a_correction(), where())

    late_correction = the(Corrected, bust_first.apply(a_correction(), where()))
    correction_first.apply(a_bust(), where())

    assert late_correction.live is False
    assert cumulative(bust_first) == cumulative(correction_first) == 0


def test_the_latest_of_two_corrections_counts() -> None:
    """Both name the execution: the later one has the last word."""
    ledger = traded_ledger()
    ledger.apply(a_correction(exec_id="C1", filled="60"), where())

    ledger.apply(a_correction(exec_id="C2", filled="70"), where())

    assert cumulative(ledger) == shares("70")


def test_a_vendor_may_reuse_the_execution_s_own_id() -> None:
    """A bust under the same ExecID ends its line; a correction of the execution does not hang on it."""
    ledger = traded_ledger()
    ledger.apply(a_bust(exec_id="E1", key="bust of E1"), where())

    ledger.apply(a_correction(), where())

    assert cumulative(ledger) == 0


def test_both_sides_of_a_self_cross_may_be_busted_under_their_own_id() -> None:
    """However often the id is used, it leads to each of them once."""
    ledger = a_ledger()
    sell = {"order_key": "O2", "side": Side.SELL}
    ledger.apply(an_execution(key="E1 buy"), where())
    ledger.apply(an_execution(key="E1 sell", **sell), where())
    ledger.apply(a_bust(exec_id="E1", key="bust of the sell", **sell), where())

    busted = the(Busted, ledger.apply(a_bust(exec_id="E1", key="bust of the buy"), where()))

    assert busted.execution_id == f"demo/{TRADE_DATE}/E1 buy"
    assert cumulative(ledger) == 0


def test_a_bust_without_an_exec_id_is_applied() -> None:
    """It can only not be named by others."""
    ledger = traded_ledger()

    steps = ledger.apply(a_bust(exec_id=None), where())

    assert the(Busted, steps).after.cumulative == 0


def test_a_bust_before_its_execution_is_held_and_applied_when_that_arrives() -> None:
    """Recovery may turn the order around; the bust keeps its own place in the journal."""
    ledger = a_ledger()

    held = ledger.apply(a_bust(), where(offset=1))
    steps = ledger.apply(an_execution(), where(offset=2))

    assert kinds(held) == [Orphaned]
    assert kinds(steps) == [Traded, Busted]
    assert the(Busted, steps).where.offset == 1
    assert (the(Traded, steps).after.cumulative, the(Busted, steps).after.cumulative) == (shares("100"), 0)
    assert ledger.deadline() is None


def test_a_chain_that_arrives_backwards_unrolls() -> None:
    """A correction of a correction waits for both."""
    ledger = a_ledger()
    ledger.apply(a_correction("C1", exec_id="C2", filled="80"), where())
    ledger.apply(a_correction("E1", exec_id="C1", filled="60"), where())

    steps = ledger.apply(an_execution(), where())

    assert kinds(steps) == [Traded, Corrected, Corrected]
    assert cumulative(ledger) == shares("80")


def test_a_filled_order_whose_bust_was_waiting_does_not_end() -> None:
    """The bust is applied before the end is judged."""
    ledger = a_ledger()
    ledger.apply(a_bust(), where())

    steps = ledger.apply(an_execution(filled="1000"), where())

    assert kinds(steps) == [Traded, Busted]


def test_an_orphan_is_raised_once_when_its_time_is_up_and_stays_held() -> None:
    """Nothing is lost while it waits, and nobody is told twice."""
    ledger = a_ledger(orphan_after=length("5 min"))
    ledger.apply(a_bust(), where(offset=3))
    due = Nanos(NOON + length("5 min"))

    early = ledger.tick(Nanos(due - 1))
    raised = ledger.tick(due)
    again = ledger.tick(Nanos(due + 1))
    steps = ledger.apply(an_execution(), where(offset=4))

    assert (early, again) == ((), ())
    assert [(one.due, one.where.offset) for one in raised] == [(due, 3)]
    assert isinstance(raised[0], OrphanOverdue)
    assert kinds(steps) == [Traded, Busted]


def test_the_next_deadline_is_the_earliest_of_those_that_wait() -> None:
    """The shell is told when time alone will change something."""
    ledger = a_ledger(orphan_after=length("1 s"))
    ledger.apply(a_bust("E8", exec_id="B8"), where(clock=Nanos(NOON + 7)))
    ledger.apply(a_bust("E9", exec_id="B9"), where())

    assert ledger.deadline() == NOON + length("1 s")


def test_a_bust_of_a_later_day_meets_the_execution_of_an_earlier_one() -> None:
    """The day of a bust may be its own."""
    ledger = traded_ledger()

    steps = ledger.apply(a_bust(trade_date=NEXT_DAY), where())

    assert the(Busted, steps).execution_id == f"demo/{TRADE_DATE}/E1"


def test_a_held_bust_does_not_hit_the_same_id_of_a_later_day() -> None:
    """ExecIDs may begin anew every morning; a bust never precedes the trade date of its execution."""
    ledger = a_ledger()
    ledger.apply(a_bust(), where())

    steps = ledger.apply(an_execution(trade_date=NEXT_DAY), where())

    assert kinds(steps) == [Traded]
    assert ledger.deadline() is not None


def test_both_sides_of_a_self_cross_share_an_id_and_the_bust_finds_its_own() -> None:
    """Side and order tell which of the two 19 means."""
    ledger = a_ledger()
    ledger.apply(an_execution(key="E1 buy", order_key="O1"), where())
    ledger.apply(an_execution(key="E1 sell", order_key="O2", side=Side.SELL), where())

    busted = the(Busted, ledger.apply(a_bust(order_key="O2", side=Side.SELL), where()))

    assert busted.execution_id == f"demo/{TRADE_DATE}/E1 sell"


def test_a_bust_of_a_self_cross_that_does_not_say_which_side_is_held() -> None:
    """Guessing would bust the wrong customer's trade."""
    ledger = a_ledger()
    ledger.apply(an_execution(key="E1 buy", order_key="O1"), where())
    ledger.apply(an_execution(key="E1 sell", order_key="O2"), where())

    steps = ledger.apply(a_bust(order_key="O3", side=None), where())

    assert kinds(steps) == [Orphaned]


def test_two_executions_of_one_order_under_one_id_are_told_by_the_order() -> None:
    """Where the dialect adds the venue to the key, the first of the order's is hit."""
    ledger = a_ledger()
    ledger.apply(an_execution(key="E1 XNYS"), where())
    ledger.apply(an_execution(key="E1 IEXG", venue="IEXG"), where())
    ledger.apply(an_execution(key="E1 other", order_key="O2"), where())

    busted = the(Busted, ledger.apply(a_bust(), where()))

    assert busted.execution_id == f"demo/{TRADE_DATE}/E1 XNYS"


def test_a_correction_that_goes_over_the_order_is_an_overfill() -> None:
    """Live shares count, wherever they come from; an order that is complete ends."""
    ledger = traded_ledger()

    steps = ledger.apply(a_correction(filled="1100"), where())
    down = ledger.apply(a_correction("C1", exec_id="C2", filled="1050"), where())

    assert kinds(steps) == [Corrected, Overfilled, Ended]
    assert the(Ended, steps).outcome.end is OrderEnd.FILLED
    assert kinds(down) == [Corrected, Restated]


def a_known_execution(**named: object) -> KnownExecution:
    """Return E1 of a yesterday that is no longer in memory: 100 of the 300 shares of a filled order."""
    fields = {
        "trade_date": "2026-11-19",
        "key": "2026-11-19|E1",
        "exec_id": "E1",
        "content_hash": b"h",
        "order": an_order(order_key="O1", quantity="300"),
        "session": SESSION,
        "quantity": shares("100"),
        "price": price("10.00"),
        "venue": "XNYS",
        "executed_at": NOON,
        "by_venue": (("XNYS", shares("100")), ("IEXG", shares("200"))),
        "notional": shares("300") * price("10.00"),
        "end": OrderEnd.FILLED,
        "ended_at": NOON,
        "ended_on": "2026-11-19",
    }
    return KnownExecution(**(fields | named))  # type: ignore[arg-type]


def test_an_execution_of_a_forgotten_day_can_be_loaded_and_busted() -> None:
    """The ledger says what it misses, and counts with the totals that the store gave."""
    ledger = a_ledger()
    bust = a_bust()

    missing = ledger.missing_execution("demo", bust)
    ledger.load_execution("demo", a_known_execution())
    found = ledger.missing_execution("demo", bust)
    steps = ledger.apply(bust, where())

    assert (missing, found) == ("E1", None)
    assert the(Busted, steps).execution_id == "demo/2026-11-19/E1"
    restated = the(Restated, steps).outcome
    assert (restated.executed, restated.venues) == (shares("200"), ("IEXG",))
    assert restated.trade_date == "2026-11-19"


def test_only_busts_and_corrections_miss_executions() -> None:
    """Trades and order events name none."""
    assert a_ledger().missing_execution("demo", an_order_event()) is None


def test_loading_an_execution_twice_changes_nothing() -> None:
    """Nor does loading one whose order is in memory count its shares again."""
    ledger = a_ledger()
    ledger.load_execution("demo", a_known_execution())
    ledger.load_execution("demo", a_known_execution())

    ledger.load_execution("demo", a_known_execution(key="2026-11-19|E2", exec_id="E2"))

    assert cumulative(ledger) == shares("300")


def test_a_leg_of_a_forgotten_day_is_found_by_its_symbol_and_side() -> None:
    """Legs share their package's key."""
    ledger = a_ledger()
    leg = an_order(order_key="O1", level=Level.LEG, symbol="ABC")
    ledger.load_execution("demo", a_known_execution(order=leg))

    steps = ledger.apply(a_bust(level=Level.LEG, symbol="ABC"), where())

    assert kinds(steps) == [Busted]


def test_orphans_of_forgotten_days_are_dropped_and_later_ones_kept() -> None:
    """What was raised long ago needs no memory."""
    ledger = a_ledger()
    ledger.apply(a_bust("E8", exec_id="B8"), where())
    ledger.apply(a_bust("E9", exec_id="B9", trade_date=NEXT_DAY), where(clock=Nanos(NOON + 9)))

    ledger.forget(NEXT_DAY)

    assert ledger.deadline() == NOON + 9 + length("5 min")
