"""Shelving of a scope for a bounded time: every exception that it names is shelved as it comes. Pure.

Who, why, until when and what it hid is kept. What became graver behind it comes back at once; at its end everything
that it hid comes back, as what it is by then.
"""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.cases.actor import Actor, called
from service.cases.case import Case, Refused
from service.cases.given import MOST_WORDS, shelving_wrong
from service.cases.rules import Rules
from service.cases.states import TRANSITIONS, Action


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which exceptions: those that have all the values that are named here."""

    rule: str | None = None
    venue: str | None = None
    symbol: str | None = None
    counterparty: str | None = None
    cause: str | None = None

    @property
    def words(self) -> str:
        """Return it in words: "rule slow_fill, venue XBOS"."""
        named = ((field, getattr(self, field)) for field in self.__struct_fields__)
        return ", ".join(f"{field} {value}" for field, value in named if value is not None)

    def names(self, case: Case) -> bool:
        """Return whether a case is of this scope."""
        key = case.key
        its_own = (key.rule, case.venue, case.symbol, key.counterparty, key.cause)
        wanted = (self.rule, self.venue, self.symbol, self.counterparty, self.cause)
        return all(value is None or value == own for value, own in zip(wanted, its_own, strict=True))


class Shelving(msgspec.Struct, frozen=True, kw_only=True):
    """A scope that is shelved; `ended_at` and `ended_by` say that somebody ended it before its time."""

    number: int
    scope: Scope
    by: str
    why: str
    at: Nanos
    until: Nanos
    ended_at: Nanos | None = None
    ended_by: str | None = None

    def in_force(self, now: Nanos) -> bool:
        """Return whether it hides what comes now."""
        return self.at <= now < self.until and self.ended_at is None

    def hides(self, case: Case, now: Nanos) -> bool:
        """Return whether it shelves a case now; never again one that came back from behind it."""
        takes = (case.state, Action.HIDE) in TRANSITIONS and case.shelving != self.number
        return takes and self.in_force(now) and self.scope.names(case)


def shelved_scope(
    number: int, scope: Scope, actor: Actor, why: str, until: Nanos | None, at: Nanos, rules: Rules
) -> Shelving | Refused:
    """Shelve a scope, or refuse in words."""
    wrong = _wrong(scope, actor, why, until, at, rules)
    if wrong is not None or until is None:
        return Refused(words=f"a shelving {wrong}")
    return Shelving(number=number, scope=scope, by=actor.name, why=why, at=at, until=until)


def _wrong(scope: Scope, actor: Actor, why: str, until: Nanos | None, at: Nanos, rules: Rules) -> str | None:
    if not scope.words:
        return f"needs a scope: some of {', '.join(scope.__struct_fields__)}; one that names nothing would hide all"
    if not actor.name.strip():
        return "needs a named actor"
    if not rules.permit(actor.roles, Action.SHELVE):
        return f"is not for {called(actor)}; {' or '.join(rules.roles_for(Action.SHELVE)) or 'nobody'} may shelve"
    if not why.strip() or len(why) > MOST_WORDS:
        return f"needs words that say why, at most {MOST_WORDS:,} characters"
    return shelving_wrong(until, at, rules.longest_shelving)
