"""Uncertainty in words: what was missing when a finding was made, and what the second look at it came to. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rules.finding import Finding
from rules.reassessment import Reassessment, Verdict, Why, standing
from service.cases.case import Case
from service.web.said import grouped, instant

WAITING = "Uncertain: messages were missing when it was found. It is assessed again when they have come."
_CAME_TO = {
    Verdict.STANDS: "it stands",
    Verdict.CHANGED: "it changed",
    Verdict.WITHDRAWN: "withdrawn",
    Verdict.UNRESOLVED: "it cannot be told",
}


def doubt(finding: Finding, looks: Sequence[Reassessment]) -> str:
    """Return what must be said of a finding's certainty, "" when it was always certain and no quote came late."""
    messages = next((look for look in reversed(looks) if look.why is Why.MESSAGES), None)
    quotes = next((look for look in reversed(looks) if look.why is Why.QUOTES), None)
    told = [_of_messages(messages)] if finding.uncertain else []
    if quotes is not None:
        told.append(f"A quote came late ({quotes.missing}); {_assessed(quotes)}")
    return " ".join(told)


def standing_harm(finding: Finding, looks: Sequence[Reassessment]) -> int | None:
    """Return the harm of a finding as it stands: none of a withdrawn one."""
    now = standing(finding, looks)
    return None if now is None else now.dollar_harm


def _of_messages(look: Reassessment | None) -> str:
    if look is None:
        return WAITING
    was = "was" if look.missing.startswith("message ") else "were"
    while_missing = f"Uncertain while {look.missing} {was} missing"
    if look.verdict is Verdict.UNRESOLVED:
        return f"{while_missing}, and it stays so: {look.reason}."
    return f"{while_missing}; {_assessed(look)}"


def _assessed(look: Reassessment) -> str:
    """Return when a finding was assessed again, what it came to, why, and what it is now."""
    told = f"assessed again at {instant(look.at).time}: {_CAME_TO[look.verdict]}, because {look.reason}."
    return told if look.finding is None else f"{told} It is now: {look.finding.sentence}"


def mark(case: Case) -> str:
    """Return the word that a case is marked with in the list, "" for most."""
    if case.withdrawn_count and not case.finding_count:
        return "withdrawn"
    if not case.uncertain_count:
        return ""
    return "uncertain" if case.uncertain_count >= case.finding_count else "partly uncertain"


def explained(case: Case) -> str:
    """Return the mark of a case at length."""
    told = []
    if case.uncertain_count:
        told.append(f"{_findings(case.uncertain_count)} made while messages were missing, and not confirmed")
    if case.withdrawn_count:
        told.append(f"{_findings(case.withdrawn_count)} withdrawn at a second look")
    return "; ".join(told)


def _findings(count: int) -> str:
    return "1 finding was" if count == 1 else f"{grouped(str(count))} findings were"
