"""The marks to come: when each is due, what a bust and a correction change, and what a snapshot keeps."""

from __future__ import annotations

from typing import Any

import msgspec

from rules.facts import MILLISECOND, SECOND, Markout, Nanos
from service.market.calendar import ALWAYS, Session, TradingCalendar
from service.market.tape import absent
from service.marks import GRAIN, HORIZONS, Marks, Waiting, wanted
from service.orders.steps import Where
from service.processed import Decision
from tests.factories import NOON, a_quote, price
from tests.factories_store import a_recorded_fill, an_amendment

ALL = Nanos(NOON + 600 * SECOND)


def after_noon(milliseconds: float) -> Nanos:
    """Return the instant so many milliseconds after noon."""
    return Nanos(NOON + int(milliseconds * MILLISECOND))


def some_marks(*offsets: int, calendar: TradingCalendar = ALWAYS, **named: Any) -> Marks:
    """Return the marks that executions at noon wait for, one at each offset."""
    marks = Marks()
    fills = [a_recorded_fill(offset, **{"executed_at": NOON, "clock": NOON} | named) for offset in offsets]
    marks.follow(fills, (), "XYZ", calendar)
    return marks


def take(marks: Marks, clock: Nanos, *quotes: Any) -> list[Markout]:
    """Take what is due at this clock, with these quotes, or one cent up for each."""
    due = marks.due(clock)
    answered = quotes or tuple(a_quote("10.00", "10.02") for _ in wanted(due))
    made: list[Markout] = []
    marks.take(due, wanted(due), Decision(marks=answered, mark=clock, reason="mark"), where(clock), made)
    return made


def where(clock: Nanos) -> Where:
    """Return the place of a record at this clock."""
    return Where(offset=99, counterparty="", session="", received_at=clock, clock=clock)


def test_each_mark_is_due_a_while_after_its_instant() -> None:
    """The first at 50 ms + 250 ms; at each only what has come so far."""
    marks = some_marks(1)

    taken = [[mark.horizon for mark in take(marks, after_noon(ms))] for ms in (299, 300, 1_249, 15_250, 600_000)]

    assert taken == [[], [HORIZONS[0]], [], list(HORIZONS[1:3]), list(HORIZONS[3:])]
    assert (marks.deadline(), marks.end()) == (None, None)


def test_marks_ask_for_the_symbol_at_the_instant_itself() -> None:
    """Not for when they happen to be due."""
    marks = some_marks(1)

    asked = wanted(marks.due(ALL))

    assert [(one.symbol, one.at) for one in asked] == [("XYZ", NOON + horizon) for horizon in HORIZONS]


def test_marks_of_one_grain_come_together_in_the_order_of_their_executions() -> None:
    """Those that became due before come before."""
    marks = some_marks(1, 2)
    marks.follow([a_recorded_fill(3, executed_at=after_noon(-30), clock=NOON)], (), "XYZ", ALWAYS)

    assert [mark.execution_id for mark in take(marks, after_noon(300))] == ["E3", "E1", "E2"]


def test_a_tick_is_asked_for_on_a_coarser_grain() -> None:
    """Rare enough for the journal, and never before the marks are due."""
    marks = some_marks(1, executed_at=after_noon(30))

    assert marks._order == [after_noon(350)]
    assert marks.deadline() == after_noon(500)


def test_what_comes_long_after_its_instants_is_due_with_the_next_grain() -> None:
    """Not at once, so that a bunch of late reports makes one bunch of marks."""
    marks = some_marks(1, executed_at=Nanos(NOON - 3_600 * SECOND), clock=NOON)

    assert marks.due(NOON) == ()
    assert len(wanted(marks.due(Nanos(NOON + GRAIN)))) == len(HORIZONS)


def test_the_end_is_when_the_last_of_all_marks_is_due() -> None:
    """Also of one whose instants are long over."""
    marks = some_marks(1)
    late = some_marks(1, executed_at=Nanos(NOON - 3_600 * SECOND), clock=NOON)

    assert marks.end() == after_noon(300_250)
    assert late.end() == NOON + GRAIN
    assert len(take(marks, after_noon(300_250))) == len(HORIZONS)


