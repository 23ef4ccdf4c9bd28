"""What goes with an action: words, a reason, a time. What an action needs and does not have is said in words. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rules.facts import Nanos
from service.cases.case import Case
from service.cases.chain import Said
from service.cases.clocks import span
from service.cases.refusals import titled
from service.cases.rules import Rules
from service.cases.states import PERSONAL, Action

MOST_WORDS = 2_000
"""So many characters of words are kept."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What goes with an action; `seen` is the link of the case's chain (its `n`) that the actor had before them.

    `bulk` is what several events of one decision share.
    """

    words: str = ""
    reason: str | None = None
    until: Nanos | None = None
    ticket: str | None = None
    assignee: str | None = None
    role: str | None = None
    shelving: int | None = None
    seen: int | None = None
    bulk: str | None = None

    def said(self, action: Action) -> Said:
        """Return what the event of an action keeps of it: the words, and of the rest what there is."""
        told: Said = {"note": self.words} if action in PERSONAL or self.words else {}
        for name in ("reason", "until", "ticket", "assignee", "role", "shelving", "bulk"):
            if (value := getattr(self, name)) is not None:
                told[name] = value
        return told


NOTHING = Given()


def missing(case: Case, action: Action, given: Given, at: Nanos, rules: Rules) -> str | None:
    """Return what an action needs and was not given, None when nothing is missing."""
    if len(given.words) > MOST_WORDS:
        return f"{titled(case)}: the words have {len(given.words):,} characters; at most {MOST_WORDS:,} are kept"
    need = _NEEDS.get(action)
    words = need(given, at, rules) if need else None
    return None if words is None else f"{titled(case)}: to {action.words} it {words}"


def shelving_wrong(until: Nanos | None, at: Nanos, longest: int) -> str | None:
    """Return what is wrong with the end of a shelving, None when nothing is."""
    if until is None or until <= at:
        return "needs a time to come until which it is shelved"
    if until - at > longest:
        return f"may last {span(longest)} at most"
    return None


def _words(given: Given, at: Nanos, rules: Rules) -> str | None:  # noqa: ARG001 - every need has this shape
    return None if given.words.strip() else "needs words that say why"


def _until(given: Given, at: Nanos, rules: Rules) -> str | None:
    return shelving_wrong(given.until, at, rules.longest_shelving)


def _shelving(given: Given, at: Nanos, rules: Rules) -> str | None:
    return _words(given, at, rules) or _until(given, at, rules)


def _reason(given: Given, at: Nanos, rules: Rules) -> str | None:
    if rules.reason(given.reason) is None:
        known = ", ".join(reason.code for reason in rules.reasons)
        return f"needs one of the reasons {known}" + (f", not {given.reason}" if given.reason else "")
    return _words(given, at, rules)


def _ticket(given: Given, at: Nanos, rules: Rules) -> str | None:  # noqa: ARG001 - every need has this shape
    return None if (given.ticket or "").strip() else "needs the number of the vendor's ticket"


def _assignee(given: Given, at: Nanos, rules: Rules) -> str | None:  # noqa: ARG001 - every need has this shape
    return None if (given.assignee or "").strip() else "needs the name of who shall have it"


_NEEDS: dict[Action, Callable[[Given, Nanos, Rules], str | None]] = {
    Action.ASSIGN: _assignee,
    Action.NOTE: _words,
    Action.WAIT_ON_VENDOR: _ticket,
    Action.SHELVE: _shelving,
    Action.HIDE: _until,
    Action.PROPOSE_CLOSE: _reason,
    Action.CLOSE: _reason,
    Action.REFUSE_CLOSE: _words,
    Action.REOPEN: _words,
}
