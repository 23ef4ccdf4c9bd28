"""Which gateways a daemon runs: one a counterparty, wound to what its journal holds."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

from rules.facts import SECOND, Nanos
from service.configuration import Configuration, Counterparty
from service.feed.feeds import Feeds
from service.fix.child import GatewaySpec
from service.fix.children import Gateways
from service.fix.dialect import parse_dialect
from service.journal import Frame, SessionPoint
from service.ports import Journal
from service.settings import Durability, Settings
from service.settings_feed import FeedSettings
from service.steering import Steering

LOOK_EVERY_S = 0.1


def opened_gateways(configuration: Configuration, journal: Journal, on_frame: Callable[[Frame], object]) -> Gateways:
    """Return the family of gateways, not started yet; `on_frame` commits what they send."""
    settings = configuration.settings
    parties = {party.name: party for party in configuration.counterparties}

    def points(counterparty: str) -> tuple[SessionPoint, ...]:
        found = (journal.point(counterparty, session.name) for session in parties[counterparty].sessions.sessions)
        return tuple(point for point in found if point is not None)

    return Gateways(
        [_spec(settings, party) for party in parties.values() if party.sessions.sessions],
        points=points,
        on_frame=on_frame,
        restart_min_s=settings.gateway.restart_min_s,
        restart_max_s=settings.gateway.restart_max_s,
    )


async def steer(gateways: Gateways, feeds: Callable[[], Feeds], warm: threading.Event, feed: FeedSettings) -> None:
    """Let the gateways ask for what was missed, and go on where nothing more will come, for as long as this runs."""
    steering = Steering(Nanos(int(feed.gap_overdue_after_s * SECOND)))
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        if not warm.is_set():
            continue
        seen = {
            (state.counterparty, session.session): session for state in gateways.states() for session in state.sessions
        }
        now, sight = Nanos(time.time_ns()), feeds()
        for counterparty, command in steering.commands(now, sight.questions(now), sight.counts(), seen):
            gateways.command(counterparty, command)


def _spec(settings: Settings, party: Counterparty) -> GatewaySpec:
    return GatewaySpec(
        counterparty=party.name,
        config=party.session_cfg,
        store=settings.folder / "fix_store" / party.name,
        allowed=tuple(sorted(parse_dialect(party.dialect).recovery.allow)),
        on_receipt=settings.journal.durability is Durability.ON_RECEIPT,
        time_zone=party.sessions.time_zone,
        sessions=tuple(session.name for session in party.sessions.sessions),
    )
