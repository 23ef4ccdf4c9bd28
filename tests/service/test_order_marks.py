"""The quotes that orders wait for: which ends ask for one, of which instant, and when each is due."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import MILLISECOND, SECOND, Level, Nanos, OrderEnd, Quote, QuoteState, Side
from service.families import Child, Families, Later
from service.market.calendar import ALWAYS, Session, TradingCalendar
from service.market.tape import absent
from service.orders.marks import OrderMarks, Wanted, wanted_of
from service.orders.steps import Where
from service.processed import Decision, Processed
from service.unmatched import Sought
from tests.factories import NOON, TRADE_DATE, a_quote, an_order, an_outcome
from tests.factories_orders import seconds

HOURS = TradingCalendar(name="X", kind="sessions", sessions=(Session(TRADE_DATE, seconds(-3600), seconds(60)),))
LATER = Later(
    counterparty="demo",
    session="s",
    trade_date=TRADE_DATE,
    uncertain=False,
    parent_id="P",
    symbol="XYZ",
    side=Side.BUY,
    first=Child("A", NOON, a_quote("10.00", "10.02")),
    child=Child("B", seconds(2), a_quote("10.00", "10.03")),
)


def no_marks() -> OrderMarks:
    """Return nothing that waits."""
    return OrderMarks(Families(), lambda symbol, _: Sought(symbol, test=False))


def where(clock: Nanos) -> Where:
    """Return the place of a record at this clock."""
    return Where(offset=99, counterparty="", session="", received_at=clock, clock=clock)


def ended(marks: OrderMarks, *, calendar: TradingCalendar = ALWAYS, **named: Any) -> None:
    """Let an order for 100 end one second after noon with 40 executed, as was heard at once."""
    at = named.get("at", seconds(1))
    marks.ended(an_outcome(**({"executed": "40", "end": "canceled", "clock": at} | named)), "XYZ", calendar)


def take(marks: OrderMarks, clock: Nanos, *quotes: Quote) -> Processed:
    """Take what is due at this clock, with these quotes."""
    made = Processed(upto=0)
    marks.take(marks.due(clock), quotes, Decision(mark=clock, reason="mark"), where(clock), made)
    return made


def asked(marks: OrderMarks) -> list[tuple[str, Nanos]]:
    """Return all that is asked for, whenever."""
    return [(one.symbol, one.at) for one in wanted_of(marks.due(seconds(10**6)))]


def test_an_order_that_ended_with_shares_left_asks_for_the_quote_at_its_end() -> None:
    """A quarter of a second after it, and the row says whose it is and how far the source had come."""
    marks = no_marks()
    ended(marks)
    due = Nanos(seconds(1) + 250 * MILLISECOND)

    early, taken = take(marks, Nanos(due - 1)), take(marks, due, a_quote("10.01", "10.05"))

    (mark,) = taken.end_marks
    assert early.end_marks == []
    assert (mark.order_key, mark.level, mark.ended_at, mark.at) == ("O1", Level.CHILD, seconds(1), seconds(1))
    assert (mark.quote, mark.past_close, mark.source_mark, mark.released) == (
        a_quote("10.01", "10.05"),
        False,
        due,
        "mark",
    )
    assert (marks.deadline(), marks.end()) == (None, None)


@pytest.mark.parametrize(
    "named",
    [
        {"executed": "100", "end": "filled"},
        {"level": Level.PACKAGE},
        {"receipt": a_quote(state="crossed")},
        {"order": msgspec.structs.replace(an_order(), side=None)},
        {"at": seconds(3600), "clock": NOON},
    ],
)
def test_an_end_that_no_quote_could_add_to_asks_for_none(named: dict[str, Any]) -> None:
    """Filled, a package, no arrival to compare with, no side, a stamp far ahead of our clock."""
    marks = no_marks()

    ended(marks, **named)

    assert marks.snapshot() == []


@pytest.mark.parametrize(
    ("end", "at", "expected"),
    [
        (OrderEnd.CLOSE, 60, seconds(60) - 1),
        (OrderEnd.EXPIRED, 61, seconds(60) - 1),
        (OrderEnd.DONE_FOR_DAY, 3600, seconds(60) - 1),
        (OrderEnd.EXPIRED, 5, seconds(5)),
        (OrderEnd.CANCELED, 61, seconds(61)),
    ],
)
def test_what_the_close_ends_is_measured_at_the_last_instant_of_regular_hours(
    end: OrderEnd, at: int, expected: Nanos
) -> None:
    """A cancel after the close was somebody's decision then."""
    marks = no_marks()
    ended(marks, calendar=HOURS, end=end, at=seconds(at))

    (mark,) = take(marks, seconds(7200), a_quote()).end_marks

    assert (mark.at, mark.ended_at, mark.past_close) == (expected, seconds(at), expected != seconds(at))


