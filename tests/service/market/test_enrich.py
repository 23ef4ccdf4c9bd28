"""When a record is released, and with which quotes: the release table of design.md §5."""

from __future__ import annotations

import pytest

from rules.facts import SECOND, Nanos, Quote, QuoteState
from service.market.calendar import Session, TradingCalendar
from service.market.enrich import QuotePolicy, answered, decide, release_reason
from service.market.liveness import SourceState
from service.market.tape import Tape, absent
from service.ports import MarkWanted
from tests.factories_market import NOON, a_request, an_update, seconds

OPEN, CLOSE = seconds(-2.5 * 3600), seconds(4 * 3600)
CALENDAR = TradingCalendar(name="one day", kind="sessions", sessions=(Session("2013-10-07", OPEN, CLOSE),))
POLICY = QuotePolicy()
DAY = 24 * 3600


@pytest.mark.parametrize(
    ("mark", "source", "waited", "reason"),
    [
        (seconds(0.051), SourceState.LIVE, 0, "mark"),
        (seconds(0.050), SourceState.LIVE, 0, None),
        (seconds(0.050), SourceState.LAGGING, 1.999, None),
        (seconds(0.050), SourceState.LIVE, 2, "bound"),
        (seconds(0.050), SourceState.DEAD, 0, "not_live"),
        (seconds(0.051), SourceState.DEAD, 9, "mark"),
    ],
)
def test_the_release_table(mark: Nanos, source: SourceState, waited: float, reason: str | None) -> None:
    """The mark must pass the time and the grace; else the source is dead, or the bound has ended, or it waits."""
    found = release_reason(a_request(), mark, source, POLICY, seconds(waited))

    assert found == reason


def test_the_later_of_both_times_is_waited_for() -> None:
    """A record is released when both of its quotes are known."""
    request = a_request(receipt_at=seconds(1), execution_at=NOON)

    assert release_reason(request, seconds(0.5), SourceState.LIVE, POLICY, NOON) is None
    assert release_reason(request, seconds(1.5), SourceState.LIVE, POLICY, NOON) == "mark"


def test_a_record_that_asks_nothing_waits_for_nothing() -> None:
    """A busted order needs no quotes."""
    decision = decide(a_request(execution_at=None), Tape(), SourceState.LIVE, POLICY, NOON)

    assert decision is not None
    assert (decision.at_receipt, decision.at_execution, decision.reason) == (None, None, "mark")


def test_without_a_receive_time_nothing_waits() -> None:
    """Such a record can have no bound, and waiting for ever would stop the watch."""
    request = a_request(received_at=None)

    assert release_reason(request, Nanos(0), SourceState.LIVE, POLICY, NOON) == "bound"


def test_while_it_waits_there_is_no_decision() -> None:
    """None means: ask again."""
    assert decide(a_request(), Tape(), SourceState.LIVE, POLICY, NOON) is None


def test_both_quotes_are_as_of_their_own_times() -> None:
    """Receipt and execution each have their quote, and the mark is kept with them."""
    tape = Tape()
    tape.update_many([an_update(seconds(-1), bid="99.80"), an_update(NOON), an_update(seconds(1))])

    decision = decide(a_request(receipt_at=seconds(-0.5)), tape, SourceState.LIVE, POLICY, NOON)

    assert decision is not None
    assert decision.at_receipt is not None
    assert decision.at_execution is not None
    assert (decision.at_receipt.at, decision.at_execution.at) == (seconds(-1), NOON)
    assert (decision.mark, decision.reason) == (seconds(1), "mark")


@pytest.mark.parametrize("source", [SourceState.DEAD, SourceState.LAGGING])
def test_a_source_that_does_not_live_makes_quotes_stale_from_its_mark_on(source: SourceState) -> None:
    """The last quote is kept, what the source had passed before is good."""
    tape = Tape()
    tape.update_many([an_update(seconds(-10)), an_update(seconds(-5))])

    decision = decide(a_request(receipt_at=seconds(-7)), tape, source, POLICY, seconds(5))

    assert decision is not None
    assert decision.at_receipt is not None
    assert decision.at_execution is not None
    assert decision.at_receipt.state is QuoteState.NORMAL
    assert (decision.at_execution.state, decision.at_execution.at) == (QuoteState.STALE, seconds(-5))
    assert decision.at_execution.note == f"the quote source is {source.value}"


def test_age_alone_makes_no_quote_stale() -> None:
    """A quiet symbol of a live source keeps its quote, also when the bound ended the wait."""
    tape = Tape()
    tape.update(an_update(seconds(-3600)))

    decision = decide(a_request(), tape, SourceState.LIVE, POLICY, seconds(2))

    assert decision is not None
    assert decision.at_execution is not None
    assert (decision.at_execution.state, decision.reason) == (QuoteState.NORMAL, "bound")


