"""The second thoughts of the simulated venues, where two of them meet."""

from __future__ import annotations

from service.simulator.agenda import Agenda
from service.simulator.bodies import field
from service.simulator.desk import Desk
from service.simulator.dice import Dice
from service.simulator.faults import Plan
from service.simulator.market import LISTINGS, Market
from service.simulator.messages import BeginString
from service.simulator.orders import Life, Trade
from service.simulator.pushes import Pushes
from service.simulator.router import Router
from service.simulator.troubles import Troubles


def test_an_execution_that_a_fault_has_busted_is_not_amended_again() -> None:
    """The venue's own change of mind comes too late and says nothing."""
    plan, agenda = Plan((), 0), Agenda()
    market, desk = Market(Dice(1, "market"), LISTINGS), Desk(agenda, plan, BeginString.FIX44)
    list(market.opening(0))
    troubles = Troubles(plan, desk, Dice(1, "troubles"))
    router = Router(
        market=market,
        plan=plan,
        dice=Dice(1, "orders"),
        desk=desk,
        troubles=troubles,
        pushes=Pushes(plan, market, desk),
    )
    child = Life(terms=router._terms(0))
    trade = Trade(child=child, exec_id="1", parent_exec_id="2", quantity=100, price=1, at=0, amended=True)

    router._amend(trade, 1)

    assert list(desk.told) == []


def test_a_tag_that_a_body_does_not_have_is_none() -> None:
    """A body is asked for any tag, also for one that its kind of report does not carry."""
    body = "35=8\x0137=C1\x01"

    found = field(body, "17")

    assert found is None
