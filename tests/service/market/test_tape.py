"""The tape against a naive reference: as-of, late quotes, equal times, bounds, gaps."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos, Price, Quantity, QuoteState
from service.market.instants import Instants
from service.market.quoted import absent, quoted
from service.market.series import Series
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


def test_what_was_lost_and_came_after_all_is_no_doubt() -> None:
    """A gap that is healed leaves no quote stale and no symbol in doubt."""
    tape = Tape()
    tape.update(an_update())
    tape.gap()
    doubtful = tape.in_doubt()

    tape.heal(NOON)

    assert (doubtful, tape.in_doubt()) == (1, 0)
    assert tape.as_of("IBM", seconds(5)).state is QuoteState.NORMAL


numbered = st.builds(
    QuoteUpdate,
    st.just("A"),
    st.integers(1, 6).map(Nanos),
    st.integers(1, 9).map(Price),
    number=st.none() | st.integers(0, 3),
    received_at=st.none() | st.integers(1, 9).map(Nanos),
    market=st.sampled_from(list(MarketState)),
)


@given(st.lists(st.lists(numbered, min_size=1, max_size=40), min_size=1, max_size=6), st.integers(0, 8).map(Nanos))
def test_packing_changes_no_answer(batches: list[list[QuoteUpdate]], at: Nanos) -> None:
    """However often the tail is packed away, what is found is what one unpacked list would give."""
    tape, plain = Tape(), Series("A", kept=True, asked=Instants())

    for batch in batches:
        tape.update_many(batch)
        for quote in batch:
            plain.place(quote)

    assert tape.around("A", Nanos(4), Nanos(3), Nanos(3)) == plain.between(Nanos(1), Nanos(7))
    index = plain.find(at)
    assert tape.as_of("A", at) == (quoted(plain.quote(index)) if index >= 0 else absent("before the first quote"))


def a_numbered(number: int | None, bid: str, at: Nanos = NOON) -> QuoteUpdate:
    """Return a quote with the plan's number."""
    return msgspec.structs.replace(an_update(at, bid=bid), number=number)


@pytest.mark.parametrize("later", [0, 100])
def test_a_correction_takes_the_place_of_its_original(later: int) -> None:
    """The same symbol, time and number: the newer word counts, wherever the original lies by now."""
    tape = Tape()
    tape.update_many([a_numbered(1, "1"), a_numbered(2, "2")])
    tape.update_many(an_update(seconds(1 + at)) for at in range(later))

    tape.update_many([a_numbered(1, "3"), a_numbered(2, "4")])

    assert [quote.bid for quote in tape.around("IBM", NOON, Nanos(0), Nanos(0))] == [price("4")]
    assert [quote.bid for quote in tape.around("IBM", NOON, Nanos(1), Nanos(0))] == [price("3"), price("4")]
    assert (tape.counts.replaced, tape.counts.taken) == (2, 2 + later)


def test_equal_times_are_ordered_by_number_and_a_repetition_says_nothing() -> None:
    """The higher number is in force, whichever came last."""
    tape = Tape()

    tape.update_many([a_numbered(2, "2"), a_numbered(1, "1"), a_numbered(1, "1"), a_numbered(2, "2")])

    assert tape.as_of("IBM", NOON).bid == price("2")
    assert (tape.counts.taken, tape.counts.late, tape.counts.repeated) == (2, 1, 2)


def test_without_numbers_a_market_that_came_back_within_one_instant_is_no_repetition() -> None:
    """Coarse clocks give many quotes one time: there and back again is two changes."""
    tape = Tape()

    tape.update_many([an_update(bid="1"), an_update(bid="2"), an_update(bid="1")])

    assert tape.as_of("IBM", NOON).bid == price("1")
    assert tape.counts.repeated == 0


@pytest.mark.parametrize("later", [0, 100])
def test_the_sources_own_receive_time_and_number_are_kept(later: int) -> None:
    """Both clocks of a quote come out again, also beside quotes that have none."""
    tape = Tape()
    quote = msgspec.structs.replace(an_update(seconds(50.5)), received_at=seconds(51), number=7)
    tape.update_many([*(an_update(seconds(at)) for at in range(51)), quote])

    tape.update_many(an_update(seconds(51 + at)) for at in range(later))

    before, found = (
        tape.around("IBM", seconds(50.5), Nanos(0), Nanos(0)),
        tape.around("IBM", seconds(50), Nanos(0), Nanos(0)),
    )
    assert before == [quote]
    assert [(each.received_at, each.number) for each in found] == [(None, None)]


def test_a_late_quote_with_a_number_goes_among_packed_ones_without() -> None:
    """The first number that a symbol has makes room for one beside every quote."""
    tape = Tape()
    tape.update_many(an_update(seconds(at)) for at in range(50))

    tape.update(a_numbered(7, "7", seconds(0.5)))

    found = tape.around("IBM", seconds(0.5), Nanos(1), seconds(0.5) - NOON)
    assert [(quote.at, quote.number) for quote in found] == [(NOON, None), (seconds(0.5), 7), (seconds(1), None)]


def test_around_gives_what_was_in_force_and_what_came() -> None:
    """From two seconds before to one second after, led by the quote in force at its beginning."""
    tape = Tape()
    tape.update_many(an_update(seconds(at)) for at in (0, 3, 5, 6, 7))

    found = tape.around("IBM", seconds(5), seconds(2) - NOON, seconds(1) - NOON)

    assert [quote.at for quote in found] == [seconds(3), seconds(5), seconds(6)]
    assert [quote.at for quote in tape.around("IBM", seconds(5), 1, 0)] == [seconds(3), seconds(5)]
    assert tape.around("MSFT", NOON, 1, 1) == []


