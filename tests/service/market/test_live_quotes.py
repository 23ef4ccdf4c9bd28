"""The live tape behind its lock: sequence gaps, drops, states told once, and two threads at work."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec
import pytest

from rules.facts import Nanos, QuoteState
from service.market.amend import LATE
from service.market.enrich import QuotePolicy
from service.market.live_quotes import AMENDED_AT_ONCE, PIECE, LiveQuotes
from service.market.liveness import Liveness, SourceState
from service.market.quote_json import QuoteMessage
from service.market.quote_text import BadQuote
from service.market.tape import QuoteUpdate, Tape
from tests.factories import price
from tests.factories_market import NOON, a_request, an_update, seconds


class Live:
    """A live source under test, with the states that it told."""

    def __init__(self) -> None:
        self.told: list[SourceState] = []
        self.quotes = LiveQuotes(Tape(), QuotePolicy(), Liveness.of_settings(5_000), on_state=self.told.append)

    def batch(self, sequence: int, at: Nanos, symbol: str = "IBM") -> None:
        """Take a batch of one quote, at its own time."""
        self.quotes.take(QuoteMessage(quotes=(an_update(at, symbol=symbol),), sequence=sequence, mark=at), at)

    def state(self, at: Nanos) -> QuoteState:
        """Return the state of the symbol's quote at that time."""
        decision = self.quotes.decide(a_request(execution_at=at), seconds(60))
        assert decision is not None
        assert decision.at_execution is not None
        return decision.at_execution.state


def test_the_states_of_the_source_are_told_once_each() -> None:
    """Live when heard, dead when silent, and dead again when the connection goes."""
    live = Live()

    live.batch(1, NOON)
    live.batch(2, seconds(1))
    live.quotes.check(seconds(10))
    live.quotes.check(seconds(11))
    live.batch(3, seconds(12))
    live.quotes.lost()

    assert live.told == [SourceState.LIVE, SourceState.DEAD, SourceState.LIVE, SourceState.DEAD]


def test_a_message_that_nobody_can_read_is_no_sign_of_life() -> None:
    """It is counted, and the source stays dead."""
    live = Live()

    live.quotes.take(QuoteMessage(bad=(BadQuote("nonsense"),)), NOON)

    report = live.quotes.report(NOON)
    assert (report.state, report.bad_quotes, report.lag) == (SourceState.DEAD, 1, None)


def test_a_heartbeat_moves_the_mark() -> None:
    """The lag is our clock less the source's time."""
    live = Live()

    live.quotes.take(QuoteMessage(mark=NOON), seconds(1))

    report = live.quotes.report(seconds(2))
    assert (report.state, report.mark, report.lag) == (SourceState.LIVE, NOON, 2_000_000_000)


def test_a_hole_in_the_sequence_makes_quiet_symbols_stale() -> None:
    """What the lost batch held, nobody knows; the symbol's next quote ends the doubt."""
    live = Live()
    live.batch(1, NOON)

    live.batch(3, seconds(2), symbol="MSFT")
    live.batch(4, seconds(3))

    assert live.state(seconds(1)) is QuoteState.STALE
    assert live.state(seconds(3)) is QuoteState.NORMAL
    assert live.quotes.report(NOON).gaps == 1


def test_a_batch_that_comes_twice_is_no_gap() -> None:
    """At-least-once delivery repeats."""
    live = Live()
    live.batch(1, NOON)

    live.batch(1, NOON)
    live.batch(2, seconds(2), symbol="MSFT")

    assert live.state(seconds(1)) is QuoteState.NORMAL


def test_dropped_messages_and_lost_connections_are_gaps() -> None:
    """Before the first word there is nothing to lose."""
    live = Live()
    live.quotes.lost()
    live.batch(1, NOON)

    live.quotes.lost(messages=2)
    live.batch(4, seconds(2), symbol="MSFT")

    report = live.quotes.report(NOON)
    assert (report.gaps, report.dropped) == (1, 2)
    assert live.state(seconds(1)) is QuoteState.STALE


def test_a_hole_is_a_gap_until_it_is_filled() -> None:
    """The source is gapped, the symbol in doubt; the missing batch ends both."""
    live = Live()
    live.batch(1, NOON)
    live.batch(3, seconds(2), symbol="MSFT")
    gapped = live.quotes.report(NOON)

    live.batch(2, seconds(1), symbol="MSFT")

    healed = live.quotes.report(NOON)
    assert (gapped.state, gapped.missed, gapped.in_doubt) == (SourceState.GAPPED, 1, 1)
    assert (healed.state, healed.missed, healed.in_doubt) == (SourceState.LIVE, 0, 0)
    assert live.state(seconds(1)) is QuoteState.NORMAL


