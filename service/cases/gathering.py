"""What findings, second looks and incidents do to a case; what people and clocks do is the door's (door.py). Pure."""

from __future__ import annotations

from collections import Counter

import msgspec

from rules.facts import Nanos
from rules.finding import Finding
from rules.reassessment import Looked
from service.cases.actor import CASEWORKER
from service.cases.case import Acted, Case, CaseKey
from service.cases.chain import Said, linked
from service.cases.moves import moved
from service.cases.notices import reason_to_speak
from service.cases.rules import DEFAULTS, Rules
from service.cases.states import Action
from service.incidents import Incident


def open_case(case_id: int, key: CaseKey, findings: list[Finding], at: Nanos, rules: Rules = DEFAULTS) -> Acted:
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
        waiting_since=at,
        running_since=at,
    )
    case = _gathered(fresh, findings, rules)
    return linked(None, case, Action.OPEN, CASEWORKER, at, _gathering(findings), "opened")


def add_findings(case: Case, findings: list[Finding], at: Nanos, rules: Rules = DEFAULTS) -> Acted:
    """Add findings to a case; a graver one raises it, and reopens it when somebody was at it or had done with it."""
    gathered = _gathered(case, findings, rules)
    action = Action.RAISE if gathered.severity is not case.severity else Action.ADD
    after = moved(gathered, action, at, rules.hours)
    return linked(case, after, action, CASEWORKER, at, _gathering(findings), reason_to_speak(case, after, action))


def reassess(case: Case, looks: list[Looked], at: Nanos, rules: Rules = DEFAULTS) -> Acted:
    """Take second looks at findings of a case (at least one).

    A withdrawn finding no longer counts, nor does its harm. The case stays where it is, whatever was withdrawn: people
    close it. Only a finding that came out graver raises the case, and reopens it.
    """
    changed = [one.look.finding for one in looks if one.look.finding is not None]
    gravest = max(changed, key=lambda finding: finding.severity.rank, default=None)
    rose = gravest is not None and gravest.severity.rank > case.severity.rank
    withdrawn = sum((one.was is not None) - (one.now is not None) for one in looks)
    looked = msgspec.structs.replace(
        case,
        finding_count=case.finding_count - withdrawn,
        dollar_harm=_standing_harm(case, looks),
        severity=gravest.severity if gravest is not None and rose else case.severity,
        sentence=gravest.sentence if gravest is not None and rose else case.sentence,
        uncertain_count=case.uncertain_count - sum(one.settles for one in looks),
        withdrawn_count=case.withdrawn_count + withdrawn,
    )
    after = moved(looked, Action.RAISE if rose else Action.REASSESS, at, rules.hours)
    verdicts, last = Counter(one.look.verdict.value for one in looks), looks[-1].look
    said: Said = {**verdicts, "last": last.finding_id, "reason": last.reason}
    why = reason_to_speak(case, after, Action.REASSESS)
    return linked(case, after, Action.REASSESS, CASEWORKER, at, said, why)


def link_to(case: Case, incident: Incident, at: Nanos) -> Acted:
    """Link a case to its incident, once: nobody hears of it, later alerts say it."""
    after = msgspec.structs.replace(case, incident=incident.number)
    said: Said = {"incident": incident.number, "about": incident.trouble.words}
    return linked(case, after, Action.LINK, CASEWORKER, at, said, None)


def _gathering(findings: list[Finding]) -> Said:
    return {"findings": len(findings), "first": findings[0].finding_id, "last": findings[-1].finding_id}


def _gathered(case: Case, findings: list[Finding], rules: Rules) -> Case:
    harms = [f.dollar_harm for f in findings if f.dollar_harm is not None]
    gravest = max(findings, key=lambda finding: finding.severity.rank)
    graver = gravest.severity.rank > case.severity.rank
    desks = rules.desks_of(account for finding in findings for account in finding.accounts)
    return msgspec.structs.replace(
        case,
        first_at=min(case.first_at, *(finding.at for finding in findings)),
        last_at=max(case.last_at, *(finding.at for finding in findings)),
        finding_count=case.finding_count + len(findings),
        uncertain_count=case.uncertain_count + sum(finding.uncertain for finding in findings),
        dollar_harm=sum(harms, case.dollar_harm or 0) if harms else case.dollar_harm,
        severity=gravest.severity if graver else case.severity,
        sentence=gravest.sentence if graver else case.sentence,
        symbol=case.symbol if all(finding.symbol == case.symbol for finding in findings) else None,
        venue=case.venue if all(finding.venue == case.venue for finding in findings) else None,
        desks=case.desks if desks <= set(case.desks) else tuple(sorted({*case.desks, *desks})),
        resolved_at=None,
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
