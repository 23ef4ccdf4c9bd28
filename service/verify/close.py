"""The digests of a day as its close states them, and whether what is recorded now still says so. Pure.

A day goes on after its close: what came later is left out, by the counts that the close states.
"""

from __future__ import annotations

import msgspec

from rules import reassessment
from rules.digest import digest
from rules.finding import Scope
from service.statements.closing import Digests
from service.verify.compare import SECOND_LOOKS, Came


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest close of a day states: its place in the chain, and its digests (None in earlier versions)."""

    seq: int
    digests: Digests | None


class AtClose(msgspec.Struct, frozen=True, kw_only=True):
    """Whether what was recorded up to the close is what the close states; `differs` names the parts that are not."""

    statement: int
    findings_since: int
    differs: tuple[str, ...]


def at_close(closed: Closed | None, live: Came) -> AtClose | None:
    """Return how the day as it is recorded compares with its close; None when no close states digests."""
    stated = None if closed is None else closed.digests
    if closed is None or stated is None:
        return None
    findings, looks = live.findings[: stated.findings], live.looks[: stated.second_looks]
    now = {scope.value: digest(findings, scope) for scope in Scope} | {SECOND_LOOKS: reassessment.digest(looks)}
    then = {Scope.MARKET.value: stated.market, Scope.FEED.value: stated.feed, SECOND_LOOKS: stated.looks}
    return AtClose(
        statement=closed.seq,
        findings_since=len(live.findings) - len(findings),
        differs=tuple(name for name, value in then.items() if now[name] != value),
    )
