"""Reports that are amiss: each is admitted with the ids that it names, and nothing is admitted that was not done."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.simulator.bodies import changed, field, without
from service.simulator.faults import FaultName, fault
from tests.factories_simulator import a_run, copies
from tests.service.simulator.test_troubles import hits, of_order


def a_struck_run(name: FaultName, strength: float | None = None) -> list:  # type: ignore[type-arg]
    """Return a run with ten strikes."""
    return a_run(seconds=20, rate=200.0, faults=(fault(name, 5, 10, None, strength),))


def test_a_contradiction_has_the_id_of_an_execution_and_another_price() -> None:
    """By the strength in ticks."""
    events = a_struck_run(FaultName.DUPLICATE_CONFLICT, 5.0)

    struck = hits(events, FaultName.DUPLICATE_CONFLICT)[0]
    prices = [Decimal(tags["31"]) for _, tags in copies(events) if tags["17"] == struck.exec_id]

    assert len(prices) == 2
    assert prices[1] - prices[0] == Decimal("0.05")


@pytest.mark.parametrize(("strength", "least"), [(None, 100), (0.1, 1)])
def test_an_overfilled_order_has_more_than_was_ordered(strength: float | None, least: int) -> None:
    """Its own total says so too."""
    events = a_struck_run(FaultName.OVERFILL, strength)

    struck = hits(events, FaultName.OVERFILL)[0]
    last = of_order(events, struck.order_id)[-1]

    assert int(last["14"]) - int(last["38"]) >= least


def test_a_bust_of_nothing_names_what_nobody_reported() -> None:
    """So it waits in vain."""
    events = a_struck_run(FaultName.ORPHAN_BUST)

    struck = hits(events, FaultName.ORPHAN_BUST)[0]

    assert struck.exec_id in {tags.get("19") for _, tags in copies(events)}
    assert struck.exec_id not in {tags["17"] for _, tags in copies(events)}


def test_a_hidden_fill_comes_inside_a_cancel() -> None:
    """150=4 with a share and a price."""
    events = a_struck_run(FaultName.HIDDEN_FILL)

    struck = hits(events, FaultName.HIDDEN_FILL)[0]
    (told,) = [tags for _, tags in copies(events) if tags["17"] == struck.exec_id]

    assert (told["150"], told["32"]) == ("4", "1")


def test_a_lost_report_shows_only_in_the_total_of_the_orders_end() -> None:
    """The execution is admitted and never told."""
    events = a_struck_run(FaultName.LOST_REPORT)

    struck = hits(events, FaultName.LOST_REPORT)[0]
    told = of_order(events, struck.order_id)

    assert struck.exec_id not in {tags["17"] for tags in told}
    assert int(told[-1]["14"]) >= (struck.amount or 0) > 0


@pytest.mark.parametrize(
    "name", [FaultName.DUPLICATE_CONFLICT, FaultName.OVERFILL, FaultName.ORPHAN_BUST, FaultName.HIDDEN_FILL]
)
def test_before_the_first_execution_nothing_is_done_and_nothing_admitted(name: FaultName) -> None:
    """There is nothing to be amiss."""
    assert hits(a_run(seconds=1, faults=(fault(name, 0, 0.001),)), name) == []


def test_a_body_is_cut_where_it_is_asked_for() -> None:
    """The first of repeated tags."""
    body = "17=E1\x0131=10.00\x0131=11.00\x01"

    assert changed(body, "31", "12.00") == "17=E1\x0131=12.00\x0131=11.00\x01"
    assert changed(body, "99", "x") == body
    assert (field(body, "31"), without(body, {"31"})) == ("10.00", "17=E1\x01")
