"""The port `Quotes`: what every implementation of it promises to the pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from rules.facts import Nanos, Quote, QuoteState
from service.market.daily_quotes import opened_quotes
from service.market.enrich import QuotePolicy
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness
from service.market.quote_json import QuoteMessage
from service.market.ranked_quotes import Ranked, RankedQuotes
from service.market.recorded_quotes import NoQuotes, RecordedQuotes
from service.market.tape import Tape
from service.ports import MarkWanted, Quotes
from service.processed import Decision
from tests.factories_market import NOON, a_quote, a_request, an_update, price, seconds
from tests.quote_files import write_csv, write_parquet

LATE = seconds(3600)
KNOWN = ("file", "folder", "live", "parquet", "ranked", "recorded")
WAITS = ("live", "ranked")
ROWS = [
    (seconds(-1), "IBM", "99.80", "100.10"),
    (NOON, "IBM", "99.90", "100.10"),
    (seconds(1), "IBM", "99.90", "100.10"),
]


def live_quotes() -> LiveQuotes:
    """Return a live source that has passed noon."""
    quotes = LiveQuotes(Tape(), QuotePolicy(), Liveness.of_settings(5_000))
    updates = (an_update(seconds(-1), bid="99.80"), an_update(NOON), an_update(seconds(1)))
    quotes.take(QuoteMessage(quotes=updates), seconds(1))
    return quotes


@pytest.fixture(params=[*KNOWN, "none"])
def kind(request: pytest.FixtureRequest) -> str:
    """Name the implementation."""
    return str(request.param)


@pytest.fixture
def quotes(kind: str, tmp_path: Path) -> Iterator[Quotes]:
    """Give each implementation with a quote one second before noon and one at noon."""
    if kind == "none":
        yield NoQuotes()
    elif kind == "live":
        yield live_quotes()
    elif kind == "recorded":
        before, noon = a_quote("99.80", at=seconds(-1)), a_quote()
        yield RecordedQuotes({1: Decision(at_receipt=before, at_execution=noon, reason="mark")}, NoQuotes())
    elif kind == "ranked":
        yield RankedQuotes(Ranked("first", live_quotes()), Ranked("second", live_quotes()))
    else:
        with opened_quotes(written(kind, tmp_path)) as source:
            yield source


def written(kind: str, folder: Path) -> Path:
    """Write the quotes in that form; return what to open."""
    if kind == "folder":
        write_csv(folder / "quotes-2013-10-06.csv", [(seconds(-86_400), "IBM", "1.00", "2.00")])
        write_parquet(folder / "quotes-2013-10-07.parquet", ROWS)
        return folder
    if kind == "parquet":
        return write_parquet(folder / "quotes.parquet", ROWS)
    return write_csv(folder / "quotes.csv", ROWS)


def test_both_quotes_that_were_asked_for_are_there(quotes: Quotes) -> None:
    """Released, both sides are quotes, be they absent ones."""
    decision = quotes.decide(a_request(receipt_at=seconds(-0.5)), LATE)

    assert decision is not None
    assert isinstance(decision.at_receipt, Quote)
    assert isinstance(decision.at_execution, Quote)


def test_what_is_known_is_found_as_of_each_time(quotes: Quotes, kind: str) -> None:
    """Each reference has the quote of its own time; without a source both are absent and say why."""
    decision = quotes.decide(a_request(receipt_at=seconds(-0.5)), LATE)

    assert decision is not None
    assert decision.at_receipt is not None
    assert decision.at_execution is not None
    if kind in KNOWN:
        assert (decision.at_receipt.at, decision.at_execution.at) == (seconds(-1), NOON)
    else:
        assert decision.at_receipt.note == decision.at_execution.note == "no quote source"
        assert decision.reason == "no_source"


def test_what_was_not_asked_for_is_not_answered(quotes: Quotes, kind: str) -> None:
    """A side without a time is None; what is recorded stays as it was recorded."""
    decision = quotes.decide(a_request(offset=2 if kind == "recorded" else 1), LATE)

    assert decision is not None
    assert decision.at_receipt is None


def test_outside_its_quote_the_second_before_is_answered_too(quotes: Quotes, kind: str) -> None:
    """With the quote in force when the second began; what knows no market, or recorded none, knows no extremes."""
    at = Nanos(NOON + 900_000_000)
    request = msgspec.structs.replace(a_request(execution_at=at, offset=2), price=price("99.70"))

    decision = quotes.decide(request, LATE)

    assert decision is not None
    expected = (price("99.80"), price("100.10")) if kind in KNOWN and kind != "recorded" else (None, None)
    assert (decision.lowest_bid, decision.highest_offer) == expected


def test_marks_are_answered_each_in_its_place(quotes: Quotes, kind: str) -> None:
    """Of any symbol, in one request with the record's own quotes; what nobody knows is absent and says why."""
    marks = (MarkWanted("IBM", seconds(-0.5)), MarkWanted("UNSEEN", NOON), MarkWanted("IBM", seconds(0.5)))

    decision = quotes.decide(a_request(marks=marks), LATE)

    assert decision is not None
    assert len(decision.marks) == 3
    assert decision.at_execution is not None
    assert decision.marks[1].state is QuoteState.ABSENT
    if kind in KNOWN and kind != "recorded":
        assert [mark.at for mark in decision.marks] == [seconds(-1), None, NOON]
    else:
        said = "no quote source" if kind == "none" else "not recorded"
        assert {mark.note for mark in decision.marks} == {said}


