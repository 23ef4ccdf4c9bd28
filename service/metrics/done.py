"""What people have done to exceptions, each step counted once however late it shows and whatever follows it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rules.facts import SECOND, Nanos
from service.cases.states import Action

SHOWS_WITHIN = Nanos(300 * SECOND)
"""A step says when it was taken, and shows with its commit: behind a long write that is later, and out of order."""


class Done(NamedTuple):
    """Step `n` of an exception: what was done at `at` (UTC ns), how grave it is, and how long after its opening."""

    case_id: int
    n: int
    at: Nanos
    action: Action
    severity: str
    seconds: float


class Steps:
    """Those that were counted; what was taken before `start` (UTC ns) is another's to count."""

    def __init__(self, start: Nanos) -> None:
        self._since = start
        self._counted: dict[tuple[int, int], Nanos] = {}

    @property
    def since(self) -> Nanos:
        """Return from when on steps must be looked at, because some may not have shown when that was last done."""
        return self._since

    def fresh(self, found: Iterable[Done], now: Nanos) -> list[Done]:
        """Return what of the steps since then, read at `now`, was never counted, and take it as counted."""
        fresh = [one for one in found if (one.case_id, one.n) not in self._counted]
        self._counted |= {(one.case_id, one.n): one.at for one in fresh}
        self._since = max(self._since, Nanos(now - SHOWS_WITHIN))
        self._counted = {step: at for step, at in self._counted.items() if at >= self._since}
        return fresh