def test_a_baseline_is_asked_for_as_soon_as_the_later_child_is_known() -> None:
    """It lies in the past: the next instant of the grain will do, and it is never the same one."""
    marks, made = no_marks(), Processed(upto=0)
    marks.came(LATER, "XYZ", where(seconds(2)), made)

    assert asked(marks) == [("XYZ", seconds(-2))]
    assert marks.due(seconds(2)) == ()
    (fade,) = take(marks, Nanos(seconds(2) + 25 * MILLISECOND), a_quote("9.99", "10.01")).fades
    assert made.fades == []
    assert (fade.moved.touch, fade.moved_before.touch) == (10_000_000, 10_000_000)
    assert (fade.parent_id, fade.first_key, fade.later_key, fade.baseline_at) == ("P", "A", "B", seconds(-2))
    assert (fade.source_mark, fade.released) == (seconds(2) + 25 * MILLISECOND, "mark")


def test_a_move_that_cannot_be_measured_is_said_at_once() -> None:
    """No baseline could add to it."""
    marks, made = no_marks(), Processed(upto=0)
    crossed = msgspec.structs.replace(LATER, first=Child("A", NOON, a_quote(state="crossed")))

    marks.came(crossed, "XYZ", where(seconds(2)), made)

    (fade,) = made.fades
    assert (fade.moved.why, fade.released, fade.source_mark) == ("first child crossed", None, None)
    assert marks.snapshot() == []


def test_ends_are_asked_for_before_baselines_and_what_was_not_answered_says_so() -> None:
    """The order in which their answers are stored."""
    marks, made = no_marks(), Processed(upto=0)
    marks.came(LATER, "ABC", where(seconds(0)), made)
    ended(marks)

    assert [symbol for symbol, _ in asked(marks)] == ["XYZ", "ABC"]
    taken = take(marks, seconds(60), a_quote())
    assert [mark.quote for mark in taken.end_marks] == [a_quote()]
    assert [fade.baseline for fade in taken.fades] == [absent("not recorded")]
    assert taken.fades[0].baseline.state is QuoteState.ABSENT


def test_what_is_due_together_is_taken_together_and_the_rest_waits() -> None:
    """The deadline is that of a tick, on its coarser grain; the end is when the last is due."""
    marks = no_marks()
    for at in (3, 1, 1):
        ended(marks, at=seconds(at), order_key=f"O{at}")

    assert marks.deadline() == seconds(1) + SECOND // 4
    assert len(take(marks, seconds(2), a_quote(), a_quote()).end_marks) == 2
    assert marks.deadline() == marks.end() == seconds(3) + SECOND // 4


def test_a_snapshot_keeps_what_is_to_come() -> None:
    """As JSON, as the core writes it."""
    before, after = no_marks(), no_marks()
    before.came(LATER, "XYZ", where(seconds(1)), Processed(upto=0))
    ended(before)
    state = msgspec.json.decode(msgspec.json.encode(before.snapshot()), type=list[tuple[Nanos, list[Wanted]]])

    after.restore(state)

    assert after.snapshot() == before.snapshot() != []
    assert after.due(seconds(60)) == before.due(seconds(60))
