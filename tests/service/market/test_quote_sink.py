"""What a source of others may hand over: the good is taken, everything else is counted and hurts nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import SECOND, Nanos, QuoteState
from service.market.enrich import QuotePolicy
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness, SourceState
from service.market.quote_sink import CheckedSink, fault
from service.market.tape import Tape
from tests.factories_market import NOON, a_request, an_update, seconds


class Fed:
    """A live source behind a sink, at noon."""

    def __init__(self) -> None:
        self.live = LiveQuotes(Tape(), QuotePolicy(), Liveness.of_settings(5_000))
        self.sink = CheckedSink(self.live, lambda: NOON)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Return taken, bad, dropped."""
        report = self.live.report(NOON)
        return report.tape.taken, report.bad_quotes, report.dropped


def test_quotes_and_json_reach_the_tape() -> None:
    """With the mark and the source's own numbering."""
    fed = Fed()

    fed.sink.quotes([an_update(NOON)], mark=seconds(1), sequence=1)
    fed.sink.payload(msgspec.json.encode({"symbol": "MSFT", "bid": "1", "offer": "2", "time_ns": NOON}))
    fed.sink.quotes([an_update(seconds(2), symbol="MSFT")], sequence=3)

    decision = fed.live.decide(a_request(), seconds(9))
    assert decision is not None
    assert decision.at_execution is not None
    assert (decision.at_execution.state, fed.counts) == (QuoteState.NORMAL, (3, 0, 0))
    assert fed.live.report(NOON).missed == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"symbol": ""}, "the symbol is empty"),
        ({"symbol": 7}, "or no text"),
        ({"at": NOON + 11 * SECOND}, "IBM: the time"),
        ({"at": 1.5}, "IBM: the time 1.5"),
        ({"market": 3}, "IBM: the state 3 is no MarketState"),
        ({"bid": 99.9}, "IBM: bid 99.9 is no integer of 64 bits"),
        ({"offer": 0}, "IBM: offer 0"),
        ({"offer_size": 2**63}, "IBM: offer_size"),
        ({"bid_size": -1}, "IBM: bid_size -1"),
    ],
)
def test_a_quote_that_is_none_is_bad_and_the_others_are_taken(changed: dict[str, Any], words: str) -> None:
    """The tape never meets it."""
    fed = Fed()
    wrong = msgspec.structs.replace(an_update(NOON), **changed)

    fed.sink.quotes([wrong, an_update(NOON)])

    assert words in (fault(wrong, NOON + 10 * SECOND) or "")
    assert fed.counts == (1, 1, 0)


def test_a_thing_that_is_no_quote_and_a_mark_ahead_of_our_clock_are_bad() -> None:
    """A mark of tomorrow would end all waiting; a number that is none is not followed."""
    fed = Fed()
    things: list[Any] = ["IBM 99.90", None]

    fed.sink.quotes(things, mark=Nanos(NOON + 11 * SECOND), sequence="seven")  # type: ignore[arg-type]

    assert fed.counts == (0, 3, 0)
    assert fed.live.report(NOON).mark == 0


def test_a_loss_is_noted() -> None:
    """Of messages, and of the connection."""
    fed = Fed()
    fed.sink.quotes([an_update(NOON)])

    fed.sink.lost(3)
    fed.sink.lost()

    assert fed.counts == (1, 0, 3)
    assert fed.live.report(NOON).state is SourceState.DEAD
