"""What the daemon sees of itself at one moment, for whoever scrapes it. Pure.

What is read from the store is tallied every few seconds (tally.py) and comes in as it was found then; None: not known.
"""

from __future__ import annotations

import msgspec

from service.metrics.tally import Tally


class SessionSight(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one FIX session at this moment; ages in seconds, None before the first message.

    `clock_offset` is our clock less the session's, in seconds, None before it was estimated. `expected` says that it
    should be logged on now; `heartbeat` is how often it says so, in seconds, None where the other side decides.
    """

    counterparty: str
    session: str
    logged_on: bool
    last_inbound_age: float | None
    gap_open: bool
    clock_offset: float | None = None
    recovering: bool = False
    redelivered: int = 0
    expected: bool = False
    heartbeat: float | None = None


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """The file system of the working folder, in bytes."""

    free: int
    size: int


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What the daemon sees of itself at `at` (UTC ns); `quote_lag` by source in seconds.

    `failing` says of each worker whether it is kept from its work, `connected` of each channel whether it has its way.
    """

    at: int = 0
    sessions: tuple[SessionSight, ...] = ()
    gateway_restarts: dict[str, int] = {}
    inbox: int = 0
    quote_lag: dict[str, float | None] = {}
    quote_live: dict[str, bool] = {}
    forgotten: int = 0
    warm: bool = False
    ready: bool = False
    failing: dict[str, bool] = {}
    market_open: bool = False
    connected: dict[str, bool] = {}
    disk: Disk | None = None
    tally: Tally | None = Tally()
