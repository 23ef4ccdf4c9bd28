"""Whether the quote had the price a moment ago: the extremes of the second before an execution outside of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import SECOND, Nanos, Price, Quote, Side
from service.market.calendar import Session, TradingCalendar
from service.market.enrich import QuotePolicy, decide
from service.market.flicker import lies_outside
from service.market.liveness import SourceState
from service.market.measures import possible_flicker
from service.market.tape import MarketState, QuoteUpdate, Tape
from service.ports import QuoteRequest
from service.processed import Decision
from tests.factories_market import NOON, a_quote, an_update, price, seconds

DAY = 24 * 3600
CALENDAR = TradingCalendar(
    name="one day", kind="sessions", sessions=(Session("2013-10-07", seconds(-2.5 * 3600), seconds(4 * 3600)),)
)


def decided(at: str, *updates: QuoteUpdate, policy: QuotePolicy | None = None) -> Decision:
    """Return the decision for an execution at noon at that price, 99.90 / 100.10 being in force by then."""
    tape = Tape()
    tape.update_many([*updates, an_update(NOON), an_update(seconds(2))])
    request = QuoteRequest(offset=1, symbol="IBM", execution_at=NOON, received_at=NOON, price=price(at))
    decision = decide(request, tape, SourceState.LIVE, policy or QuotePolicy(), NOON)
    assert decision is not None
    return decision


def extremes(decision: Decision) -> tuple[Price | None, Price | None]:
    """Return what was looked up of the second before."""
    return decision.lowest_bid, decision.highest_offer


def test_the_quote_in_force_when_the_second_began_counts() -> None:
    """However old it is; one before it does not."""
    found = decided("100.20", an_update(seconds(-9), offer="100.40"), an_update(seconds(-2), offer="100.20"))

    assert extremes(found) == (price("99.90"), price("100.20"))


@pytest.mark.parametrize(("at", "highest"), [(-1, "100.20"), (-0.5, "100.30"), (0, "100.30")])
def test_every_quote_of_the_second_counts(at: float, highest: str) -> None:
    """Its own instant and the second's first nanosecond included; what was in force before gives way at that."""
    found = decided("100.40", an_update(seconds(-1), offer="100.20"), an_update(seconds(at), offer=highest))

    assert extremes(found)[1] == price(highest)


def test_inside_the_quote_nothing_is_looked_up() -> None:
    """The usual execution costs no search."""
    assert extremes(decided("100.10", an_update(seconds(-0.5), offer="100.20"))) == (None, None)


def test_below_the_bid_the_lowest_bid_counts() -> None:
    """Sells have the mirror of it; a side that was missing says nothing."""
    found = decided("99.80", an_update(seconds(-0.5), bid="99.70"), an_update(seconds(-0.2), bid=None))

    assert extremes(found) == (price("99.70"), price("100.10"))


@pytest.mark.parametrize("at", [-3, -0.5])
def test_quotes_of_a_halted_market_do_not_count(at: float) -> None:
    """Nobody could have traded on them, whether they stood when the second began or came within it."""
    found = decided("100.20", an_update(seconds(at), offer="100.50", market=MarketState.HALTED))

    assert extremes(found)[1] == price("100.10")


def test_yesterday_s_quote_does_not_count() -> None:
    """It is in force on the tape, not in the market."""
    found = decided("100.20", an_update(seconds(-DAY), offer="100.50"), policy=QuotePolicy(calendar=CALENDAR))

    assert extremes(found)[1] == price("100.10")


def test_an_unknown_symbol_has_no_extremes() -> None:
    """The tape is asked all the same."""
    assert Tape().extremes("IBM", NOON, seconds(1)).highest_offer is None


@pytest.mark.parametrize(
    ("at", "quote", "outside"),
    [
        (None, a_quote(), False),
        ("105", None, False),
        ("105", a_quote("100.20", "100.10"), False),
        ("100.10", a_quote(), False),
        ("100.100000001", a_quote(), True),
        ("99.899999999", a_quote(), True),
    ],
)
def test_outside_is_beyond_either_side_of_a_usable_quote(at: str | None, quote: Quote | None, *, outside: bool) -> None:
    """To the nanodollar, and only where there is a price and a quote."""
    assert lies_outside(None if at is None else price(at), quote) is outside


@pytest.mark.parametrize(
    ("outside", "worst", "expected"),
    [
        (None, "100.20", None),
        (0, None, False),
        (price("0.10"), None, None),
        (price("0.10"), "100.19", False),
        (price("0.10"), "100.20", True),
        (price("0.10"), "100.30", True),
    ],
)
def test_a_flicker_is_possible_where_the_far_side_was_as_bad(
    outside: int | None, worst: str | None, *, expected: bool | None
) -> None:
    """Bought at 100.20: at the highest offer of the second before, or below it."""
    found = possible_flicker(Side.BUY, price("100.20"), outside, None if worst is None else price(worst))

    assert found is expected


quotes = st.tuples(
    st.integers(-3 * SECOND, 0), st.none() | st.integers(1, 9), st.none() | st.integers(1, 9), st.booleans()
)


@given(st.lists(quotes, max_size=12))
def test_the_extremes_are_those_of_a_naive_search(given_quotes: list[tuple[int, int | None, int | None, bool]]) -> None:
    """All quotes in force at any instant of the closed second, of a market that was not halted."""
    rows = sorted(given_quotes, key=lambda row: row[0])
    updates = [
        an_update(
            Nanos(NOON + at),
            bid=None if bid is None else str(bid),
            offer=None if offer is None else str(offer),
            market=MarketState.HALTED if halted else MarketState.NORMAL,
        )
        for at, bid, offer, halted in rows
    ]

    found = extremes(decided("200", *updates))

    began = [row for row in rows if row[0] <= -SECOND][-1:]
    counted = [row for row in (*began, *(row for row in rows if row[0] > -SECOND)) if not row[3]]
    bids = [price("99.90"), *(price(str(row[1])) for row in counted if row[1] is not None)]
    offers = [price("100.10"), *(price(str(row[2])) for row in counted if row[2] is not None)]
    assert found == (min(bids), max(offers))
