"""The lines of the queue, as plain values: words a supervisor would say. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rules.rule import Rule
from service.cases.case import Case
from service.incidents import Outline
from service.web.exception.doubt import explained, mark
from service.web.said import Instant, exact_money, grouped, instant, money, words

EVERY = "every counterparty"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One exception in the list."""

    case_id: int
    severity: str
    title: str
    sentence: str
    cause: str
    counterparty: str
    state: str
    open: bool
    mark: str
    explained: str
    findings: str
    withdrawn: str
    harm: str
    exact_harm: str
    assignee: str
    first: Instant
    last: Instant
    incident: str = ""
    part_of: str = ""


def line(case: Case, rules: Mapping[str, Rule], incident: Outline | None = None) -> Line:
    """Return the line of one case, with the incident that it is part of."""
    rule = rules.get(case.key.rule)
    return Line(
        case_id=case.case_id,
        severity=case.severity.value,
        title=rule.card.title if rule else words(case.key.rule),
        sentence=case.sentence,
        cause=case.key.cause,
        counterparty=case.key.counterparty or EVERY,
        state=case.state.words,
        open=case.state.waiting,
        mark=mark(case),
        explained=explained(case),
        findings=grouped(str(case.finding_count)),
        withdrawn=grouped(str(case.withdrawn_count)) if case.withdrawn_count else "",
        harm=money(case.dollar_harm),
        exact_harm=exact_money(case.dollar_harm),
        assignee=case.assignee or "",
        first=instant(case.first_at),
        last=instant(case.last_at),
        incident=f"incident {incident.number}" if incident else "",
        part_of=f"Part of {incident.words}" if incident else "",
    )
