"""The simulation as a whole: repeatable, in time order, at the rate asked for, and true to its own books."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import msgspec
import pytest

from rules.facts import SECOND
from service.simulator.events import Beat, DropCopy
from service.simulator.faults import FaultName, fault
from service.simulator.market import QuoteMoved
from service.simulator.messages import BeginString
from tests.factories_simulator import START, a_run, copies

LIVE = {"150": "F"}


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Two runs with one seed and one programme of faults cannot be told apart."""
    faults = (fault(FaultName.ROGUE_VENUE, 1, 5), fault(FaultName.DUPLICATES, 3, 2))

    first, second = a_run(faults=faults), a_run(faults=faults)

    assert msgspec.msgpack.encode(first) == msgspec.msgpack.encode(second)


def test_another_seed_gives_another_day() -> None:
    """The seed matters."""
    assert a_run(seed=1) != a_run(seed=2)


def test_events_come_in_the_order_of_their_time() -> None:
    """Nothing is told before what happened earlier, and quotes stand before the messages of their instant."""
    events = a_run(faults=(fault(FaultName.SILENT_FEED, 2, 3), fault(FaultName.CLOCK_SKEW, 5, 2)))

    times = [event.at for event in events]

    assert times == sorted(times)


def test_the_market_is_the_same_whatever_the_faults_are() -> None:
    """Faults change what the router does, never what the market did."""
    quiet, faulty = a_run(), a_run(faults=(fault(FaultName.SLOW_VENUE, 0, 10), fault(FaultName.LATE_BUST, 4)))

    def market(events: list[object]) -> list[object]:
        return [event for event in events if isinstance(event, QuoteMoved)]

    assert market(list(quiet)) == market(list(faulty))


@pytest.mark.parametrize("rate", [30.0, 400.0])
def test_the_rate_is_what_was_asked_for(rate: float) -> None:
    """Half an hour's opening is busier than the day's average, never by more than half."""
    messages = sum(1 for event in a_run(seconds=60, rate=rate) if isinstance(event, DropCopy))

    assert 0.8 * rate < messages / 60 < 1.8 * rate


def test_the_market_is_never_silent() -> None:
    """A beat comes every 50 ms, and every symbol has a quote from the start."""
    events = a_run(seconds=2)

    beats = [event.at for event in events if isinstance(event, Beat)]

    assert beats == [START + n * SECOND // 20 for n in range(1, 40)]
    assert len({event.symbol for event in events if isinstance(event, QuoteMoved) and event.at == START}) == 20


def test_cumulative_quantities_follow_from_the_executions() -> None:
    """14, 6 and 39 of every report agree with the executions, busts and corrections told so far."""
    books: dict[str, dict[str, tuple[int, Decimal]]] = defaultdict(dict)
    seen = 0

    for _, tags in copies(a_run(seconds=120, rate=300, faults=(fault(FaultName.LATE_BUST, 20, 5),))):
        book = books[tags["37"]]
        if tags["150"] == "F":
            book[tags["17"]] = (int(tags["32"]), Decimal(tags["31"]))
        elif tags["150"] == "G":
            book[tags["17"]] = (int(tags["32"]), Decimal(tags["31"]))
            del book[tags["19"]]
        elif tags["150"] == "H":
            del book[tags["19"]]
        total = sum(quantity for quantity, _ in book.values())
        assert int(tags["14"]) == total
        if total:
            average = sum((quantity * price for quantity, price in book.values()), Decimal()) / total
            assert abs(average - Decimal(tags["6"])) < Decimal("0.00000001")
        assert int(tags["151"]) in {0, int(tags["38"]) - total}
        seen += 1

    assert seen > 20_000


def test_a_parents_executions_are_the_sum_of_its_childrens() -> None:
    """Every share of a child is rolled up on its parent once."""
    parents: dict[str, int] = defaultdict(int)
    children: dict[str, int] = defaultdict(int)

    for _, tags in copies(a_run(seconds=30)):
        if tags["150"] == "F" and "526" in tags:
            children[tags["526"]] += int(tags["32"])
        elif tags["150"] == "F":
            parents[tags["11"]] += int(tags["32"])

    assert parents
    assert parents == children


def test_no_execution_is_worse_than_its_limit_or_outside_the_market() -> None:
    """Without faults every execution is at or inside the quote of its instant, and within its limit."""
    quotes: dict[str, QuoteMoved] = {}
    history: dict[str, list[QuoteMoved]] = defaultdict(list)
    checked = 0

    for event in a_run(seconds=60, rate=200):
        if isinstance(event, QuoteMoved):
            quotes[event.symbol] = event
            history[event.symbol].append(event)
        if not isinstance(event, DropCopy) or not event.trade:
            continue
        tags = dict(part.split("=", 1) for part in event.body.split("\x01")[:-1])
        price = int(Decimal(tags["31"]) * 10**9)
        assert any(q.bid <= price <= q.offer for q in history[tags["55"]][-3:])
        if "44" in tags:
            limit = int(Decimal(tags["44"]) * 10**9)
            assert price <= limit if tags["54"] == "1" else price >= limit
        checked += 1

    assert checked > 1_000


def test_every_order_ends_once() -> None:
    """After its end an order tells nothing but busts and corrections."""
    ended: set[str] = set()

    for _, tags in copies(a_run(seconds=90, rate=200)):
        if tags["150"] in {"G", "H"}:
            continue
        assert tags["37"] not in ended
        if tags["39"] in {"2", "4", "8"}:
            ended.add(tags["37"])

    assert len(ended) > 1_000


@pytest.mark.parametrize("version", list(BeginString))
def test_every_version_tells_the_same_story(version: BeginString) -> None:
    """The versions differ in their tags, not in what happened."""
    told = [(copy.at, tags["17"], tags["37"]) for copy, tags in copies(a_run(version=version))]

    assert told == [(copy.at, tags["17"], tags["37"]) for copy, tags in copies(a_run())]
