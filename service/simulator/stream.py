"""The simulation as one stream of events, a function of its arguments: the same seed gives the same bytes.

The market has dice of its own, so that it is the same whatever the orders and the faults are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from rules.facts import MILLISECOND, SECOND
from service.simulator.agenda import Agenda
from service.simulator.desk import Desk
from service.simulator.dice import Dice
from service.simulator.events import Beat, Event, Silence
from service.simulator.faults import INSTANT, Fault, FaultName, Plan
from service.simulator.market import LISTINGS, Listing, Market, activity
from service.simulator.messages import BeginString
from service.simulator.mishaps import Mishaps
from service.simulator.pushes import Pushes
from service.simulator.router import Router
from service.simulator.troubles import Troubles
from service.simulator.truth import Truth
from service.simulator.venues import VENUES, Venue

BEAT = 50 * MILLISECOND
MESSAGES_PER_PARENT = 8.0
"""Reports that one parent makes on average; measured, so that `rate` means messages a second."""


def generate(
    seed: int,
    start_ns: int,
    rate: float,
    faults: Iterable[Fault] = (),
    *,
    version: BeginString = BeginString.FIX44,
    quote_rate: float = 200.0,
    listings: tuple[Listing, ...] = LISTINGS,
    venues: tuple[Venue, ...] = VENUES,
    nature: bool = False,
) -> Iterator[Event]:
    """Run the market and the router from `start_ns` on, without end, at about `rate` messages a second.

    Quotes of one instant come before the messages of that instant, so that an as-of look-up sees what the router saw.
    """
    agenda = Agenda()
    plan = Plan(faults, start_ns, nature=nature)
    market = Market(Dice(seed, "market"), listings)
    desk = Desk(agenda, plan, version)
    troubles = Troubles(plan, desk, Dice(seed, "troubles"))
    router = Router(
        market=market,
        plan=plan,
        dice=Dice(seed, "orders"),
        desk=desk,
        troubles=troubles,
        pushes=Pushes(plan, market, desk),
        venues=venues,
    )
    _plan_faults(agenda, plan, Mishaps(desk, market), desk)
    _plan_orders(agenda, router, Dice(seed, "arrivals"), start_ns, SECOND * MESSAGES_PER_PARENT / rate)
    yield from market.opening(start_ns)
    yield from _interleave(agenda, market, Dice(seed, "beats"), start_ns, SECOND / quote_rate)


def _interleave(agenda: Agenda, market: Market, dice: Dice, start: int, gap: float) -> Iterator[Event]:
    """Give out the market's moves and the agenda's events, the market first at equal times."""
    move_at = start + dice.pause(gap / activity(0))
    beat_at = start + BEAT
    while True:
        if move_at <= agenda.next_at and move_at <= beat_at:
            yield market.step(move_at)
            move_at += dice.pause(gap / activity(move_at - start))
        elif beat_at <= agenda.next_at:
            yield Beat(beat_at)
            beat_at += BEAT
        elif (event := agenda.pop()) is not None:
            yield event


def _plan_orders(agenda: Agenda, router: Router, dice: Dice, start: int, gap: float) -> None:
    def arrive(at: int) -> None:
        router.arrive(at)
        agenda.call(at + dice.pause(gap / activity(at - start)), arrive)

    agenda.call(start + dice.pause(gap), arrive)


def _plan_faults(agenda: Agenda, plan: Plan, mishaps: Mishaps, desk: Desk) -> None:
    for fault in plan.faults:
        begin, end = plan.start + fault.at, plan.start + fault.end
        for at, event in ((begin, "begin"), (end, "end")):
            line = Truth(at=at, fault=fault.name, event=event, subject=fault.subject, strength=fault.strength)
            agenda.tell(at, line)
        if fault.name is FaultName.SILENT_FEED:
            agenda.tell(begin, Silence(begin, end))
        if fault.name is FaultName.CROWDED_VENUE:
            agenda.call(end, partial(desk.admit_mix, fault))
        if fault.name in INSTANT:
            for strike_at in range(begin, end, SECOND):
                agenda.call(strike_at, partial(mishaps.strike, fault))
