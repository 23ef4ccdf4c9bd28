"""Beside the quote sources: what was decided lately and is otherwise is journalled, once, under its source."""

from __future__ import annotations

import pytest

from rules.facts import Nanos
from service.journal import Frame
from service.market.enrich import QuotePolicy
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness
from service.market.quote_json import QuoteMessage
from service.market.ranked_quotes import Ranked, RankedQuotes
from service.market.sources import QuoteSources
from service.market.tape import Tape
from service.quote_work import LateQuoteWork
from service.requote import read_requote
from tests.factories import price
from tests.factories_market import NOON, a_request, an_update, seconds


class Disk:
    """A journal's disk that may be full; it keeps the frames that it took."""

    def __init__(self) -> None:
        self.full = False
        self.frames: list[Frame] = []

    def append(self, frame: Frame) -> None:
        """Take a frame, or fail as a full disk does."""
        if self.full:
            raise OSError(28, "no space left")
        self.frames.append(frame)


def a_live() -> LiveQuotes:
    """Return a source with a quote at noon that has come to the tenth second."""
    live = LiveQuotes(Tape(), QuotePolicy(), Liveness.of_settings(5_000))
    live.take(QuoteMessage(quotes=(an_update(NOON),), mark=seconds(10)), seconds(10))
    return live


def sources(**live: LiveQuotes) -> QuoteSources:
    """Return these sources by priority."""
    return QuoteSources(quotes=RankedQuotes(*(Ranked(name, one) for name, one in live.items())), live=live)


def late(live: LiveQuotes, bid: str) -> None:
    """Let a quote of the first second come late."""
    live.take(QuoteMessage(quotes=(an_update(seconds(1), bid=bid),)), seconds(11))


def test_a_decision_that_a_late_quote_changes_is_journalled_once() -> None:
    """With its new quotes and the name of their source."""
    live, disk = a_live(), Disk()
    of_one = sources(mqtt=live)
    work = LateQuoteWork(of_one, disk.append)
    of_one.quotes.decide(a_request(execution_at=seconds(2), offset=7), seconds(10))

    pauses = [work.work()]
    late(live, "99.95")
    pauses += [work.work(), work.work()]

    ((entry,),) = [frame.entries for frame in disk.frames]
    made = read_requote(entry.body)
    assert made.now.at_execution is not None
    assert (made.offset, made.now.source, made.now.at_execution.bid) == (7, "mqtt", price("99.95"))
    assert pauses == [0.5, 0.0, 0.5]


def test_what_the_journal_could_not_take_is_written_when_it_can() -> None:
    """No amendment is lost with a full disk."""
    live, disk = a_live(), Disk()
    of_one = sources(mqtt=live)
    work = LateQuoteWork(of_one, disk.append)
    of_one.quotes.decide(a_request(execution_at=seconds(2), offset=7), seconds(10))
    late(live, "99.95")
    disk.full = True

    with pytest.raises(OSError, match="no space left"):
        work.work()
    disk.full = False
    work.work()

    assert [read_requote(entry.body).offset for frame in disk.frames for entry in frame.entries] == [7]


def test_of_two_sources_the_first_still_goes_before_what_came_late_from_the_second() -> None:
    """All are asked again: the decision names the first, with the other's late quote beside it."""
    first, second, disk = a_live(), a_live(), Disk()
    both = sources(own=first, sip=second)
    work = LateQuoteWork(both, disk.append)
    both.quotes.decide(a_request(execution_at=seconds(2), offset=7, received_at=Nanos(NOON)), seconds(10))

    late(second, "99.80")
    work.work()

    ((entry,),) = [frame.entries for frame in disk.frames]
    made = read_requote(entry.body)
    assert made.now.source == "own"
    assert made.now.apart is not None
    assert made.now.apart.bid == price("0.10")