def test_a_mark_that_the_source_has_not_passed_is_waited_for(quotes: Quotes, kind: str) -> None:
    """Though the record's own quotes are there."""
    decision = quotes.decide(a_request(marks=(MarkWanted("IBM", seconds(2)),)), NOON)

    assert (decision is None) is (kind in WAITS)


def test_recorded_marks_come_back_in_their_order() -> None:
    """And what is asked beyond them is absent and says so."""
    first, second = a_quote("1.00", "2.00"), a_quote("3.00", "4.00")
    recorded = RecordedQuotes({1: Decision(marks=(first, second))}, NoQuotes())

    decision = recorded.decide(a_request(marks=(MarkWanted("IBM", NOON),) * 3), NOON)

    assert decision is not None
    assert decision.marks[:2] == (first, second)
    assert decision.marks[2].note == "not recorded"


def test_a_decision_is_repeated_word_by_word(quotes: Quotes) -> None:
    """The same request gets the same answer, whatever was asked between."""
    first = quotes.decide(a_request(), LATE)

    quotes.decide(a_request(execution_at=seconds(0.5), offset=2), LATE)

    assert quotes.decide(a_request(), LATE) == first


def test_no_record_waits_beyond_its_bound(quotes: Quotes) -> None:
    """A time that never comes is released all the same."""
    assert quotes.decide(a_request(execution_at=seconds(86_400), offset=9), LATE) is not None


def test_only_the_live_source_makes_a_record_wait(quotes: Quotes, kind: str) -> None:
    """Within its bound, for a time that its mark has not passed."""
    decision = quotes.decide(a_request(execution_at=seconds(2), offset=9), NOON)

    assert (decision is None) is (kind in WAITS)


def test_recorded_decisions_come_before_the_source() -> None:
    """A recorded offset is not asked again; a side that was not recorded is absent and says so."""
    recorded = RecordedQuotes({1: Decision(at_execution=a_quote("1.00", "2.00"), mark=Nanos(5))}, live_quotes())

    decision = recorded.decide(a_request(receipt_at=NOON), NOON)

    assert decision is not None
    assert decision.at_execution == a_quote("1.00", "2.00")
    assert decision.at_receipt is not None
    assert decision.at_receipt.note == "not recorded"
    assert (decision.mark, decision.reason) == (5, "recorded")
