"""Which gateways a daemon runs: one a counterparty, wound to what its journal holds."""

from __future__ import annotations

from collections.abc import Callable

from service.configuration import Configuration, Counterparty
from service.fix.child import GatewaySpec
from service.fix.children import Gateways
from service.fix.dialect import parse_dialect
from service.journal import Frame, SessionPoint
from service.ports import Journal
from service.settings import Durability, Settings


def opened_gateways(configuration: Configuration, journal: Journal, on_frame: Callable[[Frame], object]) -> Gateways:
    """Return the family of gateways, not started yet; `on_frame` commits what they send."""
    settings = configuration.settings
    parties = {party.name: party for party in configuration.counterparties}

    def points(counterparty: str) -> tuple[SessionPoint, ...]:
        found = (journal.point(counterparty, session.name) for session in parties[counterparty].sessions.sessions)
        return tuple(point for point in found if point is not None)

    return Gateways(
        [_spec(settings, party) for party in parties.values()],
        points=points,
        on_frame=on_frame,
        restart_min_s=settings.gateway.restart_min_s,
        restart_max_s=settings.gateway.restart_max_s,
    )


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