def test_the_numbers_hang_together() -> None:
    """A buy at 10.01 on 9.99 / 10.01, the market one cent up."""
    (mark,) = take(some_marks(1), after_noon(300), a_quote("10.00", "10.02"))

    assert mark.realized_spread == 0
    assert (mark.price_impact, mark.delay_cost, mark.post_trade_impact) == (price("0.02"), 0, price("0.02"))
    assert (mark.price, mark.at, mark.past_close) == (price("10.01"), after_noon(50), False)
    assert (mark.offset, mark.execution_offset, mark.not_evaluated_reason) == (99, 1, None)
    assert (mark.source_mark, mark.released) == (after_noon(300), "mark")


def test_a_mark_that_cannot_be_used_says_why() -> None:
    """And so does one that nobody answered."""
    marks = some_marks(1)

    (unusable,) = take(marks, after_noon(300), a_quote(state="crossed"))
    unanswered: list[Markout] = []
    due = marks.due(after_noon(1_250))
    marks.take(due, wanted(due), None, where(after_noon(1_250)), unanswered)

    assert (unusable.realized_spread, unusable.not_evaluated_reason) == (None, "mark crossed")
    assert unanswered[0].not_evaluated_reason == "mark absent: not recorded"


def test_what_a_reference_quote_lacks_is_said_beside_the_realized_spread() -> None:
    """A copy of fills only has no receipt."""
    measures = msgspec.structs.replace(
        a_recorded_fill(1).fill.measures, not_evaluated_reason="receipt absent: no receipt time"
    )
    marks = some_marks(1, receipt=absent("no receipt time"), measures=measures)

    (mark,) = take(marks, after_noon(300))

    assert (mark.realized_spread, mark.price_impact, mark.post_trade_impact) == (0, None, price("0.02"))
    assert mark.not_evaluated_reason == "receipt absent: no receipt time"


def test_past_the_close_the_last_instant_of_regular_hours_counts() -> None:
    """And the mark says so."""
    hours = Session("2026-11-20", Nanos(NOON - SECOND), Nanos(NOON + SECOND))
    marks = some_marks(1, calendar=TradingCalendar(name="X", kind="sessions", sessions=(hours,)))

    taken = take(marks, ALL)

    assert [mark.at for mark in taken] == [after_noon(50)] + 4 * [Nanos(NOON + SECOND - 1)]
    assert [mark.past_close for mark in taken] == [False, True, True, True, True]
    assert [mark.horizon for mark in taken] == list(HORIZONS)


def test_a_bust_drops_the_marks_to_come_and_leaves_those_that_were_taken() -> None:
    """The others of its grain stay."""
    marks = some_marks(1, 2)
    before = take(marks, after_noon(300))

    marks.follow((), [an_amendment(5, "bust", "E1"), an_amendment(6, "bust", "E9")], "", ALWAYS)

    assert [mark.execution_id for mark in before] == ["E1", "E2"]
    assert {mark.execution_id for mark in take(marks, ALL)} == {"E2"}


def test_a_bust_of_the_last_that_waits_leaves_no_deadline() -> None:
    """No tick is written for nothing."""
    marks = some_marks(1)

    marks.follow((), [an_amendment(5, "bust", "E1")], "", ALWAYS)

    assert (marks.deadline(), marks.due(ALL)) == (None, ())


def test_a_correction_measures_the_marks_to_come_at_its_price() -> None:
    """Those taken before keep theirs."""
    marks = some_marks(1)
    (before,) = take(marks, after_noon(300))

    marks.follow((), [an_amendment(5, "correction", "E1", quantity="100", price="10.00")], "", ALWAYS)

    later = take(marks, after_noon(1_250))[0]
    assert (before.price, before.realized_spread) == (price("10.01"), 0)
    assert (later.price, later.realized_spread) == (price("10.00"), -price("0.02"))
    assert later.price_impact == before.price_impact


def test_an_execution_without_marks_waits_for_none() -> None:
    """An auction print has no spread measures."""
    assert some_marks(1, auction=True).snapshot() == []


def test_a_snapshot_goes_on_the_same() -> None:
    """In the same order, with the same marks to come."""
    marks, again = some_marks(1, 2), some_marks(7)
    marks.follow([a_recorded_fill(3, executed_at=after_noon(-60), clock=NOON)], (), "XYZ", ALWAYS)
    take(marks, after_noon(250))

    state = msgspec.json.encode(marks.snapshot())
    again.restore(msgspec.json.decode(state, type=list[Waiting]))

    assert (again.deadline(), again.end()) == (marks.deadline(), marks.end())
    assert take(again, ALL) == take(marks, ALL)
