"""Looks at the channels: at what waits in the outbox, and where the daemon answers, which are connected."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from service.configuration import Configuration
from service.plans import configured_channels
from service.settings import ConfigurationError
from service.statements.look import daemon
from service.statements.readiness import Heard
from service.store.deliveries import SqlDeliveries
from service.telling.delivered import Standing

CONNECTED = "sorwatch_channel_connected"


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """How each channel stands, what the daemon says, and what is wrong with the working folder."""

    standings: tuple[Standing, ...]
    heard: Heard
    problems: tuple[str, ...] = ()

    def connected(self, channel: str) -> bool | None:
        """Return whether a channel is connected, None where the daemon does not say."""
        found = self.heard.gauge(CONNECTED, channel)
        return None if found is None else bool(found)


def looked(configured: Callable[[], Configuration], deliveries: SqlDeliveries, now: int) -> Looked:
    """Return how the channels stand now that are configured, and those on which alerts are left.

    With a working folder that is not sound, every channel that there ever was.
    """
    try:
        configuration = configured()
    except ConfigurationError as error:
        kept = deliveries.standings(now)
        found = tuple(msgspec.structs.replace(one, configured=True) for one in kept)
        return Looked(standings=found, heard=Heard(state=None), problems=tuple(error.problems))
    names = configured_channels(configuration.plan)
    found = tuple(one for one in deliveries.standings(now, names) if one.configured or one.waiting or one.dead)
    return Looked(standings=found, heard=daemon(configuration.settings))
