"""The tape against a naive reference: as-of, late quotes, equal times, bounds, gaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos, Price, Quantity, QuoteState
from service.market.tape import MarketState, QuoteUpdate, Tape, TapeCounts
from tests.factories_market import NOON, an_update, price, seconds, shares

updates = st.builds(
    QuoteUpdate,
    st.sampled_from(["A", "B"]),
    st.integers(1, 12).map(Nanos),
    st.none() | st.integers(1, 5).map(Price),
    st.none() | st.integers(0, 5).map(Quantity),
    st.none() | st.integers(1, 5).map(Price),
    st.none() | st.integers(0, 5).map(Quantity),
)


@given(st.lists(updates), st.integers(0, 13).map(Nanos))
def test_as_of_equals_a_naive_search(given_updates: list[QuoteUpdate], at: Nanos) -> None:
    """The last one that came, of those with the latest time not after the instant; the state follows its prices."""
    tape = Tape()

    tape.update_many(given_updates)

    before = [update for update in given_updates if update.symbol == "A" and update.at <= at]
    expected = max(enumerate(before), key=lambda item: (item[1].at, item[0]), default=None)
    found = tape.as_of("A", at)
    if expected is None:
        assert found.state is QuoteState.ABSENT
        assert found.at is None
    else:
        update = expected[1]
        assert (found.at, found.bid, found.bid_size) == (update.at, update.bid, update.bid_size)
        assert (found.offer, found.offer_size) == (update.offer, update.offer_size)
    assert tape.mark == max((update.at for update in given_updates), default=0)


@given(st.lists(updates, max_size=200), st.integers(16, 64))
def test_a_bounded_tape_answers_like_an_endless_one_or_says_that_it_cannot(
    given_updates: list[QuoteUpdate], capacity: int
) -> None:
    """What was evicted is never answered by an older or a later quote, and the bound holds."""
    bounded, endless = Tape(capacity), Tape(None)

    bounded.update_many(given_updates)
    endless.update_many(given_updates)

    assert len(bounded) <= 2 * capacity
    for at in range(14):
        found, right = bounded.as_of("A", Nanos(at)), endless.as_of("A", Nanos(at))
        assert found == right or found.note in ("older than the tape", "unknown symbol")


@pytest.mark.parametrize(
    ("bid", "offer", "market", "state"),
    [
        ("99.90", "100.10", MarketState.NORMAL, QuoteState.NORMAL),
        ("100.00", "100.00", MarketState.NORMAL, QuoteState.LOCKED),
        ("100.10", "99.90", MarketState.NORMAL, QuoteState.CROSSED),
        (None, "100.00", MarketState.NORMAL, QuoteState.ONE_SIDED),
        ("100.00", None, MarketState.NORMAL, QuoteState.ONE_SIDED),
        ("99.90", "100.10", MarketState.HALTED, QuoteState.HALTED),
        (None, None, MarketState.CLOSED, QuoteState.CLOSED),
    ],
)
def test_the_state_follows_the_source_and_the_prices(
    bid: str | None, offer: str | None, market: MarketState, state: QuoteState
) -> None:
    """Locked, crossed and one-sided are derived; halted and closed are what the source says."""
    tape = Tape()

    tape.update(an_update(bid=bid, offer=offer, market=market))

    assert tape.as_of("IBM", NOON).state is state


def test_a_quote_without_both_sides_is_absent_with_its_time() -> None:
    """The market withdrew: that is known, and when."""
    tape = Tape()

    tape.update(an_update(bid=None, offer=None))

    found = tape.as_of("IBM", NOON)
    assert (found.state, found.at, found.note) == (QuoteState.ABSENT, NOON, "no bid and no offer")


def test_absence_has_a_reason() -> None:
    """A symbol that never came and a time before its first quote are told apart."""
    tape = Tape()
    tape.update(an_update())

    assert tape.as_of("MSFT", NOON).note == "unknown symbol"
    assert tape.as_of("IBM", seconds(-1)).note == "before the first quote"


def test_a_late_quote_goes_to_its_place() -> None:
    """It changes the answer for its own time and none for later ones."""
    tape = Tape()
    tape.update_many([an_update(bid="1"), an_update(seconds(2), bid="3")])

    tape.update(an_update(seconds(1), bid="2"))

    assert [tape.as_of("IBM", seconds(at)).bid for at in (0, 1, 2)] == [price("1"), price("2"), price("3")]
    assert tape.counts == TapeCounts(taken=3, late=1, too_late=0, refused_symbol=0)
    assert tape.mark == seconds(2)


def test_evicted_times_say_so() -> None:
    """What fell off the tape is older than the tape, and a quote late by that much is refused and counted."""
    tape = Tape(capacity=16)
    tape.update_many(an_update(seconds(at)) for at in range(33))

    tape.update(an_update(NOON))

    assert tape.as_of("IBM", NOON).note == "older than the tape"
    assert tape.as_of("IBM", seconds(16)).state is QuoteState.NORMAL
    assert tape.counts == TapeCounts(taken=33, late=0, too_late=1, refused_symbol=0)


def test_more_symbols_have_smaller_shares_and_too_many_are_refused() -> None:
    """The bound holds whatever symbols come; the one too many is counted and stays unknown."""
    tape = Tape(capacity=32)

    for symbol in ("A", "B", "C"):
        tape.update_many(an_update(seconds(at), symbol=symbol) for at in range(100))

    assert len(tape) <= 64
    assert tape.as_of("C", seconds(99)).note == "unknown symbol"
    assert tape.counts.refused_symbol == 100


def test_the_mark_moves_by_any_symbol_and_by_heartbeats_and_never_back() -> None:
    """It is how far the source has come, whatever the symbol."""
    tape = Tape()

    tape.advance(seconds(2))
    tape.update(an_update(seconds(1)))

    assert (tape.mark, tape.began) == (seconds(2), seconds(2))


def test_a_quote_in_force_at_a_gap_is_stale_until_the_next_one() -> None:
    """Before the gap it was true; after it nobody knows, until the symbol is heard again."""
    tape = Tape()
    tape.update_many([an_update(), an_update(seconds(1), symbol="MSFT")])

    tape.gap()
    tape.gap()
    tape.update(an_update(seconds(3)))

    found = tape.as_of("IBM", seconds(2))
    assert (found.state, found.note, found.at) == (QuoteState.STALE, "gap in the quote source", NOON)
    assert found.bid_size == shares(100)
    assert tape.as_of("IBM", seconds(0.5)).state is QuoteState.NORMAL
    assert tape.as_of("IBM", seconds(3)).state is QuoteState.NORMAL


def test_a_quote_that_is_said_again_after_a_gap_is_good_again() -> None:
    """A retained message with the old plan time proves that nothing was missed."""
    tape = Tape()
    tape.update(an_update())
    tape.gap()

    tape.update(an_update())

    assert tape.as_of("IBM", seconds(5)).state is QuoteState.NORMAL


def test_an_older_quote_is_not_healed_by_what_came_after_a_gap() -> None:
    """What was in force at the gap may have been replaced by a quote that was lost, whatever came later."""
    tape = Tape()
    tape.update_many([an_update(), an_update(seconds(1), symbol="MSFT")])
    tape.gap()

    tape.update_many([an_update(seconds(9)), an_update(seconds(10))])

    assert tape.as_of("IBM", seconds(8)).state is QuoteState.STALE


def test_a_gap_before_the_first_word_is_none() -> None:
    """There is nothing to doubt yet; and a withdrawn market stays withdrawn."""
    tape = Tape()
    tape.gap()
    tape.update(an_update(bid=None, offer=None))

    tape.gap()

    assert tape.as_of("IBM", seconds(1)).state is QuoteState.ABSENT
