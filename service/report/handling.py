"""How fast the exceptions of a day were handled, which clocks were kept, and by whom. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median_low

import msgspec

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.case import Case
from service.cases.clocks import TO_ACKNOWLEDGE, as_of, clocks
from service.cases.rules import Rules
from service.cases.states import Action, State
from service.report.facts import Did


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """One exception with a person's first action and first acknowledgement; `escalated`: a clock was there before."""

    case: Case
    first_at: Nanos | None = None
    acknowledged_at: Nanos | None = None
    escalated: bool = False

    @property
    def to_first(self) -> int | None:
        """Return how long nobody did anything to it."""
        return None if self.first_at is None else self.first_at - self.case.opened_at

    @property
    def to_close(self) -> int | None:
        """Return how long it took to close, None while it is not closed."""
        return None if self.case.closed_at is None else self.case.closed_at - self.case.opened_at


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How many clocks of one kind were kept, missed, and run still."""

    kept: int
    missed: int
    running: int

    @property
    def words(self) -> str:
        """Return it in words: "12 kept, 1 missed", "no clock"."""
        told = ((self.kept, "kept"), (self.missed, "missed"), (self.running, "running"))
        return ", ".join(f"{number:,} {what}" for number, what in told if number) or "no clock"


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """How fast the exceptions of one severity were handled; medians and longest times in nanoseconds."""

    severity: Severity
    cases: int
    first: tuple[int, int] | None
    closed: tuple[int, int] | None
    acknowledging: Kept
    closing: Kept


class Handler(msgspec.Struct, frozen=True, kw_only=True):
    """What one person did to exceptions of the day: how many, and how often what."""

    name: str
    cases: int
    first: int
    acknowledged: int
    proposed: int
    approved: int
    closed: int
    other: int

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return them in the order in which they are told."""
        return (self.cases, self.first, self.acknowledged, self.proposed, self.approved, self.closed, self.other)


def worked(cases: Iterable[Case], did: Sequence[Did], rules: Rules, now: Nanos) -> list[Worked]:
    """Return each exception as it stands now, with what people first did to it; `did` in the order of its history."""
    by_case: dict[int, list[Did]] = {}
    for one in did:
        by_case.setdefault(one.case_id, []).append(one)
    return [_worked(case, by_case.get(case.case_id, []), rules, now) for case in cases]


def _worked(case: Case, did: list[Did], rules: Rules, now: Nanos) -> Worked:
    persons = [one for one in did if one.action is not Action.ESCALATE_OVERDUE]
    acknowledged = next((one for one in persons if one.action is Action.ACKNOWLEDGE), None)
    overdue = next((one for one in did if one.action is Action.ESCALATE_OVERDUE), None)
    before = overdue is not None and (acknowledged is None or overdue.n < acknowledged.n)
    unwritten = any(due.what == TO_ACKNOWLEDGE and due.at <= now for due in clocks(case, rules))
    return Worked(
        case=as_of(case, rules, now),
        first_at=persons[0].at if persons else None,
        acknowledged_at=None if acknowledged is None else acknowledged.at,
        escalated=before or (unwritten and acknowledged is None),
    )


def speeds(found: Sequence[Worked], rules: Rules, now: Nanos) -> list[Speed]:
    """Return how fast each severity was handled, the gravest first."""
    gravest = sorted({one.case.severity for one in found}, key=lambda one: -one.rank)
    return [_speed(one, [each for each in found if each.case.severity is one], rules, now) for one in gravest]


def _speed(severity: Severity, found: list[Worked], rules: Rules, now: Nanos) -> Speed:
    return Speed(
        severity=severity,
        cases=len(found),
        first=_spread([one.to_first for one in found]),
        closed=_spread([one.to_close for one in found]),
        acknowledging=_kept(acknowledging(one, rules) for one in found),
        closing=_kept(closing(one.case, rules, now) for one in found),
    )


def _spread(lengths: list[int | None]) -> tuple[int, int] | None:
    known = [length for length in lengths if length is not None]
    return (median_low(known), max(known)) if known else None


def _kept(verdicts: Iterable[str | None]) -> Kept:
    counted = Counter(verdicts)
    return Kept(kept=counted["kept"], missed=counted["missed"], running=counted["running"])


def acknowledging(one: Worked, rules: Rules) -> str | None:
    """Return whether it was acknowledged in time: kept, missed, running; None where no clock ran to its end."""
    if rules.limits[one.case.severity].acknowledge_within is None:
        return None
    if one.escalated:
        return "missed"
    if one.acknowledged_at is not None:
        return "kept"
    return "running" if one.case.waiting_since is not None else None


def closing(case: Case, rules: Rules, now: Nanos) -> str | None:
    """Return whether it was closed in time, by the firm's hours, without the time that the vendor had."""
    limit = rules.limits[case.severity].close_within
    if limit is None or (case.running_since is None and not case.ran and case.state is not State.CLOSED):
        return None
    ran = case.ran + (0 if case.running_since is None else rules.hours.run(case.running_since, now))
    if ran >= limit:
        return "missed"
    return "kept" if case.state is State.CLOSED else "running"


def handlers(did: Sequence[Did]) -> list[Handler]:
    """Return who did how much, whoever did most first."""
    persons = [one for one in did if one.action is not Action.ESCALATE_OVERDUE]
    first: dict[int, str] = {}
    for one in persons:
        first.setdefault(one.case_id, one.actor)
    firsts = Counter(first.values())
    names = dict.fromkeys(one.actor for one in persons)
    found = [_handler(name, [one for one in persons if one.actor == name], firsts[name]) for name in names]
    return sorted(found, key=lambda one: (-one.cases, one.name))


def _handler(name: str, did: list[Did], first: int) -> Handler:
    counted = Counter(one.action for one in did)
    told = {
        "acknowledged": counted.pop(Action.ACKNOWLEDGE, 0),
        "proposed": counted.pop(Action.PROPOSE_CLOSE, 0),
        "approved": counted.pop(Action.APPROVE_CLOSE, 0),
        "closed": counted.pop(Action.CLOSE, 0),
    }
    return Handler(name=name, cases=len({one.case_id for one in did}), first=first, other=counted.total(), **told)