def test_an_absent_quote_says_what_lost_it() -> None:
    """A start that came too late, a dead source, or a symbol that nobody knows."""
    tape = Tape()
    tape.update(an_update(NOON))
    tape.advance(seconds(10))

    def note(symbol: str, at: Nanos, source: SourceState) -> str | None:
        decision = decide(a_request(symbol=symbol, execution_at=at), tape, source, POLICY, seconds(60))
        assert decision is not None
        assert decision.at_execution is not None
        assert decision.at_execution.state is QuoteState.ABSENT
        return decision.at_execution.note

    assert note("IBM", seconds(-1), SourceState.LIVE) == "restart"
    assert note("MSFT", seconds(1), SourceState.DEAD) == "unknown symbol"
    assert note("MSFT", seconds(11), SourceState.DEAD) == "the quote source is dead"
    assert note("MSFT", seconds(11), SourceState.LIVE) == "unknown symbol"


def test_a_dead_source_that_never_spoke_says_so() -> None:
    """The note names the source and not the symbol."""
    decision = decide(a_request(), Tape(), SourceState.DEAD, POLICY, NOON)

    assert decision is not None
    assert decision.at_execution is not None
    assert decision.at_execution.note == "the quote source is dead"


@pytest.mark.parametrize(
    ("at", "extended", "state"),
    [
        (CLOSE, False, QuoteState.CLOSED),
        (CLOSE, True, QuoteState.NORMAL),
        (Nanos(CLOSE - 1), False, QuoteState.NORMAL),
        (Nanos(OPEN - 1), False, QuoteState.CLOSED),
        (OPEN, False, QuoteState.NORMAL),
    ],
)
def test_outside_regular_hours_the_quote_is_closed_unless_the_firm_wants_it(
    at: Nanos, *, extended: bool, state: QuoteState
) -> None:
    """`closed` is a session of the day that a firm can switch on; the prices are kept."""
    tape = Tape()
    tape.update_many([an_update(Nanos(OPEN - SECOND)), an_update(Nanos(at + SECOND))])
    policy = QuotePolicy(calendar=CALENDAR, extended_hours=extended)

    decision = decide(a_request(execution_at=at), tape, SourceState.LIVE, policy, NOON)

    assert decision is not None
    assert decision.at_execution is not None
    assert decision.at_execution.state is state
    assert decision.at_execution.bid is not None


def test_after_hours_a_silent_source_is_closed_and_not_stale() -> None:
    """A source that goes home after the close is no fault."""
    tape = Tape()
    tape.update(an_update())

    decision = decide(a_request(execution_at=CLOSE), tape, SourceState.DEAD, QuotePolicy(calendar=CALENDAR), CLOSE)

    assert decision is not None
    assert decision.at_execution is not None
    assert decision.at_execution.state is QuoteState.CLOSED


def test_a_quote_of_an_earlier_day_is_no_quote() -> None:
    """Yesterday's last quote is not in force this morning, before the first one of the day."""
    tape = Tape()
    tape.update_many([an_update(seconds(-DAY)), an_update(seconds(1), symbol="MSFT")])

    decision = decide(a_request(), tape, SourceState.LIVE, QuotePolicy(calendar=CALENDAR), NOON)

    assert decision is not None
    assert decision.at_execution is not None
    assert (decision.at_execution.state, decision.at_execution.note) == (QuoteState.ABSENT, "before the first quote")


def test_a_withdrawn_quote_stays_absent_outside_of_hours() -> None:
    """Its reason says more than `closed` would."""
    tape = Tape()
    tape.update_many([an_update(CLOSE, bid=None, offer=None), an_update(seconds(5 * 3600))])

    decision = decide(a_request(execution_at=CLOSE), tape, SourceState.LIVE, QuotePolicy(calendar=CALENDAR), CLOSE)

    assert decision is not None
    assert decision.at_execution is not None
    assert decision.at_execution.note == "no bid and no offer"


def test_marks_that_ask_the_same_are_looked_up_once() -> None:
    """A parent trades at the instant of its child, and both have marks."""
    asked: list[tuple[str, Nanos]] = []

    def quote_at(symbol: str, at: Nanos) -> Quote:
        asked.append((symbol, at))
        return absent(f"{symbol} {at}")

    marks = (MarkWanted("IBM", NOON), MarkWanted("A", NOON), MarkWanted("IBM", NOON), MarkWanted("IBM", seconds(1)))

    quotes = answered(marks, quote_at)

    assert asked == [("IBM", NOON), ("A", NOON), ("IBM", seconds(1))]
    assert [quote.note for quote in quotes] == [f"{one.symbol} {one.at}" for one in marks]
