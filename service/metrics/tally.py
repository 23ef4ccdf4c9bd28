"""What the store holds of exceptions, alerts, certificates and seals, counted every few seconds. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import SECOND
from service.cases.states import State
from service.telling.delivered import Standing

BELIEVED_FOR = 60 * SECOND
"""Twelve times as long as from one count to the next: what is older says nothing of now."""
AGES = ("under_15m", "under_1h", "under_4h", "under_1d", "over_1d")
"""How old an open exception is, in words: counted from its opening, round the clock."""
AGE_BOUNDS = tuple(minutes * 60 * SECOND for minutes in (15, 60, 240, 1440))


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """How the work on exceptions stands.

    `opened` counts by (severity, age), `states` by state, `unacknowledged` and `breached` by severity; `waiting_since`
    is since when the oldest that nobody has acknowledged waits (UTC ns), by severity; `newest` is the number of the
    newest open exception by (rule, severity), `newest_waiting` that of the newest which nobody has acknowledged.
    """

    opened: dict[tuple[str, str], int] = {}
    states: dict[str, int] = {}
    unacknowledged: dict[str, int] = {}
    waiting_since: dict[str, int] = {}
    breached: dict[str, int] = {}
    newest: dict[tuple[str, str], int] = {}
    newest_waiting: dict[tuple[str, str], int] = {}

    @property
    def awaiting_second(self) -> int:
        """Return how many closings wait for a second person."""
        return self.states.get(State.IN_REVIEW.value, 0)


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; instants in UTC ns, None where there is none yet.

    `certificates` is the gravest state of the newest certified day, by counterparty. `certified_at` and `sealed_at`
    are those of the newest certificate and seal; before the first, when the store began: one that never comes is late.
    """

    work: Work = Work()
    channels: dict[str, Standing] = {}
    certificates: dict[str, str] = {}
    certified_at: int | None = None
    sealed_at: int | None = None


class Newest:
    """The newest tally, while it can be believed: a store that hangs must not look like one in which nothing happens.

    Instants are those of a clock that nobody sets, in ns.
    """

    def __init__(self) -> None:
        self._kept: tuple[Tally, int] | None = None

    def keep(self, tally: Tally, now: int) -> None:
        """Keep a tally that was read now."""
        self._kept = tally, now

    def forget(self) -> None:
        """Keep none: the store could not be read."""
        self._kept = None

    def at(self, now: int) -> Tally | None:
        """Return it, None when there is none that is young enough."""
        if self._kept is None:
            return None
        tally, read_at = self._kept
        return tally if now - read_at <= BELIEVED_FOR else None