def test_a_watchlist_gives_history_to_its_symbols_and_to_those_asked_for() -> None:
    """The others have their newest quotes only, until an order is seen in them."""
    tape = Tape(watchlist={"IBM"})
    symbols = ("IBM", "MSFT", "AAPL")

    tape.update_many(an_update(seconds(at), symbol=symbol) for at in range(100) for symbol in symbols)
    tape.decided("AAPL", seconds(99))
    tape.update_many(an_update(seconds(100 + at), symbol=symbol) for at in range(100) for symbol in symbols)

    assert tape.as_of("IBM", NOON).state is QuoteState.NORMAL
    assert tape.as_of("MSFT", seconds(160)).note == "older than the tape"
    assert tape.as_of("MSFT", seconds(185)).state is QuoteState.NORMAL
    assert tape.as_of("AAPL", seconds(100)).state is QuoteState.NORMAL
    assert len(tape) < 200 + 120 + 40


def test_a_watched_symbol_has_no_history_when_there_is_no_room_for_one_more() -> None:
    """It keeps its newest quotes; the bound holds."""
    tape = Tape(capacity=16, watchlist={"IBM", "MSFT"})

    for symbol in ("IBM", "MSFT"):
        tape.update_many(an_update(seconds(at), symbol=symbol) for at in range(100))

    assert tape.as_of("MSFT", seconds(99)).state is QuoteState.NORMAL
    assert len(tape) <= 2 * 2 * 16
    assert tape.counts.refused_symbol == 0


def touched(tape: Tape) -> list[tuple[Nanos, tuple[Nanos, ...]]]:
    """Return what was touched: the quote's time and the instants."""
    return [(each.quote_at, each.instants) for each in tape.touched()]


def test_a_late_quote_names_the_decided_instants_that_it_changes() -> None:
    """From its own time up to the next quote, of its own symbol, once."""
    tape = Tape()
    tape.update_many([an_update(), an_update(seconds(4))])
    for at in (0.5, 1, 3, 3, 2, 4):
        tape.decided("IBM", seconds(at))

    tape.update(an_update(seconds(1), bid="1"))
    tape.update(an_update(seconds(5), bid="2"))

    assert touched(tape) == [(seconds(1), (seconds(1), seconds(2), seconds(3)))]
    assert touched(tape) == []


def test_a_newest_quote_can_come_too_late_as_well() -> None:
    """An instant that was decided when the wait was over, before the quote that was in force then came."""
    tape = Tape()
    tape.update(an_update())
    tape.decided("IBM", seconds(3))

    tape.update(an_update(seconds(2), bid="1"))

    assert touched(tape) == [(seconds(2), (seconds(3),))]


def test_a_late_quote_that_changes_no_answer_touches_nothing() -> None:
    """The same market as before, one before a higher number of its time, or one between two decided instants."""
    tape = Tape()
    tape.update_many([an_update(), a_numbered(2, "2", seconds(4))])
    tape.decided("IBM", seconds(1))
    tape.decided("IBM", seconds(4))

    tape.update(an_update(seconds(0.5)))
    tape.update(a_numbered(1, "1", seconds(4)))
    tape.update(an_update(seconds(2), bid="1"))

    assert touched(tape) == []


def test_a_correction_touches_what_was_decided_by_its_original() -> None:
    """Though it is the same time, the answer is another."""
    tape = Tape()
    tape.update(a_numbered(1, "1"))
    tape.decided("IBM", seconds(1))

    tape.update(a_numbered(1, "2"))

    assert touched(tape) == [(NOON, (seconds(1),))]


def test_a_symbol_that_was_asked_for_before_it_came_is_noticed() -> None:
    """It stays unknown until its first quote, which then says what it changes."""
    tape = Tape(canonical=str.upper, watchlist=set())
    tape.decided("ibm", seconds(1))
    tape.decided("IBM", seconds(2))
    unknown = tape.as_of("IBM", seconds(1)).note

    tape.update(an_update())

    assert unknown == "unknown symbol"
    assert [each.symbol for each in tape.touched()] == ["IBM"]
    assert tape.as_of("IBM", seconds(1)).state is QuoteState.NORMAL


def test_what_nobody_fetches_is_bounded_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the notes of late quotes nor the unknown symbols that were asked for grow without an end."""
    monkeypatch.setattr("service.market.tape.TOUCHED_KEPT", 1)
    monkeypatch.setattr("service.market.tape.EARLY_KEPT", 1)
    tape = Tape()
    for symbol in ("IBM", "MSFT"):
        tape.decided(symbol, seconds(9))

    tape.update_many([an_update(), an_update(seconds(1), bid="1"), an_update(symbol="MSFT")])

    assert len(tape.touched()) == tape.counts.overlooked == 1


def test_the_number_of_symbols_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of those without a history."""
    monkeypatch.setattr("service.market.tape.MOST_SYMBOLS", 1)
    tape = Tape(watchlist=set())

    tape.update_many([an_update(), an_update(symbol="MSFT")])

    assert (tape.counts.taken, tape.counts.refused_symbol) == (1, 1)


def test_late_quotes_do_not_burst_the_bound() -> None:
    """Those that are put in among packed ones count too."""
    tape = Tape(capacity=64)
    tape.update_many(an_update(seconds(at)) for at in range(110))

    tape.update_many(an_update(seconds(60), bid=str(1 + cents)) for cents in range(500))

    assert len(tape) <= 128
