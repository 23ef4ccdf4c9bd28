"""The work on cases: what the caseworker gathers, and one door, `act()`, for every change that a person makes. Pure."""

from __future__ import annotations

from collections import Counter

import msgspec

from rules.facts import Nanos
from rules.finding import Finding, Value
from rules.reassessment import Looked
from service.case import (
    CASEWORKER,
    PERSONAL,
    TRANSITIONS,
    Acted,
    Action,
    Case,
    CaseEvent,
    CaseKey,
    Notice,
    Refused,
    State,
    link,
)
from service.incidents import Incident

GREW_AT = (10, 100, 1_000, 10_000, 100_000)
"""Counts of findings at which an unacknowledged case speaks again."""


def open_case(case_id: int, key: CaseKey, findings: list[Finding], at: Nanos) -> Acted:
    """Open a case over its first findings (at least one), all of this key."""
    first = findings[0]
    fresh = Case(
        case_id=case_id,
        key=key,
        session=first.session,
        severity=first.severity,
        opened_at=at,
        updated_at=at,
        first_at=first.at,
        last_at=first.at,
        sentence=first.sentence,
        symbol=first.symbol,
        venue=first.venue,
    )
    case = _gathered(fresh, findings, at)
    acted = _linked(case, Action.OPEN, CASEWORKER, at, _gathering(findings))
    return msgspec.structs.replace(acted, notice=Notice(case=acted.case, reason="opened"))


def add_findings(case: Case, findings: list[Finding], at: Nanos) -> Acted:
    """Add findings to a case; a graver one raises it, and reopens it when it was acknowledged."""
    gathered = _gathered(case, findings, at)
    rose = gathered.severity.rank > case.severity.rank
    action = Action.RAISE if rose else Action.ADD
    moved = msgspec.structs.replace(gathered, state=TRANSITIONS[case.state, action])
    acted = _linked(moved, action, CASEWORKER, at, _gathering(findings))
    reason = "severity_rose" if rose else _growth(case, gathered)
    return msgspec.structs.replace(acted, notice=Notice(case=acted.case, reason=reason)) if reason else acted


def reassess(case: Case, looks: list[Looked], at: Nanos) -> Acted:
    """Take second looks at findings of a case (at least one).

    A withdrawn finding no longer counts, nor does its harm. The case stays where it is, whatever was withdrawn: people
    close it. Only a finding that came out graver raises the case, and reopens it.
    """
    changed = [one.look.finding for one in looks if one.look.finding is not None]
    gravest = max(changed, key=lambda finding: finding.severity.rank, default=None)
    rose = gravest is not None and gravest.severity.rank > case.severity.rank
    withdrawn = sum((one.was is not None) - (one.now is not None) for one in looks)
    moved = msgspec.structs.replace(
        case,
        updated_at=at,
        state=TRANSITIONS[case.state, Action.RAISE if rose else Action.REASSESS],
        finding_count=case.finding_count - withdrawn,
        dollar_harm=_standing_harm(case, looks),
        severity=gravest.severity if gravest is not None and rose else case.severity,
        sentence=gravest.sentence if gravest is not None and rose else case.sentence,
        uncertain_count=case.uncertain_count - sum(one.settles for one in looks),
        withdrawn_count=case.withdrawn_count + withdrawn,
    )
    verdicts, last = Counter(one.look.verdict.value for one in looks), looks[-1].look
    body: dict[str, Value] = {**verdicts, "last": last.finding_id, "reason": last.reason}
    acted = _linked(moved, Action.REASSESS, CASEWORKER, at, body)
    gone = withdrawn > 0 and not moved.finding_count and moved.state.waiting
    reason = "severity_rose" if rose else "withdrawn" if gone else None
    return msgspec.structs.replace(acted, notice=Notice(case=acted.case, reason=reason)) if reason else acted


def link_to(case: Case, incident: Incident, at: Nanos) -> Acted:
    """Link a case to its incident, once: nobody hears of it, later alerts say it."""
    moved = msgspec.structs.replace(
        case, updated_at=at, state=TRANSITIONS[case.state, Action.LINK], incident=incident.number
    )
    body: dict[str, Value] = {"incident": incident.number, "about": incident.trouble.words}
    return _linked(moved, Action.LINK, CASEWORKER, at, body)


def act(case: Case, action: Action, actor: str, note: str, at: Nanos) -> Acted | Refused:
    """Take a person's action on a case, or refuse it in words."""
    if not actor.strip():
        return Refused(words=f"exception {case.case_id}: nobody is named; an action needs a named actor")
    if actor == CASEWORKER:
        return Refused(words=f"exception {case.case_id}: {actor} is the program's own name; act under your own")
    if action not in PERSONAL:
        return Refused(words=f"exception {case.case_id}: {action} is the caseworker's, not {actor}'s")
    target = TRANSITIONS.get((case.state, action))
    if target is None:
        allowed = ", ".join(a for s, a in TRANSITIONS if s is case.state and a in PERSONAL) or "nothing"
        return Refused(words=f"exception {case.case_id} is {case.state}: {actor} may do {allowed}, not {action} it")
    moved = msgspec.structs.replace(case, state=target, updated_at=at, assignee=actor)
    return _linked(moved, action, actor, at, {"note": note})


def _growth(before: Case, after: Case) -> str | None:
    silent = after.state is State.ACKNOWLEDGED
    crossed = any(before.finding_count < mark <= after.finding_count for mark in GREW_AT)
    return "grew" if crossed and not silent else None


def _gathering(findings: list[Finding]) -> dict[str, Value]:
    return {"findings": len(findings), "first": findings[0].finding_id, "last": findings[-1].finding_id}


def _gathered(case: Case, findings: list[Finding], at: Nanos) -> Case:
    harms = [f.dollar_harm for f in findings if f.dollar_harm is not None]
    gravest = max(findings, key=lambda finding: finding.severity.rank)
    graver = gravest.severity.rank > case.severity.rank
    return msgspec.structs.replace(
        case,
        updated_at=at,
        first_at=min(case.first_at, *(finding.at for finding in findings)),
        last_at=max(case.last_at, *(finding.at for finding in findings)),
        finding_count=case.finding_count + len(findings),
        uncertain_count=case.uncertain_count + sum(finding.uncertain for finding in findings),
        dollar_harm=sum(harms, case.dollar_harm or 0) if harms else case.dollar_harm,
        severity=gravest.severity if graver else case.severity,
        sentence=gravest.sentence if graver else case.sentence,
        symbol=case.symbol if all(finding.symbol == case.symbol for finding in findings) else None,
        venue=case.venue if all(finding.venue == case.venue for finding in findings) else None,
    )


def _standing_harm(case: Case, looks: list[Looked]) -> int | None:
    """Return the harm of the findings that stand; None when no figure was ever computed."""
    harm = case.dollar_harm
    for one in looks:
        was, now = _harm(one.was), _harm(one.now)
        if was != now:
            harm = (harm or 0) - (was or 0) + (now or 0)
    return harm


def _harm(finding: Finding | None) -> int | None:
    return None if finding is None else finding.dollar_harm


def _linked(case: Case, action: Action, actor: str, at: Nanos, body: dict[str, Value]) -> Acted:
    text = msgspec.json.encode({**body, "state": case.state.value, "severity": case.severity.value})
    n = case.n + 1
    made = link(case.head, case.case_id, n, at, actor, action.value, text)
    event = CaseEvent(
        case_id=case.case_id, n=n, at=at, actor=actor, action=action, body=text, previous=case.head, hash=made
    )
    return Acted(case=msgspec.structs.replace(case, n=n, head=made), event=event)
