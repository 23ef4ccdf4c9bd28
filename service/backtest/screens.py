"""Which executions a rule may find something on, by one column of their row: the others need not be read. Pure.

Only rules without a window are screened, and only where no other rule is judged: a window counts every fact. A property
test holds each screen to its rule: what it leaves out, the rule says nothing of.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rules.facts import Fill
from rules.rulebook import Rulebook

_COLUMNS = {"slow_fill": ("time_to_fill", "at_most"), "outside_nbbo": ("outside_amount", "tolerance")}
"""By rule: the measure that must lie above the limit, and the limit."""


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """Executions whose measure of that name is not above the bound are left out."""

    column: str
    bound: int

    def passes(self, fill: Fill) -> bool:
        """Return whether an execution is to be looked at."""
        value = getattr(fill.measures, self.column)
        return value is not None and value > self.bound


def screen_of(rule: str, rulebooks: Iterable[Rulebook]) -> Screen | None:
    """Return the screen that hides nothing from a rule under any of these rulebooks; None where there is none."""
    if rule not in _COLUMNS:
        return None
    column, parameter = _COLUMNS[rule]
    lines = [settings for book in rulebooks for settings in _lines(book, rule)]
    return Screen(column=column, bound=min(limits[parameter] for limits in lines))


def _lines(rulebook: Rulebook, rule: str) -> Iterable[dict[str, int]]:
    """Yield the limits of the rule, and those of each of its scopes."""
    settings = rulebook.settings(rule)
    yield settings.limits
    yield from (scope.limits for scope in getattr(settings, "scopes", ()))
