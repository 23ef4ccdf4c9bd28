"""What a fault does to an order on its way, by its strength; each deed is in the truth with names and amount."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rules.facts import SECOND
from service.simulator.events import Event
from service.simulator.faults import RECORDED, SHOWN, FaultName, fault, parse
from service.simulator.market import TICK
from service.simulator.stream import generate
from service.simulator.troubles import FEW
from service.simulator.truth import MOVED, REFUSED, Truth
from tests.factories_simulator import START, a_run, copies


def hits(events: Iterable[Event], name: str) -> list[Truth]:
    """Return the strikes of a fault."""
    return [line for line in events if isinstance(line, Truth) and (line.fault, line.event) == (name, "hit")]


def of_order(events: Iterable[Event], order_id: str | None) -> list[dict[str, str]]:
    """Return the reports of an order."""
    return [tags for _, tags in copies(events) if tags["37"] == order_id]


def a_faulty_run(
    name: FaultName, strength: float | None, *, seconds: float = 20, subject: str | None = None
) -> list[Event]:
    """Return a run with the fault from its second second to the last but eight."""
    return a_run(seconds=seconds, rate=60.0, faults=(fault(name, 2, seconds - 10, subject, strength),))


def test_a_slow_venue_is_late_by_its_strength() -> None:
    """The amount is the whole wait since the receipt."""
    late = hits(a_faulty_run(FaultName.SLOW_VENUE, 0.5), FaultName.SLOW_VENUE)

    assert late
    assert all(SECOND // 2 < (line.amount or 0) < SECOND for line in late)
    assert {line.venue for line in late} == {"EDGX"}


def test_a_late_acknowledgement_is_late_by_its_strength() -> None:
    """Receipt and acknowledgement of the named order lie that far apart."""
    events = a_faulty_run(FaultName.SLOW_ACK, 1.5)

    struck = hits(events, FaultName.SLOW_ACK)[0]
    told = {tags["150"]: copy.at for copy, tags in copies(events) if tags["37"] == struck.order_id}

    assert struck.amount is not None
    assert 3 * SECOND // 2 < struck.amount < 8 * SECOND // 5
    assert told["0"] - struck.at > struck.amount


def test_a_late_answer_to_a_cancel_is_late_by_its_strength() -> None:
    """From the pending cancel to the cancel."""
    events = a_run(seconds=40, rate=60.0, faults=(fault(FaultName.SLOW_CANCEL, 0, 40, None, 2.0),))

    struck = hits(events, FaultName.SLOW_CANCEL)[0]
    told = {tags["150"]: copy.at for copy, tags in copies(events) if tags["37"] == struck.order_id}

    assert told["4"] - told["6"] > 2 * SECOND


def test_a_venue_that_never_answers_promises_and_is_silent() -> None:
    """Pending New, and nothing more."""
    events = a_faulty_run(FaultName.NO_ANSWER, 0.2)

    struck = hits(events, FaultName.NO_ANSWER)

    assert struck
    assert all([tags["150"] for tags in of_order(events, line.order_id)] == ["A"] for line in struck)
    assert of_order(events, struck[0].order_id)[0]["39"] == "A"


def test_a_burst_of_rejects_refuses_a_part_of_the_orders_at_the_venue() -> None:
    """Each of them is admitted."""
    events = a_faulty_run(FaultName.REJECT_BURST, 0.6)

    struck = hits(events, FaultName.REJECT_BURST)

    assert len(struck) > 5
    assert all([tags["150"] for tags in of_order(events, line.order_id)] == ["8"] for line in struck)


def test_a_crowded_venue_gets_nearly_all_immediate_children() -> None:
    """At strength nine tenths."""
    events = a_faulty_run(FaultName.CROWDED_VENUE, 0.9)

    begin, end = START + 3 * SECOND, START + 12 * SECOND
    venues = [
        tags["30"] for copy, tags in copies(events) if tags["150"] == "F" and "526" in tags and begin < copy.at < end
    ]

    assert venues.count("MEMX") / len(venues) > 0.75


def test_a_starved_order_gets_its_part_and_is_ended_by_the_venue() -> None:
    """It was an order of the day, so nobody expected it to end."""
    events = a_faulty_run(FaultName.STARVED_ORDERS, 0.6)

    struck = next(line for line in hits(events, FaultName.STARVED_ORDERS) if (line.amount or 0) > 500_000)
    last = of_order(events, struck.order_id)[-1]

    assert (last["59"], last["150"]) == ("0", "4")
    assert abs(int(last["14"]) / int(last["38"]) - 0.6) < 0.1


def test_the_whole_router_can_collapse() -> None:
    """At strength nought nothing immediate is filled anywhere."""
    events = a_faulty_run(FaultName.ROUTER_COLLAPSE, 0.0)

    struck = {line.order_id for line in hits(events, FaultName.ROUTER_COLLAPSE)}
    at_once = [tags for _, tags in copies(events) if tags["37"] in struck and tags["59"] == "3"]

    assert len(struck) > 20
    assert "F" not in {tags["150"] for tags in at_once}


def test_an_execution_outside_is_so_many_ticks_outside() -> None:
    """The amount says so."""
    struck = hits(a_faulty_run(FaultName.OUTSIDE_NBBO, 3.0), FaultName.OUTSIDE_NBBO)

    assert struck
    assert {line.amount for line in struck} == {3 * TICK}


def test_an_unknown_symbol_is_admitted_once() -> None:
    """With its first execution."""
    events = a_faulty_run(FaultName.UNKNOWN_SYMBOL, 1.0)

    written = [line.subject for line in hits(events, FaultName.UNKNOWN_SYMBOL)]

    assert written
    assert len(written) == len(set(written))
    assert set(written) <= {tags["55"] for _, tags in copies(events)}


def test_late_copies_are_told_late() -> None:
    """From execution to sending."""
    events = a_faulty_run(FaultName.LATE_COPIES, 1.0)

    struck = hits(events, FaultName.LATE_COPIES)[0]
    told = next(copy.at for copy, tags in copies(events) if tags["17"] == struck.exec_id)

    assert told - struck.at > SECOND


def test_a_skewed_clock_is_behind_by_its_strength() -> None:
    """A fraction of a millisecond makes few stamps negative, and the amount says which."""
    struck = hits(a_faulty_run(FaultName.CLOCK_SKEW, 3.0), FaultName.CLOCK_SKEW)

    assert struck
    assert all((line.amount or 0) < 0 for line in struck if (line.detail or "").startswith("before"))


@pytest.mark.parametrize("name", [FaultName.CLOCK_SKEW, FaultName.LATE_COPIES, FaultName.STARVED_ORDERS])
def test_a_fault_without_a_strength_strikes_as_usual(name: FaultName) -> None:
    """Whoever does not care gets one that shows."""
    assert hits(a_faulty_run(name, None), name)


def test_nature_is_told_only_on_request() -> None:
    """What the market or a venue did without any fault."""
    events: list[Event] = []
    for event in generate(7, START, 200.0, nature=True, quote_rate=2_000.0):
        if event.at > START + 20 * SECOND:
            break
        events.append(event)

    assert hits(events, MOVED)
    assert hits(events, REFUSED)
    assert not hits(a_run(seconds=20), MOVED)


def test_a_strength_is_read_from_text() -> None:
    """Behind an equals sign."""
    assert parse("slow_venue@20+30:XNYS=0.5") == fault(FaultName.SLOW_VENUE, 20, 30, "XNYS", 0.5)
    assert parse("late_copies@5=2") == fault(FaultName.LATE_COPIES, 5, 1, None, 2.0)
    assert "expected for example slow_venue" in str(parse("slow_venue@20=much"))
    assert "out of range" in str(parse("slow_venue@20=-1"))


def test_what_stands_around_the_router_cannot_be_asked_of_it() -> None:
    """A router has no gateway of ours and no quote source."""
    assert RECORDED.isdisjoint(SHOWN)
    assert "unknown fault 'gateway_death'" in str(parse("gateway_death@5"))


def test_a_market_that_is_pushed_makes_the_execution_dearer_than_the_receipt_quote() -> None:
    """And not outside the quote, for that has moved too."""
    struck = hits(a_faulty_run(FaultName.DISIMPROVED, 2.0), FaultName.DISIMPROVED)

    assert struck
    assert all((line.amount or 0) > 0 for line in struck)
    assert any(line.beyond == 0 and (line.spread or 0) > 0 for line in struck)


def test_a_push_comes_back_at_the_venue_that_leaks() -> None:
    """The named executions are at that venue alone."""
    events = a_faulty_run(FaultName.REVERSION, None, subject="XNAS")

    struck = hits(events, FaultName.REVERSION)

    assert {line.venue for line in struck} == {"XNAS"}


def test_a_quote_runs_away_from_a_parent_once() -> None:
    """From its first child."""
    struck = hits(a_faulty_run(FaultName.QUOTE_FADE, None), FaultName.QUOTE_FADE)

    assert len({line.order_id for line in struck}) == len(struck) > 5
    assert {line.amount for line in struck} == {2 * TICK}


def test_a_wide_venue_is_named_with_each_of_its_executions() -> None:
    """The amount is how far beyond the touch."""
    struck = hits(a_faulty_run(FaultName.WIDE_SPREAD, None, subject="XNAS"), FaultName.WIDE_SPREAD)

    assert struck
    assert all(line.venue == "XNAS" and (line.amount or 0) > 0 for line in struck)


def test_executions_meet_the_midpoint_in_few_symbols() -> None:
    """A part of them, so that the others are seen to have missed it."""
    events = a_faulty_run(FaultName.MIDPOINT_MISSED, 0.6)

    begin, end = START + 4 * SECOND, START + 12 * SECOND
    symbols = {tags["55"] for copy, tags in copies(events) if tags["150"] == "0" and begin < copy.at < end}

    assert len(symbols) <= FEW + 1


def test_the_mix_is_told_at_the_end_of_a_crowd() -> None:
    """Which part of all shares the venue got; of no shares nothing is told."""
    told = hits(a_faulty_run(FaultName.CROWDED_VENUE, None), FaultName.CROWDED_VENUE)
    nothing = hits(a_run(seconds=1, rate=5.0, faults=(fault(FaultName.CROWDED_VENUE, 0, 0.001),)), "crowded_venue")

    assert [line.subject for line in told] == ["MEMX"]
    assert 0 < (told[0].amount or 0) < 1_000_000
    assert nothing == []
