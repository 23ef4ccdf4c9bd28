"""The rows of the queue as plain values: age, clocks and who has it, to be read at a glance. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rules.facts import SECOND, Nanos
from rules.rule import Rule
from service.cases.case import Case
from service.cases.clocks import ACKNOWLEDGEMENT, SHELVING, TO_ACKNOWLEDGE, TO_CLOSE, Due, clocks, span
from service.cases.rules import Rules
from service.cases.shelving import Shelving
from service.cases.states import Action, State
from service.incidents import Outline
from service.web.queue.lines import Line, line
from service.web.said import Instant, instant, words

SOON = 900 * SECOND
"""A clock that runs out within this is marked."""
OURS = (TO_ACKNOWLEDGE, TO_CLOSE)


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A clock to be read at a glance: `tone` is over, soon or calm; `whole` says what happens and exactly when."""

    words: str
    tone: str
    whole: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One exception in the list; `n` is the newest link of its history, `why` what hid or closed it."""

    line: Line
    n: int
    venue: str
    symbol: str
    age: str
    opened: Instant
    clock: Clock | None
    vendor: str
    who: str
    why: str
    state: str


def row(
    case: Case,
    cards: Mapping[str, Rule],
    rules: Rules,
    now: Nanos,
    incident: Outline | None = None,
    shelving: Shelving | None = None,
) -> Row:
    """Return the row of one case as it stands now."""
    return Row(
        line=line(case, cards, incident),
        n=case.n,
        venue=case.venue or "",
        symbol=case.symbol or "",
        age=_coarse(max(SECOND, now - case.opened_at)),
        opened=instant(case.opened_at),
        clock=_clock(case, rules, now),
        vendor=_vendor(case, rules, now),
        who=case.assignee or "",
        why=_why(case, rules, shelving),
        state=case.state.value,
    )


def _coarse(length: int) -> str:
    """Return a length in its largest unit: "2 h", "3 d"."""
    return " ".join(span(length).split(" ")[:2])


def _clock(case: Case, rules: Rules, now: Nanos) -> Clock | None:
    """Return the clock to show: the first of ours, else the one that ends a shelving or an acknowledgement."""
    running = clocks(case, rules)
    due = next((one for one in running if one.what in OURS), next(iter(running), None))
    if due is None:
        return None
    exact = f"{_what(due)} by {instant(due.at).full}"
    left = rules.hours.run(now, due.at)
    if due.at <= now:
        over = span(max(SECOND, rules.hours.run(due.at, now)))
        return Clock(words=f"overdue {over}", tone="over", whole=f"{exact}: over for {over}")
    tone = "soon" if due.what in OURS and left <= SOON else "calm"
    return Clock(words=_words(due, left, now, case), tone=tone, whole=exact)


def _words(due: Due, left: int, now: Nanos, case: Case) -> str:
    if due.what == SHELVING:
        return f"back in {span(due.at - now)}"
    if due.what == ACKNOWLEDGEMENT:
        return f"expires in {span(left)}"
    if due.action is Action.ESCALATE_OVERDUE and left <= SOON and case.state is not State.ESCALATED:
        return f"to {due.role} in {span(left)}"
    return f"due in {span(left)}"


def _what(due: Due) -> str:
    """Return in a sentence what a clock is for."""
    if due.action is Action.ESCALATE_OVERDUE:
        return f"{due.what}, else it is escalated to {due.role},"
    return f"{due.what} ends" if due.what in (SHELVING, ACKNOWLEDGEMENT) else due.what


def _vendor(case: Case, rules: Rules, now: Nanos) -> str:
    """Return how long the vendor has had it, in a clock of its own."""
    had = case.vendor_ran + (0 if case.vendor_since is None else rules.hours.run(case.vendor_since, now))
    if not had and case.vendor_since is None:
        return ""
    ticket = f" ({case.ticket})" if case.ticket else ""
    return f"vendor {'has had' if case.vendor_since is not None else 'had'} it {span(max(SECOND, had))}{ticket}"


def _why(case: Case, rules: Rules, shelving: Shelving | None) -> str:
    if case.state is State.SHELVED and shelving is not None:
        return f"hidden by shelving {shelving.number} of {shelving.by}: {shelving.why} ({shelving.scope.words})"
    if case.state in (State.CLOSED, State.IN_REVIEW):
        reason = rules.reason(case.reason)
        told = reason.words if reason else words(case.reason or "no reason kept")
        return f"{'closed' if case.state is State.CLOSED else 'closing proposed'} by {case.proposed_by or '–'}: {told}"
    return f"escalated to {case.escalated_to}" if case.state is State.ESCALATED and case.escalated_to else ""
