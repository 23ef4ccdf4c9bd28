"""The market as a quote source tells it, sound and in every way in which it can go wrong."""

from __future__ import annotations

import pytest

from rules.facts import SECOND
from service.market.update import MarketState
from service.quality.told_quotes import ToldQuotes
from service.simulator.faults import Fault, FaultName, Plan, fault
from service.simulator.market import TICK, QuoteMoved
from tests.factories_quality import T0


def the_source(*faults: Fault, apart: bool = False) -> ToldQuotes:
    """Return a source that was told a move of one symbol."""
    source = ToldQuotes(Plan(faults, T0), apart=apart)
    source.take(QuoteMoved(T0, "ALFA", 100 * TICK, 5, 101 * TICK, 7))
    return source


def test_a_batch_has_a_number_and_a_heartbeat_has_none() -> None:
    """Both say how far the market has come."""
    source = the_source()
    source.beat(T0)
    source.beat(T0 + 1)

    batch, heartbeat = source.arrived(T0 + 1)

    assert (batch.sequence, batch.mark, heartbeat.sequence, heartbeat.mark) == (1, T0, None, T0 + 1)
    (quote,) = batch.quotes
    assert (quote.symbol, quote.bid, quote.offer_size, quote.market) == (
        "ALFA",
        100 * TICK,
        7_000_000,
        MarketState.NORMAL,
    )


def test_a_dead_source_says_nothing_and_what_it_would_have_said_is_lost() -> None:
    """The number of the next batch shows it."""
    source = the_source(fault(FaultName.QUOTES_DEAD, 0, 1))
    source.beat(T0)
    source.take(QuoteMoved(T0 + SECOND, "ALFA", TICK, 5, TICK, 7))
    source.beat(T0 + SECOND)

    assert [message.sequence for message in source.arrived(T0 + SECOND)] == [2]


def test_a_source_that_lags_tells_late() -> None:
    """But it tells."""
    source = the_source(fault(FaultName.QUOTES_LAG, 0, 1, None, 3.0))
    source.beat(T0)

    assert list(source.arrived(T0 + 2 * SECOND)) == []
    assert len(list(source.arrived(T0 + 3 * SECOND))) == 1


def test_lost_batches_leave_holes_in_the_numbers() -> None:
    """Every other one, where half of them are lost; heartbeats are none."""
    source = ToldQuotes(Plan([fault(FaultName.QUOTES_LOST, 0, 9, None, 0.5)], T0))
    for number in range(4):
        source.take(QuoteMoved(T0, "ALFA", TICK, 5, TICK, number))
        source.beat(T0 + number)
    source.beat(T0 + 4)

    assert [message.sequence for message in source.arrived(T0 + 9)] == [1, 3, None]


@pytest.mark.parametrize(("apart", "bid"), [(True, 102 * TICK), (False, 100 * TICK)])
def test_the_second_source_alone_is_apart(*, apart: bool, bid: int) -> None:
    """By so many ticks."""
    source = the_source(fault(FaultName.QUOTES_APART, 0, 9, None, 2.0), apart=apart)
    source.beat(T0)

    ((quote,),) = [message.quotes for message in source.arrived(T0)]

    assert quote.bid == bid


def test_a_halt_is_of_all_symbols_or_of_a_part() -> None:
    """The whole market at strength one, nobody at nought."""
    states = []
    for strength in (1.0, 0.0):
        source = the_source(fault(FaultName.HALTED_MARKET, 0, 9, None, strength))
        source.beat(T0)
        states += [quote.market for message in source.arrived(T0) for quote in message.quotes]

    assert states == [MarketState.HALTED, MarketState.NORMAL]