def test_a_repeated_batch_is_counted_and_not_taken() -> None:
    """Of equal times the last one counts: taken twice, an older quote would come into force again."""
    live = Live()
    live.batch(1, NOON)
    live.quotes.take(QuoteMessage(quotes=(an_update(bid="1"),), sequence=2, mark=NOON), NOON)

    live.quotes.take(QuoteMessage(quotes=(an_update(bid="2"), an_update(bid="1")), sequence=3, mark=None), NOON)
    live.batch(1, NOON)

    report = live.quotes.report(NOON)
    assert (report.repeated, report.tape.taken, report.gaps) == (1, 4, 0)


def test_a_numbered_source_that_lost_its_connection_and_nothing_else_has_no_gap() -> None:
    """The next number tells; a heartbeat before it moves nothing."""
    live = Live()
    live.batch(1, NOON)

    live.quotes.lost()
    live.quotes.take(QuoteMessage(mark=seconds(1)), seconds(1))
    mark = live.quotes.report(NOON).mark
    live.batch(2, seconds(2), symbol="MSFT")

    report = live.quotes.report(NOON)
    assert (mark, report.mark, report.gaps) == (NOON, seconds(2), 0)
    assert live.state(seconds(1)) is QuoteState.NORMAL


def test_without_numbers_a_lost_connection_is_a_gap() -> None:
    """Nobody knows what was said meanwhile; a publisher that begins its numbers anew tells as little."""
    live = Live()
    live.quotes.take(QuoteMessage(quotes=(an_update(),)), NOON)
    live.quotes.lost()
    live.quotes.take(QuoteMessage(mark=seconds(1)), seconds(1))
    live.batch(7, seconds(2), symbol="MSFT")

    live.batch(1, seconds(3), symbol="MSFT")

    assert live.quotes.report(NOON).gaps == 2
    assert live.state(seconds(1)) is QuoteState.STALE


def test_a_large_batch_moves_the_mark_at_its_end() -> None:
    """It is taken in pieces between which a decision may fall: none is released by half of it."""
    live = Live()
    seen: list[Nanos] = []
    tape = live.quotes._tape
    put = tape.put

    def watched(quotes: Sequence[QuoteUpdate]) -> Nanos:
        seen.append(tape.mark)
        return put(quotes)

    tape.put = watched  # type: ignore[method-assign] # what lies between two pieces cannot be seen from outside
    quotes = tuple(an_update(seconds(at)) for at in range(3 * PIECE))

    live.quotes.take(QuoteMessage(quotes=quotes, mark=NOON), seconds(900))

    assert seen == [0, 0, 0]
    assert (live.quotes.report(NOON).mark, len(tape)) == (quotes[-1].at, 3 * PIECE)


def test_late_quotes_change_what_was_decided_without_them() -> None:
    """Both instants of a record are remembered once it is decided, and not while it waits; who listens is told."""
    live, told = Live(), list[str]()
    live.quotes.tell_late(lambda: told.append("late"))
    live.batch(1, NOON)
    live.quotes.decide(a_request(receipt_at=seconds(1), execution_at=seconds(2), offset=7), seconds(9))
    live.quotes.decide(a_request(execution_at=seconds(8), received_at=seconds(9)), seconds(9))
    before = list(told)

    live.batch(2, seconds(0.5))
    live.quotes.take(QuoteMessage(quotes=(an_update(seconds(0.7), bid="1"),)), seconds(9))

    (made,) = live.quotes.amended(seconds(9))
    assert (made.offset, made.reason, before, set(told)) == (7, LATE, [], {"late"})
    assert [quote and quote.bid for quote in (made.now.at_receipt, made.now.at_execution)] == [price("1")] * 2
    assert live.quotes.amended(seconds(9)) == []


def test_the_quotes_around_an_instant_are_given_when_the_source_has_passed_them() -> None:
    """Before that only who waits no longer gets what is there, with the reason why it is not all."""
    live = Live()
    second = Nanos(seconds(1) - NOON)
    for number, at in enumerate((0, 1, 2), start=1):
        live.batch(number, seconds(at))

    waiting = live.quotes.around("IBM", seconds(1.5), second, final=False)
    part = live.quotes.around("IBM", seconds(1.5), second)
    live.batch(4, seconds(3))
    whole = live.quotes.around("IBM", seconds(1.5), second, final=False)

    assert waiting is None
    assert part is not None
    assert (part.complete, part.reason) == (False, "the source had not come so far")
    assert whole is not None
    assert (whole.complete, [quote.at for quote in whole.quotes]) == (True, [NOON, seconds(1), seconds(2)])


