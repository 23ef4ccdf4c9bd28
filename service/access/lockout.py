"""When a name must wait after failed logins: decided from the times of what happened, never kept as a state. Pure.

The rule asks what was tried, not who exists, so that an answer does not tell whether there is such a user.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

import msgspec

from rules.facts import Nanos

MINUTE = 60 * 1_000_000_000


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """So many failures within `within` make the next ones wait until `pause` has passed since the last of them."""

    failures: int = 5
    within: int = 15 * MINUTE
    pause: int = 15 * MINUTE


OF_A_NAME = Patience()
OF_A_PLACE = Patience(failures=50)
"""One place that tries many names: rarely a person."""


class Try(msgspec.Struct, frozen=True):
    """One attempt that was judged: when, and whether it failed. Success and an admin's unlocking end a row of them."""

    at: Nanos
    failed: bool


def waits_until(tries: Iterable[Try], now: Nanos, patience: Patience = OF_A_NAME) -> Nanos | None:
    """Return until when nothing more is judged, None when the next attempt is; `tries` are newest first."""
    row = [one.at for one in takewhile(lambda one: one.failed, tries)][: patience.failures]
    if len(row) < patience.failures or row[0] - row[-1] > patience.within:
        return None
    until = Nanos(row[0] + patience.pause)
    return until if now < until else None
