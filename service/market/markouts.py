"""The numbers of one mark after an execution (domain.md §3), in exact integers; and which executions get none.

Pure. Midpoints stay doubled (bid + offer), so nothing is ever halved or rounded. A mark whose quote is neither normal
nor locked has no numbers: it says why instead.
"""

from __future__ import annotations

import msgspec

from rules.facts import SECOND, Level, Nanos, Price, Quote, QuoteState
from rules.quote import unusable
from service.market.recorded_quotes import NO_SOURCE
from service.unmatched import NO_STOCK, UNKNOWN

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_PACKAGE, _ABSENT = Level.PACKAGE, QuoteState.ABSENT

AHEAD = Nanos(60 * SECOND)
"""An execution this far ahead of the journal's clock has a stamp that nothing should wait for."""
NO_MARKET = frozenset((NO_SOURCE, UNKNOWN, *NO_STOCK))
"""Notes of an absent quote that all later ones would share."""


class After(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The numbers of one mark, per share in 1e-9 dollars (rules.facts.Markout says how they hang together)."""

    realized_spread: int | None = None
    price_impact: int | None = None
    delay_cost: int | None = None
    post_trade_impact: int | None = None


_NOTHING = After()


def after(sign: int, price: Price, receipt: int | None, execution: int | None, mark: int | None) -> After:
    """Return the numbers of a mark from three doubled midpoints; `sign` is +1 for a buy, −1 for a sell."""
    if mark is None:
        return _NOTHING
    return After(
        realized_spread=sign * (2 * price - mark),
        price_impact=None if receipt is None else sign * (mark - receipt),
        delay_cost=None if receipt is None or execution is None else sign * (execution - receipt),
        post_trade_impact=None if execution is None else sign * (mark - execution),
    )


def why_no_marks(
    *, auction: bool, level: Level, regular_hours: bool, execution: Quote, executed_at: Nanos, clock: Nanos
) -> str | None:
    """Say why an execution gets no marks at all; None when it gets every one of them.

    Without a quote source, or one that knows the security, five absences would say no more than this one reason.
    """
    if auction:
        return "auction"
    if level is _PACKAGE:
        return "multileg package"
    if execution.state is _ABSENT and execution.note in NO_MARKET:
        return unusable("execution", execution)
    if not regular_hours and not execution.state.usable:
        return "outside regular hours"
    return "executed ahead of receipt" if executed_at > clock + AHEAD else None