def test_what_was_decided_while_the_source_was_dead_is_decided_again_once_it_has_come_so_far() -> None:
    """Its quote was stale for want of a word; the source's next one says that it was in force."""
    live = Live()
    live.batch(1, NOON)
    live.quotes.check(seconds(10))
    stale = live.quotes.decide(a_request(execution_at=seconds(9), offset=7), seconds(10))

    live.batch(2, seconds(11), symbol="MSFT")

    (made,) = live.quotes.amended(seconds(11))
    assert stale is not None
    assert stale.at_execution is not None
    assert made.now.at_execution is not None
    assert (stale.at_execution.state, made.now.at_execution.state) == (QuoteState.STALE, QuoteState.NORMAL)


def test_many_decisions_are_looked_at_again_in_goes() -> None:
    """A storm of late quotes lets the pipeline in between, and ends."""
    live = Live()
    live.batch(1, NOON)
    for n in range(AMENDED_AT_ONCE + 3):
        live.quotes.decide(a_request(execution_at=seconds(1 + n / 1000), offset=n + 1), seconds(9))

    live.quotes.take(QuoteMessage(quotes=(an_update(seconds(0.7), bid="1"),)), seconds(9))

    counts = [len(live.quotes.amended(seconds(9))) for _ in range(3)]
    assert counts == [AMENDED_AT_ONCE, 3, 0]


def test_what_was_saved_is_known_again_after_a_restart() -> None:
    """Quotes, gaps and numbers; the next number tells that nothing was lost meanwhile."""
    live, again = Live(), Live()
    for number, at in enumerate((0, 1, 2), start=1):
        live.batch(number, seconds(at))
    live.batch(5, seconds(3), symbol="MSFT")
    live.state(seconds(1))

    again.quotes.restore(live.quotes.saved())
    again.quotes.start(seconds(60))
    again.batch(5, seconds(3), symbol="MSFT")
    again.batch(6, seconds(60), symbol="MSFT")

    report = again.quotes.report(NOON)
    assert (report.gaps, report.missed, report.repeated, report.mark) == (0, 1, 1, seconds(60))
    assert [again.state(seconds(at)) for at in (0, 1.5, 2.5, 9)] == [QuoteState.NORMAL] * 2 + [QuoteState.STALE] * 2
    assert again.state(seconds(-1)) is QuoteState.ABSENT


def test_a_source_without_numbers_is_in_doubt_after_a_restart() -> None:
    """Nothing tells whether something was said meanwhile."""
    live, again = Live(), Live()
    live.quotes.take(QuoteMessage(quotes=(an_update(),)), NOON)

    again.quotes.restore(live.quotes.saved())
    again.quotes.take(QuoteMessage(mark=seconds(2)), seconds(2))

    assert again.state(seconds(1)) is QuoteState.STALE


def test_a_smaller_tape_knows_again_what_has_room() -> None:
    """The symbols that it cannot hold are refused and counted."""
    live = Live()
    live.batch(1, NOON)
    live.batch(2, seconds(1), symbol="MSFT")
    small = LiveQuotes(Tape(capacity=16), QuotePolicy(), Liveness.of_settings(5_000))

    small.restore(live.quotes.saved())

    assert small.report(NOON).tape.refused_symbol == 1


def test_what_is_nothing_saved_is_refused() -> None:
    """And nothing of it is known."""
    live = Live()

    with pytest.raises(msgspec.DecodeError):
        live.quotes.restore(b"something else")

    assert live.quotes.report(NOON).mark == 0


def test_what_was_before_our_start_is_lost_by_the_restart() -> None:
    """A record of that time says so, and one of a later time waits for the source to be connected."""
    live = Live()

    live.quotes.start(NOON)
    before = live.quotes.decide(a_request(execution_at=seconds(-1)), seconds(2))
    after = live.quotes.decide(a_request(execution_at=seconds(1), received_at=seconds(1)), seconds(2))
    live.quotes.lost()

    assert before is not None
    assert before.at_execution is not None
    assert (before.at_execution.note, before.reason) == ("restart", "bound")
    assert after is None
    assert live.told == [SourceState.DEAD]
    assert live.quotes.report(NOON).gaps == 0


def test_two_threads_never_see_half_a_batch() -> None:
    """Every quote of one batch has one price; a reader finds both symbols of the same batch."""
    live = Live()
    batches = 300
    done = threading.Event()

    def feed() -> None:
        for number in range(1, batches):
            both = tuple(an_update(NOON, symbol=symbol, bid=f"{number}.00") for symbol in ("A", "B"))
            live.quotes.take(QuoteMessage(quotes=both), NOON)
        done.set()

    thread = threading.Thread(target=feed)
    thread.start()
    seen = []
    while not done.is_set():
        first = live.quotes.decide(a_request(symbol="B"), seconds(60))
        then = live.quotes.decide(a_request(symbol="A"), seconds(60))
        assert first is not None
        assert then is not None
        assert first.at_execution is not None
        assert then.at_execution is not None
        seen.append((first.at_execution.bid or 0, then.at_execution.bid or 0))
    thread.join(10)

    assert all(first <= then for first, then in seen)
